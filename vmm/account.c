/* SPDX-License-Identifier: BSD-2-Clause */
/* account.c: what became of every interrupt of a scenario. See runner.h and ledger.h. */
#include <errno.h>
#include <inttypes.h>

#include "arch.h"
#include "runner.h"

int timeline_read_log(struct timeline *t, struct error *err)
{
	const struct abi_shared *shared = vm_shared(&t->vm);

	if (!shared)
		return 0;
	return raised_book(&t->vm.raised, &t->ledger, shared->log,
	                   __atomic_load_n(&shared->taken, __ATOMIC_ACQUIRE), err);
}

/* As the guest logged it, in whichever VM it was taken; else as it should have. */
static void row_text(const struct runner *r, const struct irq *irq, char *text, unsigned size)
{
	for (unsigned i = 0; i < r->line_count; i++) {
		const struct ledger *l = &r->lines[i]->ledger;

		for (unsigned k = 0; k < l->read; k++)
			if (irq_matches(irq, &l->log[k]))
				return irq_record_text(&l->log[k], text, size);
	}
	irq_record_text(&irq->want, text, size);
}

/* Books may come from a file that somebody else has made: a terminal must not obey a label. */
static void print_label(const char *label, int width)
{
	for (; *label; label++, width--)
		putchar(*label >= ' ' && *label <= '~' ? *label : '?');
	printf("%*s", width > 0 ? width : 0, "");
}

static void print_row(const struct runner *r, const struct ledger_entry *row)
{
	unsigned coalesced = 0, dropped = 0;
	char text[96];

	row_text(r, &row->irq, text, sizeof(text));
	print_label(row->label, 12);
	printf(" %-52s", text);
	for (unsigned i = 0; i < r->moment_count; i++) {
		const struct ledger_entry *e = ledger_find(&r->moments[i].ledger, row->label);

		printf(" %10u", e ? ledger_due(e) - e->taken : 0);
	}
	for (unsigned i = 0; i < r->line_count; i++) {
		const struct ledger_entry *e = ledger_find(&r->lines[i]->ledger, row->label);

		printf(" %4u/%-5u", e ? e->taken : 0, e ? e->injected : 0);
		coalesced += e ? e->coalesced : 0;
		dropped += e ? e->dropped : 0;
	}
	if (coalesced)
		printf("  %u coalesced", coalesced);
	if (dropped)
		printf("  %u dropped", dropped);
	putchar('\n');
}

/* A row for each interrupt: pending in each snapshot, taken of injected in each VM. */
static void print_table(const struct runner *r)
{
	printf("\n%-12s %-52s", "interrupt", "as the guest sees it");
	for (unsigned i = 0; i < r->moment_count; i++)
		printf(" pending:%-2.2s", r->moments[i].name);
	for (unsigned i = 0; i < r->line_count; i++)
		printf(" %10.10s", r->lines[i]->name);
	putchar('\n');
	for (unsigned i = 0; i < r->line_count; i++) {
		const struct ledger *l = &r->lines[i]->ledger;

		for (size_t k = 0; k < l->count; k++) {
			bool shown = false;

			for (unsigned j = 0; j < i; j++)
				shown |= ledger_find(&r->lines[j]->ledger, l->entries[k].label) != NULL;
			if (!shown)
				print_row(r, &l->entries[k]);
		}
	}
}

/* Where every interrupt is in the end. */
struct sums {
	unsigned entries, injected, delivered, coalesced, suppressed, dropped, lost, duplicate, pending;
};

/* A record of the guest's log. */
static void print_record(const struct ledger *l, unsigned k, const char *end)
{
	char text[96];

	irq_record_text(&l->log[k], text, sizeof(text));
	printf("record %u, vCPU %u: %s%s\n", k, l->log[k].cpu, text, end);
}

/* An interrupt whose account is wrong. It was taken too often: all that the guest recorded of it. */
static void print_wrong(const struct timeline *t, const struct ledger_entry *e, unsigned pending)
{
	char text[96];

	irq_record_text(&e->irq.want, text, sizeof(text));
	printf("wrong: VM %s: ", t->name);
	print_label(e->label, 0);
	printf(" (%s): due %u, taken %u, pending %u\n", text, ledger_due(e), e->taken, pending);
	for (unsigned k = 0; k < t->ledger.read && e->taken > ledger_due(e); k++) {
		if (ledger_match(&t->ledger, &t->ledger.log[k]) != e || ledger_is_stray(&t->ledger, k))
			continue;
		printf("       ");
		print_record(&t->ledger, k, "");
	}
}

