/* SPDX-License-Identifier: BSD-2-Clause */
/* css.c: each I/O instruction with each condition code, and what it changes. */
#include "devices/css/channel_state.h"

#include <errno.h>

#include "ccw.h"
#include "devices/css/subchannel.h"
#include "vmm/snapshot/device_section.h"

#define ID    0x10000u
#define PARM  0x12345678u
#define DEVNO 0x0abc

#define FORMAT_1 0x00800000u
#define PATHS    0x0000ff00u
#define SUSPEND  0x08000000u

static struct css css;
static uint8_t irb[IRB_SIZE], schib[SCHIB_SIZE];

/* The machine: interruptions that are pending, at most one, and what came in all. */
static struct {
	unsigned pending, raised, withdrawn, reports, works;
	uint32_t id, parm;
	unsigned isc;
	uint64_t time, step; /* nanoseconds; what passes between two looks at the clock */
} host;

static void interrupt(void *arg, uint32_t id, uint32_t parm, unsigned isc)
{
	(void)arg;
	host.pending++;
	host.raised++;
	host.id = id;
	host.parm = parm;
	host.isc = isc;
}

static void withdraw(void *arg, uint32_t id, uint32_t parm, unsigned isc)
{
	(void)arg;
	(void)id;
	(void)parm;
	(void)isc;
	host.pending = 0;
	host.withdrawn++;
}

static void report(void *arg)
{
	(void)arg;
	host.reports++;
}

static uint64_t now(void *arg)
{
	(void)arg;
	return host.time += host.step;
}

static void work(void *arg)
{
	(void)arg;
	host.works++;
}

/* A new machine with one device. */
static void fresh(void)
{
	prepare(NULL, 0);
	memset(&host, 0, sizeof(host));
	css = (struct css){
		.host = { .interrupt = interrupt,
		          .withdraw = withdraw,
		          .report = report,
		          .work = work,
		          .now = now },
		.memory = memory,
	};
	css_attach(&css, DEVNO, &fake_device);
}

static int modify(uint32_t parm, uint16_t flags, uint32_t last)
{
	memset(schib, 0, sizeof(schib));
	put32(schib, parm);
	put16(schib + 4, flags);
	schib[8] = 0x80;
	put32(schib + 24, last);
	return css_modify(&css, ID, schib);
}

static void enabled(void)
{
	fresh();
	modify(0, 0x80 | 3 << 11, 0);
}

static int start(uint32_t word, uint32_t address)
{
	uint8_t orb[ORB_SIZE];

	put32(orb, PARM);
	put32(orb + 4, word);
	put32(orb + 8, address);
	return css_start(&css, ID, orb);
}

static int start_ccw(uint64_t ccw, uint32_t word)
{
	put64(AT, ccw);
	return start(word | PATHS, AT);
}

/* TSCH as the guest sees it. */
static int test(void)
{
	int cc = css_test(&css, ID, irb);

	if (cc >= 0 && cc < 3)
		css_tested(&css, ID);
	return cc;
}

/* The SCSW in the IRB. */
static void scsw(uint32_t control, uint32_t cpa, uint32_t last, const char *what)
{
	ok(get32(irb) == control && get32(irb + 4) == cpa && get32(irb + 8) == last,
	   "%s: SCSW %08x %08x %08x", what, get32(irb), get32(irb + 4), get32(irb + 8));
}

/* --- naming subchannels, and those that cannot do anything ------------------ */

static int one(unsigned which, uint32_t id)
{
	static const uint8_t block[SCHIB_SIZE];
	uint8_t orb[ORB_SIZE] = { 0 };

	put32(orb + 4, PATHS);
	switch (which) {
	case 0: return css_start(&css, id, orb);
	case 1: return css_test(&css, id, irb);
	case 2: return css_clear(&css, id);
	case 3: return css_halt(&css, id);
	case 4: return css_resume(&css, id);
	case 5: return css_cancel(&css, id);
	case 6: return css_store(&css, id, schib);
	default: return css_modify(&css, id, block);
	}
}

static void names(void)
{
	static const uint32_t wrong[] = { 0,          0xffff,     0x20000,    0x30000,
		                          0x00110000, 0x01010000, 0x80010000, UINT32_MAX };

	fresh();
	for (unsigned w = 0; w < 8; w++) {
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			is(one(w, wrong[i]), -PGM_OPERAND, "instruction %u, subchannel %08x", w, wrong[i]);
		is(one(w, ID + 1), 3, "one that there is not");
		is(one(w, ID + 0xffff), 3, "the last number");
		is(one(w, ID), w < 6 ? 3 : 0, "one that is not enabled");
	}
	css.state.mss = true;
	for (unsigned w = 0; w < 8; w++)
		is(one(w, 0x30000), 3, "instruction %u, set 1 with the facility: none there", w);
	is(host.raised, 0, "nothing came of all this");
}

