/* SPDX-License-Identifier: BSD-2-Clause */
/* ledger.c: the ledger: nothing lost, nothing doubled, nothing from nowhere. */
#include "vmm/lab/raised_log.h"

#include <errno.h>
#include <limits.h>

#include "tap.h"

static struct error err;
static bool power9;

/* An interrupt of the architecture that is linked; n makes it a different one. */
static struct irq one(unsigned n)
{
	char number[16];
	struct word p9[] = { { NULL, "source" }, { NULL, number } };
	struct word s390[] = { { NULL, "emergency" }, { "cpu", "0" }, { "from", number } };
	struct irq irq = { .kind = "" };

	snprintf(number, sizeof(number), "%u", n);
	if (power9 ? irq_parse(p9, 2, &irq, &err) : irq_parse(s390, 3, &irq, &err))
		ok(false, "%s", err.text);
	return irq;
}

/* The guest's log. */
static struct abi_record record[64];
static unsigned taken;

static void take(const struct irq *irq)
{
	record[taken] = irq->want;
	record[taken].seq = taken;
	taken++;
}

static void account_is(const struct ledger *l, unsigned lost, unsigned duplicate, const char *what)
{
	unsigned owed = 0;

	for (size_t i = 0; i < l->count; i++)
		owed += ledger_outstanding(&l->entries[i]);
	is(owed, lost, "%s: lost", what);
	is(ledger_duplicate(l), duplicate, "%s: doubled", what);
}

static void accounting(void)
{
	struct ledger l = { 0 };
	struct irq a = one(1), b = one(2), c = one(3);
	const struct ledger_entry *e;

	taken = 0;
	account_is(&l, 0, 0, "an empty ledger");
	is(ledger_inject(&l, "a", &a, 1, &err), 0, "inject a");
	is(ledger_inject(&l, NULL, &b, 1, &err), 0, "inject b");
	account_is(&l, 2, 0, "two injected, none taken");
	is(l.count, 2, "are two entries");
	ok(ledger_find(&l, "a") && ledger_find(&l, power9 ? "source.1" : "emergency.1"),
	   "one with its label, one with a label made up");
	ok(!ledger_find(&l, "b"), "no other");
	take(&b);
	ledger_read(&l, record, taken);
	account_is(&l, 1, 0, "one taken");
	is(l.read, 1, "one record is read");
	ledger_read(&l, record, taken);
	account_is(&l, 1, 0, "the same log read again");
	take(&a);
	ledger_read(&l, record, taken);
	account_is(&l, 0, 0, "both taken");
	take(&a);
	ledger_read(&l, record, taken);
	account_is(&l, 0, 1, "one taken twice");
	take(&c);
	ledger_read(&l, record, taken);
	account_is(&l, 0, 2, "one that nobody asked for");
	is(l.stray, 1, "is a stray");
	ok(!ledger_match(&l, &c.want), "and has no entry");
	ok(ledger_is_stray(&l, 3) && !ledger_is_stray(&l, 2), "and so is its record, and not the one before");
	is(ledger_inject(&l, "c", &c, 1, &err), 0, "asked for later");
	ok(ledger_match(&l, &record[3]) && ledger_is_stray(&l, 3), "it stays one");
	l.strays[0] = 0;
	record[3].number++;
	l.log[3] = record[3];
	ok(ledger_is_stray(&l, 3), "one of a file is known by having no entry");
	ledger_withdraw(&l, &c, 1);
	e = ledger_match(&l, &b.want);
	ok(e && ledger_due(e) == 1 && e->taken == 1, "the other's entry");
	ledger_free(&l);
	ok(!l.entries && !l.count && !l.stray && !l.read, "a freed ledger is empty");
}

