/* SPDX-License-Identifier: BSD-2-Clause */
/* possible.c: what an account of interrupts (vmm/lab/book.h) can have on s390x. Pure; also for other
 * machines. */
#include <string.h>

#include "irq.h"
#include "vmm/lab/book.h"

/* Those that leave a record, by the scenario's word; the others have no entry. */
static const struct {
	const char *name;
	enum s390_kind code;
	bool floats, local;
	uint16_t record;
} booked[] = {
	{ "io", KIND_IO, true, false, ABI_IO },
	{ "airq", KIND_AIRQ, true, false, ABI_IO },
	{ "irqfd", KIND_IRQFD, true, false, ABI_IO },
	{ "service", KIND_SERVICE, true, false, ABI_EXT },
	{ "virtio", KIND_VIRTIO, true, false, ABI_EXT },
	{ "pfault-done", KIND_PFAULT_DONE, true, false, ABI_EXT },
	{ "pfault-init", KIND_PFAULT_INIT, false, true, ABI_EXT },
	{ "emergency", KIND_EMERGENCY, false, true, ABI_EXT },
	{ "extcall", KIND_EXTERNAL_CALL, false, true, ABI_EXT },
	{ "timer", KIND_TIMER, false, true, ABI_EXT },
	{ "cpu-timer", KIND_TIMER, false, true, ABI_EXT },
	{ "mchk", KIND_MCHK, true, true, ABI_MCHK },
	{ "restart", KIND_RESTART, false, true, ABI_RESTART },
	{ "program", KIND_PROGRAM, false, true, ABI_PROGRAM },
};

bool s390_irq_possible(const struct irq *irq)
{
	size_t k = 0;

	while (k < sizeof(booked) / sizeof(booked[0]) && strcmp(booked[k].name, irq->kind))
		k++;
	return k < sizeof(booked) / sizeof(booked[0]) && booked[k].code == irq->code &&
	       booked[k].record == irq->want.kind &&
	       (irq->cpu == IRQ_ANY_CPU ? booked[k].floats : booked[k].local);
}