static void gone(void)
{
	enabled();
	is(css_vary(&css, 0, false), 0, "device off");
	for (unsigned w = 0; w < 6; w++)
		is(one(w, ID), 3, "instruction %u: not operational", w);
	is(css_store(&css, ID, schib), 0, "STSCH still");
	ok(!(get16(schib + 4) & 1), "says that there is no device");
	is(modify(PARM, 0x80, 0), 0, "MSCH");
	is(one(0, ID), 3, "enables nothing");
	is(css_vary(&css, 0, false), -ENXIO, "off twice");
	is(css_vary(&css, 0, true), 0, "on again");
	is(css_vary(&css, 0, true), -EEXIST, "on twice");
	is(css_vary(&css, 1, true), -ENODEV, "where there is no subchannel");
	is(one(0, ID), 3, "the device is back, disabled");
}

/* --- STSCH, MSCH -------------------------------------------------------------- */

static void storing(void)
{
	static const uint8_t good[28] = { 0,    0,    0, 0, 0x00, 0x01, 0x0a, 0xbc, 0x80, 0, 0, 0x80, 0, 0,
		                          0xff, 0x80, 0, 0, 0,    0,    0,    0,    0,    0, 0, 0,    0, 0 };

	fresh();
	is(css_store(&css, ID, schib), 0, "STSCH");
	ok(!memcmp(schib, good, sizeof(good)), "one path, a device, disabled");
	memset(schib, 0xff, sizeof(schib));
	put16(schib + 4, 0x38ff & ~0x60);
	put32(schib + 24, 0x00e00001);
	is(css_modify(&css, ID, schib), 0, "MSCH with all that may be set");
	css_store(&css, ID, schib);
	ok(get32(schib) == UINT32_MAX && get16(schib + 4) == (0x38fd & ~0x62) && get16(schib + 6) == DEVNO,
	   "parameter, ISC, enabled, modes; not device number and timing facility: %04x", get16(schib + 4));
	ok(schib[8] == 0xff && !schib[9] && !schib[10] && schib[11] == 0x80, "LPM; not PNOM, LPUM, PIM");
	ok(get16(schib + 12) == 0xffff && schib[14] == 0xff && schib[15] == 0x80, "index, POM; not PAM");
	is(get32(schib + 24), 1, "concurrent sense");
	fresh();
	for (unsigned bit = 0; bit < 16; bit++)
		is(modify(0, (uint16_t)(1 << bit), 0), 0xc300 >> bit & 1 ? -PGM_OPERAND : 0, "PMCW bit %u",
		   31 - bit);
	is(modify(0, 0x60, 0), -PGM_OPERAND, "both bits of the limit mode");
	for (unsigned bit = 0; bit < 32; bit++)
		is(modify(0, 0, 1u << bit), 0x00e00005u >> bit & 1 ? 0 : -PGM_OPERAND, "last word, bit %u",
		   31 - bit);
}

/* --- SSCH, TSCH ------------------------------------------------------------------ */

static void starting(void)
{
	enabled();
	is(start_ccw(F0(WRITE, DATA, 0, 3), 0x50000000), 0, "SSCH");
	is(host.pending, 1, "its interruption");
	ok(host.id == ID && host.parm == PARM && host.isc == 3, "names subchannel, parameter, ISC");
	is(start_ccw(F0(WRITE, DATA, 0, 3), 0), 1, "status pending: condition code 1");
	is(modify(0, 0x80, 0), 1, "MSCH");
	is(css_resume(&css, ID), 1, "RSCH");
	is(css_halt(&css, ID), 1, "HSCH");
	is(css_cancel(&css, ID), 1, "XSCH");
	is(css_store(&css, ID, schib), 0, "STSCH shows it");
	ok(get32(schib + 28) == 0x50004007 && get32(schib) == PARM && schib[10] == 0x80, "in its SCSW");
	is(css_test(&css, ID, irb), 0, "TSCH that cannot store");
	is(css_test(&css, ID, irb), 0, "leaves it pending");
	is(test(), 0, "TSCH");
	scsw(0x50004007, AT + 8, 0x0c000000, "good");
	is(get32(irb + 12), 0x00800000, "the path in the ESW");
	is(host.pending, 0, "the interruption is gone with the status");
	is(test(), 1, "once");
	is(get32(irb) & 0xffff, 0, "and it is idle");
	is(start_ccw(F0(READ, ROOM, 0, 12), 0), 0, "a wrong length");
	test();
	scsw(0x00004007, AT + 8, 0x0c400002, "is not alert");
	is(start_ccw(F0(0, 0, 0, 1), 0), 0, "a program check");
	test();
	scsw(0x00004017, AT + 8, 0x00200000, "is");
	is(start(PATHS, 0x7ffffff8), 0, "a program that is nowhere");
	test();
	scsw(0x00004017, 0x80000000, 0x00200000, "the same");
	is(start(PATHS, AT + 1), 0, "not on a doubleword");
	test();
	scsw(0x00004017, AT + 9, 0x00200000, "the same");
}

