/* SPDX-License-Identifier: BSD-2-Clause */
/* merge.c: the books of what KVM makes one of, replaces, drops or delivers twice. */
#include "arch/s390x/lab/irq.h"

#include <errno.h>

#include "tests/unit/tap.h"
#include "tests/unit/words.h"
#include "vmm/lab/ledger.h"

static struct error err;
static struct abi_record record[8];
static unsigned taken;

/* What comes to the books, and what the guest then takes. */
static const struct {
	const char *what;
	const char *injected[4];
	const char *taken[4];
} cases[] = {
	{ "a second SCCB is dropped",
	  { "service parm=0x1000", "service parm=0x2000" },
	  { "service parm=0x1000" } },
	{ "an event comes by itself, and before the SCCB",
	  { "service parm=0x1000", "service parm=1", "service parm=0x2002" },
	  { "service parm=3", "service parm=0x1000" } },
	{ "where KVM keeps the event's bits, with those",
	  { "service parm=0x1000", "service parm=1", "service parm=0x2002" },
	  { "service parm=1", "service parm=0x1000" } },
	{ "an event alone, with its bits",
	  { "service parm=2", "service parm=2" },
	  { "service parm=2", "service parm=0" } },
	{ "an event alone comes twice, the second time empty",
	  { "service parm=2" },
	  { "service parm=3", "service parm=0" } },
	{ "an SCCB fills what is empty",
	  { "service parm=3", "service parm=0x2000" },
	  { "service parm=3", "service parm=0x2000" } },
	{ "local machine checks become one",
	  { "mchk cpu=0 mcic=0x0400000000000000 cr14=0x2000000 ext-damage-code=1 failing-storage-address=3",
	    "mchk cpu=0 mcic=0x0100000000000000 cr14=0x4000000 ext-damage-code=2 failing-storage-address=4",
	    "mchk cpu=1 mcic=0x0100000000000000" },
	  { "mchk cpu=0 mcic=0x0500000000000000 ext-damage-code=3 failing-storage-address=4",
	    "mchk cpu=1 mcic=0x0100000000000000" } },
	{ "floating machine checks become one, with nothing but their codes",
	  { "mchk mcic=1 ext-damage-code=1", "mchk mcic=2" },
	  { "mchk mcic=3" } },
	{ "one that is contained in another", { "mchk mcic=3", "mchk mcic=1" }, { "mchk mcic=3" } },
	{ "a floating machine check is taken with a local one",
	  { "mchk mcic=1", "mchk cpu=1 mcic=0x0100000000000000 failing-storage-address=5" },
	  { "mchk cpu=1 mcic=0x0100000000000001 failing-storage-address=5" } },
	{ "or by itself, before",
	  { "mchk mcic=1", "mchk cpu=1 mcic=0x0100000000000000" },
	  { "mchk mcic=1", "mchk cpu=1 mcic=0x0100000000000000" } },
	{ "a PER event is added",
	  { "program code=7 data-exc=1 logged=1", "program code=0x80 per-code=1 logged=1" },
	  { "program code=0x87 data-exc=1 logged=1" } },
	{ "and stays when the rest is replaced",
	  { "program code=0x80 logged=1", "program code=7 data-exc=1 logged=1",
	    "program code=0x10 trans-exc=0x1000 logged=1" },
	  { "program code=0x90 trans-exc=0x1000 logged=1" } },
	{ "both at once replace all",
	  { "program code=7 data-exc=1 logged=1", "program code=0x90 trans-exc=0x1000 logged=1" },
	  { "program code=0x90 trans-exc=0x1000 logged=1" } },
	{ "a second page fault replaces the first",
	  { "pfault-init parm=1", "pfault-init parm=2", "pfault-init parm=3 cpu=1" },
	  { "pfault-init parm=2", "pfault-init parm=3 cpu=1" } },
	{ "completions do not",
	  { "pfault-done parm=1", "pfault-done parm=2" },
	  { "pfault-done parm=1", "pfault-done parm=2" } },
	{ "emergency signals of two senders do not",
	  { "emergency from=0", "emergency from=1" },
	  { "emergency from=0", "emergency from=1" } },
};

