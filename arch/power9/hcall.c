/* SPDX-License-Identifier: BSD-2-Clause */
/* hcall.c: see hcall.h: the table of all calls, and those of the terminal and of memory. Read next:
 * hcall_int.c. */
#include "hcall.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "cpu.h"
#include "irqchip.h"
#include "machine.h"
#include "modes.h"
#include "platform.h"
#include "vmm/hook.h"

/* --- terminal --------------------------------------------------------- */

/* PAPR lets a partition call its own console by the number 0, too. */
static uint64_t terminal(const struct hcall *c)
{
	return c->arg[0] ? c->arg[0] : P9_VTY;
}

/* r4 the terminal, r5 the number of bytes, r6 and r7 the bytes from the left. */
static long put_term_char(struct hcall *c)
{
	struct io io = { .space = IO_VIO, .write = true, .addr = terminal(c), .len = (uint32_t)c->arg[1] };
	uint64_t text[2] = { htobe64(c->arg[2]), htobe64(c->arg[3]) };
	int rc;

	if (c->arg[1] > sizeof(text))
		return H_PARAMETER;
	memcpy(io.data, text, sizeof(text));
	rc = bus_io(&c->vm->bus, &io, &c->event->why);
	return rc ? H_PARAMETER : H_SUCCESS;
}

/* Answers in r4 the number of bytes, in r5 and r6 the bytes. */
static long get_term_char(struct hcall *c)
{
	struct io io = { .space = IO_VIO, .addr = terminal(c), .len = sizeof(io.data) };
	uint64_t text[2];

	if (bus_io(&c->vm->bus, &io, &c->event->why))
		return H_PARAMETER;
	memcpy(text, io.data, sizeof(text));
	c->arg[0] = io.len;
	c->arg[1] = be64toh(text[0]);
	c->arg[2] = be64toh(text[1]);
	return H_SUCCESS;
}

/* (unit address, mode): whether the terminal's input interrupts. If there is some already, it does so now. */
static long vio_signal(struct hcall *c)
{
	if (c->arg[0] != P9_VTY || c->arg[1] > 1)
		return H_PARAMETER;
	c->vm->devices->modes.vty_signals = c->arg[1];
	c->vm->devices->vty_asked = c->arg[1];
	machine_vty_signal(c->vm);
	return H_SUCCESS;
}

/* --- memory, registers, random numbers -------------------------------- */

/* H_PAGE_INIT: flags. Caches are coherent here, so that there is nothing to do for the last two. */
#define PAGE_ZERO  0x8000
#define PAGE_COPY  0x4000
#define PAGE_FLAGS (PAGE_ZERO | PAGE_COPY | 0x800000 | 0x400000)
#define PAGE_BYTES 4096

/* (flags, destination, source): makes a page zero, or the copy of another. */
static long page_init(struct hcall *c)
{
	uint64_t flags = c->arg[0];
	uint8_t *to;
	const uint8_t *from = NULL;

	if (flags & ~(uint64_t)PAGE_FLAGS)
		return H_PARAMETER;
	to = c->arg[1] % PAGE_BYTES ? NULL : ram_at(&c->vm->ram, c->arg[1], PAGE_BYTES);
	if (!to)
		return H_PARAMETER;
	if (flags & PAGE_COPY) {
		from = c->arg[2] % PAGE_BYTES ? NULL : ram_at(&c->vm->ram, c->arg[2], PAGE_BYTES);
		if (!from)
			return H_PARAMETER;
		memmove(to, from, PAGE_BYTES);
	} else if (flags & PAGE_ZERO) {
		memset(to, 0, PAGE_BYTES);
	}
	return H_SUCCESS;
}

/* (value) */
static long set_sprg0(struct hcall *c)
{
	return cpu_set_sprg0(c->vcpu, c->arg[0], &c->event->why) ? H_HARDWARE : H_SUCCESS;
}

/* () -> 64 bits. KVM would take them from a POWER9's own generator, which not every host has. */
static long get_random(struct hcall *c)
{
	uint64_t bits;

	if (getrandom(&bits, sizeof(bits), 0) != sizeof(bits))
		return H_HARDWARE;
	c->arg[0] = bits;
	return H_SUCCESS;
}

/* --- all of them ------------------------------------------------------ */

