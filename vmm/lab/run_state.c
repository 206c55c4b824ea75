/* SPDX-License-Identifier: BSD-2-Clause */
/* run_state.c: the steps that make, change and restore snapshots. See runner.h. Read next: run_file.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch_lab.h"
#include "runner.h"
#include "vmm/snapshot/section_vm.h"

static struct named_snapshot *find_snapshot(struct runner *r, const char *name)
{
	for (unsigned i = 0; i < r->snapshot_count; i++)
		if (!strcmp(r->snapshots[i].name, name))
			return &r->snapshots[i];
	return NULL;
}

void named_snapshot_free(struct named_snapshot *named)
{
	free(named->state.bytes);
	ledger_free(&named->ledger);
}

void named_snapshots_free(struct runner *r)
{
	for (unsigned i = 0; i < r->snapshot_count; i++)
		named_snapshot_free(&r->snapshots[i]);
}

int runner_find_snapshot(struct runner *r, const char *name, struct named_snapshot **named)
{
	*named = find_snapshot(r, name);
	return *named ? 0 : runner_wrong(r, "there is no snapshot %s", name);
}

int runner_keep(struct runner *r, struct named_snapshot *made)
{
	struct named_snapshot *named = find_snapshot(r, made->name);

	if (!named && r->snapshot_count == MAX_SNAPSHOTS) {
		named_snapshot_free(made);
		return runner_wrong(r, "more than %d snapshots", MAX_SNAPSHOTS);
	}
	if (named)
		named_snapshot_free(named);
	else
		named = &r->snapshots[r->snapshot_count++];
	*named = *made;
	return 0;
}

/* --- the ledger -------------------------------------------------------- */

int runner_note_pending(struct vm_run *run, struct arch_state **before, struct error *err)
{
	int rc = vm_run_read_log(run, err);

	return rc ? rc : state_look(&run->vm, SNAP_IRQ, before, err);
}

/* Records how the number of an entry's pending interrupts has changed. What was lost before stays lost. */
static int record_change(struct vm_run *run, struct ledger_entry *e, const struct arch_state *before,
                         const struct arch_state *now, struct error *err)
{
	unsigned due = ledger_outstanding(e), is = arch_state_count(now, &e->irq),
		 was = arch_state_count(before, &e->irq) - audit_unrequested(run, e, before);

	if (was > is)
		e->dropped += was - is < due ? was - is : due;
	return is > was ? ledger_expect(&run->ledger, &e->irq, is - was, err) : 0;
}

/* The same for all entries. */
static int record_changes(struct vm_run *run, const struct arch_state *before, const struct arch_state *now,
                          struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < run->ledger.count && !rc; i++)
		rc = record_change(run, &run->ledger.entries[i], before, now, err);
	return rc;
}

int runner_record_change(struct vm_run *run, struct arch_state *before, struct error *err)
{
	struct arch_state *after;
	struct irq_tally tally;
	int rc = vm_run_look(run, &after, err);

	if (!rc) {
		irq_tally_begin(&tally, run->vm.trace, &run->ledger);
		rc = record_changes(run, before, after, err);
		irq_tally_end(&tally, run->vm.trace, &run->ledger, NULL);
		arch_codec->free(after);
	}
	arch_codec->free(before);
	return rc;
}

/* A snapshot of interrupts alone is restored: its interrupts get entries in a ledger that may lack them. */
static int add_entries(struct ledger *l, const struct ledger *from, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < from->count && !rc; i++)
		if (!ledger_find_irq(l, &from->entries[i].irq))
			rc = ledger_name(
				l, ledger_find(l, from->entries[i].label) ? NULL : from->entries[i].label,
				&from->entries[i].irq, err);
	return rc;
}

/* Decodes the snapshot. The caller frees snap and *state, unless this fails. */
static int open_snapshot(const struct named_snapshot *named, struct snapshot *snap, struct section_vm *of,
                         struct arch_state **state, struct error *err)
{
	int rc;

	*state = arch_codec->create();
	if (!*state)
		return error_set(err, -ENOMEM, "out of memory");
	rc = snap_decode(snap, named->state.bytes, named->state.len, named->state.sealed, err);
	if (!rc)
		rc = section_vm_get(snap, of, err);
	if (!rc)
		rc = codec_decode(arch_codec, *state, snap, &of->scope, err);
	if (rc) {
		snap_free(snap);
		arch_codec->free(*state);
	}
	return rc;
}

