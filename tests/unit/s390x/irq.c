/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.c: the s390x interrupts of a scenario: parsed, matched, shown. */
#include "arch/s390x/irq.h"

#include <errno.h>
#include <limits.h>

#include "tests/unit/tap.h"

static struct error err;

/* "kind key=value bare ..." into words, as the scenario parser cuts it. */
static int parse(const char *line, struct irq *irq)
{
	static char copy[200];
	struct word words[12];
	char *rest = copy, *word;
	unsigned count = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " "))) {
		char *equals = strchr(word, '=');

		words[count].key = equals ? word : NULL;
		words[count++].text = equals ? equals + 1 : word;
		if (equals)
			*equals = 0;
	}
	err.text[0] = 0;
	return irq_parse(words, count, irq, &err);
}

static const struct {
	const char *line;
	struct irq want;
	const char *text; /* of the record it leaves */
	unsigned depth;
} good[] = {
	{ "io isc=3 schid=1",
	  { "io",
	    KIND_IO,
	    IRQ_ANY_CPU,
	    0x00010001,
	    0,
	    0x18000000,
	    { .kind = ABI_IO, .number = 0x00010001, .parm2 = 0x18000000 } },
	  "I/O subchannel 00010001 ISC 3 parameter 00000000",
	  UINT_MAX },
	{ "io isc=7 ssid=3 schid=0xffff parm=0xcafe0001",
	  { "io",
	    KIND_IO,
	    IRQ_ANY_CPU,
	    0x0007ffff,
	    0xcafe0001,
	    0x38000000,
	    { .kind = ABI_IO, .number = 0x0007ffff, .parm = 0xcafe0001, .parm2 = 0x38000000 } },
	  "I/O subchannel 0007ffff ISC 7 parameter cafe0001",
	  UINT_MAX },
	{ "service parm=0x7000",
	  { "service",
	    KIND_SERVICE,
	    IRQ_ANY_CPU,
	    0,
	    0x7000,
	    0,
	    { .kind = ABI_EXT, .number = 0x2401, .parm = 0x7000 } },
	  "external 2401 parameter 00007000",
	  1 },
	{ "mchk",
	  { "mchk",
	    KIND_MCHK,
	    IRQ_ANY_CPU,
	    0,
	    0x00400f1d40330000,
	    0x10000000,
	    { .kind = ABI_MCHK, .parm = 0x00400f1d40330000 } },
	  "machine check 00400f1d40330000",
	  1 },
	{ "mchk cpu=2 mcic=0xffffffffffffffff cr14=5",
	  { "mchk", KIND_MCHK, 2, 0, UINT64_MAX, 5, { .kind = ABI_MCHK, .parm = UINT64_MAX } },
	  "machine check ffffffffffffffff",
	  1 },
	{ "emergency",
	  { "emergency", KIND_EMERGENCY, 0, 0, 0, 0, { .kind = ABI_EXT, .number = 0x1201 } },
	  "external 1201 parameter 00000000",
	  1 },
	{ "emergency from=9 cpu=65534",
	  { "emergency", KIND_EMERGENCY, 65534, 9, 0, 0, { .kind = ABI_EXT, .number = 0x1201, .parm = 9 } },
	  "external 1201 parameter 00000009",
	  1 },
	{ "extcall cpu=1 from=65535",
	  { "extcall",
	    KIND_EXTERNAL_CALL,
	    1,
	    65535,
	    0,
	    0,
	    { .kind = ABI_EXT, .number = 0x1202, .parm = 65535 } },
	  "external 1202 parameter 0000ffff",
	  1 },
	{ "restart cpu=3", { "restart", KIND_RESTART, 3, 0, 0, 0, { .kind = ABI_RESTART } }, "restart", 1 },
};

