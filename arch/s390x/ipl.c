/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipl.c: see ipl.h. What resets the machine and goes on with a program in it
 * ends the VM: loading anew is its owner's. There is no device to load from,
 * and so no parameter block to set or to store.
 */
#include "ipl.h"

#include "instruction.h"

/* Subcodes. KVM has 3 and 4, load clear and load normal, as an exit of their own. */
enum {
	RESET_MODIFIED_CLEAR = 0,
	RESET_LOAD_NORMAL = 1,
	SET_PARAMETERS = 5,
	STORE_PARAMETERS = 6,
};

/* Answers, in register r1 + 1. */
#define NO_CONFIGURATION 0x0102
#define NOT_VALID        0x0402

#define PAGE 0x1000 /* a parameter block is one */

/* Of a parameter block: register r1 has its address. */
static void parameters(struct vcpu *vcpu, unsigned r1, uint64_t answer, struct event *event)
{
	uint64_t address = *gpr(vcpu, r1);

	if (r1 & 1 || address & (PAGE - 1))
		program_check(vcpu, PGM_SPECIFICATION, event);
	else if (!ram_at(&vcpu->vm->ram, address, PAGE))
		program_check(vcpu, PGM_ADDRESSING, event);
	else
		*gpr(vcpu, r1 + 1) = answer;
}

void ipl_diagnose(struct vcpu *vcpu, unsigned r1, unsigned r3, struct event *event)
{
	switch (*gpr(vcpu, r3)) {
	case RESET_MODIFIED_CLEAR:
	case RESET_LOAD_NORMAL: event->kind = EVENT_REBOOT; break;
	case SET_PARAMETERS: parameters(vcpu, r1, NOT_VALID, event); break;
	case STORE_PARAMETERS: parameters(vcpu, r1, NO_CONFIGURATION, event); break;
	default: program_check(vcpu, PGM_SPECIFICATION, event);
	}
}
