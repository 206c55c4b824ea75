/* SPDX-License-Identifier: BSD-2-Clause */
/* decode.c: see decode.h. */
#include "decode.h"

#include <stddef.h>

/* A field of the instruction: of so many bits, the last of which is bit `last` (0: the first of the word). */
static uint32_t field(uint32_t word, unsigned last, unsigned bits)
{
	return word >> (31 - last) & ((1u << bits) - 1);
}

static uint64_t extend(uint64_t value, unsigned bits)
{
	return (uint64_t)((int64_t)(value << (64 - bits)) >> (64 - bits));
}

#define OPCODE(word)   field(word, 5, 6)
#define RT(word)       field(word, 10, 5)
#define RA(word)       field(word, 15, 5)
#define RB(word)       field(word, 20, 5)
#define EXTENDED(word) field(word, 30, 10)

/* Primary opcodes. */
#define OP_BC     16
#define OP_SC     17
#define OP_B      18
#define OP_BRANCH 19 /* bclr and others */
#define OP_X      31
#define OP_LWZ    32 /* the first of those that access memory ... */
#define OP_STFDU  55 /* ... with a displacement of 16 bits */

/* Extended opcodes of OP_BRANCH. */
#define XO_BCLR  16
#define XO_RFID  18
#define XO_BCCTR 528
#define XO_BCTAR 560

/* mfspr and mtspr have the two halves of the number exchanged. */
static unsigned spr(uint32_t word)
{
	return RA(word) | RB(word) << 5;
}

static enum p9_class read_class(unsigned number)
{
	switch (number) {
	case P9_SPR_DEC:
	case P9_SPR_TB:
	case P9_SPR_TBU:
	case P9_SPR_SPURR:
	case P9_SPR_PURR:
	case P9_SPR_VTB: return P9_GET_CLOCK;
	default: return P9_ORDINARY;
	}
}

static enum p9_class write_class(unsigned number)
{
	switch (number) {
	case P9_SPR_DEC: return P9_SET_CLOCK;
	case P9_SPR_SRR0:
	case P9_SPR_SRR1: return P9_SET_SRR;
	default: return P9_ORDINARY;
	}
}

/* Opcode 31: the extended opcodes that are not ordinary. */
static enum p9_class extended_class(uint32_t word)
{
	static const struct {
		uint16_t extended;
		enum p9_class class;
	} table[] = {
		{ 146, P9_SET_MSR },     /* mtmsr */
		{ 178, P9_SET_MSR },     /* mtmsrd */
		{ 142, P9_FRAGILE },     /* msgsndp */
		{ 20, P9_RESERVE },      /* lwarx */
		{ 52, P9_RESERVE },      /* lbarx */
		{ 84, P9_RESERVE },      /* ldarx */
		{ 116, P9_RESERVE },     /* lharx */
		{ 276, P9_RESERVE },     /* lqarx */
		{ 150, P9_CONDITIONAL }, /* stwcx. */
		{ 182, P9_CONDITIONAL }, /* stqcx. */
		{ 214, P9_CONDITIONAL }, /* stdcx. */
		{ 694, P9_CONDITIONAL }, /* stbcx. */
		{ 726, P9_CONDITIONAL }, /* sthcx. */
	};
	uint32_t extended = EXTENDED(word);

	if (extended == 339 || extended == 371) /* mfspr, mftb */
		return read_class(spr(word));
	if (extended == 467) /* mtspr */
		return write_class(spr(word));
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].extended == extended)
			return table[i].class;
	return P9_ORDINARY;
}

static enum p9_class class_19(uint32_t word)
{
	switch (EXTENDED(word)) {
	case XO_BCLR:
	case XO_BCCTR:
	case XO_BCTAR: return P9_BRANCH;
	case XO_RFID: return P9_RETURN;
	case 82: return P9_VECTORED_RETURN; /* rfscv */
	case 146:                           /* rfebb */
	case 274:                           /* hrfid */
	case 370: /* stop */ return P9_UNKNOWN;
	default: return P9_ORDINARY; /* isync, and the logic of condition registers */
	}
}

static enum p9_class class_of(uint32_t word)
{
	switch (OPCODE(word)) {
	case OP_B:
	case OP_BC: return P9_BRANCH;
	case OP_SC: return word & 2 ? P9_SYSTEM_CALL : P9_VECTORED_CALL;
	case OP_BRANCH: return class_19(word);
	case OP_X: return extended_class(word);
	default: return P9_ORDINARY;
	}
}

struct p9_instruction p9_decode(uint32_t word)
{
	return (struct p9_instruction){
		.class = class_of(word),
		.reg = RT(word),
		.spr = spr(word),
		.level = OPCODE(word) == OP_SC ? field(word, 26, 7) : field(word, 15, 1),
	};
}

/* By its number (Power ISA Book III, 5.4.5). */
static bool is_privileged_spr(unsigned number)
{
	return number & 0x10;
}

struct p9_instruction p9_decode_problem(uint32_t word)
{
	struct p9_instruction insn = p9_decode(word);

