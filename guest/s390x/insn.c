/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * insn.c: one given instruction (guest/abi.h, ABI_CMD_INSN), with all 16 general registers. In the lowcore,
 * which needs no register to be addressed: load them; the instruction; on to insn_end (start.S).
 */
#include "guest.h"
#include "s390x/lowcore.h"

static uint8_t *put(uint8_t *to, uint64_t value, unsigned int bytes)
{
	while (bytes--)
		*to++ = (uint8_t)(value >> 8 * bytes);
	return to;
}

/* Principles of Operation, chapter 7, LOAD MULTIPLE and BRANCH RELATIVE ON CONDITION LONG. */
static void write_code(struct lowcore *lc, uint64_t code, uint64_t bytes)
{
	uint8_t *to = put(lc->insn_code, 0xeb0f00000004 | (uint64_t)LC_INSN_GPRS << 16, 6);

	to = put(to, code >> (64 - 8 * bytes), (unsigned int)bytes);
	put(to, 0xc0f400000000 | (uint32_t)(((int64_t)insn_end - (int64_t)to) / 2), 6);
}

/* A PSW (chapter 4) that leads to the end of the code. */
static void write_psw(uint64_t *at, uint64_t mask, int is_short)
{
	if (mask == ABI_KEEP)
		mask = PSW_CLOSED;
	if (is_short) {
		at[0] = (mask & 0xffffffff00000000) | 0x0008000080000000 | (uint64_t)insn_end;
		return;
	}
	at[0] = mask;
	at[1] = (uint64_t)insn_end;
}

void arch_instruction(const struct abi_mailbox *m, struct abi_order *order, uint64_t result[ABI_RESULTS])
{
	struct lowcore *lc = this_lowcore();
	uint8_t program = lc->program;

	write_code(lc, m->arg[0], m->arg[1]);
	if (m->arg[2] != ABI_KEEP)
		write_psw((uint64_t *)m->arg[2], m->arg[3], m->arg[4] != 0);
	for (int i = 0; i < 16; i++)
		lc->insn_gprs[i] = order->reg[i];
	lc->program_seen = 0;
	lc->program_length = 0;
	lc->program_next = (uint64_t)insn_end;
	lc->program = PROGRAM_SKIPS;
	__asm__ volatile("" ::: "memory");
	insn_enter();
	__asm__ volatile("" ::: "memory");
	psw_switch(PSW_CLOSED);
	lc->program = program;
	for (int i = 0; i < 16; i++)
		order->reg[i] = lc->insn_gprs[i];
	order->trap = lc->program_length;
	result[ABI_RESULT_CC] = lc->program_seen ? 0 : lc->insn_cc;
	result[ABI_RESULT_VALUE] = 0;
	result[ABI_RESULT_PGM] = lc->program_seen;
}
