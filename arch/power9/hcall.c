/* SPDX-License-Identifier: BSD-2-Clause */
/* hcall.c: see hcall.h. */
#include "hcall.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "cpu.h"
#include "xive.h"

#define H_SUCCESS   0
#define H_HARDWARE  (-1L)
#define H_FUNCTION  (-2L)
#define H_PARAMETER (-4L)
#define H_P2        (-55L)
#define H_P3        (-56L)
#define H_P4        (-57L)
#define H_P5        (-58L)

#define H_GET_TERM_CHAR         0x54
#define H_PUT_TERM_CHAR         0x58
#define H_INT_GET_SOURCE_INFO   0x3a8
#define H_INT_SET_SOURCE_CONFIG 0x3ac
#define H_INT_SET_QUEUE_CONFIG  0x3b8
#define H_RTAS                  0xf000 /* KVM's number: there is no linux,rtas-entry */

/* Flags (LoPAR 14.5.4): bits are counted from the left there. */
#define SRC_MASK         1 /* H_INT_SET_SOURCE_CONFIG */
#define SRC_SET_EISN     2
#define EQ_ALWAYS_NOTIFY 1 /* H_INT_SET_QUEUE_CONFIG */

#define PRIORITY_MASKED 0xff

/* --- terminal --------------------------------------------------------- */

/* r4 the terminal, r5 the number of bytes, r6 and r7 the bytes from the left. */
static long put_term_char(struct vm *vm, const uint64_t *arg, struct event *event)
{
	struct io io = { .space = IO_VIO, .write = true, .addr = arg[0], .len = (uint32_t)arg[1] };
	uint64_t text[2] = { htobe64(arg[2]), htobe64(arg[3]) };
	int rc;

	if (arg[1] > sizeof(text))
		return H_PARAMETER;
	memcpy(io.data, text, sizeof(text));
	rc = bus_io(&vm->bus, &io, &event->why);
	return rc ? H_PARAMETER : H_SUCCESS;
}

/* Answers in r4 the number of bytes, in r5 and r6 the bytes. */
static long get_term_char(struct vm *vm, uint64_t *arg, struct event *event)
{
	struct io io = { .space = IO_VIO, .addr = arg[0], .len = sizeof(io.data) };
	uint64_t text[2];

	if (bus_io(&vm->bus, &io, &event->why))
		return H_PARAMETER;
	memcpy(text, io.data, sizeof(text));
	arg[0] = io.len;
	arg[1] = be64toh(text[0]);
	arg[2] = be64toh(text[1]);
	return H_SUCCESS;
}

/* --- XIVE exploitation ------------------------------------------------ */

/* r4 flags, r5 source -> r4 flags, r5 management page, r6 trigger page, r7 log2 of a page's size. */
static long get_source_info(struct vm *vm, uint64_t *arg)
{
	unsigned shift = xive_page_shift(vm->irqchip);
	const struct p9_source *s = xive_source(vm->irqchip, arg[1]);
	uint64_t trigger;

	if (arg[0])
		return H_PARAMETER;
	if (!s)
		return H_P2;
	trigger = ABI_ESB_GPA + ((uint64_t)2 * s->lisn << shift);
	arg[0] = 0; /* message-signalled, no store EOI */
	arg[1] = trigger + (1ULL << shift);
	arg[2] = trigger;
	arg[3] = shift;
	return H_SUCCESS;
}

/* r4 flags, r5 source, r6 server, r7 priority, r8 EISN. */
static long set_source_config(struct vm *vm, const uint64_t *arg, struct event *event)
{
	const struct p9_source *s = xive_source(vm->irqchip, arg[1]);
	struct p9_target target;

	if (arg[0] & ~(uint64_t)(SRC_MASK | SRC_SET_EISN))
		return H_PARAMETER;
	if (!s)
		return H_P2;
	target = s->target;
	target.masked = arg[0] & SRC_MASK || arg[3] == PRIORITY_MASKED;
	if (!target.masked) {
		if (arg[2] >= vm->vcpu_count)
			return H_P3;
		if (!xive_has_queue(vm->irqchip, arg[2], arg[3]))
			return H_P4;
		target.server = (uint32_t)arg[2];
		target.priority = (uint8_t)arg[3];
	}
	target.eisn = arg[0] & SRC_SET_EISN ? (uint32_t)arg[4] & 0x7fffffff : s->target.eisn;
	return xive_set_target(vm->irqchip, s->lisn, &target, &event->why) ? H_HARDWARE : H_SUCCESS;
}

/* r4 flags, r5 server, r6 priority, r7 queue page, r8 log2 of its size, 0 to take it away. */
static long set_queue_config(struct vm *vm, const uint64_t *arg, struct event *event)
{
	struct p9_queue q = { .flags = EQ_ALWAYS_NOTIFY, .toggle = 1 }; /* as a new queue begins */

	if (arg[0] & ~(uint64_t)EQ_ALWAYS_NOTIFY)
		return H_PARAMETER;
	if (arg[1] >= vm->vcpu_count)
		return H_P2;
	if (arg[2] >= P9_PRIORITIES)
		return H_P3;
	if (arg[4] && arg[4] != 16) /* the device tree's ibm,xive-eq-sizes */
		return H_P5;
	if (arg[4] && (arg[3] & 0xffff || !ram_at(&vm->ram, arg[3], 1 << 16)))
		return H_P4;
	q.server = (uint32_t)arg[1];
	q.priority = (uint8_t)arg[2];
	q.addr = arg[4] ? arg[3] : 0;
	q.shift = (uint32_t)arg[4];
	return xive_set_queue(vm->irqchip, &q, &event->why) ? H_HARDWARE : H_SUCCESS;
}

