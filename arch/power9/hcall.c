/* SPDX-License-Identifier: BSD-2-Clause */
/* hcall.c: see hcall.h: which call is whose, and the terminal. Read next: hcall_int.c. */
#include "hcall.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "machine.h"
#include "modes.h"
#include "platform.h"
#include "vmm/hook.h"

#define H_GET_TERM_CHAR           0x54
#define H_PUT_TERM_CHAR           0x58
#define H_VIO_SIGNAL              0x104
#define H_GET_CPU_CHARACTERISTICS 0x1c8
#define H_REGISTER_PROC_TBL       0x37c
#define H_RTAS                    0xf000 /* KVM's number */

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

/* (unit address, mode): whether the terminal's input interrupts. If there is some already, it does so now. */
static long vio_signal(struct vm *vm, const uint64_t *arg)
{
	if (arg[0] != P9_VTY || arg[1] > 1)
		return H_PARAMETER;
	pthread_mutex_lock(&vm->bus.lock);
	vm->devices->modes.vty_signals = arg[1];
	vm->devices->vty_asked = arg[1];
	machine_vty_signal(vm);
	pthread_mutex_unlock(&vm->bus.lock);
	return H_SUCCESS;
}

/* --- all of them ------------------------------------------------------ */

void hcall(struct vcpu *vcpu, struct event *event)
{
	uint64_t *arg = (uint64_t *)vcpu->run->papr_hcall.args, nr = vcpu->run->papr_hcall.nr;
	struct vm *vm = vcpu->vm;
	long rc = H_SUCCESS;

	switch (nr) {
	case P9_PRIVATE_CALL:
		rc = hook_private_call(vcpu, arg[0], arg[1], event) ? H_SUCCESS : H_FUNCTION;
		break;
	case H_PUT_TERM_CHAR: rc = put_term_char(vm, arg, event); break;
	case H_GET_TERM_CHAR: rc = get_term_char(vm, arg, event); break;
	case H_VIO_SIGNAL: rc = vio_signal(vm, arg); break;
	case H_SET_MODE: rc = hcall_set_mode(vcpu, arg, event); break;
	case H_REGISTER_PROC_TBL: rc = hcall_register_table(vm, arg, event); break;
	case H_GET_CPU_CHARACTERISTICS: rc = hcall_cpu_characteristics(vm, arg); break;
	case H_RTAS: rc = hcall_rtas(vcpu, arg[0], event); break;
	default: rc = hcall_interrupt(vm, nr, arg, event);
	}
	vcpu->run->papr_hcall.ret = (uint64_t)rc;
}