static void orbs(void)
{
	enabled();
	for (unsigned bit = 0; bit < 32; bit++) {
		uint32_t word = 1u << bit;
		bool wrong = ORB_INVALID & word;

		is(start_ccw(F1(WRITE, 0, 1, DATA), (word | FORMAT_1) & ~PATHS), wrong ? -PGM_OPERAND : 0,
		   "ORB bit %u", 31 - bit);
		test();
	}
	is(start(PATHS, 0x80000000), -PGM_OPERAND, "a program address with bit 0");
	is(start(FORMAT_1, AT), 3, "no path");
	is(start(FORMAT_1 | 0x7f00, AT), 3, "only paths that are not there");
	put64(AT, F1(CTL, 0, 0, 0));
	is(start(FORMAT_1 | 0x8000, AT), 0, "the one path");
	css_clear(&css, ID);
	test();
	memset(schib, 0, sizeof(schib));
	put16(schib + 4, 0x80);
	css_modify(&css, ID, schib);
	is(start(PATHS, AT), 3, "an LPM of 0");
}

static void checks(void)
{
	enabled();
	is(start_ccw(F0(REJECT, 0, 0, 5), 0), 0, "a command that the device rejects");
	test();
	scsw(0x00004017, AT + 8, 0x02000005, "unit check");
	is(get32(irb + 16), 0, "no sense with it");
	start_ccw(F0(CCW_SENSE, ROOM, SLI, 1), 0);
	test();
	is(ram.host[ROOM], SENSE_COMMAND_REJECT, "it waits to be read");
	is(modify(0, 0x80, 1), 0, "concurrent sense");
	start_ccw(F0(REJECT, 0, 0, 5), 0);
	test();
	scsw(0x00024017, AT + 8, 0x02000005, "extended control");
	ok(get32(irb + 16) == 0x01200000 && irb[32] == SENSE_COMMAND_REJECT, "32 bytes of sense in the IRB");
	test();
	ok(!get32(irb + 16) && !irb[32], "once");
	start_ccw(F0(CCW_SENSE, ROOM, SLI, 1), 0);
	test();
	is(ram.host[ROOM], 0, "and no more in the device");
}

/* --- a program that waits ---------------------------------------------------------- */

static void waits(uint32_t word)
{
	enabled();
	is(start_ccw(F0(WAIT, ROOM, 0, 10), word), 0, "SSCH of a read that waits");
}

static void active(void)
{
	waits(0);
	is(host.raised, 0, "no interruption yet");
	is(start_ccw(F0(WRITE, DATA, 0, 1), 0), 2, "SSCH: busy");
	is(modify(0, 0x80, 0), 2, "MSCH");
	is(css_cancel(&css, ID), 2, "XSCH: it has begun");
	is(css_resume(&css, ID), 2, "RSCH: it may not be suspended");
	is(test(), 1, "TSCH: nothing");
	scsw(0x000040c0, AT + 8, 10, "active");
	put64(AT, 0);
	fake.ready = true;
	css_kick(&css, 0);
	is(host.pending, 1, "input: the interruption");
	is(test(), 0, "TSCH");
	scsw(0x00004007, AT + 8, 0x0c000000, "ended");
	ok(!memcmp(ram.host + ROOM, "ABCDEFGHIJ", 11), "with data");
}

static void halted(void)
{
	waits(0);
	is(css_halt(&css, ID), 0, "HSCH");
	is(css_halt(&css, ID), 1, "again: status pending");
	fake.ready = true;
	css_kick(&css, 0);
	is(host.raised, 1, "input does not matter any more");
	test();
	scsw(0x00006007, AT + 8, 0x0c00000a, "the device ended");
	is(css_halt(&css, ID), 0, "HSCH of nothing");
	is(host.pending, 1, "leads to an interruption, too");
	is(css_halt(&css, ID), 1, "again: status pending");
	test();
	ok(get32(irb) == 0x00002001 && !get16(irb + 8), "status pending alone");
	is(start_ccw(F0(WRITE, DATA, 0, 1), 0), 0, "it is usable again");
}

