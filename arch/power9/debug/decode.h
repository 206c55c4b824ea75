/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decode.h: what the stepper must know of an instruction before it is executed: where the next one is, and
 * what its execution depends on besides registers and memory. Source: Power ISA 3.0 B. Pure.
 */
#ifndef ARCH_POWER9_DEBUG_DECODE_H
#define ARCH_POWER9_DEBUG_DECODE_H

#include <stdbool.h>
#include <stdint.h>

enum p9_class {
	P9_ORDINARY,        /* the next instruction is the one behind it, unless it is interrupted */
	P9_BRANCH,          /* see p9_branch() */
	P9_SYSTEM_CALL,     /* sc: level 1 is a hypercall, others are an interrupt */
	P9_RETURN,          /* rfid */
	P9_SET_MSR,         /* mtmsr, mtmsrd; level: L */
	P9_GET_CLOCK,       /* mftb, mfspr: a register that time changes */
	P9_SET_CLOCK,       /* mtspr: the decrementer */
	P9_RESERVE,         /* a load with reservation */
	P9_CONDITIONAL,     /* a conditional store */
	P9_SET_SRR,         /* mtspr: SRR0 or SRR1 */
	P9_FRAGILE,         /* an interrupt right behind it would hide what it has done: msgsndp */
	P9_VECTORED_CALL,   /* scv */
	P9_VECTORED_RETURN, /* rfscv */
	P9_UNKNOWN,         /* it goes on where the stepper does not know: rfebb, stop and the like */
};

struct p9_instruction {
	enum p9_class class;
	unsigned reg; /* the general register that it reads or writes */
	unsigned spr;
	unsigned level;
};

#define P9_SPR_DEC   22
#define P9_SPR_SRR0  26
#define P9_SPR_SRR1  27
#define P9_SPR_TB    268
#define P9_SPR_TBU   269 /* its upper half */
#define P9_SPR_SPURR 308
#define P9_SPR_PURR  309
#define P9_SPR_VTB   849

struct p9_instruction p9_decode(uint32_t word);
/* The same in problem state: what is privileged leads to an interrupt. */
struct p9_instruction p9_decode_problem(uint32_t word);

/* Where a branch goes on, and what it leaves in the registers. */
struct p9_flow {
	uint64_t pc, lr, ctr, tar;
	uint32_t cr;
	bool wide; /* MSR[SF]: addresses and the counter have 64 bits */
};
void p9_branch(uint32_t word, struct p9_flow *flow);

/* Whether p9_branch() looks at flow->tar. */
bool p9_needs_tar(uint32_t word);

/* Where a branch at pc leads in 64-bit mode if it is taken; false: a register says it. */
bool p9_branch_target(uint32_t word, uint64_t pc, uint64_t *target);

/* The address behind the instruction at pc. */
uint64_t p9_next(uint64_t pc, bool wide);

/* Whether an instruction may access memory, and which bytes at most: no is certain, yes is not. */
bool p9_may_access(uint32_t word, const uint64_t gpr[32], uint64_t *address, unsigned *size);

/* Whether an instruction may change memory: no is certain, yes is not. */
bool p9_may_store(uint32_t word);

#endif