/* --- RTAS ------------------------------------------------------------- */

#define RTAS_SUCCESS   0
#define RTAS_PARAMETER (-3)
#define RTAS_UNKNOWN   (-1) /* hardware error: there is no such service */

struct start {
	uint64_t pc, r3;
};

static int start(struct vcpu *vcpu, void *arg, struct error *err)
{
	const struct start *s = arg;

	return cpu_start(vcpu, s->pc, s->r3, err);
}

static void power_off(struct vm *vm, struct event *event)
{
	const struct abi_shared *shared = vm_shared(vm);

	event->kind = EVENT_STOP;
	event->value = shared && shared->stopped == ABI_STOPPED ? shared->status & 0xff : 0;
}

/* The argument is the address of a string that says what happened. */
static void os_term(struct vm *vm, uint64_t addr, struct event *event)
{
	char text[128] = "";

	for (size_t i = 0; i + 1 < sizeof(text); i++) {
		const char *c = ram_at(&vm->ram, addr + i, 1);

		if (!c || *c < ' ' || *c > '~')
			break;
		text[i] = *c;
	}
	event->kind = EVENT_CRASH;
	error_set(&event->why, -EIO, "ibm,os-term: the guest says that it crashed%s%s", text[0] ? ": " : "",
	          text);
}

/*
 * The argument buffer: token, number of arguments, of results, then both, in
 * big-endian words (LoPAR 7.2.7). It is the guest's: read each word once.
 */
static long rtas(struct vm *vm, uint64_t buffer, struct event *event)
{
	const uint32_t *head = ram_at(&vm->ram, buffer, 12);
	uint32_t token, args, results, arg[4] = { 0 };
	uint32_t *words;
	int status = RTAS_PARAMETER;

	if (!head || buffer & 3)
		return H_PARAMETER;
	token = be32toh(head[0]);
	args = be32toh(head[1]);
	results = be32toh(head[2]);
	if (args > 16 || results > 16)
		return H_PARAMETER;
	words = ram_at(&vm->ram, buffer, 12 + 4 * (args + results));
	if (!words)
		return H_PARAMETER;
	for (uint32_t i = 0; i < args && i < 4; i++)
		arg[i] = be32toh(words[3 + i]);
	if (token == ABI_RTAS_POWER_OFF && args == 2) {
		power_off(vm, event);
		status = RTAS_SUCCESS;
	} else if (token == ABI_RTAS_OS_TERM && args == 1) {
		os_term(vm, arg[0], event);
		status = RTAS_SUCCESS;
	} else if (token == ABI_RTAS_START_CPU && args == 3) {
		struct start s = { arg[1], arg[2] };

		if (!vm_start_vcpu(vm, arg[0], start, &s, &event->why))
			status = RTAS_SUCCESS;
	} else if (token != ABI_RTAS_POWER_OFF && token != ABI_RTAS_OS_TERM && token != ABI_RTAS_START_CPU) {
		status = RTAS_UNKNOWN;
	}
	if (results)
		words[3 + args] = htobe32((uint32_t)status);
	return H_SUCCESS;
}

/* --- all of them ------------------------------------------------------ */

/* These change the controller's shadow: one vCPU at a time, as with any device. */
static long interrupt_hcall(struct vm *vm, uint64_t nr, uint64_t *arg, struct event *event)
{
	long rc;

	pthread_mutex_lock(&vm->bus.lock);
	switch (nr) {
	case H_INT_GET_SOURCE_INFO: rc = get_source_info(vm, arg); break;
	case H_INT_SET_SOURCE_CONFIG: rc = set_source_config(vm, arg, event); break;
	default: rc = set_queue_config(vm, arg, event);
	}
	pthread_mutex_unlock(&vm->bus.lock);
	return rc;
}

void hcall(struct vcpu *vcpu, struct event *event)
{
	uint64_t *arg = (uint64_t *)vcpu->run->papr_hcall.args, nr = vcpu->run->papr_hcall.nr;
	struct vm *vm = vcpu->vm;
	long rc = H_SUCCESS;

	switch (nr) {
	case ABI_CHECKPOINT_HCALL: vm_checkpoint(vcpu, arg[0], arg[1], event); break;
	case H_PUT_TERM_CHAR: rc = put_term_char(vm, arg, event); break;
	case H_GET_TERM_CHAR: rc = get_term_char(vm, arg, event); break;
	case H_RTAS: rc = rtas(vm, arg[0], event); break;
	case H_INT_GET_SOURCE_INFO:
	case H_INT_SET_SOURCE_CONFIG:
	case H_INT_SET_QUEUE_CONFIG: rc = interrupt_hcall(vm, nr, arg, event); break;
	default: rc = H_FUNCTION;
	}
	vcpu->run->papr_hcall.ret = (uint64_t)rc;
}