static void cleared(void)
{
	waits(0);
	is(css_clear(&css, ID), 0, "CSCH");
	is(css_clear(&css, ID), 0, "again");
	ok(host.pending == 1 && host.raised == 2 && host.withdrawn == 1, "one interruption");
	test();
	scsw(0x00001001, 0, 0, "clear function");
	enabled();
	start_ccw(F0(WRITE, DATA, 0, 3), 0);
	is(css_clear(&css, ID), 0, "CSCH of status that was pending");
	is(host.pending, 1, "one interruption");
	test();
	scsw(0x00001001, 0, 0, "clear function only");
	is(start_ccw(F0(WRITE, DATA, 0, 1), 0), 0, "it is usable again");
}

static void suspended(void)
{
	enabled();
	is(start_ccw(F0(WRITE, DATA, SUSP, 3), SUSPEND), 0, "SSCH of a program that suspends itself");
	is(host.pending, 1, "it says so");
	is(css_resume(&css, ID), 1, "RSCH: status pending");
	is(css_cancel(&css, ID), 1, "XSCH: the same");
	test();
	scsw(0x08004029, AT + 8, 3, "suspended");
	is(start_ccw(F0(WRITE, DATA, 0, 3), 0), 2, "SSCH: busy");
	is(css_resume(&css, ID), 0, "RSCH");
	test();
	scsw(0x08004007, AT + 8, 0x0c000000, "ended");
	is(css_resume(&css, ID), 2, "RSCH of nothing");
	is(css_cancel(&css, ID), 2, "XSCH of nothing");
	is(start_ccw(F0(WRITE, DATA, SUSP, 3), SUSPEND | SCSW_NO_SUSPENDED), 0, "the same, silently");
	is(host.pending, 0, "no interruption");
	is(css_cancel(&css, ID), 0, "XSCH");
	is(test(), 1, "no status");
	ok(!(get32(irb) & 0xffff), "idle");
	start_ccw(F0(WRITE, DATA, SUSP, 3), SUSPEND | SCSW_NO_SUSPENDED);
	is(css_halt(&css, ID), 0, "HSCH of a suspended program");
	test();
	is(get32(irb) & 0xffff, 0x6005, "primary status");
	waits(SUSPEND);
	is(css_resume(&css, ID), 0, "RSCH before there is a suspension");
	is(css_resume(&css, ID), 2, "twice");
	test();
	is(get32(irb) & 0xfff, 0x8c0, "resume pending");
	is(css_halt(&css, ID), 0, "HSCH");
	test();
	is(get32(irb) & 0xfe0, 0, "ends that");
}

static void intermediate(void)
{
	enabled();
	is(start_ccw(F0(WAIT, ROOM, PCI, 10), 0), 0, "a program-controlled interruption");
	is(host.pending, 1, "comes at once");
	test();
	scsw(0x000040c9, AT + 8, 0x0080000a, "intermediate status");
	test();
	scsw(0x000040c0, AT + 8, 10, "the program goes on");
	fake.ready = true;
	css_kick(&css, 0);
	is(host.raised, 2, "its end has another");
	test();
	scsw(0x00004007, AT + 8, 0x0c000000, "good");
	start_ccw(F0(WAIT, ROOM, PCI, 10), 0);
	fake.ready = true;
	css_kick(&css, 0);
	ok(host.pending == 1 && host.raised == 3, "not tested in between: one interruption");
	test();
	scsw(0x0000400f, AT + 8, 0x0c800000, "all status together");
	start_ccw(F0(WAIT, ROOM, PCI, 10), 0);
	is(css_halt(&css, ID), 0, "HSCH, intermediate status pending");
	is(host.pending, 1, "one interruption");
	test();
	scsw(0x00006007, AT + 8, 0x0c00000a, "of the end only");
	start_ccw(F0(WAIT, ROOM, 0, 10), SCSW_INITIAL_STATUS);
	is(host.pending, 1, "initial-status interruption");
	test();
	scsw(0x002440c9, AT + 8, 10, "zero condition code");
	test();
	scsw(0x002040c0, AT + 8, 10, "once");
}

