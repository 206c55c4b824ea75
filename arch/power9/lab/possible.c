/* SPDX-License-Identifier: BSD-2-Clause */
/* possible.c: which interrupts a ledger in a file can have. Pure: every program has it that reads files. */
#include <string.h>

#include "irq.h"
#include "vmm/lab/ledger_section.h"

/* An entry of a ledger: a source, however it is triggered, XICS' IPI, or the decrementer. */
bool p9_irq_possible(const struct irq *irq)
{
	switch (irq->code) {
	case KIND_SOURCE:
	case KIND_LINE:
	case KIND_IRQFD:
		return !strcmp(irq->kind, "source") && irq->cpu == IRQ_ANY_CPU &&
		       irq->number < P9_SOURCES_MAX && irq->want.kind == ABI_XIVE &&
		       irq->want.number == irq->number;
	case KIND_IPI:
		return !strcmp(irq->kind, "ipi") && irq->cpu != IRQ_ANY_CPU && irq->want.kind == ABI_XIVE &&
		       irq->want.number == XICS_IPI;
	case KIND_TIMER:
		return !strcmp(irq->kind, "timer") && irq->cpu != IRQ_ANY_CPU && irq->want.kind == ABI_DEC;
	default: return false;
	}
}
