/* SPDX-License-Identifier: BSD-2-Clause */
/* run_state.c: the steps that make, change and restore snapshots. See runner.h. Read next: run_file.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"
#include "vmm/snapshot/section_vm.h"

static struct moment *find_moment(struct runner *r, const char *name)
{
	for (unsigned i = 0; i < r->moment_count; i++)
		if (!strcmp(r->moments[i].name, name))
			return &r->moments[i];
	return NULL;
}

void moment_free(struct moment *m)
{
	free(m->state.bytes);
	ledger_free(&m->ledger);
}

void moments_free(struct runner *r)
{
	for (unsigned i = 0; i < r->moment_count; i++)
		moment_free(&r->moments[i]);
}

int runner_moment(struct runner *r, const char *name, struct moment **m)
{
	*m = find_moment(r, name);
	return *m ? 0 : runner_wrong(r, "there is no snapshot %s", name);
}

int runner_keep(struct runner *r, struct moment *made)
{
	struct moment *m = find_moment(r, made->name);

	if (!m && r->moment_count == MAX_SNAPSHOTS) {
		moment_free(made);
		return runner_wrong(r, "more than %d snapshots", MAX_SNAPSHOTS);
	}
	if (m)
		moment_free(m);
	else
		m = &r->moments[r->moment_count++];
	*m = *made;
	return 0;
}

/* --- the books -------------------------------------------------------- */

int runner_note_pending(struct timeline *t, struct arch_state **before, struct error *err)
{
	int rc = timeline_read_log(t, err);

	return rc ? rc : state_look(&t->vm, before, err);
}

/* Of the entry some were pending before, and some are now. What was lost then stays lost. */
static int book_count(struct timeline *t, struct ledger_entry *e, const struct arch_state *before,
                      const struct arch_state *now, struct error *err)
{
	unsigned owed = ledger_owed(e), is = arch_state_count(now, &e->irq),
		 was = arch_state_count(before, &e->irq) - timeline_unasked(t, e, before);

	if (was > is)
		e->dropped += was - is < owed ? was - is : owed;
	return is > was ? ledger_owe(&t->ledger, &e->irq, is - was, err) : 0;
}

/* The same of all entries. */
static int book_counts(struct timeline *t, const struct arch_state *before, const struct arch_state *now,
                       struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < t->ledger.count && !rc; i++)
		rc = book_count(t, &t->ledger.entries[i], before, now, err);
	return rc;
}

int runner_book_change(struct timeline *t, struct arch_state *before, struct error *err)
{
	struct arch_state *after;
	int rc = state_look(&t->vm, &after, err);

	if (!rc) {
		rc = book_counts(t, before, after, err);
		arch_codec->free(after);
	}
	arch_codec->free(before);
	return rc;
}

/* Interrupts alone come into books that may not know them. */
static int name_those_of(struct ledger *l, const struct ledger *from, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < from->count && !rc; i++)
		if (!ledger_find_irq(l, &from->entries[i].irq))
			rc = ledger_name(
				l, ledger_find(l, from->entries[i].label) ? NULL : from->entries[i].label,
				&from->entries[i].irq, err);
	return rc;
}

/* What the snapshot says of the machine; *state is to be freed unless that fails. */
static int open_moment(const struct moment *m, struct snapshot *snap, struct section_vm *of,
                       struct arch_state **state, struct error *err)
{
	int rc;