static void take(const char *line)
{
	struct irq irq = irq_of(line);

	record[taken] = irq.want;
	if (irq.cpu != IRQ_ANY_CPU)
		record[taken].cpu = irq.cpu;
	taken++;
}

static unsigned owed(const struct ledger *l)
{
	unsigned sum = 0;

	for (size_t i = 0; i < l->count; i++)
		sum += ledger_outstanding(&l->entries[i]);
	return sum;
}

static void books(size_t i)
{
	struct ledger l = { 0 };
	unsigned n = 0;

	memset(record, 0, sizeof(record));
	taken = 0;
	for (; n < 4 && cases[i].injected[n]; n++) {
		struct irq irq = irq_of(cases[i].injected[n]);

		is(ledger_inject(&l, NULL, &irq, 1, &err), 0, "%s: %s", cases[i].what, cases[i].injected[n]);
	}
	for (n = 0; n < 4 && cases[i].taken[n]; n++)
		take(cases[i].taken[n]);
	ledger_read(&l, record, taken);
	is(owed(&l), 0, "%s: nothing is lost", cases[i].what);
	is(ledger_duplicate(&l), 0, "... nor doubled");
	/* Nothing is left that they could merge with. */
	for (n = 0; n < 4 && cases[i].injected[n]; n++) {
		struct irq irq = irq_of(cases[i].injected[n]);

		ok(!ledger_coalesces(&l, &irq), "... nor pending: %s", cases[i].injected[n]);
	}
	ledger_free(&l);
}

/* A label that was given before means what two become. */
static void names(void)
{
	struct irq a = irq_of("mchk mcic=1 cr14=0"), b = irq_of("mchk mcic=2 cr14=0x10000000"),
		   both = irq_of("mchk mcic=3 cr14=0x10000000"), event = irq_of("service parm=3"),
		   service = irq_of("service parm=0x1001");
	const struct ledger_entry *e;
	struct ledger l = { 0 };

	is(ledger_name(&l, "both", &both, &err) || ledger_name(&l, "event", &event, &err), 0, "names");
	ledger_inject(&l, "a", &a, 1, &err);
	ok(ledger_coalesces(&l, &b), "one that would merge");
	ledger_inject(&l, "b", &b, 1, &err);
	e = ledger_find(&l, "both");
	ok(e && ledger_outstanding(e) == 1 && owed(&l) == 1, "what they have become is owed, they are not");
	ledger_inject(&l, "sccb", &service, 1, &err);
	is(ledger_outstanding(ledger_find(&l, "event")) + 2 * ledger_outstanding(ledger_find(&l, "sccb")), 3,
	   "an event and an SCCB are two");
	ledger_withdraw(&l, &service, 1);
	is(owed(&l), 1, "and go together");
	ledger_free(&l);
}

/* Service signals of the SCLP: each is made pending when none is, before the guest has logged the last one.
 */
static void apart(void)
{
	struct irq a = irq_of("service parm=0x1000"), b = irq_of("service parm=0x2001");
	struct ledger l = { 0 };

	taken = 0;
	a.apart = b.apart = true;
	ledger_inject(&l, NULL, &a, 3, &err);
	ledger_inject(&l, NULL, &b, 1, &err);
	ledger_inject(&l, NULL, &b, 1, &err);
	is(owed(&l), 6, "SCCBs that did not meet are all owed, an event that is pending is one");
	for (unsigned i = 0; i < 3; i++)
		take("service parm=0x1000");
	take("service parm=3");
	take("service parm=0x2000");
	take("service parm=0x2000");
	ledger_read(&l, record, taken);
	is(owed(&l), 0, "nothing is lost");
	is(ledger_duplicate(&l), 0, "nor doubled");
	ledger_free(&l);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		books(i);
	names();
	apart();
	return tap_done();
}
