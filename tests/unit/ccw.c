/* SPDX-License-Identifier: BSD-2-Clause */
/* ccw.c: channel programs, one rule of the architecture after the other. */
#include "ccw.h"

#define FMT1 CCW_FORMAT_1
#define PGM  CSTAT_PROGRAM_CHECK
#define IL   CSTAT_INCORRECT_LENGTH
#define END  DSTAT_END
#define UC   DSTAT_UNIT_CHECK

static struct ccw_program program;

static enum ccw_end start(uint32_t address, uint8_t key, uint8_t orb)
{
	ccw_start(&program, address, key, orb);
	return ccw_run(&program, &memory, &fake_device);
}

struct test {
	const char *what;
	uint8_t orb;
	uint64_t ccws[5];
	uint8_t dstat, cstat;
	uint16_t count;
	unsigned used;    /* CCWs: where the program ends */
	const char *data; /* written to the device, or read to ROOM */
};

static const struct test tests[] = {
	{ "a write", 0, { F0(WRITE, DATA, 0, 5) }, END, 0, 0, 1, "abcde" },
	{ "a write of format 1", FMT1, { F1(WRITE, 0, 5, DATA) }, END, 0, 0, 1, "abcde" },
	{ "a read, exactly", 0, { F0(READ, ROOM, 0, 10) }, END, 0, 0, 1, "ABCDEFGHIJ" },
	{ "a read of more than there is", 0, { F0(READ, ROOM, 0, 12) }, END, IL, 2, 1, "ABCDEFGHIJ" },
	{ "a read of less", 0, { F0(READ, ROOM, 0, 4) }, END, IL, 0, 1, "ABCD" },
	{ "which SLI suppresses", 0, { F0(READ, ROOM, SLI, 12) }, END, 0, 2, 1, "ABCDEFGHIJ" },
	{ "skipped", 0, { F0(READ, 0xffffff, SKP, 10) }, END, 0, 0, 1, "" },
	{ "skipping does not concern a write", 0, { F0(WRITE, DATA, SKP, 3) }, END, 0, 0, 1, "abc" },
	{ "command chaining",
	  0,
	  { F0(WRITE, DATA, CC, 2), F0(WRITE, DATA + 9, 0, 2) },
	  END,
	  0,
	  0,
	  2,
	  "abjk" },
	{ "chaining ends with a wrong length",
	  0,
	  { F0(READ, ROOM, CC, 12), F0(WRITE, DATA, 0, 2) },
	  END,
	  IL,
	  2,
	  1,
	  "ABCDEFGHIJ" },
	{ "and not with SLI", 0, { F0(CTL, 0, CC | SLI, 1), F0(WRITE, DATA, 0, 2) }, END, 0, 0, 2, "ab" },
	{ "data chaining", 0, { F0(WRITE, DATA, CD, 2), F0(0, DATA + 9, 0, 2) }, END, 0, 0, 2, "abjk" },
	{ "data chaining of a read",
	  FMT1,
	  { F1(READ, CD, 4, ROOM), F1(0, CD | SKP, 2, 0), F1(0, 0, 4, ROOM + 4) },
	  END,
	  0,
	  0,
	  3,
	  "ABCDGHIJ" },
	{ "data chaining, the last count too large",
	  0,
	  { F0(READ, ROOM, CD, 8), F0(0, ROOM + 8, 0, 8) },
	  END,
	  IL,
	  6,
	  2,
	  "ABCDEFGHIJ" },
	{ "the next CCW is fetched when a count is used up, and its SLI counts",
	  0,
	  { F0(READ, ROOM, CD, 10), F0(0, ROOM, SLI, 8) },
	  END,
	  0,
	  8,
	  2,
	  "ABCDEFGHIJ" },
	{ "data chaining that is not used up, whatever SLI says",
	  0,
	  { F0(READ, ROOM, CD | SLI, 12), F0(0, ROOM, 0, 8) },
	  END,
	  IL,
	  2,
	  1,
	  "ABCDEFGHIJ" },
	{ "a TIC",
	  0,
	  { F0(CTL, 0, CC, 1), F0(8, AT + 24, 0, 0), 0, F0(WRITE, DATA, 0, 1) },
	  END,
	  0,
	  0,
	  4,
	  "a" },
	{ "a TIC in data chaining",
	  FMT1,
	  { F1(WRITE, CD, 1, DATA), F1(8, 0, 0, AT + 24), 0, F1(0, 0, 1, DATA) },
	  END,
	  0,
	  0,
	  4,
	  "aa" },
	{ "a TIC of format 0 ignores the rest",
	  0,
	  { F0(CTL, 0, CC, 1), F0(0xf8, AT + 16, 0xff, 7), F0(WRITE, DATA, 0, 1) },
	  END,
	  0,
	  0,
	  3,
	  "a" },
	{ "status modifier skips a CCW",
	  0,
	  { F0(SEARCH, 0, CC, 1), F0(REJECT, 0, 0, 1), F0(WRITE, DATA, 0, 1) },
	  END,
	  0,
	  0,
	  3,
	  "a" },
	{ "an immediate command, format 0: no length", 0, { F0(CTL, 0, 0, 7) }, END, 0, 7, 1, "" },
	{ "format 1: indicated", FMT1, { F1(CTL, 0, 7, 0) }, END, IL, 7, 1, "" },
	{ "format 1, suppression mode", FMT1 | CCW_SUPPRESS_IL, { F1(CTL, 0, 7, 0) }, END, 0, 7, 1, "" },
	{ "format 1, a count of 0", FMT1, { F1(CTL, 0, 0, 0) }, END, 0, 0, 1, "" },
	{ "a read with a count of 0", FMT1, { F1(READ, 0, 0, 0) }, END, IL, 0, 1, "" },
	{ "no-operation", 0, { F0(CCW_NOP, 0, CC, 1), F0(WRITE, DATA, 0, 1) }, END, 0, 0, 2, "a" },
	{ "a command that the device rejects",
	  0,
	  { F0(REJECT, 0, CC, 9), F0(CTL, 0, 0, 1) },
	  UC,
	  0,
	  9,
	  1,
	  "" },
	{ "the end of chaining: a CCW that is wrong",
	  0,
	  { F0(WRITE, DATA, CC, 1), F0(0xf0, 0, 0, 1) },
	  0,
	  PGM,
	  0,
	  2,
	  "a" },
	{ "a program that changes what comes next",
	  0,
	  { F0(READ, AT + 8, CC | SLI, 8), F0(CTL, 0, 0, 1) },
	  0,
	  PGM,
	  0,
	  2,
	  NULL },
	/* Program checks of the first CCW. */
	{ "command 0", 0, { F0(0, DATA, 0, 1) }, 0, PGM, 0, 1, "" },
	{ "a TIC at the start", 0, { F0(8, AT + 8, 0, 1), F0(CTL, 0, 0, 1) }, 0, PGM, 0, 1, "" },
	{ "a count of 0, format 0", 0, { F0(WRITE, DATA, 0, 0) }, 0, PGM, 0, 1, "" },
	{ "a count of 0 with data chaining, format 1", FMT1, { F1(WRITE, CD, 0, DATA) }, 0, PGM, 0, 1, "" },
	{ "a MIDA flag", 0, { F0(WRITE, DATA, MIDA, 1) }, 0, PGM, 0, 1, "" },
	{ "a MIDA flag, format 1", FMT1, { F1(WRITE, MIDA, 1, DATA) }, 0, PGM, 0, 1, "" },
	{ "suspension that the ORB does not allow", 0, { F0(WRITE, DATA, SUSP, 1) }, 0, PGM, 0, 1, "" },
	{ "a data address with bit 0, format 1",
	  FMT1,
	  { F1(WRITE, 0, 1, 0x80000000 | DATA) },
	  0,
	  PGM,
	  0,
	  1,
	  "" },
	/* Of later ones. */
	{ "a TIC to a TIC",
	  0,
	  { F0(CTL, 0, CC, 1), F0(8, AT + 16, 0, 0), F0(8, AT, 0, 0) },
	  0,
	  PGM,
	  1,
	  3,
	  "" },
	{ "a TIC to itself", 0, { F0(CTL, 0, CC, 1), F0(8, AT + 8, 0, 0) }, 0, PGM, 1, 2, "" },
	{ "a TIC of format 1 with a flag",
	  FMT1,
	  { F1(CTL, CC | SLI, 1, 0), F1(8, CC, 0, AT) },
	  0,
	  PGM,
	  1,
	  2,
	  "" },
	{ "a TIC of format 1 with a count",
	  FMT1,
	  { F1(CTL, CC | SLI, 1, 0), F1(8, 0, 1, AT) },
	  0,
	  PGM,
	  1,
	  2,
	  "" },
	{ "a TIC of format 1, the other half of the byte",
	  FMT1,
	  { F1(CTL, CC | SLI, 1, 0), F1(0x18, 0, 0, AT) },
	  0,
	  PGM,
	  1,
	  2,
	  "" },
	{ "suspension in data chaining",
	  CCW_MAY_SUSPEND,
	  { F0(WRITE, DATA, CD, 1), F0(0, DATA, SUSP, 1) },
	  END,
	  PGM,
	  0,
	  2,
	  "a" },
	{ "data chaining to a count of 0, format 1",
	  FMT1,
	  { F1(WRITE, CD, 1, DATA), F1(0, 0, 0, DATA) },
	  END,
	  PGM,
	  0,
	  2,
	  "a" },
	/* Of data. */
	{ "data beyond storage", 0, { F0(WRITE, RAM_SIZE - 2, 0, 4) }, END, PGM, 2, 1, NULL },
	{ "data that end beyond storage", 0, { F0(READ, RAM_SIZE - 0x1000, 0, 10) }, END, 0, 0, 1, NULL },
	{ "a read beyond storage", FMT1, { F1(READ, 0, 10, 0x7ffffff0) }, END, PGM, 10, 1, "" },
};