	*state = arch_codec->create();
	if (!*state)
		return error_set(err, -ENOMEM, "out of memory");
	rc = snap_decode(snap, m->state.bytes, m->state.len, m->state.sealed, err);
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

static int decode(const struct moment *m, struct arch_state **state, struct error *err)
{
	struct section_vm of;
	struct snapshot snap;
	int rc = open_moment(m, &snap, &of, state, err);

	if (!rc)
		snap_free(&snap);
	return rc;
}

/* --- snapshot and restore --------------------------------------------- */

int moment_make(struct moment *made, struct vm *vm, struct timeline *t, struct error *err)
{
	int rc = vm_pause(vm, err);

	if (!rc && t)
		rc = timeline_read_log(t, err);
	if (!rc && t)
		rc = ledger_copy(&made->ledger, &t->ledger, err);
	return rc ? rc : state_save(vm, made->kind, &made->state, err);
}

int step_snapshot(struct runner *r, const struct step *s)
{
	struct moment made = { .name = s->name, .kind = s->snap_kind };
	int rc;

	rc = moment_make(&made, &r->now->vm, r->now, r->err);
	if (rc) {
		moment_free(&made);
		return rc;
	}
	rc = runner_keep(r, &made);
	if (!rc)
		runner_result(r, "%zu bytes", made.state.len);
	return rc;
}

/* What was lost or doubled before is not forgiven; what is pending is gone with its time. */
static int restore_all(struct runner *r, struct timeline *t, const struct moment *m, bool fresh)
{
	struct settled found;
	int rc = timeline_settle(t, &found, r->err);

	if (!rc)
		rc = state_load(&t->vm, &m->state, fresh, r->err);
	if (rc)
		return rc;
	t->settled.lost += found.lost;
	t->settled.duplicate += found.duplicate;
	r->replaced += ledger_injected(&t->ledger) - t->inherited;
	ledger_free(&t->ledger);
	rc = ledger_copy(&t->ledger, &m->ledger, r->err);
	t->inherited = ledger_injected(&t->ledger);
	return rc;
}

/* Time goes on: what was pending is dropped, and what the snapshot has is due, whatever KVM makes of it. */
static int restore_irqs(struct runner *r, struct timeline *t, const struct moment *m, bool fresh)
{
	struct arch_state *before, *there;
	uint64_t injected = ledger_injected(&t->ledger);
	int rc = name_those_of(&t->ledger, &m->ledger, r->err);

	if (!rc)
		rc = runner_note_pending(t, &before, r->err);
	if (rc)
		return rc;
	rc = state_load(&t->vm, &m->state, fresh, r->err);
	if (!rc)
		rc = decode(m, &there, r->err);
	if (!rc) {
		rc = book_counts(t, before, there, r->err);
		t->inherited += ledger_injected(&t->ledger) - injected;
		arch_codec->free(there);
	}
	arch_codec->free(before);
	return rc;
}

int step_restore(struct runner *r, const struct step *s)
{
	struct timeline *t = runner_line(r, s->name2);
	bool fresh = !t;
	struct moment *m;
	int rc = runner_moment(r, s->name, &m);

	if (!rc && fresh)
		rc = runner_new_line(r, s->name2, &t);
	if (rc)
		return rc;
	r->now = t;
	rc = runner_usable(r);
	if (rc)
		return rc;
	rc = runner_stop_world(r);
	if (rc)
		return rc;
	rc = m->kind == SNAP_IRQ ? restore_irqs(r, t, m, fresh) : restore_all(r, t, m, fresh);
	if (s->fails)
		return runner_refusal(r, s, rc);
	if (rc)
		return rc == -EBUSY ? error_blame(r->err, rc, FAULT_DATA) : rc;
	runner_result(r, "into %s VM \"%s\"", fresh ? "the new" : "the same", t->name);
	return 0;
}

/* --- a snapshot, changed ---------------------------------------------- */

/* The same with another machine's state; what the codec does not know stays as it is. */
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

static int change(struct moment *m, const struct irq *irq,
                  int (*edit)(struct arch_state *state, const struct irq *irq, struct error *err),
                  struct error *err)
{
	struct arch_state *state;
	struct section_vm of;
	struct snapshot snap;
	int rc = open_moment(m, &snap, &of, &state, err);

	if (rc)
		return rc;
	rc = edit(state, irq, err);
	if (!rc)
		rc = reencode(&m->state, &snap, &of, state, err);
	snap_free(&snap);
	arch_codec->free(state);
	return rc;
}

/* What cannot be in a snapshot, or is not in this one, is the scenario's mistake. */
static int changed(struct runner *r, int rc)
{
	return error_blame(r->err, rc, FAULT_DATA);
}

int step_add(struct runner *r, const struct step *s)
{
	struct moment *m;
	int rc = runner_moment(r, s->name2, &m);

	if (rc)
		return rc;
	rc = change(m, &s->irq, arch_state_add, r->err);
	if (s->fails)
		return runner_refusal(r, s, rc);
	if (!rc)
		rc = ledger_inject(&m->ledger, s->name, &s->irq, 1, r->err);
	return changed(r, rc);
}

int step_drop(struct runner *r, const struct step *s)
{
	const struct ledger_entry *e;
	struct moment *m;
	int rc = runner_moment(r, s->name, &m);

	if (rc)
		return rc;
	e = ledger_find(&m->ledger, s->name2);
	if (!e)
		return runner_wrong(r, "snapshot %s knows no interrupt %s", s->name, s->name2);
	rc = change(m, &e->irq, arch_state_drop, r->err);
	if (s->fails)
		return runner_refusal(r, s, rc);
	if (rc)
		return changed(r, rc);
	ledger_withdraw(&m->ledger, &e->irq, 1);
	return 0;
}
