/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile-machine-s390x.c: see hostile.h: instructions that leave SIE, with any operands, in any mode: DAT,
 * address spaces, access registers, problem state, storage keys, short addresses, by EXECUTE. The vCPUs share
 * the sandbox: channel programs and SCCBs change while they are read.
 *
 * Source: Principles of Operation, ch. 3 (DAT), 4, 10, 14.
 */
#include "guest/guest.h"
#include "guest/s390x/lowcore.h"
#include "hostile.h"

/* What is where in the sandbox, so that no word of it is taken for one that names other memory. */
#define PROGRAMS  (SANDBOX + 0x0000) /* CCWs */
#define LISTS     (SANDBOX + 0x4000) /* IDAWs */
#define BLOCKS    (SANDBOX + 0x8000) /* ORBs, SCHIBs */
#define SCCBS     (SANDBOX + 0xa000)
#define TABLES    (SANDBOX + 0xc000) /* of DAT, and access lists */
#define CODES     (SANDBOX + 0xe000) /* what is executed by EXECUTE */
#define DATA      (SANDBOX + 0x10000)
#define PART      0x4000
#define DATA_SIZE 0x10000
#define PREFIXES  (SANDBOX - 0x20000)

/* In the part of the lowcore that is nobody's: registers, access registers, the PSW, and the code. */
#define LC_REGISTERS 0x480
#define LC_SAVED     0x500
#define LC_ACCESS    0x508
#define LC_PSW       0x548
#define LC_CODE      0x560

#define PSW_DAT         0x0400000000000000
#define PSW_PROBLEM     0x0001000000000000
#define PSW_KEY         52 /* bits: shift */
#define PSW_SPACE       46
#define SEGMENT_INVALID 0x20
#define PAGE_INVALID    0x400
#define PAGE_PROTECTED  0x200
#define REAL_SPACE      0x20 /* an address-space-control element that translates each address to itself */

asm(".globl	hostile_enter, hostile_back\n"
    "hostile_enter:\n"
    "	stmg	%r6,%r15,48(%r15)\n"
    "	stg	%r15,0x500\n"
    "	lam	%a0,%a15,0x508\n"
    "	lpswe	0x548\n"
    "hostile_back:\n"
    "	lg	%r15,0x500\n"
    "	lmg	%r6,%r15,48(%r15)\n"
    "	br	%r14\n");
void hostile_enter(void);
extern char hostile_back[];

static uint64_t data(void)
{
	return DATA + below(DATA_SIZE);
}

/* Where an instruction may store, or what is not there; wild: anywhere. */
static uint64_t operand(int wild)
{
	switch (below(wild ? 10 : 7)) {
	case 0: return hostile_address() | (DATA - SANDBOX);
	case 1: return RAM_BYTES - 4 * below(3);
	case 2: return data();
	case 7: return below(0x3000);
	case 8: return 0x10000 + below(0x40000); /* this program */
	case 9: return any();
	default: return data() & ~(once_in(2) ? 0xfffull : 7ull);
	}
}

static uint64_t subchannel(void)
{
	switch (below(12)) {
	case 0: return any();
	case 1: return 0x10000 | (uint16_t)any();
	case 2: return below(8);
	default: return 0x10000 | below(DEVICES + 2);
	}
}

/* --- what instructions read from memory --------------------------------- */

static uint32_t word_31(void)
{
	return once_in(6) ? 0x40000000 | (uint32_t)below(0x10000) : (uint32_t)data();
}

/* A CCW, stored as a whole: no other vCPU sees a half. No command here tells a device where something is. */
static void put_ccw(int wild)
{
	static const uint8_t commands[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x09, 0x0a, 0x0b, 0x0e, 0x11,
		                            0x12, 0x22, 0x31, 0x33, 0x72, 0x83, 0xe4, 0x08, 0x08 };
	uint64_t at = PROGRAMS + (below(PART) & ~7u), address = word_31();
	uint8_t command = wild && once_in(4) ? (uint8_t)any() : commands[below(sizeof(commands))];
	uint8_t flags = once_in(3) ? (uint8_t)any() & ~4 : 0x60;
	uint16_t count = (uint16_t)(once_in(5) ? any() : below(80));

	if (once_in(4)) {
		flags |= 4; /* indirect */
		address = LISTS + (below(PART) & ~3u);
	}
	if ((command & 15) == 8) {
		address = PROGRAMS + (below(PART) & ~7u);
		flags = 0;
		count = 0;
	}
	if (wild && once_in(9))
		address = any();
	*(volatile uint64_t *)at =
		(uint64_t)command << 56 | (uint64_t)flags << 48 | (uint64_t)count << 32 | (uint32_t)address;
}

static void put_list(void)
{
	*(volatile uint32_t *)(LISTS + (below(PART) & ~3u)) = once_in(4) ? word_31() : word_31() & ~0x7ffu;
}