static void check(const struct test *t)
{
	enum ccw_end end;
	const char *data = t->data;

	prepare(t->ccws, 5);
	end = start(AT, 0, t->orb);
	is(end, CCW_ENDED, "%s", t->what);
	ok(program.dstat == t->dstat && program.cstat == t->cstat, "  status %02x %02x", program.dstat,
	   program.cstat);
	is(program.count, t->count, "  count");
	is(program.next, AT + 8 * t->used, "  CCW address");
	if (data && !fake.len)
		ok(!memcmp(ram.host + ROOM, data, strlen(data) + 1), "  data read");
	else if (data)
		ok(!strcmp(fake.got, data), "  data written: %s", fake.got);
}

/* --- addresses ---------------------------------------------------------- */

static void addresses(void)
{
	const uint64_t write = F0(WRITE, DATA, 0, 1);
	static const struct {
		uint32_t at;
		uint8_t orb, cstat;
		const char *what;
	} cases[] = {
		{ AT + 12, 0, PGM, "a program not on a doubleword" },
		{ RAM_SIZE, 0, PGM, "beyond storage" },
		{ RAM_SIZE - 8, 0, 0, "in the last doubleword" },
		{ 0x1000000, 0, PGM, "beyond 16M, format 0" },
		{ 0x7ffffff8, FMT1, PGM, "at the end of 2G" },
		{ 0xfffffff8, FMT1, PGM, "at the end of 4G" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		prepare(&write, 1);
		put64(RAM_SIZE - 8, write);
		put64(AT + 12, write);
		is(start(cases[i].at, 0, cases[i].orb), CCW_ENDED, "%s", cases[i].what);
		is(program.cstat, cases[i].cstat, "  ends so");
	}
	prepare(&(uint64_t){ F0(WRITE, RAM_SIZE - 2, 0, 4) }, 1);
	ram.size -= 0x1000;
	put64(AT, F0(WRITE, RAM_SIZE - 0x1000 - 2, 0, 4));
	start(AT, 0, 0);
	ok(program.cstat == PGM && program.count == 2 && fake.len == 2,
	   "what there is before the end is written");
	ram.size += 0x1000;
	put64(RAM_SIZE - 8, F0(CTL, 0, CC, 1));
	start(RAM_SIZE - 8, 0, 0);
	ok(program.cstat == PGM && program.next == RAM_SIZE + 8, "a program that runs out of storage");
}

static void key_control(void)
{
	const uint64_t ccws[] = { F0(WRITE, DATA, CC, 1), F0(READ, ROOM, 0, 10) };

	prepare(ccws, 2);
	keys[ROOM >> 12] = 0x30;
	is(start(AT, 3, 0), CCW_ENDED, "key 3: storing into key 3, fetching from key 0");
	is(program.cstat, 0, "  is good");
	memset(ram.host + ROOM, 0, 10);
	start(AT, 4, 0);
	is(program.cstat, CSTAT_PROTECTION_CHECK, "key 4: storing into key 3 is not");
	ok(program.count == 10 && program.dstat == END && !ram.host[ROOM], "  and nothing is stored");
	keys[DATA >> 12] = 0x38;
	start(AT, 4, 0);
	ok(program.cstat == CSTAT_PROTECTION_CHECK && program.next == AT + 8, "fetch protection, of data");
	keys[AT >> 12] = 0x38;
	start(AT, 4, 0);
	ok(program.cstat == CSTAT_PROTECTION_CHECK && !program.dstat, "of the program");
	start(AT, 0, 0);
	is(program.cstat, 0, "key 0 may do all");
}

/* --- indirect data addressing --------------------------------------------- */

struct ida {
	const char *what;
	uint8_t orb;
	uint32_t list;
	uint64_t idaws[4];
	uint16_t count;
	uint8_t cstat;
	uint16_t left;
};

static const struct ida idas[] = {
	{ "format 1, one", 0, 0x3000, { DATA + 5 }, 10, 0, 0 },
	{ "format 1, over a 2K boundary", 0, 0x3000, { DATA + 0x7f8, DATA + 0x800 }, 10, 0, 0 },
	{ "blocks anywhere", 0, 0x3000, { DATA + 0x7fe, DATA, DATA + 0x800 }, 2 + 2048 + 4, 0, 0 },
	{ "not at a block's start", 0, 0x3000, { DATA + 0x7f8, DATA + 4 }, 10, PGM, 2 },
	{ "a list not on a word", 0, 0x3002, { DATA }, 10, PGM, 10 },
	{ "beyond storage", 0, 0x3000, { RAM_SIZE }, 10, PGM, 10 },
	{ "bit 0", 0, 0x3000, { 0x80000000u | DATA }, 10, PGM, 10 },
	{ "a list beyond storage", 0, RAM_SIZE, { 0 }, 10, PGM, 10 },
	{ "format 2, 4K blocks", CCW_IDAW_2, 0x3000, { DATA + 0x7f8 }, 20, 0, 0 },
	{ "over a 4K boundary", CCW_IDAW_2, 0x3000, { DATA + 0xff8, DATA }, 10, 0, 0 },
	{ "in the middle of 4K", CCW_IDAW_2, 0x3000, { DATA + 0xff8, DATA + 0x800 }, 10, PGM, 2 },
	{ "a list not on a doubleword", CCW_IDAW_2, 0x3004, { DATA }, 10, PGM, 10 },
	{ "beyond all storage", CCW_IDAW_2, 0x3000, { UINT64_MAX }, 10, PGM, 10 },
	{ "at the end of the address space", CCW_IDAW_2, 0x3000, { UINT64_MAX - 0xfff }, 10, PGM, 10 },
	{ "format 2, 2K blocks", CCW_IDAW_2 | CCW_IDAW_2K, 0x3000, { DATA + 0x7f8, DATA + 0x800 }, 10, 0, 0 },
	{ "not at their start",
	  CCW_IDAW_2 | CCW_IDAW_2K,
	  0x3000,
	  { DATA + 0x7f8, DATA + 0x400 },
	  10,
	  PGM,
	  2 },
};

/* What the device must have got: the bytes where the list says. */
static void expected(const struct ida *t, char *text, unsigned n)
{
	unsigned block = t->orb & CCW_IDAW_2 && !(t->orb & CCW_IDAW_2K) ? 4096 : 2048, i = 0;
	uint64_t at = t->idaws[0];

	while (n--) {
		*text++ = (char)ram.host[at++];
		if (at % block == 0)
			at = t->idaws[++i];
	}
}

static void indirect(void)
{
	for (size_t i = 0; i < sizeof(idas) / sizeof(idas[0]); i++) {
		const struct ida *t = &idas[i];
		char text[4096] = "";

		prepare(&(uint64_t){ F1(WRITE, IDA, t->count, t->list) }, 1);
		for (unsigned k = 0; t->list < RAM_SIZE && k < 4; k++) {
			if (t->orb & CCW_IDAW_2)
				put64(t->list + 8 * k, t->idaws[k]);
			else
				put32(ram.host + t->list + 4 * k, (uint32_t)t->idaws[k]);
		}
		is(start(AT, 0, t->orb | FMT1), CCW_ENDED, "indirect: %s", t->what);
		ok(program.cstat == t->cstat && program.count == t->left, "  status %02x, count %u",
		   program.cstat, program.count);
		expected(t, text, t->count - t->left);
		ok(!memcmp(fake.got, text, sizeof(text)), "  data");
	}
	prepare(&(uint64_t){ F1(READ, IDA, 10, 0x3000) }, 1);
	put32(ram.host + 0x3000, ROOM + 0x7fc);
	put32(ram.host + 0x3004, ROOM + 0x1000);
	start(AT, 0, FMT1);
	ok(!memcmp(ram.host + ROOM + 0x7fc, "ABCD", 5) && !memcmp(ram.host + ROOM + 0x1000, "EFGHIJ", 7),
	   "a read goes where the list says");
}

/* --- sense ------------------------------------------------------------------ */

static void sense(void)
{
	static const uint8_t nothing[CCW_SENSE_BYTES];
	const uint64_t reject = F0(REJECT, 0, 0, 1), sense_all = F0(CCW_SENSE, ROOM, 0, 32);

	prepare(&reject, 1);
	start(AT, 0, 0);
	is(program.dstat, UC, "unit check");
	put64(AT, sense_all);
	start(AT, 0, 0);
	ok(program.dstat == END && !program.cstat, "sense, of all bytes");
	ok(ram.host[ROOM] == SENSE_COMMAND_REJECT && !memcmp(ram.host + ROOM + 1, nothing, 31),
	   "command reject");
	start(AT, 0, 0);
	ok(!memcmp(ram.host + ROOM, nothing, 32), "it is told once");
	put64(AT, reject);
	start(AT, 0, 0);
	put64(AT, F0(CCW_NOP, 0, 0, 1));
	start(AT, 0, 0);
	is(program.sense[0], SENSE_COMMAND_REJECT, "no-operation leaves it alone");
	put64(AT, F0(CTL, 0, 0, 1));
	start(AT, 0, 0);
	is(program.sense[0], 0, "any other command does not");
	put64(AT, F0(CCW_SENSE_ID, ROOM, SLI, 32));
	start(AT, 0, 0);
	ok(program.count == 25 && !memcmp(ram.host + ROOM, fake_device.id, 7), "sense ID");
	put64(AT, F0(CCW_SENSE_ID, ROOM + 16, 0, 3));
	start(AT, 0, 0);
	ok(program.cstat == IL && ram.host[ROOM + 18] == 0x34 && !ram.host[ROOM + 19], "three bytes of it");
}

/* --- what does not end at once ------------------------------------------------ */

static void waiting(void)
{
	const uint64_t ccws[] = { F0(WAIT, ROOM, CC | PCI, 10), F0(WRITE, DATA, 0, 3) };

	prepare(ccws, 2);
	is(start(AT, 0, 0), CCW_ACTIVE, "a read without input waits");
	is(program.cstat, CSTAT_PCI, "its PCI flag is seen already");
	ok(program.phase == CCW_COMMAND && program.next == AT + 8 && program.count == 10,
	   "in the first command");
	program.cstat = 0;
	put64(AT, 0);
	is(ccw_run(&program, &memory, &fake_device), CCW_ACTIVE, "and waits");
	fake.ready = true;
	is(ccw_run(&program, &memory, &fake_device), CCW_ENDED, "until there is some");
	ok(!memcmp(ram.host + ROOM, "ABCDEFGHIJ", 11) && !strcmp(fake.got, "abc"),
	   "then it goes on to the end");
	ok(program.dstat == END && !program.cstat && program.phase == CCW_IDLE, "with good status");
}

static void suspending(void)
{
	const uint64_t ccws[] = { F0(WRITE, DATA, CC, 2), F0(WRITE, DATA + 2, SUSP, 2) };

	prepare(ccws, 2);
	is(start(AT, 0, CCW_MAY_SUSPEND), CCW_STOPPED, "suspended");
	ok(!strcmp(fake.got, "ab") && program.next == AT + 16, "before the CCW with the flag");
	is(ccw_run(&program, &memory, &fake_device), CCW_STOPPED, "resumed, the flag still there: again");
	put64(AT + 8, F0(WRITE, DATA + 8, 0, 2));
	is(ccw_run(&program, &memory, &fake_device), CCW_ENDED, "resumed, the CCW changed");
	ok(!strcmp(fake.got, "abij"), "it is fetched again");
	prepare(&ccws[1], 1);
	is(start(AT, 0, CCW_MAY_SUSPEND), CCW_STOPPED, "suspended at the start");
	put64(AT, F0(8, AT, 0, 0));
	is(ccw_run(&program, &memory, &fake_device), CCW_ENDED, "the first CCW turned into a TIC");
	is(program.cstat, PGM, "is what it would have been: a program check");
	prepare(ccws, 2);
	ccw_start(&program, AT, 0, CCW_MAY_SUSPEND);
	program.resume = true;
	is(ccw_run(&program, &memory, &fake_device), CCW_ENDED, "resume pending: not suspended");
	ok(!strcmp(fake.got, "abcd") && !program.resume, "once");
}

/* Programs that do not end: active, and bounded. */
static void endless(void)
{
	static const struct {
		const char *what;
		uint64_t ccws[3];
		size_t written; /* the least */
	} cases[] = {
		{ "a loop of commands", { F0(CTL, 0, CC | SLI, 1), F0(8, AT, 0, 0) }, 0 },
		{ "of data chaining", { F0(WRITE, DATA, CD, 1), F0(8, AT, 0, 0) }, 4095 },
		{ "of much data", { F0(WRITE, DATA, CD | IDA, 65535), F0(8, AT, 0, 0) }, 4095 },
		{ "of the device's own", { F0(SEARCH, 0, CC | SLI, 1), 0, F0(8, AT, 0, 0) }, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned commands;

		prepare(cases[i].ccws, 3);
		for (unsigned k = 0; k < 40; k++)
			put32(ram.host + DATA + 4 * k, DATA);
		is(start(AT, 0, 0), CCW_MORE, "%s: stays active", cases[i].what);
		ok(!program.cstat && fake.len >= cases[i].written, "without an error");
		commands = fake.commands;
		is(ccw_run(&program, &memory, &fake_device), CCW_MORE, "goes on");
		ok(fake.commands > commands, "for real");
		put64(AT + 8, F0(WRITE, DATA, 0, 1));
		put64(AT + 16, F0(WRITE, DATA, 0, 1));
		is(ccw_run(&program, &memory, &fake_device), CCW_ENDED, "until it changes");
		is(program.cstat, 0, "and ends well");
	}
}

int main(void)
{
	ram.host = malloc(RAM_SIZE);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		check(&tests[i]);
	addresses();
	key_control();
	indirect();
	sense();
	waiting();
	suspending();
	endless();
	free(ram.host);
	return tap_done();
}
