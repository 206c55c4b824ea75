/* SPDX-License-Identifier: BSD-2-Clause */
/* audit.c: compares the ledgers with what KVM has pending: what became of every interrupt. See runner.h and
 * ledger.h. */
#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "arch_lab.h"
#include "vmm/arch.h"
#include "runner.h"

/* When the guest's clock was that: by the resume whose reading is the last one before it. */
static uint64_t when(const struct vm *vm, uint64_t stamp)
{
	const struct trace_clock *last = NULL;
	uint64_t now = time_now(), ns;

	for (unsigned i = 0; stamp && i < TRACE_CLOCKS; i++) {
		const struct trace_clock *c = &vm->clocks[i];

		if (c->guest && c->guest <= stamp && (!last || c->guest >= last->guest))
			last = c;
	}
	ns = last ? last->ns + irq_clock_ns(stamp - last->guest) : 0;
	return ns < now ? ns : now;
}

/* Of the records that were read since the tally began. */
static void tell(const struct vm_run *run, struct irq_tally *tally)
{
	const uint64_t *stamps = tally->on ? checkpoint_stamps(&run->vm) : NULL;
	uint64_t times[ABI_LOG] = { 0 };

	for (unsigned k = tally->read; stamps && k < run->ledger.read; k++)
		times[k] = when(&run->vm, stamps[k]);
	irq_tally_end(tally, run->vm.trace, &run->ledger, stamps ? times : NULL);
}

int vm_run_read_log(struct vm_run *run, struct error *err)
{
	const struct abi_shared *shared = checkpoint_shared(&run->vm);
	struct irq_tally tally;
	unsigned ready = 0;
	int rc;

	if (!shared)
		return 0;
	for (unsigned i = 0; i < run->vm.vcpu_count && i < ABI_CPUS; i++)
		ready |= (unsigned)(checkpoint_cpu_state(&run->vm, i) == CPU_READY) << i;
	ledger_keep_promises(&run->ledger, ready);
	irq_tally_begin(&tally, run->vm.trace, &run->ledger);
	rc = raised_log_enter(checkpoint_raised(&run->vm), &run->ledger, shared->log,
	                      __atomic_load_n(&shared->taken, __ATOMIC_ACQUIRE), err);
	tell(run, &tally);
	return rc;
}

int vm_run_look(struct vm_run *run, struct arch_state **state, struct error *err)
{
	int rc = state_look(&run->vm, SNAP_IRQ, state, err);

	for (size_t i = 0; !rc && trace_wants(run->vm.trace, TRACE_IRQ) && i < run->ledger.count; i++) {
		const struct ledger_entry *e = &run->ledger.entries[i];
		unsigned count = arch_state_count(*state, &e->irq);

		if (count)
			irq_trace(run->vm.trace, "pending", &e->irq, e->label, count, NULL);
	}
	return rc;
}

/* The record that the guest logged, in whichever VM it took the interrupt; otherwise the record that is
 * expected. */
static void row_text(const struct runner *r, const struct irq *irq, char *text, unsigned size)
{
	for (unsigned i = 0; i < r->run_count; i++) {
		const struct ledger *l = &r->runs[i]->ledger;

		for (unsigned k = 0; k < l->read; k++)
			if (irq_matches(irq, &l->log[k]))
				return irq_record_text(&l->log[k], text, size);
	}
	irq_record_text(&irq->want, text, size);
}

/* A ledger may come from a file that somebody else has made: its labels must not control a terminal. */
static void print_label(const char *label, int width)
{
	for (; *label; label++, width--)
		putchar(*label >= ' ' && *label <= '~' ? *label : '?');
	printf("%*s", width > 0 ? width : 0, "");
}

/* In each VM that took it while its vCPU was stepped: when, for the first time. */
static void print_after(const struct runner *r, const struct irq *irq)
{
	for (unsigned i = 0; i < r->run_count; i++) {
		const struct ledger *l = &r->runs[i]->ledger;
		unsigned k = 0;

		while (k < l->read && !(l->after[k] && irq_matches(irq, &l->log[k])))
			k++;
		if (k < l->read)
			printf("  after %" PRIu64 " instructions of vCPU %u", l->after[k], l->log[k].cpu);
	}
}