static void endless(void)
{
	enabled();
	put64(AT + 8, F0(8, AT, 0, 0));
	is(start_ccw(F0(CTL, 0, CC | SLI | PCI, 1), 0), 0, "a program without an end");
	for (unsigned i = 0; i < 5; i++) {
		unsigned commands = fake.commands;

		is(test(), 0, "its interruptions come");
		ok(get32(irb) == 0x000040c9 && fake.commands > commands, "and it goes on");
	}
	is(css_store(&css, ID, schib), 0, "STSCH");
	ok(host.pending == 1 && start(PATHS, AT) == 1, "one interruption at a time");
	is(css_halt(&css, ID), 0, "HSCH ends it");
	test();
	is(get32(irb) & 0xffff, 0x6007, "for good");
	start_ccw(F0(CTL, 0, CC | SLI, 1), 0);
	is(css_clear(&css, ID), 0, "CSCH ends it");
	test();
	is(get32(irb), 0x1001, "for good");
}

/* Nobody looks at the subchannel: what is left of the program is done by and by. */
static void long_program(void)
{
	unsigned slices = 1;

	enabled();
	for (unsigned i = 0; i < 50000; i++)
		put64(ROOM + 8 * i, F0(CTL, 0, i < 49999 ? CC | SLI : SLI, 1));
	put64(AT, F0(CTL, 0, CC | SLI, 1));
	put64(AT + 8, F0(8, ROOM, 0, 0));
	start(PATHS, AT);
	ok(host.works == 1 && !host.raised, "a long program asks for more time");
	for (; slices < 100 && host.works == slices; slices++)
		css_work(&css);
	ok(slices == 4 && host.raised == 1 && fake.commands == 50001, "and ends, after %u slices", slices);
	test();
	is(get32(irb), 0x00004007, "as others do");
	css_work(&css);
	ok(host.works == 3 && host.raised == 1, "then there is nothing to do");
	start_ccw(F0(WAIT, DATA, SLI, 10), 0);
	css_work(&css);
	ok(host.works == 3 && host.raised == 1, "nor for a program whose device waits");
	fake.ready = true;
	css_kick(&css, 0);
	is(host.raised, 2, "until that is ready");
}

/* What an interruption that was taken off the queue is compared with. */
static void interruption(void)
{
	uint32_t parm = 0;
	unsigned isc = 0;

	enabled();
	is(css_interruption(&css, ID, &parm, &isc), 1, "no status, no interruption");
	start_ccw(F0(CTL, 0, SLI, 1), 0);
	is(css_interruption(&css, ID, &parm, &isc), 0, "status pending");
	ok(parm == PARM && isc == 3, "and what its interruption is like");
	test();
	is(css_interruption(&css, ID, &parm, &isc), 1, "tested, it is over");
	is(css_interruption(&css, ID + 1, &parm, &isc), 3, "there is no such subchannel");
}

/* --- attention -------------------------------------------------------------------- */

static void attention(void)
{
	fresh();
	fake.attention = true;
	css_kick(&css, 0);
	ok(!host.raised && fake.attention, "attention of a device that is not enabled waits");
	modify(PARM, 0x80 | 6 << 11, 0);
	ok(host.pending == 1 && host.parm == PARM && host.isc == 6, "until it is");
	test();
	scsw(0x00000011, 0, 0x80000000, "alert, unsolicited");
	start_ccw(F0(WAIT, ROOM, 0, 10), 0);
	fake.attention = true;
	css_kick(&css, 0);
	is(host.raised, 1, "during a program it waits");
	css_halt(&css, ID);
	test();
	is(host.raised, 3, "until the end is tested");
	start_ccw(F0(CTL, 0, 0, 1), 0);
	test();
	is(get32(irb), 0x11, "it comes before a start");
	start_ccw(F0(CTL, 0, SUSP, 1), SUSPEND | SCSW_NO_SUSPENDED);
	fake.attention = true;
	css_kick(&css, 0);
	is(css_cancel(&css, ID), 0, "XSCH");
	is(test(), 0, "lets it in");
}

/* --- channel reports, paths --------------------------------------------------------- */

static uint32_t next_report(void)
{
	uint32_t crw;
	int cc = css_report(&css, &crw);

	ok(cc == (crw ? 0 : 1), "STCRW");
	css_reported(&css);
	return crw;
}