static uint64_t put_orb(int wild)
{
	uint32_t *orb = (uint32_t *)(BLOCKS + (below(0x1f00) & ~3u));

	orb[0] = (uint32_t)any();
	orb[1] = 0x0080ff00 | (once_in(3) ? (uint32_t)any() & 0xff7bff80 : 0);
	orb[2] = (uint32_t)(PROGRAMS + (below(PART) & (once_in(9) ? ~0u : ~7u)));
	for (int i = 3; i < 8; i++)
		orb[i] = once_in(8) ? (uint32_t)any() : 0;
	if (wild && once_in(4))
		orb[1 + below(2)] = (uint32_t)any();
	return (uint64_t)orb;
}

/* As the subchannel's own is, but for some bits: enabled, ISC, limits; measurement only where anything goes.
 */
static uint64_t put_schib(int wild)
{
	uint32_t *schib = (uint32_t *)(BLOCKS + (below(0x1f00) & ~3u));

	for (int i = 0; i < 13; i++)
		schib[i] = once_in(6) ? (uint32_t)any() : 0;
	schib[1] = 0x00800000 | ((uint32_t)any() & (once_in(4) ? 0x38f00000 : 0x38000000));
	if (wild)
		schib[1] |= (uint32_t)any() & 0x00180000;
	schib[10] = (uint32_t)data() & ~63u; /* measurement block address */
	return (uint64_t)schib;
}

static uint64_t put_sccb(int wild)
{
	uint64_t at = SCCBS + (below(0x2000) & ~7u);
	volatile uint8_t *b = (volatile uint8_t *)at;
	unsigned len = once_in(3) ? (unsigned)any() & 0xffff : 8 + below(300);

	if (wild && once_in(5))
		return operand(1);
	for (unsigned i = 8; i < len && i < 256 && at + i < SCCBS + 0x2000; i++)
		b[i] = once_in(3) ? (uint8_t)any() : 0;
	/* An event buffer, more or less. */
	b[0] = (uint8_t)(len >> 8);
	b[1] = (uint8_t)len;
	b[8] = (uint8_t)once_in(9);
	b[9] = (uint8_t)below(0x60);
	b[10] = (uint8_t)(once_in(3) ? any() : once_in(2) ? 0x1a : 0x02);
	return at;
}

/* --- instructions --------------------------------------------------------- */

static const uint32_t service[] = { 0x00010001, 0x00020001, 0x00120001, 0x00760005, 0x00770005, 0x00780005 };

/* Their registers 0 to 3 and 6 are set by `one`; the operand's address is in 5. */
enum form {
	S,       /* one operand in memory, register 1 names a subchannel */
	S_BLOCK, /* a SCHIB */
	S_ORB,
	R1, /* register 1 alone */
	RRE,
	SCCB,
	SIGP,
	DIAGNOSE,
	STSI,
	PAGE, /* register 5 is the address of a page, 3 a key */
	WILD, /* only where anything goes */
};

static const struct instruction {
	uint32_t code;
	enum form form;
} instructions[] = {
	{ 0xb2300000, R1 },       { 0xb2310000, R1 },
	{ 0xb2325000, S_BLOCK },  { 0xb2335000, S_ORB },
	{ 0xb2335000, S_ORB },    { 0xb2335000, S_ORB },
	{ 0xb2345000, S },        { 0xb2355000, S },
	{ 0xb2355000, S },        { 0xb2365000, WILD } /* TPI takes an interruption, and no record says so */,
	{ 0xb2370000, R1 },       { 0xb2380000, R1 },
	{ 0xb2395000, S },        { 0xb23a5000, S },
	{ 0xb23b0000, R1 },       { 0xb23c0000, R1 },
	{ 0xb25f0050, RRE },      { 0xb2740000, R1 },
	{ 0xb2760000, R1 },       { 0xb9a20060, RRE },
	{ 0xb2200065, SCCB },     { 0xb2200065, SCCB },
	{ 0xb2200065, SCCB },     { 0xae250000, SIGP },
	{ 0xae250000, SIGP },     { 0x83260000, DIAGNOSE },
	{ 0x83260000, DIAGNOSE }, { 0xb27d5000, STSI },
	{ 0xb2025000, S },        { 0xb2115000, S },
	{ 0xb2125000, S },        { 0xb2b05000, S },
	{ 0xb22b0035, PAGE },     { 0xb2290035, PAGE },
	{ 0xb22a0035, PAGE },     { 0xb9af0035, PAGE },
	{ 0xb2140000, S },        { 0xb2a50050, RRE },
	{ 0xb2105000, WILD },     { 0xb2060000, WILD },
	{ 0xb2085000, WILD },     { 0x82005000, WILD },
	{ 0xb2b25000, WILD },     { 0x80005000, WILD },
	{ 0xb2210035, WILD },     { 0xb98e0035, WILD },
	{ 0xb2045000, WILD },
};

