/* SPDX-License-Identifier: BSD-2-Clause */
/* ledger_section.c: the ledger of a VM in its snapshot: what comes back, and what is refused. */
#include "vmm/lab/ledger_section.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"
#include "vmm/snapshot/codec.h"
#include "words.h"

static struct error err;
static bool power9;

static struct irq one(unsigned n)
{
	struct word words[WORDS_MAX];
	struct irq irq;
	unsigned count;
	char line[60];

	snprintf(line, sizeof(line), power9 ? "source %u" : "io isc=3 schid=%u parm=0x12345678", 4096 + n);
	count = words_cut(line, words);
	irq_parse(words, count, &irq, &err);
	return irq;
}

/* Two interrupts: the first was taken once of twice, the second never; and one that nobody knows. */
static void fill(struct ledger *l)
{
	struct irq a = one(1), b = one(2), c = one(3);
	struct abi_record log[2] = { a.want, c.want };

	*l = (struct ledger){ 0 };
	ledger_inject(l, "first", &a, 2, &err);
	ledger_inject(l, "a-label-of-23-letters..", &b, 1, &err);
	ledger_expect(l, &b, 4, &err);
	ledger_promise(l, &b, 3, 0x123456789);
	ledger_withdraw(l, &b, 1);
	log[1].seq = 1;
	ledger_read(l, log, 2);
	l->mark = 1;
}

static bool same(const struct ledger *a, const struct ledger *b)
{
	bool good = a->count == b->count && a->stray == b->stray && a->read == b->read && a->mark == b->mark;

	for (size_t i = 0; good && i < a->count; i++) {
		const struct ledger_entry *x = &a->entries[i], *y = &b->entries[i];

		good = !strcmp(x->label, y->label) && !strcmp(x->irq.kind, y->irq.kind) &&
		       x->irq.code == y->irq.code && x->irq.cpu == y->irq.cpu &&
		       x->irq.number == y->irq.number && x->irq.parm == y->irq.parm &&
		       x->irq.parm2 == y->irq.parm2 &&
		       !memcmp(x->irq.extra, y->irq.extra, sizeof(x->irq.extra)) &&
		       x->injected == y->injected && x->coalesced == y->coalesced &&
		       x->dropped == y->dropped && x->taken == y->taken && x->promised == y->promised &&
		       x->within == y->within;
	}
	for (unsigned i = 0; good && i < a->read; i++)
		good = !memcmp(&a->log[i], &b->log[i], sizeof(a->log[i]));
	return good;
}

static void good(void)
{
	struct ledger l, again;
	struct irq a = one(1);
	struct abi_record log[3];
	struct snapshot snap;

	snap_init(&snap, "s390x");
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), 0, "a snapshot without a ledger");
	ok(!again.count && !again.read && !again.log, "gives empty ones");
	ledger_free(&again);
	fill(&l);
	ledger_section_put(&snap, &l);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), 0, "with a ledger");
	ok(same(&l, &again) && again.count == 2 && again.read == 2, "they come back");
	memcpy(log, l.log, 2 * sizeof(log[0]));
	log[2] = a.want;
	log[2].seq = 2;
	ledger_read(&again, log, 3);
	is(ledger_outstanding(ledger_find(&again, "first")), 0, "and are gone on with");
	is(ledger_duplicate(&again), ledger_duplicate(&l), "as if nothing had been");
	ledger_free(&l);
	ledger_free(&again);
	snap_free(&snap);
	snap_init(&snap, "s390x");
	l = (struct ledger){ 0 };
	ledger_section_put(&snap, &l);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), 0, "an empty ledger");
	ok(same(&l, &again), "are empty");
	ledger_free(&again);
	snap_free(&snap);
}

static void set32(struct snap_section *s, size_t at, uint32_t value)
{
	value = htobe32(value);
	memcpy(s->bytes + at, &value, sizeof(value));
}

/* Version 1 had no promises: the last 12 bytes of an entry. */
static void old(void)
{
	struct ledger l = { 0 }, again;
	struct irq a = one(1);
	struct snapshot snap;

	ledger_inject(&l, "a", &a, 1, &err);
	ledger_promise(&l, &a, 0, 5);
	snap_init(&snap, "s390x");
	ledger_section_put(&snap, &l);
	snap.sections[0].version = 1;
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), -EBADMSG, "version 1, with a promise");
	snap.sections[0].len -= 12;
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), 0, "without");
	ok(again.count == 1 && again.entries[0].injected == 1 && !again.entries[0].promised, "is read");
	is(again.entries[0].within, LEDGER_YEAR, "nobody knows what a timer was set to");
	ledger_free(&again);
	ledger_free(&l);
	snap_free(&snap);
}