static void print_row(const struct runner *r, const struct ledger_entry *row)
{
	uint64_t coalesced = 0, dropped = 0, early = 0;
	char text[96];

	row_text(r, &row->irq, text, sizeof(text));
	print_label(row->label, 12);
	printf(" %-52s", text);
	for (unsigned i = 0; i < r->snapshot_count; i++) {
		const struct ledger_entry *e = ledger_find_irq(&r->snapshots[i].ledger, &row->irq);

		printf(" %10u", e ? ledger_outstanding(e) : 0);
	}
	for (unsigned i = 0; i < r->run_count; i++) {
		const struct ledger_entry *e = ledger_find_irq(&r->runs[i]->ledger, &row->irq);

		printf(" %4u/%-5u", e ? e->taken : 0, e ? e->injected : 0);
		coalesced += e ? e->coalesced : 0;
		dropped += e ? e->dropped : 0;
		early += e ? e->early : 0;
	}
	if (coalesced)
		printf("  %" PRIu64 " coalesced", coalesced);
	if (dropped)
		printf("  %" PRIu64 " dropped", dropped);
	if (early)
		printf("  %" PRIu64 " not yet due", early);
	print_after(r, &row->irq);
	putchar('\n');
}

/* Prints a row for each interrupt: how many are not yet taken in each snapshot, and how many of those
 * injected were taken in each VM. */
static void print_table(const struct runner *r)
{
	printf("\n%-12s %-52s", "interrupt", "as the guest sees it");
	for (unsigned i = 0; i < r->snapshot_count; i++)
		printf(" pending:%-2.2s", r->snapshots[i].name);
	for (unsigned i = 0; i < r->run_count; i++)
		printf(" %10.10s", r->runs[i]->name);
	putchar('\n');
	for (unsigned i = 0; i < r->run_count; i++) {
		const struct ledger *l = &r->runs[i]->ledger;

		for (size_t k = 0; k < l->count; k++) {
			bool shown = false;

			/* Not by its label: a generated one may mean another interrupt in another VM. */
			for (unsigned j = 0; j < i; j++)
				shown |= ledger_find_irq(&r->runs[j]->ledger, &l->entries[k].irq) != NULL;
			if (!shown)
				print_row(r, &l->entries[k]);
		}
	}
	printf("(below a VM: taken/injected%s)\n",
	       r->snapshot_count ? "; below a snapshot: injected before it and not taken" : "");
}

/* Where all interrupts are in the end. */
struct sums {
	uint64_t entries, injected, inherited, delivered, coalesced, suppressed, dropped, lost, duplicate,
		pending, early;
};

/* Prints record k of the guest's log. */
static void print_record(const struct ledger *l, unsigned k, const char *end)
{
	char text[96];

	irq_record_text(&l->log[k], text, sizeof(text));
	printf("record %u, vCPU %u: %s%s\n", k, l->log[k].cpu, text, end);
}

/* Prints an entry that is wrong; if it was taken too often, also all of its records. */
static void print_wrong(const struct vm_run *run, const struct ledger_entry *e, unsigned pending)
{
	char text[96];

	irq_record_text(&e->irq.want, text, sizeof(text));
	printf("wrong: VM %s: ", run->name);
	print_label(e->label, 0);
	printf(" (%s): due %u, taken %u, pending %u\n", text, ledger_due(e), e->taken, pending);
	for (unsigned k = 0; k < run->ledger.read && e->taken > ledger_due(e); k++) {
		if (ledger_match(&run->ledger, &run->ledger.log[k]) != e || ledger_is_stray(&run->ledger, k))
			continue;
		printf("       ");
		print_record(&run->ledger, k, "");
	}
}

static void print_strays(const struct vm_run *run)
{
	const struct ledger *l = &run->ledger;

	for (unsigned k = 0; k < l->read && l->stray; k++) {
		if (!ledger_is_stray(l, k))
			continue;
		printf("wrong: VM %s: ", run->name);
		print_record(l, k, ": nobody had asked for it");
	}
}

/* How many are pending. A timer is in no controller: the vCPU's registers show whether it has expired. */
static unsigned count_pending(const struct arch_state *state, const struct ledger_entry *e,
                              enum timer_state timer)
{
	return timer == TIMER_NONE  ? arch_state_count(state, &e->irq)
	       : timer == TIMER_DUE ? ledger_outstanding(e)
	                            : 0;
}