static void reports(void)
{
	enabled();
	is(next_report(), 0, "no report");
	css_vary(&css, 0, false);
	is(host.reports, 1, "a device goes: machine check");
	css_vary(&css, 0, true);
	is(host.reports, 1, "it comes: the guest has not looked yet");
	is(next_report(), 0x03040000, "a report");
	is(next_report(), 0x03040000, "for each");
	css_vary(&css, 0, false);
	is(host.reports, 1, "no machine check before the guest has seen the end");
	next_report();
	is(next_report(), 0, "now it has");
	css.state.mss = true;
	css_vary(&css, 0, true);
	is(host.reports, 2, "a new one");
	is(next_report(), 0x13040000, "with subchannel sets: chained");
	is(next_report(), 0x03040000, "the second word");
	for (unsigned i = 0; i < CSS_CRWS; i++)
		css_vary(&css, 0, i % 2);
	for (unsigned i = 1; i < CSS_CRWS; i++)
		next_report();
	is(next_report() & 0x20000000, 0x20000000, "too many: overflow");
	is(next_report(), 0, "after it, none");
	is(css_reset_path(&css, 0), 0, "RCHP");
	is(next_report(), 0x44020000, "solicited");
	is(css_reset_path(&css, 1), 3, "no such path");
	is(css_reset_path(&css, 0x100), -PGM_OPERAND, "reserved bits");
	is(css_reset_path(&css, 0x10000), -PGM_OPERAND, "another CSS");
	is(css_address_limit(0x10000), 0, "SAL");
	is(css_address_limit(1), -PGM_OPERAND, "not on 64K");
	is(css_address_limit(0x80000000), -PGM_OPERAND, "bit 0");
}

static void off(void)
{
	enabled();
	start_ccw(F0(CTL, 0, 0, 1), 0);
	css_vary(&css, 0, false);
	is(host.pending, 0, "a device goes: its interruption, too");
	css_vary(&css, 0, true);
	css_reset(&css);
	modify(0, 0x80, 0);
	is(test(), 1, "and its status");
	for (unsigned i = 1; i < CSS_SUBCHANNELS; i++)
		is(css_attach(&css, (uint16_t)i, &fake_device), 0, "subchannel %u", i);
	is(css_attach(&css, 99, &fake_device), -ENOSPC, "one more");
	is(css_store(&css, css_id(CSS_SUBCHANNELS - 1), schib), 0, "the last one");
	is(get16(schib + 6), CSS_SUBCHANNELS - 1, "has its number");
}

/* Every state that a subchannel can be in goes on elsewhere. */
static void moves(const char *what)
{
	struct channel_state *state = calloc(1, sizeof(*state)), *back = calloc(1, sizeof(*back));
	struct snapshot snap;
	struct snap_reader r;
	bool good = true;
	uint32_t tag = 1;

	snap_init(&snap, "s390x");
	state->css = css.state;
	for (const struct device_section *of = &css_section; of; of = of->more, tag++) {
		if (of->has && !(of->has)(state))
			continue;
		of->put(snap_add(&snap, tag, 0, 1), state);
		r = snap_open(&snap, tag, 0, 1);
		good &= of->get(&r, back, 0) && !snap_left(&r);
	}
	ok(good, "%s: a snapshot of it is good", what);
	ok(!memcmp(&back->css, &css.state, sizeof(css.state)), "and the same");
	css.state = back->css;
	snap_free(&snap);
	free(state);
	free(back);
}

/* --- measurement ----------------------------------------------------------------------- */

#define BLOCKS  2u /* SCHM */
#define CONNECT 1u
#define BLOCK   0x3000 /* those of format 0; that of format 1 */
#define MS      1000000

/* Enabled, with these bits for measurement; index of its block, or its address if it has format 1. */
static int measured(uint16_t flags, bool block_1, uint64_t block)
{
	memset(schib, 0, sizeof(schib));
	put16(schib + 4, 0x80 | flags);
	schib[8] = 0x80;
	put16(schib + 12, block_1 ? 0 : (uint16_t)block);
	put32(schib + 24, block_1 ? 4 : 0);
	put32(schib + 40, block_1 ? (uint32_t)(block >> 32) : 0);
	put32(schib + 44, block_1 ? (uint32_t)block : 0);
	return css_modify(&css, ID, schib);
}

/* A program that ends at once, n times. */
static void programs(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		start_ccw(F0(CTL, 0, 0, 1), 0);
		test();
	}
}

static bool all_zero(uint64_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (ram.host[at + i])
			return false;
	return true;
}