static int decode(const struct named_snapshot *named, struct arch_state **state, struct error *err)
{
	struct section_vm of;
	struct snapshot snap;
	int rc = open_snapshot(named, &snap, &of, state, err);

	if (!rc)
		snap_free(&snap);
	return rc;
}

bool vm_run_exact(const struct vm_run *run)
{
	return run->exact && run->vm.resumes == run->resumes;
}

int runner_settle_snapshot(struct runner *r, const char *name, const struct irq *irq, unsigned most)
{
	const struct ledger_entry *e;
	struct named_snapshot *named;
	struct arch_state *state;
	unsigned there, due;
	int rc = runner_find_snapshot(r, name, &named);

	if (!rc)
		rc = decode(named, &state, r->err);
	if (rc)
		return rc;
	there = arch_state_count(state, irq) + arch_held(&r->current->vm, state, irq);
	arch_codec->free(state);
	e = ledger_find_irq(&named->ledger, irq);
	if (!e)
		return 0;
	/* The guest may have taken it before the snapshot was made. */
	there += e->taken;
	due = ledger_due(e);
	if (there <= due)
		return 0;
	return ledger_expect(&named->ledger, irq, there - due < most ? there - due : most, r->err);
}

/* --- snapshot and restore --------------------------------------------- */

int named_snapshot_make(struct named_snapshot *made, struct vm *vm, struct vm_run *run, struct error *err)
{
	int rc = run ? late_end(&run->late, err) : 0;

	if (!rc)
		rc = vm_pause(vm, err);

	if (!rc && run)
		rc = vm_run_read_log(run, err);
	if (!rc && run)
		rc = ledger_copy(&made->ledger, &run->ledger, err);
	made->exact = run && vm_run_exact(run);
	return rc ? rc : state_save(vm, made->kind, &made->state, err);
}

int step_snapshot(struct runner *r, const struct step *s)
{
	struct named_snapshot made = { .name = s->name, .kind = s->snap_kind };
	int rc;

	rc = named_snapshot_make(&made, &r->current->vm, r->current, r->err);
	if (rc) {
		named_snapshot_free(&made);
		return rc;
	}
	rc = runner_keep(r, &made);
	if (!rc)
		runner_result(r, "%zu bytes", made.state.len);
	return rc;
}

int runner_go_back(struct runner *r, struct vm_run *run, const struct named_snapshot *named, bool fresh)
{
	int rc = late_end(&run->late, r->err);

	if (!rc)
		rc = state_load(&run->vm, &named->state, fresh, r->err);

	if (rc)
		return rc;
	run->audited = false;
	run->log_sum = run->summed = 0;
	run->exact = named->exact;
	run->resumes = run->vm.resumes;
	r->replaced += ledger_injected(&run->ledger) - run->inherited;
	ledger_free(&run->ledger);
	rc = ledger_copy(&run->ledger, &named->ledger, r->err);
	run->inherited = ledger_injected(&run->ledger);
	return rc;
}

/* The VM's ledger is replaced by the snapshot's. What was lost or duplicated before still counts. */
static int restore_all(struct runner *r, struct vm_run *run, const struct named_snapshot *named, bool fresh)
{
	struct settled found;
	int rc = audit_settle(run, &found, r->err);

	if (!rc)
		rc = runner_go_back(r, run, named, fresh);
	if (rc)
		return rc;
	run->settled.lost += found.lost;
	run->settled.duplicate += found.duplicate;
	return 0;
}

/* The ledger continues: what was pending is dropped, and what the snapshot has pending is due, whatever KVM
 * does. */
static int restore_irqs(struct runner *r, struct vm_run *run, const struct named_snapshot *named, bool fresh)
{
	struct arch_state *before, *there;
	uint64_t injected = ledger_injected(&run->ledger);
	int rc = add_entries(&run->ledger, &named->ledger, r->err);

	if (!rc)
		rc = runner_note_pending(run, &before, r->err);
	if (rc)
		return rc;
	rc = state_load(&run->vm, &named->state, fresh, r->err);
	if (!rc)
		rc = decode(named, &there, r->err);
	if (!rc) {
		rc = record_changes(run, before, there, r->err);
		run->inherited += ledger_injected(&run->ledger) - injected;
		arch_codec->free(there);
	}
	arch_codec->free(before);
	return rc;
}