/* What is not stopped, reset or loaded by it; wild: what is, too. */
static uint64_t signal_order(int wild)
{
	static const uint8_t orders[] = { 1, 2, 3, 4, 0x0d, 0x0e, 0x12, 0x15, 0, 7, 8, 0x0a };

	return wild && once_in(3) ? below(0x20)
	       : once_in(9)       ? 0x16 + below(0xe0)
	                          : orders[below(sizeof(orders))];
}

static void diagnose(uint32_t *code, uint64_t reg[16], int wild)
{
	static const uint16_t codes[] = { 0x288, 0x308, 0x500, 0x500, 0x501, 0x9c, 0x44, 0x10, 0x258, 0x318 };
	uint16_t which = once_in(9) ? (uint16_t)any() & 0xfff : codes[below(sizeof(codes) / 2)];

	*code |= which;
	reg[1] = once_in(4) ? any() : 3; /* notify */
	reg[2] = wild ? below(9) : which == 0x501 ? 0 : subchannel();
	reg[3] = once_in(2) ? any() : below(5);
	reg[6] = below(8);
	if (wild)
		return;
	if (which == 0x288)
		reg[2] = 1 + below(4); /* not set: it would expire */
	if (which == 0x308)
		reg[6] = 5 + below(9);
	if (which == 0x10) {
		reg[2] = PREFIXES - 0x10000; /* nobody's: its pages go */
		reg[6] = reg[2] + (below(4) << 12);
	}
	if (which == 0x258)
		reg[2] = data() & ~7ull;
}

static uint32_t choose(const struct instruction *i, uint64_t reg[16], int wild)
{
	uint32_t code = i->code;

	reg[5] = operand(wild);
	reg[1] = subchannel();
	switch (i->form) {
	case S_BLOCK: reg[5] = once_in(4) ? reg[5] : put_schib(wild); break;
	case S_ORB: reg[5] = once_in(8) ? reg[5] : put_orb(wild); break;
	case SCCB:
		reg[6] = once_in(6) ? any() : service[below(6)];
		reg[5] = put_sccb(wild) | (once_in(9) ? below(8) : 0);
		break;
	case SIGP:
		reg[5] = once_in(6) ? any() : below(4);
		reg[3] = once_in(4) ? any() : data();
		code |= (uint32_t)signal_order(wild);
		break;
	case DIAGNOSE: diagnose(&code, reg, wild); break;
	case STSI:
		reg[0] = (uint64_t)below(5) << 28 | below(4) | (once_in(9) ? any() : 0);
		reg[1] = below(4) | (once_in(9) ? any() : 0);
		break;
	case PAGE:
		if (!wild)
			reg[5] = data() & ~0xfffull;
		*(volatile uint8_t *)((reg[5] & (RAM_BYTES - 1)) |
		                      0x10000);             /* untouched pages: see HACKING.md */
		reg[3] = below(256) & (wild ? ~0u : 0x06u); /* no protection in what all others use */
		break;
	case R1:
		if ((code >> 16) == 0xb23c) { /* SCHM */
			reg[1] = below(4) | (once_in(4) ? any() : 0);
			reg[2] = wild ? operand(1) : data() & ~31ull;
		}
		break;
	default: break;
	}
	return code;
}

/* --- modes ------------------------------------------------------------------ */

/* A segment table, all of whose entries lead to one page table, and that to the data. Wild: one entry is
 * anything. */
static void put_tables(int wild)
{
	uint64_t *segments = (uint64_t *)TABLES, *pages = (uint64_t *)(TABLES + 0x1000), *any_entry;

	for (int i = 0; i < 512; i++)
		segments[i] = (uint64_t)pages | (i % 8 == 7 ? SEGMENT_INVALID : 0);
	for (unsigned i = 0; i < 256; i++)
		pages[i] = (DATA + (i << 12) % DATA_SIZE) | (i % 5 == 4   ? PAGE_INVALID
		                                             : i % 7 == 6 ? PAGE_PROTECTED
		                                                          : 0);
	any_entry = (uint64_t *)(TABLES + (below(0x1800) & ~7u));
	if (wild)
		*any_entry = any() & (once_in(2) ? 0x03ffffff : ~0ull);
}

static uint64_t space(int wild)
{
	uint64_t segments = TABLES | below(4);

	if (once_in(3))
		return REAL_SPACE;
	return wild ? segments | (below(2) << 12) | (below(4) << 2) | (once_in(4) ? 0x200 : 0) : segments;
}