static void monitoring(void)
{
	fresh();
	is(css_monitor(&css, 3, 0x20), 0, "SCHM");
	is(css_monitor(&css, 3, 0x10), -PGM_OPERAND, "an origin that is not aligned");
	is(css_monitor(&css, 1, 0x10), 0, "that does not matter");
	is(css.state.measure_origin, 0x20, "and changes nothing");
	is(css_monitor(&css, 4, 0), -PGM_OPERAND, "reserved bits");
	is(measured(0x18, true, 0x1020), -PGM_OPERAND, "MSCH: a block that is not aligned");
	is(measured(0x18, true, 0x123456789ac0), 0, "one that is");
	css_store(&css, ID, schib);
	ok(get32(schib + 24) == 4 && get64(schib + 40) == 0x123456789ac0, "is stored by STSCH");
	moves("a block of format 1");
	measured(0x18, false, 7);
	css_store(&css, ID, schib);
	ok(!get32(schib + 24) && !get64(schib + 40) && get16(schib + 12) == 7,
	   "and forgotten with one of format 0");
	css_monitor(&css, 0x30000003, 0x40);
	moves("measured");
	css_reset(&css);
	ok(!css.state.measure && !css.state.measure_key && !css.state.measure_origin, "a reset ends it");
}

static void blocks_of_format_0(void)
{
	uint8_t *block = ram.host + BLOCK + 2 * 32;

	fresh();
	measured(0x10, false, 2);
	programs(1);
	ok(all_zero(BLOCK, 256), "not before SCHM");
	css_monitor(&css, BLOCKS, BLOCK);
	host.step = 3 * MS;
	programs(2);
	ok(get16(block) == 2 && get16(block + 2) == 2, "starts and samples are counted");
	is(get32(block + 4), 46, "the connect time, in units of 128 microseconds");
	ok(all_zero(BLOCK, 64) && all_zero(BLOCK + 64 + 8, 128), "nothing else is written");
	is(get16(irb + 14), 0, "none in the extended status");
	put32(block, 0xffffffff);
	programs(1);
	is(get32(block), 0, "the counts wrap around, each by itself");
	css_monitor(&css, CONNECT, 0);
	programs(1);
	is(get32(block), 0, "none when the mode is off");
	css_monitor(&css, BLOCKS, BLOCK);
	measured(0x08, false, 2);
	programs(1);
	is(get32(block), 0, "or that of the subchannel");
}

static void blocks_of_format_1(void)
{
	uint8_t *block = ram.host + BLOCK;

	fresh();
	css_monitor(&css, BLOCKS, 0);
	measured(0x10, true, BLOCK);
	host.step = MS;
	put32(block, 0xffff);
	programs(1);
	ok(get32(block) == 0x10000 && get32(block + 4) == 1 && get32(block + 8) == 7, "counts of 32 bits");
	ok(all_zero(BLOCK + 12, 64), "nothing else");
	start_ccw(F0(WAIT, ROOM, 0, 10), SUSPEND);
	css_resume(&css, ID);
	is(get32(block), 0x10002, "a resume counts, too");
	is(get32(block + 4), 1, "what has not ended is no sample");
	moves("connected for some time");
	fake.ready = true;
	css_kick(&css, 0);
	ok(get32(block + 4) == 2 && get32(block + 8) == 7 + 23, "its time is that of all its parts");
	test();
	start_ccw(F0(WRITE, DATA, SUSP, 3), SUSPEND);
	is(get32(block + 4), 3, "a suspension is a sample");
	css_clear(&css, ID);
	test();
	is(get32(block + 4), 3, "what is cleared is none");
}

static void connect_time(void)
{
	fresh();
	css_monitor(&css, CONNECT, 0);
	measured(0x08, false, 0);
	host.step = 100 * MS;
	start_ccw(F0(CTL, 0, 0, 1), 0);
	moves("with a connect time");
	test();
	is(get16(irb + 14), 781, "the device-connect time is in the extended status");
	test();
	is(get16(irb + 14), 0, "once");
	host.step = 100000ULL * MS;
	programs(1);
	is(get16(irb + 14), 0xffff, "the longest");
	css_monitor(&css, BLOCKS, BLOCK);
	programs(1);
	is(get16(irb + 14), 0, "none when the mode is off");
}

/* A block that is not there, or has another key. */
static void blocks_that_are_wrong(void)
{
	fresh();
	css_monitor(&css, BLOCKS, RAM_SIZE - 64);
	measured(0x10, false, 1);
	programs(1);
	is(get16(ram.host + RAM_SIZE - 32), 1, "the last block in memory");
	measured(0x10, false, 2);
	programs(1);
	css_store(&css, ID, schib);
	is(get16(schib + 4), 0x81, "behind it: the subchannel is not measured any more");
	keys[BLOCK / 4096] = 0x50;
	css_monitor(&css, 0x50000000 | BLOCKS, BLOCK);
	measured(0x10, false, 0);
	programs(1);
	is(get16(ram.host + BLOCK), 1, "with the key of its page");
	css_monitor(&css, 0x60000000 | BLOCKS, BLOCK);
	programs(1);
	is(get16(ram.host + BLOCK), 1, "not with another one");
	is(css.state.subchannels[0].flags, 0x80, "which is the end of it");
	measured(0x10, true, UINT64_MAX & ~63ULL);
	programs(1);
	is(css.state.subchannels[0].flags, 0x80, "a block of format 1 beyond all");
}