int step_restore(struct runner *r, const struct step *s)
{
	struct vm_run *run = runner_find_run(r, s->vm);
	bool fresh = !run;
	struct named_snapshot *named;
	int rc = runner_find_snapshot(r, s->name, &named);

	if (!rc && fresh)
		rc = runner_new_run(r, s->vm, &run);
	while (!rc && fresh && run->vm.vcpu_count < r->config->vm->vcpus)
		rc = vm_add_vcpu(&run->vm, r->err);
	if (rc)
		return rc;
	r->current = run;
	rc = runner_usable(r);
	if (rc)
		return rc;
	rc = runner_stop_world(r);
	if (rc)
		return rc;
	rc = named->kind == SNAP_IRQ ? restore_irqs(r, run, named, fresh) : restore_all(r, run, named, fresh);
	if (s->fails)
		return runner_refusal(r, s, rc);
	if (rc)
		return rc == -EBUSY ? error_blame(r->err, rc, FAULT_DATA) : rc;
	runner_result(r, "into %s VM \"%s\"", fresh ? "the new" : "the same", run->name);
	return 0;
}

/* --- changing a snapshot ---------------------------------------------- */

/* Encodes a snapshot again, with this state. Sections that the codec does not know are copied. */
static int reencode(struct state_bytes *bytes, const struct snapshot *old, const struct section_vm *of,
                    const struct arch_state *state, struct error *err)
{
	struct snapshot snap;
	struct state_bytes made = { .like = bytes->like };
	int rc;

	snap_init(&snap, old->arch);
	for (size_t i = 0; i < old->count; i++)
		if (!codec_knows(arch_codec, &old->sections[i], &of->scope))
			snap_put(snap_add(&snap, old->sections[i].tag, old->sections[i].id,
			                  old->sections[i].version),
			         old->sections[i].bytes, old->sections[i].len);
	rc = codec_encode(arch_codec, state, of->scope.kind, of->scope.vcpus, &snap, err);
	if (!rc)
		rc = snap_encode(&snap, &made.bytes, &made.len, err);
	snap_free(&snap);
	if (rc)
		return rc;
	free(bytes->bytes);
	*bytes = made;
	return 0;
}

static int change(struct named_snapshot *named, const struct irq *irq,
                  int (*edit)(struct arch_state *state, const struct irq *irq, struct error *err),
                  struct error *err)
{
	struct arch_state *state;
	struct section_vm of;
	struct snapshot snap;
	int rc = open_snapshot(named, &snap, &of, &state, err);

	if (rc)
		return rc;
	rc = edit(state, irq, err);
	if (!rc)
		rc = reencode(&named->state, &snap, &of, state, err);
	snap_free(&snap);
	arch_codec->free(state);
	return rc;
}

/* An interrupt that cannot be in a snapshot, or is not in this one, is a mistake of the scenario. */
static int changed(struct runner *r, int rc)
{
	return error_blame(r->err, rc, FAULT_DATA);
}

int step_add(struct runner *r, const struct step *s)
{
	struct named_snapshot *named;
	int rc = runner_find_snapshot(r, s->snapshot, &named);

	if (rc)
		return rc;
	rc = change(named, &s->irq, arch_state_add, r->err);
	if (s->fails)
		return runner_refusal(r, s, rc);
	if (!rc)
		rc = ledger_inject(&named->ledger, s->name, &s->irq, 1, r->err);
	return changed(r, rc);
}

int step_drop(struct runner *r, const struct step *s)
{
	const struct ledger_entry *e;
	struct named_snapshot *named;
	int rc = runner_find_snapshot(r, s->name, &named);

	if (rc)
		return rc;
	e = ledger_find(&named->ledger, s->label);
	if (!e)
		return runner_wrong(r, "snapshot %s knows no interrupt %s", s->name, s->label);
	rc = change(named, &e->irq, arch_state_drop, r->err);
	if (s->fails)
		return runner_refusal(r, s, rc);
	if (rc)
		return changed(r, rc);
	ledger_withdraw(&named->ledger, &e->irq, 1);
	return 0;
}