/* Instructions come from the primary space, which is real; operands may come from another. */
static uint64_t any_mode(int wild)
{
	uint64_t mask = PSW_64, secondary = space(wild), home = space(wild), real = REAL_SPACE;

	if (once_in(3)) {
		asm volatile("lctlg	1,1,%0" : : "Q"(real));
		asm volatile("lctlg	7,7,%0" : : "Q"(secondary));
		asm volatile("lctlg	13,13,%0" : : "Q"(home));
		mask |= PSW_DAT | (uint64_t)below(4) << PSW_SPACE;
	}
	if (once_in(8))
		mask |= PSW_PROBLEM;
	if (once_in(8))
		mask |= (uint64_t)below(16) << PSW_KEY;
	if (once_in(8))
		mask &= ~(once_in(2) ? PSW_64 : 0x100000000ull); /* 24 or 31 bits */
	if (wild && once_in(8))
		mask |= any() & (PSW_IO | PSW_EXT | PSW_MCHK);
	return mask;
}

static uint8_t *put(uint8_t *to, uint64_t value, unsigned bytes)
{
	while (bytes--)
		*to++ = (uint8_t)(value >> 8 * bytes);
	return to;
}

/* LMG of all registers; the instruction, or EXECUTE of it; SVC 0. */
static void execute(uint32_t code, const uint64_t reg[16], uint64_t mask)
{
	struct lowcore *lc = this_lowcore();
	const struct psw svc = lc->svc_new, program = lc->program_new;
	uint8_t *base = (uint8_t *)lc, *to;
	uint32_t *target = (uint32_t *)(CODES + arch_cpu() * 256);

	for (int i = 0; i < 16; i++)
		((uint64_t *)(base + LC_REGISTERS))[i] = reg[i];
	for (int i = 0; i < 16; i++)
		((uint32_t *)(base + LC_ACCESS))[i] = once_in(3) ? (uint32_t)any() : below(3);
	to = put(base + LC_CODE, 0xeb0f00000004 | (uint64_t)LC_REGISTERS << 16, 6);
	if (once_in(8)) {
		*target = code;
		((uint64_t *)(base + LC_REGISTERS))[12] = (uint64_t)target;
		to = put(to, 0x4400c000, 4);
	} else {
		to = put(to, code, 4);
	}
	put(to, 0x0a00, 2);
	*(struct psw *)(base + LC_PSW) = (struct psw){ mask, LC_CODE };
	lc->svc_new = lc->program_new = (struct psw){ PSW_CLOSED, (uint64_t)hostile_back };
	asm volatile("" ::: "memory");
	hostile_enter();
	asm volatile("" ::: "memory");
	lc->svc_new = svc;
	lc->program_new = program;
}

/* The prefix area goes to another place, which has a copy of it, and back. */
static void move_prefix(int wild)
{
	uint32_t old, at = (uint32_t)(PREFIXES + (arch_cpu() << 13));
	const uint64_t *from = (const uint64_t *)this_lowcore();

	if (wild)
		at = (uint32_t)operand(1);
	else
		for (unsigned i = 0; i < 0x2000 / 8; i++)
			((uint64_t *)(uint64_t)at)[i] = from[i];
	asm volatile("stpx	%0" : "=Q"(old));
	asm volatile("spx	%0" : : "Q"(at) : "memory");
	put_ccw(0);
	execute(0xb2200065, (const uint64_t[16]){ [5] = at, [6] = service[1] }, PSW_64); /* an SCCB in it */
	asm volatile("spx	%0" : : "Q"(old) : "memory");
}

void machine_nonsense(unsigned cpu, uint64_t count, int wild)
{
	static const uint64_t zero;
	uint64_t cr0 = cr0_store();

	(void)cpu;
	put_tables(wild);
	while (count--) {
		uint64_t reg[16], mask;
		uint32_t code, which = below(sizeof(instructions) / sizeof(instructions[0]));

		for (int i = below(8); i; i--)
			put_ccw(wild);
		put_list();
		for (int i = 0; i < 16; i++)
			reg[i] = once_in(2) ? any() : below(16);
		if (instructions[which].form == WILD && !wild)
			continue;
		code = choose(&instructions[which], reg, wild);
		/* A page that was touched, whatever the mode makes of its address. */
		mask = instructions[which].form == PAGE ? PSW_64 : any_mode(wild);
		/* A short address leads to memory that nobody uses, not to this program. */
		if (!wild && (mask & PSW_64) != PSW_64)
			reg[5] = data() & ~7ull;
		if (wild && once_in(40))
			code = 0xb2000000 | ((uint32_t)any() & 0xffffff);
		execute(code, reg, mask);
		if (once_in(100))
			move_prefix(wild && once_in(4));
		cr0_load(cr0);
	}
	asm volatile("lctlg	1,1,%0" : : "Q"(zero));
	execute(0xb23c0000, (const uint64_t[16]){ 0 }, PSW_64); /* measures no more */
}