static void print_strays(const struct timeline *t)
{
	const struct ledger *l = &t->ledger;

	for (unsigned k = 0; k < l->read && l->stray; k++) {
		if (!ledger_is_stray(l, k))
			continue;
		printf("wrong: VM %s: ", t->name);
		print_record(l, k, ": nobody had asked for it");
	}
}

unsigned timeline_doubles(const struct timeline *t)
{
	print_strays(t);
	for (size_t i = 0; i < t->ledger.count; i++) {
		const struct ledger_entry *e = &t->ledger.entries[i];

		if (e->taken > ledger_due(e))
			print_wrong(t, e, 0);
	}
	return ledger_duplicate(&t->ledger);
}

/* What is owed and not taken is pending in KVM, or lost; what is pending and not owed will be taken twice. */
static int sum_entry(struct timeline *t, const struct ledger_entry *e, unsigned pending, struct sums *sums,
                     struct error *err)
{
	unsigned owed = ledger_owed(e), found = pending < owed ? pending : owed, lost = owed - found;
	int vanishes = lost ? arch_irq_vanishes(&t->vm, &e->irq, err) : 0;

	if (vanishes < 0)
		return vanishes;
	sums->pending += found;
	sums->lost += vanishes ? 0 : lost;
	sums->duplicate += pending - found;
	sums->entries++;
	sums->injected += e->injected;
	sums->delivered += e->taken < ledger_due(e) ? e->taken : ledger_due(e);
	sums->coalesced += e->coalesced;
	sums->dropped += e->dropped + (vanishes ? lost : 0);
	if (ledger_due(e) != e->taken + pending && !vanishes)
		print_wrong(t, e, pending);
	return 0;
}

static int sum_up(struct timeline *t, struct sums *sums, struct error *err)
{
	struct arch_state *state;
	int rc = 0;

	rc = vm_pause(&t->vm, err);
	if (!rc)
		rc = timeline_read_log(t, err);
	if (!rc)
		rc = state_look(&t->vm, &state, err);
	if (rc)
		return rc;
	print_strays(t);
	sums->duplicate += ledger_duplicate(&t->ledger);
	sums->suppressed += t->ledger.suppressed;
	sums->injected += t->ledger.suppressed;
	for (size_t i = 0; i < t->ledger.count && !rc; i++) {
		const struct ledger_entry *e = &t->ledger.entries[i];

		rc = sum_entry(t, e, arch_state_count(state, &e->irq), sums, err);
	}
	arch_codec->free(state);
	return rc;
}

static int sum_all(struct runner *r, struct sums *sums)
{
	*sums = (struct sums){ .duplicate = r->duplicates };
	for (unsigned i = 0; i < r->line_count; i++) {
		struct timeline *t = r->lines[i];
		int rc = 0;

		if (t->vm.dead) {
			sums->duplicate += ledger_duplicate(&t->ledger);
			printf("VM %s is not in the account: a restore into it has failed in its middle\n",
			       t->name);
		} else {
			rc = sum_up(t, sums, r->err);
		}
		if (rc)
			return status_of(rc);
	}
	return 0;
}

int runner_check(struct runner *r)
{
	struct sums sums;
	int rc = sum_all(r, &sums);

	return !rc && (sums.lost || sums.duplicate)
	               ? runner_unmet(r, "%u lost, %u duplicate", sums.lost, sums.duplicate)
	               : rc;
}

int runner_account(struct runner *r)
{
	struct sums sums;
	int rc = sum_all(r, &sums);

	if (rc)
		return rc;
	if (sums.entries && !r->config->quiet)
		print_table(r);
	if (!r->config->quiet)
		printf("injected %u: delivered %u, coalesced %u, suppressed %u, dropped %u\n", sums.injected,
		       sums.delivered, sums.coalesced, sums.suppressed, sums.dropped);
	printf("%s: lost %u  duplicate %u", arch_info.name, sums.lost, sums.duplicate);
	if (sums.pending)
		printf("  still pending %u", sums.pending);
	putchar('\n');
	if (sums.lost || sums.duplicate)
		return runner_unmet(r, "%u lost, %u duplicate", sums.lost, sums.duplicate);
	return 0;
}