/* Injected again before it was taken: they coalesce by the architecture's rule. */
static void depth(void)
{
	struct ledger l = { 0 };
	struct irq a = one(1);
	unsigned deep = irq_depth(&a);

	taken = 0;
	is(deep, power9 ? 2 : 1, "so many can be pending");
	for (int i = 0; i < 5; i++)
		ledger_inject(&l, "a", &a, 1, &err);
	is(l.count, 1, "an equal interrupt is the same entry");
	ok(l.entries[0].injected == 5 && l.entries[0].coalesced == 5 - deep, "the rest coalesced");
	account_is(&l, deep, 0, "due is what is left");
	take(&a);
	ledger_read(&l, record, taken);
	ledger_inject(&l, "a", &a, 1, &err);
	is(ledger_due(&l.entries[0]), deep + 1, "one taken, so one more is due");
	while (taken < deep + 1)
		take(&a);
	ledger_read(&l, record, taken);
	account_is(&l, 0, 0, "all taken");
	ledger_inject(&l, "a", &a, 1, &err);
	is(l.entries[0].coalesced, 5 - deep, "nothing pending, nothing to coalesce with");
	account_is(&l, 1, 0, "it is due");
	ledger_expect(&l, &a, 7, &err);
	ok(l.entries[0].coalesced == 5 - deep, "expected ones do not coalesce");
	account_is(&l, 8, 0, "all are due");
	ledger_free(&l);
}

static void deep(void)
{
	struct word io[] = { { NULL, "io" }, { "isc", "3" }, { "schid", "1" } };
	struct ledger l = { 0 };
	struct irq irq;

	if (power9)
		return;
	irq_parse(io, 3, &irq, &err);
	is(irq_depth(&irq), UINT_MAX, "I/O interrupts queue up");
	for (int i = 0; i < 100; i++)
		ledger_inject(&l, NULL, &irq, 1, &err);
	is(l.entries[0].coalesced, 0, "none of a hundred coalesced");
	account_is(&l, 100, 0, "all are due");
	ledger_free(&l);
}

/* So many at once are as many one by one, whatever was pending. */
static void check_at_once(const struct irq *irq)
{
	for (unsigned n = 0; n < 30; n++) {
		unsigned before = n / 6, times = n % 6;
		struct ledger each = { 0 }, all = { 0 };

		for (unsigned i = 0; i < before + times; i++)
			ledger_inject(&each, "a", irq, 1, &err);
		for (unsigned i = 0; i < before; i++)
			ledger_inject(&all, "a", irq, 1, &err);
		ledger_inject(&all, "a", irq, times, &err);
		ok(all.count == each.count &&
		           (!all.count || (all.entries[0].injected == each.entries[0].injected &&
		                           all.entries[0].coalesced == each.entries[0].coalesced)),
		   "%s: %u at once after %u", irq->kind, times, before);
		ledger_free(&each);
		ledger_free(&all);
	}
}

static void at_once(void)
{
	struct word io[] = { { NULL, "io" }, { "isc", "3" }, { "schid", "1" } };
	struct word service[] = { { NULL, "service" }, { "parm", "0x1001" } };
	struct irq irq = one(1);

	check_at_once(&irq);
	if (power9)
		return;
	irq_parse(io, 3, &irq, &err);
	check_at_once(&irq);
	is(irq_parse(service, 2, &irq, &err), 0, "a service signal of two parts");
	check_at_once(&irq);
}

/* The ledger of a snapshot is independent of its original. */
static void copies(void)
{
	struct ledger l = { 0 }, copy, empty = { 0 };
	struct irq a = one(1), b = one(2);

	taken = 0;
	is(ledger_copy(&copy, &empty, &err), 0, "a copy of an empty ledger");
	ok(!copy.count && !copy.entries, "is empty");
	ledger_inject(&l, "a", &a, 1, &err);
	ledger_inject(&l, "b", &b, 1, &err);
	take(&b);
	ledger_read(&l, record, taken);
	l.mark = 1;
	is(ledger_copy(&copy, &l, &err), 0, "a copy");
	ok(copy.count == 2 && copy.read == 1 && copy.mark == 1, "has all");
	take(&a);
	ledger_read(&l, record, taken);
	account_is(&l, 0, 0, "the original goes on");
	account_is(&copy, 1, 0, "the copy still owes");
	ledger_free(&l);
	account_is(&copy, 1, 0, "and does not need the original");
	taken = 1; /* the guest's log went back, too */
	take(&a);
	take(&a);
	ledger_read(&copy, record, taken);
	account_is(&copy, 0, 1, "restored, it was taken twice");
	ledger_free(&copy);
}