/* --- CHSC ------------------------------------------------------------------------------ */

static void calls(void)
{
	static const struct {
		const char *what;
		uint32_t request[4];
		int rc;
		uint32_t answer; /* length and code */
	} cases[] = {
		{ "SCSC", { 0x00100010 }, 0, 0x0ff00001 },
		{ "of another CSS", { 0x00100010, 0x100 }, 0, 0x00080008 },
		{ "of format 1", { 0x00100010, 0x10000 }, 0, 0x00080007 },
		{ "with a parameter", { 0x00100010, 0, 1 }, 0, 0x00080003 },
		{ "longer", { 0x00180010 }, 0, 0x00080003 },
		{ "a path", { 0x00100002, 0, 0 }, 0, 0x00100001 },
		{ "of format 1", { 0x00100002, 0x100, 0xff }, 0, 0x00280001 },
		{ "paths that are not there", { 0x00100002, 1, 0xff }, 0, 0x00080001 },
		{ "from the last to the first", { 0x00100002, 1, 0 }, 0, 0x00080003 },
		{ "of format 2", { 0x00100002, 0x200, 0xff }, 0, 0x00080007 },
		{ "of another CSS", { 0x00100002, 0x10000, 0 }, 0, 0x00080008 },
		{ "events", { 0x0010000e }, 0, 0x00080005 },
		{ "no facility", { 0x04000031, 0 }, 0, 0x00080101 },
		{ "sets", { 0x04000031, 2 }, 0, 0x00080001 },
		{ "too short for it", { 0x00100031, 2 }, 0, 0x00080003 },
		{ "of format 1", { 0x04000031, 0x01000002 }, 0, 0x00080007 },
		{ "unknown", { 0x00101234 }, 0, 0x00080004 },
		{ "too short", { 0x00080010 }, -PGM_OPERAND, 0 },
		{ "no multiple of 8", { 0x00110010 }, -PGM_OPERAND, 0 },
		{ "too long", { 0x10000010 }, -PGM_OPERAND, 0 },
		{ "much too long", { 0xfff80010 }, -PGM_OPERAND, 0 },
		{ "the longest", { 0x0ff80010 }, 0, 0x00080003 },
		{ "the longest, unknown", { 0x0ff81234 }, 0, 0x00080004 },
	};
	uint8_t *block = malloc(CHSC_SIZE);

	fresh();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(block, 0xee, CHSC_SIZE);
		for (unsigned w = 0; w < 4; w++)
			put32(block + 4 * w, cases[i].request[w]);
		is(css_call(&css, block), cases[i].rc, "CHSC: %s", cases[i].what);
		if (!cases[i].rc)
			is(get32(block + get16(block)), cases[i].answer, "answers so");
	}
	ok(css.state.mss, "sets are enabled");
	free(block);
}

/* --- in a snapshot --------------------------------------------------------------------- */

static void snapshots(void)
{
	enabled();
	moves("enabled");
	start_ccw(F0(REJECT, 0, 0, 1), 0);
	moves("status pending");
	waits(SUSPEND);
	css_resume(&css, ID);
	moves("waiting, resume pending");
	fake.ready = true;
	css_kick(&css, 0);
	is(test(), 0, "it ends there");
	start_ccw(F0(WRITE, DATA, SUSP, 3), SUSPEND);
	moves("suspended");
	css_clear(&css, ID);
	moves("cleared");
	test();
	put64(AT + 8, F0(8, AT, 0, 0));
	start_ccw(F0(WRITE, DATA, CD, 1), 0);
	moves("without an end");
	css_vary(&css, 0, false);
	moves("gone");
}

int main(void)
{
	ram.host = malloc(RAM_SIZE);
	names();
	gone();
	storing();
	starting();
	orbs();
	checks();
	active();
	halted();
	cleared();
	suspended();
	intermediate();
	endless();
	long_program();
	interruption();
	attention();
	reports();
	off();
	monitoring();
	blocks_of_format_0();
	blocks_of_format_1();
	connect_time();
	blocks_that_are_wrong();
	calls();
	snapshots();
	free(ram.host);
	return tap_done();
}