/* How many of those that are pending were not requested. closing: only those that are pending for certain. */
static unsigned unrequested(const struct ledger_entry *e, const struct arch_state *state, unsigned pending,
                            bool closing)
{
	unsigned asked = ledger_outstanding(e) + (closing ? arch_state_unsure(state, &e->irq) : 0);

	return pending > asked ? pending - asked : 0;
}

/*
 * An interrupt that is due and not taken must be pending in KVM, or it is lost. One that is pending and not
 * due will be taken twice. An interrupt that the guest causes itself is not due before the guest has done
 * that, nor a timer before it expires. closing: the VM is about to be replaced, so an interrupt that the
 * scenario has announced will never be raised.
 */
static int add_entry(const struct vm *vm, struct ledger_entry *e, const struct arch_state *state,
                     bool closing, struct sums *sums, bool *good, unsigned *pending, struct error *err)
{
	enum timer_state timer = arch_state_timer(state, &e->irq, e->within);
	unsigned due = ledger_outstanding(e), found, missing, promises = closing ? ~0u : ~LEDGER_NAMED, twice;
	int vanishes;

	*pending = count_pending(state, e, timer);
	found = *pending < due ? *pending : due;
	missing = due - found;
	e->early = timer == TIMER_ARMED || e->promised & promises ? missing : 0;
	twice = unrequested(e, state, *pending, closing);
	vanishes = missing > e->early ? arch_irq_vanishes(vm, &e->irq, err) : 0;
	if (vanishes < 0)
		return vanishes;
	sums->entries++;
	sums->pending += found;
	sums->early += e->early;
	sums->lost += vanishes ? 0 : missing - e->early;
	sums->duplicate += twice;
	sums->injected += e->injected;
	sums->delivered += e->taken < ledger_due(e) ? e->taken : ledger_due(e);
	sums->coalesced += e->coalesced;
	sums->dropped += e->dropped + (vanishes ? missing - e->early : 0);
	*good = (vanishes || missing == e->early) && !twice && e->taken <= ledger_due(e);
	return 0;
}

/* Whether a vCPU was stopped between two exits: it may have been given an interrupt that it has not logged
 * yet. */
static bool in_between(const struct vm *vm)
{
	bool any = false;

	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		const struct vcpu *vcpu = &vm->vcpus[i];

		/* One that is at a checkpoint with a command that it has not read yet is not in between. */
		any |= (vcpu->state == VCPU_PARKED || vcpu->state == VCPU_WAITING) &&
		       vcpu->event.kind != EVENT_HELD;
	}
	return any;
}

/* Compares once. The VM is paused. last: prints what is wrong. */
static int look(struct vm_run *run, bool closing, bool last, struct sums *sums, struct error *err)
{
	struct arch_state *state;
	int rc = vm_run_read_log(run, err);

	if (!rc)
		rc = vm_run_look(run, &state, err);
	if (rc)
		return rc;
	last &= !run->quiet;
	if (last)
		print_strays(run);
	*sums = (struct sums){ .duplicate = ledger_duplicate(&run->ledger),
		               .suppressed = run->ledger.suppressed,
		               .injected = run->ledger.suppressed,
		               .inherited = run->inherited };
	for (size_t i = 0; i < run->ledger.count && !rc; i++) {
		struct ledger_entry *e = &run->ledger.entries[i];
		unsigned pending;
		bool good;

		rc = add_entry(&run->vm, e, state, closing, sums, &good, &pending, err);
		if (!rc && !good && last)
			print_wrong(run, e, pending);
	}
	arch_codec->free(state);
	return rc;
}

#define LOOKS 8 /* after each of which the VM runs twice as long: 127 ms in all */

/* If something seems wrong, a VM with a vCPU in between runs for a moment, and is compared again. */
static int sum_up(struct vm_run *run, bool closing, struct sums *sums, struct error *err)
{
	struct timespec ms = { .tv_nsec = 1000000 };

	for (unsigned n = 1;; n++) {
		int rc = vm_pause(&run->vm, err);
		bool last = n == LOOKS || !in_between(&run->vm);

		if (!rc)
			rc = look(run, closing, last, sums, err);
		if (rc || last || (!sums->lost && !sums->duplicate))
			return rc;
		vm_resume(&run->vm);
		nanosleep(&ms, NULL);
		ms.tv_nsec *= 2;
	}
}

