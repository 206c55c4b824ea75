/* SPDX-License-Identifier: BSD-2-Clause */
/* hcall.c: see hcall.h. Read next: hcall_int.c. */
#include "hcall.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "cpu.h"

#define H_GET_TERM_CHAR 0x54
#define H_PUT_TERM_CHAR 0x58
#define H_RTAS          0xf000 /* KVM's number: there is no linux,rtas-entry */

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
	default: rc = hcall_interrupt(vm, nr, arg, event);
	}
	vcpu->run->papr_hcall.ret = (uint64_t)rc;
}
