/* SPDX-License-Identifier: BSD-2-Clause */
/* instruction.h: what the functions of intercepted instructions share. exits.c has the table of them. */
#ifndef ARCH_S390X_INSTRUCTION_H
#define ARCH_S390X_INSTRUCTION_H

#include "cpu.h"
#include "vmm/types.h"

/* Program interruption codes (Principles of Operation, ch. 6). */
#define PGM_OPERATION     0x01
#define PGM_PRIVILEGED    0x02
#define PGM_ADDRESSING    0x05
#define PGM_SPECIFICATION 0x06

/* An instruction under way. */
struct instruction {
	struct vcpu *vcpu;
	unsigned r1, r2; /* its registers; r2 is R3 in the format RS */
	uint32_t ipb;    /* what follows its first two bytes */
	struct event *event;
};

/* Executes it. Returns its condition code, minus a program-interruption code, or INSTRUCTION_OVER. */
typedef int instruction_fn(const struct instruction *i);

/* Nothing is left to do: the condition code is right, an exception is pending already, or the host has
 * failed. */
#define INSTRUCTION_OVER 4

/* SIGNAL PROCESSOR (sigp.c); DIAGNOSE 0x308 (ipl.c). */
instruction_fn sigp, ipl_diagnose;

/* DIAGNOSE 0x308, subcodes 0 (clear) and 1: the machine is reset, but its memory, and goes on (reset.c). */
int reset_and_go_on(const struct instruction *i, bool clear);

/* Resets a CPU as SIGNAL PROCESSOR does; it is stopped then. -EAGAIN: another order is under way; again. */
int sigp_reset(struct vcpu *vcpu, const struct vcpu *sender, enum cpu_reset_kind kind, struct error *err);

/* A general register, to read or to write. */
uint64_t *gpr(const struct vcpu *vcpu, unsigned n);

/* Base and displacement of the intercepted instruction, from its ipb: an address, or what it is used as. */
uint64_t base_displacement(const struct vcpu *vcpu, uint32_t ipb);

/* Sets the condition code. */
void set_cc(struct vcpu *vcpu, uint64_t cc);

/* The host failed with this negative errno value; event->why has been set. Returns INSTRUCTION_OVER. */
int host_error(struct event *event, int code);

/* Ends the instruction as its function has answered. For a program interruption: all of ours are four bytes
 * long. */
void finish(struct vcpu *vcpu, int answer, struct event *event);

#endif