/* Two entries of so many are more than 32 bits: sums have more. */
static void many(void)
{
	struct ledger l = { 0 }, again;
	struct irq a = one(1), b = one(2);
	struct snapshot snap;

	ledger_name(&l, "a", &a, &err);
	ledger_name(&l, "b", &b, &err);
	is(ledger_expect(&l, &a, 0x80000001, &err) | ledger_expect(&l, &b, 0x80000001, &err), 0,
	   "many of two");
	snap_init(&snap, "s390x");
	ledger_section_put(&snap, &l);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), 0, "come back");
	is(ledger_injected(&again), 0x100000002, "and their sum is right");
	ledger_free(&again);
	set32(&snap.sections[0], snap.sections[0].len - 28, LEDGER_MAX);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), 0, "the most that can be kept");
	ledger_free(&again);
	set32(&snap.sections[0], snap.sections[0].len - 28, LEDGER_MAX + 1);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), -EBADMSG, "one more");
	ledger_free(&l);
	snap_free(&snap);
}

/* Of the ledger of fill(): where numbers are in it. */
#define AT_MARK  8
#define AT_READ  12
#define AT_COUNT (16 + 2 * 28)

static void bad(void)
{
	struct ledger l, again;
	struct snapshot snap;
	struct snap_section *s;
	size_t len;
	unsigned wrong = 0;

	fill(&l);
	snap_init(&snap, "s390x");
	ledger_section_put(&snap, &l);
	s = &snap.sections[0];
	len = s->len;
	for (s->len = 0; s->len < len; s->len++)
		wrong += ledger_section_get(&snap, arch_codec->arch, &again, &err) != -EBADMSG ||
		         again.entries || again.log;
	is(wrong, 0, "cut anywhere: refused, and nothing is left");
	snap_put8(s, 0);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), -EBADMSG, "a byte too many");
	s->len = len;
	set32(s, AT_COUNT, UINT32_MAX);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), -EBADMSG,
	   "more entries than there are bytes");
	set32(s, AT_COUNT, 2);
	set32(s, AT_READ, ABI_LOG + 1);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), -EBADMSG,
	   "more records than a guest can log");
	set32(s, AT_READ, 2);
	set32(s, AT_MARK, 3);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), -EBADMSG,
	   "expected beyond what was logged");
	set32(s, AT_MARK, 1);
	memset(s->bytes + AT_COUNT + 4, 'x', 24);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), -EBADMSG, "a label without an end");
	s->bytes[AT_COUNT + 4 + 5] = 0;
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), 0, "with one it is fine");
	ledger_free(&again);
	set32(s, len - 20, 7);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), -EBADMSG, "more was dropped than came");
	set32(s, len - 20, 1);
	s->version++;
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), 0,
	   "another version is a section that is not known");
	ok(!again.count && !again.log && !again.entries, "and left alone");
	ledger_free(&l);
	snap_free(&snap);
}

/* --- entries that no zpvm has made ----------------------------------- */

/* Whether an account is read back, with one thing changed in it. */
static int spoiled(void (*spoil)(struct ledger *l))
{
	struct ledger l, again;
	struct snapshot snap;
	int rc;

	fill(&l);
	spoil(&l);
	snap_init(&snap, arch_codec->arch);
	ledger_section_put(&snap, &l);
	rc = ledger_section_get(&snap, arch_codec->arch, &again, &err);
	ledger_free(&again);
	ledger_free(&l);
	snap_free(&snap);
	return rc;
}

static void nothing(struct ledger *l)
{
	(void)l;
}

/* It was used as an index. */
static void code(struct ledger *l)
{
	l->entries[0].irq.code = 0x10000000;
}

static void next_code(struct ledger *l)
{
	l->entries[0].irq.code = 17;
}

static void kind(struct ledger *l)
{
	strcpy(l->entries[0].irq.kind, "stop");
}

static void no_kind(struct ledger *l)
{
	l->entries[0].irq.kind[0] = 0;
}