static long private_call(struct hcall *c)
{
	return hook_private_call(c->vcpu, c->arg[0], c->arg[1], c->event) ? H_SUCCESS : H_FUNCTION;
}

/* What a call needs: one that changes a device or the controller's shadow is made by one vCPU at a time. */
enum need {
	NOTHING,
	LOCK, /* bus.lock is held */
	XIVE, /* bus.lock, and XIVE: with XICS there is no such call */
};

static const struct row {
	uint64_t number;
	const char *name;
	hcall_fn *call;
	enum need needs;
} hcalls[] = {
	{ 0x24, "H_SET_SPRG0", set_sprg0, NOTHING },
	{ 0x2c, "H_PAGE_INIT", page_init, NOTHING },
	{ 0x54, "H_GET_TERM_CHAR", get_term_char, NOTHING },
	{ 0x58, "H_PUT_TERM_CHAR", put_term_char, NOTHING },
	{ 0x104, "H_VIO_SIGNAL", vio_signal, LOCK },
	{ 0x1c8, "H_GET_CPU_CHARACTERISTICS", hcall_cpu_characteristics, NOTHING },
	{ 0x300, "H_RANDOM", get_random, NOTHING },
	{ H_SET_MODE, "H_SET_MODE", hcall_set_mode, NOTHING },
	{ 0x37c, "H_REGISTER_PROC_TBL", hcall_register_table, LOCK },
	{ 0x3a8, "H_INT_GET_SOURCE_INFO", hcall_int_get_source_info, XIVE },
	{ 0x3ac, "H_INT_SET_SOURCE_CONFIG", hcall_int_set_source_config, XIVE },
	{ 0x3b0, "H_INT_GET_SOURCE_CONFIG", hcall_int_get_source_config, XIVE },
	{ 0x3b4, "H_INT_GET_QUEUE_INFO", hcall_int_get_queue_info, XIVE },
	{ 0x3b8, "H_INT_SET_QUEUE_CONFIG", hcall_int_set_queue_config, XIVE },
	{ 0x3bc, "H_INT_GET_QUEUE_CONFIG", hcall_int_get_queue_config, XIVE },
	{ 0x3c0, "H_INT_SET_OS_REPORTING_LINE", hcall_int_os_reporting_line, XIVE },
	{ 0x3c4, "H_INT_GET_OS_REPORTING_LINE", hcall_int_os_reporting_line, XIVE },
	{ 0x3c8, "H_INT_ESB", hcall_int_esb, XIVE },
	{ 0x3cc, "H_INT_SYNC", hcall_int_sync, XIVE },
	{ 0x3d0, "H_INT_RESET", hcall_int_reset, XIVE },
	{ 0xf000, "H_RTAS", hcall_rtas, NOTHING }, /* the number is KVM's */
	{ P9_PRIVATE_CALL, "private call", private_call, NOTHING },
};

/* NULL: there is no such call. */
static const struct row *find(const struct vcpu *vcpu)
{
	for (size_t i = 0; i < sizeof(hcalls) / sizeof(hcalls[0]); i++)
		if (hcalls[i].number == vcpu->run->papr_hcall.nr)
			return hcalls[i].needs == XIVE && vcpu->vm->irqchip->ops != &xive_ops ? NULL
			                                                                      : &hcalls[i];
	return NULL;
}

void hcall(struct vcpu *vcpu, struct event *event)
{
	struct hcall c = { vcpu, vcpu->vm, (uint64_t *)vcpu->run->papr_hcall.args, event };
	const struct row *row = find(vcpu);
	long rc = H_FUNCTION;

	if (row && row->needs != NOTHING)
		pthread_mutex_lock(&c.vm->bus.lock);
	if (row)
		rc = row->call(&c);
	if (row && row->needs != NOTHING)
		pthread_mutex_unlock(&c.vm->bus.lock);
	if (rc == H_HARDWARE)
		trace_note(c.vm->trace, "%s: %s", row->name, event->why.text);
	vcpu->run->papr_hcall.ret = (uint64_t)rc;
}

const char *hcall_name(const struct vcpu *vcpu)
{
	const struct row *row = find(vcpu);
	const char *rtas =
		row && row->call == hcall_rtas ? rtas_name(vcpu, vcpu->run->papr_hcall.args[0]) : NULL;

	return rtas ? rtas : row ? row->name : "unknown";
}