	switch (insn.class) {
	case P9_RETURN:
	case P9_VECTORED_RETURN:
	case P9_SET_MSR:
	case P9_FRAGILE: insn.class = P9_ORDINARY; break;
	case P9_GET_CLOCK:
	case P9_SET_CLOCK:
	case P9_SET_SRR:
		if (is_privileged_spr(insn.spr))
			insn.class = P9_ORDINARY;
		break;
	default: break;
	}
	return insn;
}

uint64_t p9_next(uint64_t pc, bool wide)
{
	return wide ? pc + 4 : (uint32_t)(pc + 4);
}

/* BO and BI (Power ISA Book I, 2.4): counts CTR down if it shall, and says whether the branch is taken. */
static bool is_taken(uint32_t word, struct p9_flow *flow)
{
	uint32_t bo = RT(word), bi = RA(word);
	bool condition = bo & 16 || (flow->cr >> (31 - bi) & 1) == (bo >> 3 & 1);
	uint64_t left;

	if (bo & 4)
		return condition;
	flow->ctr--;
	left = flow->wide ? flow->ctr : (uint32_t)flow->ctr;
	return condition && (left != 0) != (bo >> 1 & 1);
}

bool p9_needs_tar(uint32_t word)
{
	return OPCODE(word) == OP_BRANCH && EXTENDED(word) == XO_BCTAR;
}

bool p9_branch_target(uint32_t word, uint64_t pc, uint64_t *target)
{
	uint64_t base = word & 2 ? 0 : pc;

	*target = base + (OPCODE(word) == OP_B ? extend(word & 0x3fffffc, 26) : extend(word & 0xfffc, 16));
	return OPCODE(word) == OP_B || OPCODE(word) == OP_BC;
}

void p9_branch(uint32_t word, struct p9_flow *flow)
{
	uint64_t next = p9_next(flow->pc, flow->wide), target;
	uint64_t lr = flow->lr, ctr = flow->ctr;
	bool taken = OPCODE(word) == OP_B || is_taken(word, flow);

	if (!p9_branch_target(word, flow->pc, &target))
		target = (EXTENDED(word) == XO_BCLR    ? lr
		          : EXTENDED(word) == XO_BCCTR ? ctr
		                                       : flow->tar) &
		         ~3ULL;
	if (word & 1)
		flow->lr = next;
	flow->pc = !taken ? next : flow->wide ? target : (uint32_t)target;
}

/* Opcode 31: how many bytes it accesses at most; 0: the extended opcode is in no column that accesses memory.
 */
static unsigned extended_size(uint32_t extended)
{
	switch (extended) {
	case 533: /* lswx, lswi, stswx, stswi */
	case 597:
	case 661:
	case 725: return 128;
	case 22: /* icbt, dcbst, dcbf, dcbtst, dcbt, tlbsync, sync, eieio, icbi: they change nothing */
	case 54:
	case 86:
	case 246:
	case 278:
	case 566:
	case 598:
	case 854:
	case 982: return 0;
	default: break;
	}
	switch (extended & 31) {
	case 6:
	case 7:
	case 12:
	case 13:
	case 20:
	case 21:
	case 22:
	case 23: return 16;
	default: return 0;
	}
}

/* OP_LWZ and up, in turn. */
static unsigned displaced_size(uint32_t word)
{
	static const uint8_t sizes[] = { 4, 4, 1, 1, 4, 4, 1, 1, 2, 2, 2, 2,
		                         2, 2, 0, 0, 4, 4, 8, 8, 4, 4, 8, 8 };
	unsigned size = sizes[OPCODE(word) - OP_LWZ];

	return size ? size : 4 * (32 - RT(word)); /* lmw, stmw */
}

#define CACHE_LINE 128
#define XO_DCBZ    1014

bool p9_may_access(uint32_t word, const uint64_t gpr[32], uint64_t *at, unsigned *bytes)
{
	uint32_t op = OPCODE(word);
	uint64_t address = RA(word) ? gpr[RA(word)] : 0;
	unsigned size;

	if (op == OP_X) {
		size = extended_size(EXTENDED(word));
		address += gpr[RB(word)];
		if (EXTENDED(word) == XO_DCBZ) {
			size = CACHE_LINE;
			address &= -(uint64_t)CACHE_LINE;
		}
	} else if (op >= OP_LWZ && op <= OP_STFDU) {
		size = displaced_size(word);
		address += extend(word & 0xffff, 16);
	} else if (op >= 56 && op <= 62 && op != 59 && op != 60) {
		size = 16; /* the last two to four bits of the displacement are no part of it */
		address += extend(word & 0xfffc, 16);
	} else {
		return false;
	}
	*at = address;
	*bytes = size;
	return size;
}

bool p9_may_store(uint32_t word)
{
	uint32_t op = OPCODE(word);

	if (op == OP_X)
		return extended_size(EXTENDED(word)) != 0;
	if (op >= OP_LWZ && op <= OP_STFDU)
		return (op >= 36 && op <= 39) || op == 44 || op == 45 || op == 47 || op >= 52;
	return op == 61 || op == 62; /* some of 61 are loads */
}
