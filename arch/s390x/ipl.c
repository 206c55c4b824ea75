/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipl.c: DIAGNOSE 0x308, the loading of programs. Loading anew (KVM has its
 * subcodes, see exits.c) is for the owner of the VM, and ends it. There is no
 * device to load from, and so no parameter block to set or to store.
 *
 * Source: the kernel's arch/s390/include/asm/ipl.h, kernel/ipl.c.
 */
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
static int parameters(const struct instruction *i, uint64_t answer)
{
	uint64_t address = *gpr(i->vcpu, i->r1);

	if (i->r1 & 1 || address & (PAGE - 1))
		return -PGM_SPECIFICATION;
	if (!ram_at(&i->vcpu->vm->ram, address, PAGE))
		return -PGM_ADDRESSING;
	*gpr(i->vcpu, i->r1 + 1) = answer;
	return INSTRUCTION_OVER;
}

/* DIAG r1,r3,0x308 */
int ipl_diagnose(const struct instruction *i)
{
	switch (*gpr(i->vcpu, i->r2)) {
	case RESET_MODIFIED_CLEAR: return reset_and_go_on(i, true);
	case RESET_LOAD_NORMAL: return reset_and_go_on(i, false);
	case SET_PARAMETERS: return parameters(i, NOT_VALID);
	case STORE_PARAMETERS: return parameters(i, NO_CONFIGURATION);
	default: return -PGM_SPECIFICATION;
	}
}