static void cpu(struct ledger *l)
{
	l->entries[0].irq.cpu = 0;
}

static void no_record(struct ledger *l)
{
	l->entries[0].irq.want.kind = 0;
}

static void other_record(struct ledger *l)
{
	l->entries[0].irq.want.kind = ABI_PROGRAM;
}

static void same_label(struct ledger *l)
{
	strcpy(l->entries[1].label, "first");
}

static void same_irq(struct ledger *l)
{
	l->entries[1].irq = l->entries[0].irq;
}

static void no_label(struct ledger *l)
{
	l->entries[0].label[0] = 0;
}

static void escape(struct ledger *l)
{
	strcpy(l->entries[0].label, "\033[2J");
}

static void blank(struct ledger *l)
{
	strcpy(l->entries[0].label, "a b");
}

static void hostile(void)
{
	static const struct {
		void (*spoil)(struct ledger *l);
		const char *what;
	} bad[] = {
		{ code, "a code far beyond the kinds" },
		{ next_code, "a code just beyond them" },
		{ kind, "a word for the kind that is not the code's" },
		{ no_kind, "no word for the kind" },
		{ cpu, "a floating interrupt of one vCPU" },
		{ no_record, "an entry that leaves no record" },
		{ other_record, "a record of another kind" },
		{ same_label, "two entries with one label" },
		{ same_irq, "two entries with one record" },
		{ no_label, "an empty label" },
		{ escape, "an escape sequence in a label" },
		{ blank, "a blank in a label" },
	};

	is(spoiled(nothing), 0, "as it was made it is read");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is(spoiled(bad[i].spoil), -EBADMSG, "%s", bad[i].what);
	spoiled(code);
	has(err.text, "section book 0: an entry that cannot be", "the reason is said");
	spoiled(same_label);
	has(err.text, "two entries with one label", "each reason by its own name");
}

/* A timer has the same label on each vCPU; a floating interrupt may not look like a vCPU's. */
static void vcpus(void)
{
	struct ledger l = { 0 }, again;
	struct snapshot snap;

	for (uint16_t i = 0; i < 3; i++) {
		struct irq timer = irq_of_timer(ABI_TIMER_CLOCK, i);

		ledger_inject(&l, "timer", &timer, 1, &err);
	}
	snap_init(&snap, arch_codec->arch);
	ledger_section_put(&snap, &l);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), 0, "timers of three vCPUs");
	is(again.count, 3, "are three entries");
	ledger_free(&again);
	snap_remove(&snap, TAG_LEDGER, 0);
	l.entries[2].irq.cpu = 1;
	ledger_section_put(&snap, &l);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), -EBADMSG,
	   "two of one vCPU are refused");
	ledger_free(&again);
	ledger_free(&l);
	snap_free(&snap);
}

/* As many as an account can have, in no time; and one more. */
static void all_entries(void)
{
	struct ledger l = { 0 }, again;
	struct snapshot snap;
	struct irq more = one(LEDGER_ENTRIES);

	l.entries = calloc(LEDGER_ENTRIES + 1, sizeof(*l.entries));
	for (; l.count < LEDGER_ENTRIES; l.count++) {
		struct ledger_entry *e = &l.entries[l.count];

		*e = (struct ledger_entry){ .irq = one((unsigned)l.count), .injected = 1 };
		snprintf(e->label, sizeof(e->label), "l%zu", l.count);
	}
	snap_init(&snap, arch_codec->arch);
	ledger_section_put(&snap, &l);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), 0, "%d entries", LEDGER_ENTRIES);
	is(ledger_inject(&again, NULL, &more, 1, &err), -E2BIG, "one more is not taken");
	ledger_free(&again);
	snap_remove(&snap, TAG_LEDGER, 0);
	l.entries[l.count] = (struct ledger_entry){ .label = "more", .irq = more };
	l.count++;
	ledger_section_put(&snap, &l);
	is(ledger_section_get(&snap, arch_codec->arch, &again, &err), -EBADMSG, "nor read");
	ledger_free(&again);
	ledger_free(&l);
	snap_free(&snap);
}

int main(void)
{
	struct irq irq;

	power9 = !irq_parse((struct word[]){ { NULL, "source" }, { NULL, "1" } }, 2, &irq, &err);
	good();
	bad();
	hostile();
	vcpus();
	old();
	many();
	all_entries();
	return tap_done();
}