static void timers(void)
{
	struct ledger l = { 0 };
	struct irq t0 = irq_of_timer(ABI_TIMER_CLOCK, 0), t1 = irq_of_timer(ABI_TIMER_CLOCK, 1);

	taken = 0;
	ledger_inject(&l, "timer", &t0, 1, &err);
	ledger_inject(&l, "timer", &t1, 1, &err);
	is(l.count, 2, "timers of two vCPUs are two entries");
	take(&t1);
	record[0].cpu = 1;
	ledger_read(&l, record, taken);
	account_is(&l, 1, 0, "one is taken");
	is(ledger_due(&l.entries[0]) - l.entries[0].taken, 1, "and it is not the other's");
	ledger_free(&l);
}

/* What is printed, expected and a key of JSON is one interrupt's alone. */
static void given_labels(void)
{
	struct ledger l = { 0 };
	struct irq a = one(1), b = one(2), c = one(3);
	char made[sizeof(l.entries->label)];

	snprintf(made, sizeof(made), "%s.1", a.kind);
	is(ledger_inject(&l, made, &a, 1, &err), 0, "a label that looks like a made one");
	is(ledger_inject(&l, NULL, &b, 1, &err), 0, "one that is made");
	ok(strcmp(l.entries[1].label, made) && ledger_find(&l, l.entries[1].label), "is another one");
	is(ledger_inject(&l, made, &c, 1, &err), -EINVAL, "a label that another interrupt has");
	has(err.text, "another interrupt has that label", "is refused");
	is(l.count, 2, "and not entered");
	ledger_free(&l);
}

/* What devices raise comes to the ledger in its order, between the guest's records. */
static void raised(void)
{
	struct ledger l = { 0 };
	struct raised_log log;
	struct irq a = one(1), b = one(2);
	unsigned depth_a = irq_depth(&a);

	taken = 0;
	raised_log_init(&log);
	raised_log_add(&log, &a, 0, false);
	is(raised_log_enter(&log, &l, record, 0, &err), 0, "a log that is off");
	is(l.count, 0, "has nothing to book");
	log.on = true;
	is(ledger_name(&l, "a", &a, &err), 0, "a label for what will be raised");
	account_is(&l, 0, 0, "nothing is due for it");
	/* Raised until it coalesces, taken, raised again: known only when all is over. */
	for (unsigned i = 0; i < depth_a + 1; i++)
		raised_log_add(&log, &a, 0, false);
	is(log.count, 1, "the same again is one item");
	for (unsigned i = 0; i < depth_a; i++)
		take(&a);
	raised_log_add(&log, &a, taken, false);
	raised_log_add(&log, &b, taken, false);
	take(&a);
	is(raised_log_enter(&log, &l, record, taken, &err), 0, "entered");
	ok(l.count == 2 && !strcmp(l.entries[0].label, "a"), "under its label");
	is(l.entries[0].coalesced, 1, "one coalesced, and not the one after");
	account_is(&l, 1, 0, "one is owed");
	raised_log_add(&log, &b, taken, true);
	is(raised_log_enter(&log, &l, record, taken, &err), 0, "withdrawn");
	account_is(&l, 0, 0, "nothing is owed");
	raised_log_add(&log, &b, taken, true);
	raised_log_enter(&log, &l, record, taken, &err);
	is(l.entries[1].dropped, 1, "what is not owed cannot be withdrawn");
	ledger_expect(&l, &a, 3, &err);
	account_is(&l, 3, 0, "more that is due: none of it merges");
	ledger_withdraw(&l, &a, 3);
	ok(ledger_name(&l, "b", &a, &err) == -EINVAL && strstr(err.text, "known as a"), "one label each");
	for (unsigned i = 0; i <= RAISED_LOG_MAX; i++) {
		raised_log_add(&log, &a, taken, false);
		raised_log_add(&log, &b, taken, false);
		raised_log_add(&log, &a, taken, true);
		raised_log_add(&log, &b, taken, true);
	}
	is(log.count, 0, "what came and went is no storm");
	for (unsigned i = 0; i <= RAISED_LOG_MAX; i++)
		raised_log_add(&log, i % 2 ? &a : &b, taken, false);
	is(raised_log_enter(&log, &l, record, taken, &err), -EOVERFLOW, "a storm is an error");
	is(raised_log_enter(&log, &l, record, taken, &err), 0, "once");
	raised_log_destroy(&log);
	ledger_free(&l);
}

