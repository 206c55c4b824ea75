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
#define RTAS_BUSY      (-2)
#define RTAS_PARAMETER (-3)
#define RTAS_UNKNOWN   (-1) /* hardware error: there is no such service */

/* query-cpu-stopped-state */
#define CPU_STOPPED     0
#define CPU_NOT_STOPPED 2

struct start {
	uint64_t pc, r3;
};

static int start(struct vcpu *vcpu, void *arg, struct error *err)
{
	const struct start *s = arg;
	int rc = vcpu->online ? error_set(err, -EBUSY, "vCPU %u is started already", vcpu->id)
	                      : cpu_start(vcpu, s->pc, s->r3, err);

	if (!rc)
		vcpu_online(vcpu);
	return rc;
}

static int power_off(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	const struct abi_shared *shared = vm_shared(vcpu->vm);

	(void)arg;
	(void)result;
	event->kind = EVENT_STOP;
	event->value = shared && shared->stopped == ABI_STOPPED ? shared->status & 0xff : 0;
	return RTAS_SUCCESS;
}

/* The argument is the address of a string that says what happened. */
static int os_term(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	char text[128] = "";

	(void)result;
	for (size_t i = 0; i + 1 < sizeof(text); i++) {
		const char *c = ram_at(&vcpu->vm->ram, (uint64_t)arg[0] + i, 1);
		char copy = c ? *c : 0;

		if (copy < ' ' || copy > '~')
			break;
		text[i] = copy;
	}
	event->kind = EVENT_CRASH;
	error_set(&event->why, -EIO, "ibm,os-term: the guest says that it crashed%s%s", text[0] ? ": " : "",
	          text);
	return RTAS_SUCCESS;
}

/* Server, address, r3. */
static int start_cpu(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	struct start s = { arg[1], arg[2] };
	int rc = vm_order(vcpu->vm, vcpu, arg[0], start, &s, &event->why);

	(void)result;
	return rc == -EAGAIN ? RTAS_BUSY : rc ? RTAS_PARAMETER : RTAS_SUCCESS;
}

static int stop_self(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	(void)vcpu;
	(void)arg;
	(void)result;
	event->kind = EVENT_OFFLINE;
	return RTAS_SUCCESS;
}

static int query_cpu(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	(void)event;
	const struct vcpu *asked = vm_vcpu(vcpu->vm, arg[0]);

	if (!asked)
		return RTAS_PARAMETER;
	*result = vm_cpu_state(vcpu->vm, asked->index) == CPU_OFFLINE ? CPU_STOPPED : CPU_NOT_STOPPED;
	return RTAS_SUCCESS;
}

static const struct service {
	uint32_t token, args, results; /* how many the caller must give, and have room for */
	int (*call)(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event);
} services[] = {
	{ ABI_RTAS_POWER_OFF, 2, 1, power_off }, { ABI_RTAS_OS_TERM, 1, 1, os_term },
	{ ABI_RTAS_START_CPU, 3, 1, start_cpu }, { ABI_RTAS_STOP_SELF, 0, 0, stop_self },
	{ ABI_RTAS_QUERY_CPU, 1, 2, query_cpu },
};

/*
 * The argument buffer: token, number of arguments, of results, then both, in
 * big-endian words (LoPAR 7.2.7). It is the guest's: each word is read once.
 */
static long rtas(struct vcpu *vcpu, uint64_t buffer, struct event *event)
{
	const struct ram *ram = &vcpu->vm->ram;
	const uint32_t *head = ram_at(ram, buffer, 12);
	uint32_t token, args, results, arg[3] = { 0 }, result = 0;
	int status = RTAS_UNKNOWN;
	uint32_t *words;

	if (!head || buffer & 3)
		return H_PARAMETER;
	token = be32toh(head[0]);
	args = be32toh(head[1]);
	results = be32toh(head[2]);
	if (args > 16 || results > 16)
		return H_PARAMETER;
	words = ram_at(ram, buffer + 12, 4 * (uint64_t)(args + results));
	if (!words)
		return H_PARAMETER;
	for (uint32_t i = 0; i < args && i < 3; i++)
		arg[i] = be32toh(words[i]);
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (services[i].token != token)
			continue;
		status = RTAS_PARAMETER;
		if (args == services[i].args && results >= services[i].results)
			status = services[i].call(vcpu, arg, &result, event);
	}
	if (results)
		words[args] = htobe32((uint32_t)status);
	if (results > 1)
		words[args + 1] = htobe32(result);
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
	case H_RTAS: rc = rtas(vcpu, arg[0], event); break;
	default: rc = hcall_interrupt(vm, nr, arg, event);
	}
	vcpu->run->papr_hcall.ret = (uint64_t)rc;
}