/* Whether nobody can know what became of its interrupts: its guest has run, and keeps no log. */
static bool is_unknown(const struct vm_run *run)
{
	return run->live && run->vm.resumes && !checkpoint_shared(&run->vm);
}

int audit_settle(struct vm_run *run, struct settled *settled, struct error *err)
{
	struct sums sums;
	int rc = run->ledger.count ? 0 : vm_run_read_log(run, err);

	*settled = (struct settled){ 0 };
	if (rc || run->audited || is_unknown(run) || (!run->ledger.count && !run->ledger.stray))
		return rc;
	rc = sum_up(run, true, &sums, err);
	if (!rc)
		*settled = (struct settled){ .lost = sums.lost, .duplicate = sums.duplicate };
	return rc;
}

unsigned audit_unrequested(struct vm_run *run, const struct ledger_entry *e, const struct arch_state *state)
{
	unsigned pending = arch_state_count(state, &e->irq), twice = unrequested(e, state, pending, true);

	if (twice && !in_between(&run->vm)) {
		print_wrong(run, e, pending);
		run->settled.duplicate += twice;
	}
	return twice;
}

static int sum_all(struct runner *r, struct sums *all)
{
	*all = (struct sums){ 0 };
	for (unsigned i = 0; i < r->run_count; i++) {
		struct vm_run *run = r->runs[i];
		struct sums one = { .duplicate = ledger_duplicate(&run->ledger) };
		int rc = 0;

		if (run->audited)
			one.duplicate = 0;
		else if (run->vm.dead)
			printf("VM %s is not in the account: a restore into it has failed in its middle\n",
			       run->name);
		else if (is_unknown(run) && run->ledger.count)
			printf("VM %s is not in the account: its guest keeps no log\n", run->name);
		else
			rc = sum_up(run, false, &one, r->err);
		if (rc)
			return rc;
		all->entries += one.entries;
		all->injected += one.injected;
		all->inherited += one.inherited;
		all->delivered += one.delivered;
		all->coalesced += one.coalesced;
		all->suppressed += one.suppressed;
		all->dropped += one.dropped;
		all->pending += one.pending;
		all->early += one.early;
		all->lost += one.lost + run->settled.lost;
		all->duplicate += one.duplicate + run->settled.duplicate;
	}
	return 0;
}

static int verdict(struct runner *r, const struct sums *sums)
{
	return sums->lost || sums->duplicate ? runner_unmet(r, "%" PRIu64 " lost, %" PRIu64 " duplicate",
	                                                    sums->lost, sums->duplicate)
	                                     : 0;
}

int audit_check(struct runner *r)
{
	struct sums sums;
	int rc = sum_all(r, &sums);

	return rc ? rc : verdict(r, &sums);
}

/*
 * A restore copies injections to several VMs, or undoes them, so the sum of all VMs is not the number made.
 */
static void print_sums(const struct runner *r, const struct sums *sums)
{
	uint64_t made = sums->injected - sums->inherited + r->replaced;

	printf("injected %" PRIu64, made);
	if (sums->injected > made)
		printf(", and %" PRIu64 " more in restored VMs", sums->injected - made);
	if (sums->injected < made)
		printf(", %" PRIu64 " of them undone by restores", made - sums->injected);
	printf(": delivered %" PRIu64 ", coalesced %" PRIu64 ", suppressed %" PRIu64 ", dropped %" PRIu64
	       "\n",
	       sums->delivered, sums->coalesced, sums->suppressed, sums->dropped);
}

int audit_finish(struct runner *r)
{
	struct sums sums;
	int rc = sum_all(r, &sums);

	if (rc)
		return rc;
	if (!sums.injected && !r->replaced && !sums.lost && !sums.duplicate) {
		printf("%s: nothing was injected\n", arch_info.name);
		return 0;
	}
	if (sums.entries && runner_shows(r))
		print_table(r);
	if (runner_shows(r))
		print_sums(r, &sums);
	printf("%s: lost %" PRIu64 "  duplicate %" PRIu64, arch_info.name, sums.lost, sums.duplicate);
	if (sums.pending)
		printf("  still pending %" PRIu64, sums.pending);
	if (sums.early)
		printf("  not yet due %" PRIu64, sums.early);
	putchar('\n');
	return verdict(r, &sums);
}
