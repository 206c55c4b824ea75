/* SPDX-License-Identifier: BSD-2-Clause */
/* decode.c: how the stepper sees instructions. The words are those that GNU as makes of the text. */
#include "arch/power9/debug/decode.h"
#include "tests/unit/tap.h"

static void test_classes(void)
{
	static const struct {
		const char *text;
		uint32_t word;
		enum p9_class class;
		unsigned reg, spr, level;
	} table[] = {
		{ "nop", 0x60000000, P9_ORDINARY, 0, 0, 0 },
		{ "b .", 0x48000000, P9_BRANCH, 0, 0, 0 },
		{ "bdnz .", 0x42000000, P9_BRANCH, 16, 0, 0 },
		{ "blr", 0x4e800020, P9_BRANCH, 20, 0, 0 },
		{ "bctrl", 0x4e800421, P9_BRANCH, 20, 0, 0 },
		{ "bctar", 0x4e800460, P9_BRANCH, 20, 0, 0 },
		{ "isync", 0x4c00012c, P9_ORDINARY, 0, 0, 0 },
		{ "crxor 6,6,6", 0x4cc63182, P9_ORDINARY, 6, 0, 0 },
		{ "sc", 0x44000002, P9_SYSTEM_CALL, 0, 0, 0 },
		{ "sc 1", 0x44000022, P9_SYSTEM_CALL, 0, 0, 1 },
		{ "scv 0", 0x44000001, P9_VECTORED_CALL, 0, 0, 0 },
		{ "scv 1", 0x44000021, P9_VECTORED_CALL, 0, 0, 1 },
		{ "rfscv", 0x4c0000a4, P9_VECTORED_RETURN, 0, 0, 0 },
		{ "rfid", 0x4c000024, P9_RETURN, 0, 0, 0 },
		{ "rfebb 1", 0x4c000924, P9_UNKNOWN, 0, 0, 0 },
		{ "stop", 0x4c0002e4, P9_UNKNOWN, 0, 0, 0 },
		{ "mtmsrd r3", 0x7c600164, P9_SET_MSR, 3, 0, 0 },
		{ "mtmsrd r9,1", 0x7d210164, P9_SET_MSR, 9, 0, 1 },
		{ "mtmsr r3", 0x7c600124, P9_SET_MSR, 3, 0, 0 },
		{ "mfmsr r3", 0x7c6000a6, P9_ORDINARY, 3, 0, 0 },
		{ "mftb r3 (mfspr)", 0x7c6c42a6, P9_GET_CLOCK, 3, P9_SPR_TB, 0 },
		{ "mftb r3 (mftb)", 0x7c6c42e6, P9_GET_CLOCK, 3, P9_SPR_TB, 0 },
		{ "mftbu r31", 0x7fed42a6, P9_GET_CLOCK, 31, P9_SPR_TBU, 0 },
		{ "mfdec r5", 0x7cb602a6, P9_GET_CLOCK, 5, P9_SPR_DEC, 0 },
		{ "mtdec r5", 0x7cb603a6, P9_SET_CLOCK, 5, P9_SPR_DEC, 0 },
		{ "mfspr r5,309", 0x7cb54aa6, P9_GET_CLOCK, 5, P9_SPR_PURR, 0 },
		{ "mtsrr0 r0", 0x7c1a03a6, P9_SET_SRR, 0, P9_SPR_SRR0, 0 },
		{ "mtsrr1 r0", 0x7c1b03a6, P9_SET_SRR, 0, P9_SPR_SRR1, 0 },
		{ "mfsrr0 r0", 0x7c1a02a6, P9_ORDINARY, 0, P9_SPR_SRR0, 0 },
		{ "mtctr r12", 0x7d8903a6, P9_ORDINARY, 12, 9, 0 },
		{ "msgsndp r4", 0x7c00211c, P9_FRAGILE, 0, 0, 0 },
		{ "lwarx r9,0,r3", 0x7d201828, P9_RESERVE, 9, 0, 0 },
		{ "ldarx r9,0,r3", 0x7d2018a8, P9_RESERVE, 9, 0, 0 },
		{ "stwcx. r9,0,r3", 0x7d20192d, P9_CONDITIONAL, 9, 0, 0 },
		{ "stdcx. r9,0,r3", 0x7d2019ad, P9_CONDITIONAL, 9, 0, 0 },
		{ "stb r0,-32768(0)", 0x98008000, P9_ORDINARY, 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct p9_instruction got = p9_decode(table[i].word);
		bool right = got.class == table[i].class;

		switch (table[i].class) {
		case P9_GET_CLOCK:
		case P9_SET_SRR:
		case P9_SET_CLOCK: right = right && got.spr == table[i].spr && got.reg == table[i].reg; break;
		case P9_VECTORED_CALL:
		case P9_SYSTEM_CALL: right = right && got.level == table[i].level; break;
		case P9_SET_MSR:
			right = right && got.level == table[i].level && got.reg == table[i].reg;
			break;
		default: break;
		}
		ok(right, "%s", table[i].text);
	}
}

static const struct p9_flow at = {
	.pc = 0x1000, .lr = 0x2002, .ctr = 0x3003, .tar = 0x4001, .cr = 0x20000000, .wide = true
};

static void goes(const char *text, uint32_t word, struct p9_flow from, uint64_t pc, uint64_t lr, uint64_t ctr)
{
	p9_branch(word, &from);
	if (!ok(from.pc == pc && from.lr == lr && from.ctr == ctr, "%s", text))
		printf("# pc %llx lr %llx ctr %llx\n", (unsigned long long)from.pc,
		       (unsigned long long)from.lr, (unsigned long long)from.ctr);
}

static void test_problem_state(void)
{
	static const struct {
		const char *text;
		uint32_t word;
		enum p9_class class;
	} table[] = {
		{ "rfid", 0x4c000024, P9_ORDINARY },      { "rfscv", 0x4c0000a4, P9_ORDINARY },
		{ "mtmsrd r3", 0x7c600164, P9_ORDINARY }, { "mfdec r5", 0x7cb602a6, P9_ORDINARY },
		{ "mtdec r5", 0x7cb603a6, P9_ORDINARY },  { "mtsrr0 r0", 0x7c1a03a6, P9_ORDINARY },
		{ "mftb r3", 0x7c6c42a6, P9_GET_CLOCK },  { "mftbu r31", 0x7fed42a6, P9_GET_CLOCK },
		{ "sc", 0x44000002, P9_SYSTEM_CALL },     { "scv 0", 0x44000001, P9_VECTORED_CALL },
		{ "blr", 0x4e800020, P9_BRANCH },         { "lwarx r9,0,r3", 0x7d201828, P9_RESERVE },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		is(p9_decode_problem(table[i].word).class, table[i].class, "in problem state: %s",
		   table[i].text);
}

static void test_branches(void)
{
	struct p9_flow last = at, narrow = at;

	last.ctr = 1;
	goes("b .", 0x48000000, at, 0x1000, at.lr, at.ctr);
	goes("b .-4", 0x4bfffffc, at, 0xffc, at.lr, at.ctr);
	goes("bl .+8", 0x48000009, at, 0x1008, 0x1004, at.ctr);
	goes("ba 0x500", 0x48000502, at, 0x500, at.lr, at.ctr);
	goes("beq .+16, taken", 0x41820010, at, 0x1010, at.lr, at.ctr);
	goes("bne .+16, not taken", 0x40820010, at, 0x1004, at.lr, at.ctr);
	goes("blt .-16, not taken", 0x4180fff0, at, 0x1004, at.lr, at.ctr);
	goes("bge .-16, taken", 0x4080fff0, at, 0xff0, at.lr, at.ctr);
	goes("beql .+16, not taken at cr1: the link is set all the same", 0x41860011, at, 0x1004, 0x1004,
	     at.ctr);
	goes("blr", 0x4e800020, at, 0x2000, at.lr, at.ctr);
	goes("blrl", 0x4e800021, at, 0x2000, 0x1004, at.ctr);
	goes("bctr", 0x4e800420, at, 0x3000, at.lr, at.ctr);
	goes("bctar", 0x4e800460, at, 0x4000, at.lr, at.ctr);
	goes("beqlr, taken", 0x4d820020, at, 0x2000, at.lr, at.ctr);
	goes("bnelr, not taken", 0x4c820020, at, 0x1004, at.lr, at.ctr);
	goes("bdnz .-4", 0x4200fffc, at, 0xffc, at.lr, at.ctr - 1);
	goes("bdnz .-4, at the end", 0x4200fffc, last, 0x1004, at.lr, 0);
	goes("bdz .-4, at the end", 0x4240fffc, last, 0xffc, at.lr, 0);
	goes("bdnzf eq,.-4: the condition does not hold, the counter counts", 0x4002fffc, at, 0x1004, at.lr,
	     at.ctr - 1);
	narrow.wide = false;
	narrow.pc = 0xfffffffc;
	narrow.ctr = 0x100000001;
	goes("32 bits: b .+8", 0x48000008, narrow, 4, at.lr, narrow.ctr);
	goes("32 bits: bdnz .-4, the lower half is at its end", 0x4200fffc, narrow, 0, at.lr, 0x100000000);
	is(p9_next(0xfffffffc, false), 0, "32 bits: the next address");
	is(p9_next(0xfffffffc, true), 0x100000000, "64 bits: the next address");
}

static void test_targets(void)
{
	uint64_t target = 0;

	ok(p9_branch_target(0x40820010, 0x1000, &target) && target == 0x1010, "bne .+16 may lead there");
	ok(p9_branch_target(0x48000502, 0x1000, &target) && target == 0x500, "ba 0x500");
	ok(!p9_branch_target(0x4e800020, 0x1000, &target), "blr may lead anywhere");
	ok(p9_needs_tar(0x4e800460) && !p9_needs_tar(0x4e800020), "bctar goes where TAR says");
}

/* Whether it may access a byte in [first, last]. */
static bool accesses(uint32_t word, const uint64_t gpr[32], uint64_t first, uint64_t last)
{
	uint64_t address;
	unsigned size;

	return p9_may_access(word, gpr, &address, &size) && address <= last && address + size > first;
}

static void test_access(void)
{
	uint64_t gpr[32] = { [1] = 0x8000, [3] = 0x500, [4] = 0x100, [0] = 0x500 };

	ok(accesses(0x80830000, gpr, 0x500, 0x503), "lwz r4,0(r3)");
	ok(!accesses(0x80830000, gpr, 0x900, 0x903), "... elsewhere");
	ok(!accesses(0x808303fc, gpr, 0x900, 0x903), "lwz r4,1020(r3), before it");
	ok(accesses(0x80830403, gpr, 0x900, 0x903), "lwz r4,1027(r3), its last byte");
	ok(!accesses(0x80830404, gpr, 0x900, 0x903), "lwz r4,1028(r3), behind it");
	ok(accesses(0xf881fff8, gpr, 0x7ff8, 0x7ffb), "std r4,-8(r1)");
	ok(accesses(0xf8800500, gpr, 0x500, 0x503), "std r4,0x500(0)");
	ok(!accesses(0xf8800f00, gpr, 0x500, 0x503), "std r4,0xf00(0): r0 is no base");
	ok(accesses(0x7ca3212a, gpr, 0x600, 0x603), "stdx r5,r3,r4");
	ok(accesses(0x7c0027ec, gpr, 0x17c, 0x17f), "dcbz 0,r4: the whole line");
	ok(!accesses(0x7ca32214, gpr, 0x600, 0x603), "add r5,r3,r4");
	ok(!accesses(0x38830000, gpr, 0x500, 0x503), "addi r4,r3,0");
	ok(!accesses(0x7c0004ac, gpr, 0x500, 0x503), "sync: its r0 is no base");
	ok(!accesses(0x7c001fac, gpr, 0x500, 0x503), "icbi 0,r3");
	ok(p9_may_store(0x90830000), "stw r4,0(r3)");
	ok(!p9_may_store(0x80830000), "lwz r4,0(r3)");
	ok(p9_may_store(0xf8830000), "std r4,0(r3)");
	ok(!p9_may_store(0xe8830000), "ld r4,0(r3)");
	ok(p9_may_store(0x7ca3212a), "stdx r5,r3,r4");
	ok(!p9_may_store(0x7ca32214), "add r5,r3,r4");
	ok(accesses(0xbc000480, gpr, 0x4fc, 0x4ff), "stmw r0,0x480(0): to its end");
}

int main(void)
{
	test_classes();
	test_problem_state();
	test_branches();
	test_targets();
	test_access();
	return tap_done();
}
