/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * breakpoint.h: words in guest memory that make the guest leave to zpvm.
 *
 * A breakpoint is a trap or a system call, which leads to an interrupt vector. At each vector is a hook of
 * four words: it saves r3 in guest memory, at HOOK_SLOT, and stores to an address where no guest has
 * anything, for which KVM exits (KVM_EXIT_MMIO). So only SRR0, SRR1 and r3 change; a hypercall would change
 * more.
 *
 * The hooks are in real mode, where interrupts begin if LPCR[AIL] is 0. While a vCPU is stepped it is, and
 * the stepper does what it says (guest_run.c). All addresses here are real.
 */
#ifndef ARCH_POWER9_DEBUG_BREAKPOINT_H
#define ARCH_POWER9_DEBUG_BREAKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/types.h"

/* Reads an instruction. False: there is no memory. */
bool instruction_at(const struct vm *vm, uint64_t address, bool little, uint32_t *word);

/* A word, and what the guest has there. */
struct breakpoint {
	uint64_t address;
	uint32_t was; /* as it is in memory */
};

#define BREAKPOINT_TRAP 0x7fe00008
#define BREAKPOINT_CALL 0x44000002 /* sc */

/* Puts a breakpoint there, and takes it away again. Where there is no memory there will be none. */
void breakpoint_put(const struct vm *vm, struct breakpoint *point, uint64_t address, uint32_t word,
                    bool little);
void breakpoint_take(const struct vm *vm, const struct breakpoint *point);

/* --- the vectors (Power ISA Book III, "Interrupt Definitions") ------------- */

#define HOOKS      18
#define HOOKS_ALL  ((1u << HOOKS) - 1)
#define HOOK_WORDS 4
#define HOOK_BYTES 16
#define HOOK_SLOT  0x80

#define VECTOR_PROGRAM 0x700
#define VECTOR_SYSCALL 0xc00

struct hooks {
	uint32_t was[HOOKS][HOOK_WORDS];
	uint64_t slot; /* as it was in memory */
	bool little;   /* LPCR[ILE]: the byte order at the vectors */
};

/* The vectors' addresses. */
uint64_t hook_vector(unsigned i);

/* A bit for each vector whose hook has a byte in [first, last]. */
uint32_t hooks_in(uint64_t first, uint64_t last);

/* Puts those of the mask in their places; with HOOKS_ALL the slot is in use, too. */
void hooks_put(const struct vm *vm, struct hooks *hooks, uint32_t mask);
void hooks_take(const struct vm *vm, const struct hooks *hooks, uint32_t mask);

/*
 * Whether the vCPU has left for a hook, or is in the middle of one after a signal (exited is false): then
 * regs->pc becomes the vector, and r3 what it was. The hooks of the mask are in place.
 */
bool hook_was_called(const struct vcpu *vcpu, const struct hooks *hooks, uint32_t mask, bool exited,
                     struct kvm_regs *regs);

#endif