/* A count that cannot be kept is refused, and nothing is counted of it. */
static void bounds(void)
{
	struct ledger l = { 0 };
	struct irq a = one(1), quiet = { .suppressed = true };

	ledger_name(&l, "a", &a, &err);
	is(ledger_expect(&l, &a, 0x100000002, &err), -EOVERFLOW, "more than 32 bits");
	ok(strstr(err.text, "a: no account can be kept of more than 4000000000"), "%s", err.text);
	is(ledger_expect(&l, &a, LEDGER_MAX, &err), 0, "the most that there can be");
	is(ledger_expect(&l, &a, 1, &err), -EOVERFLOW, "one more to owe");
	is(ledger_expect(&l, &a, UINT64_MAX, &err), -EOVERFLOW, "all that there are");
	is(ledger_inject(&l, NULL, &a, 1, &err), -EOVERFLOW, "one more to inject");
	is(ledger_due(&l.entries[0]), LEDGER_MAX, "as many are due as before");
	l.suppressed = LEDGER_MAX;
	is(ledger_inject(&l, NULL, &quiet, 1, &err), -EOVERFLOW, "one more that is suppressed");
	is(ledger_injected(&l), 2ull * LEDGER_MAX, "sums have 64 bits");
	ledger_free(&l);
}

/* A label that was made up is nobody's: who gives it to another interrupt gets it. */
static void labels(void)
{
	struct ledger l = { 0 };
	struct irq a = one(1), b = one(2), c = one(3), d = one(4);
	char first[24], second[24];

	snprintf(first, sizeof(first), "%s.0", a.kind);
	snprintf(second, sizeof(second), "%s.3", a.kind);
	ledger_inject(&l, NULL, &a, 1, &err);
	ok(ledger_find(&l, first) == &l.entries[0], "the first label that is made up");
	is(ledger_inject(&l, first, &b, 1, &err), 0, "is given to another interrupt");
	ok(ledger_find(&l, first) == &l.entries[1] && strcmp(l.entries[0].label, first),
	   "which has it alone");
	is(ledger_inject(&l, second, &c, 1, &err), 0, "a label that could be made up");
	is(ledger_inject(&l, NULL, &d, 1, &err), 0, "is not made up once more");
	ok(ledger_find(&l, second) == &l.entries[2], "so it has one meaning");
	is(ledger_inject(&l, NULL, &c, 1, &err), 0, "it need not be given again");
	ledger_name(&l, "mine", &(struct irq){ .kind = "x", .want.kind = 77 }, &err);
	is(ledger_name(&l, "mine", &(struct irq){ .kind = "y", .want.kind = 78 }, &err), -EINVAL,
	   "a label that was given is not given up");
	ledger_free(&l);
}

/* What a command is to bring about is due when that is done, and nobody else's. */
static void promises(void)
{
	struct ledger l = { 0 };
	struct irq a = one(1), b = one(2);

	ledger_inject(&l, "a", &a, 1, &err);
	ledger_promise(&l, &a, 2, 100);
	ledger_promise(&l, &a, 5, 200);
	ledger_promise(&l, &b, 5, 200);
	is(l.entries[0].promised, 1 << 2 | 1 << 5, "two vCPUs have promised it");
	is(l.entries[0].within, 200, "a timer is what it was set to last");
	ledger_keep_promises(&l, 1 << 2 | 1 << 0);
	is(l.entries[0].promised, 1 << 5, "one of them has done it");
	ledger_promise(&l, &a, IRQ_ANY_CPU, 0);
	ledger_keep_promises(&l, 0xff);
	is(l.entries[0].promised, LEDGER_NAMED, "what a scenario says is no vCPU's to do");
	ledger_free(&l);
}

int main(void)
{
	struct irq irq;

	power9 = !irq_parse((struct word[]){ { NULL, "source" }, { NULL, "1" } }, 2, &irq, &err);
	accounting();
	depth();
	deep();
	at_once();
	copies();
	timers();
	given_labels();
	raised();
	bounds();
	labels();
	promises();
	return tap_done();
}