static const struct {
	const char *line, *message;
} bad[] = {
	{ "frob", "frob is not one of: io, service, mchk, emergency, extcall, restart" },
	{ "source 1", "source is not one of" },
	{ "timer", "timer is not one of" },
	{ "io", "inject io: isc= is missing" },
	{ "io isc=3", "inject io: schid= is missing" },
	{ "io isc=8 schid=1", "isc=8 is not a number up to 0x7" },
	{ "io isc=1 schid=0x10000", "schid=0x10000 is not a number up to 0xffff" },
	{ "io isc=1 schid=1 ssid=4", "ssid=4 is not a number up to 0x3" },
	{ "io isc=1 schid=1 parm=0x100000000", "parm=0x100000000 is not a number" },
	{ "io isc=1 schid=1 cpu=0", "inject io: cpu=0 is not understood" },
	{ "io isc=1 schid=1 now", "inject io: now is not understood" },
	{ "io isc=1 schid=1 isc=2", "inject io: isc= stands twice" },
	{ "service", "inject service: parm= is missing" },
	{ "service parm=0", "parm=0x0 is no SCCB address" },
	{ "service parm=0x7001", "parm=0x7001 is no SCCB address" },
	{ "emergency cpu=65535", "cpu=65535 is not a number up to 0xfffe" },
	{ "emergency parm=1", "inject emergency: parm=1 is not understood" },
	{ "extcall from=65536", "from=65536 is not a number up to 0xffff" },
	{ "restart from=1", "inject restart: from=1 is not understood" },
	{ "restart cpu=one", "cpu=one is not a number" },
};

static bool same(const struct irq *a, const struct irq *b)
{
	return !strcmp(a->kind, b->kind) && a->code == b->code && a->cpu == b->cpu &&
	       a->number == b->number && a->parm == b->parm && a->parm2 == b->parm2 &&
	       !memcmp(&a->want, &b->want, sizeof(a->want));
}

/* Its record matches, on its CPU; with any field changed it does not. */
static void matching(const struct irq *irq)
{
	struct abi_record record = irq->want, other;

	record.seq = 77;
	record.cpu = irq->cpu == IRQ_ANY_CPU ? 5 : irq->cpu;
	ok(irq_matches(irq, &record), "its record matches");
	other = record;
	other.cpu++;
	is(irq_matches(irq, &other), irq->cpu == IRQ_ANY_CPU, "on another CPU");
	other = record;
	other.kind++;
	ok(!irq_matches(irq, &other), "another kind does not");
	other = record;
	other.number++;
	ok(!irq_matches(irq, &other), "another number does not");
	other = record;
	other.parm++;
	ok(!irq_matches(irq, &other), "another parameter does not");
	other = record;
	other.parm2++;
	ok(!irq_matches(irq, &other), "another identification word does not");
}

int main(void)
{
	const struct abi_record unknown = { .kind = 99 };
	struct irq irq;
	char text[100];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		is(parse(good[i].line, &irq), 0, "%s", good[i].line);
		ok(same(&irq, &good[i].want), "is that interrupt");
		is(irq_depth(&irq), good[i].depth, "so many can be pending");
		irq_record_text(&irq.want, text, sizeof(text));
		ok(!strcmp(text, good[i].text), "%s", good[i].text);
		matching(&irq);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is(parse(bad[i].line, &irq), -EINVAL, "refused: %s", bad[i].line);
		has(err.text, bad[i].message, "because: %s", bad[i].message);
	}
	irq = irq_of_timer(ABI_TIMER_CLOCK, 3);
	ok(irq.cpu == 3 && irq.want.kind == ABI_EXT && irq.want.number == 0x1004, "the clock comparator");
	irq = irq_of_timer(ABI_TIMER_CPU, 3);
	ok(irq.cpu == 3 && irq.want.kind == ABI_EXT && irq.want.number == 0x1005, "the CPU timer");
	is(irq_depth(&irq), 1, "pending once");
	matching(&irq);
	irq_record_text(&unknown, text, sizeof(text));
	ok(!strcmp(text, "unknown kind 99"), "a record of a kind that is not known");
	irq_record_text(&good[0].want.want, text, 10);
	ok(!strcmp(text, "I/O subch"), "a text that is cut to fit");
	return tap_done();
}
