/* SPDX-License-Identifier: BSD-2-Clause */
/* trial.c: see trial.h. */
#include "trial.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vmm/console.h"

void trials_begin(struct trials *t, const struct runner *r, const char *what)
{
	*t = (struct trials){ .begun = time_now(), .what = what, .quiet = !runner_shows(r) };
	progress_begin(&t->progress);
}

int trial_save(struct runner *r, struct named_snapshot *base)
{
	*base = (struct named_snapshot){ .name = "", .kind = SNAP_VM };
	return named_snapshot_make(base, &r->current->vm, r->current, r->err);
}

int trial_back(struct runner *r, struct vm_run *run, const struct named_snapshot *base)
{
	int rc = runner_host(r, vm_pause(&run->vm, r->err));

	return rc ? rc : runner_go_back(r, run, base, false);
}

/* --- how a trial ended ---------------------------------------------------- */

/* Appends to text, of size bytes, what fits. */
static void append(char *text, size_t size, const char *more)
{
	size_t len = strlen(text);

	while (*more && len + 1 < size)
		text[len++] = *more++;
	text[len] = 0;
}

/* What was taken since record `from`, in its order. */
static void taken_text(struct vm_run *run, unsigned from, char *text, size_t size)
{
	const struct ledger *l = &run->ledger;
	const char *last = NULL;
	char other[96];

	for (unsigned k = from; k < l->read; k++) {
		const struct ledger_entry *e = ledger_match(l, &l->log[k]);

		irq_record_text(&l->log[k], other, sizeof(other));
		append(text, size, last ? ", " : "taken: ");
		append(text, size, last = e ? e->label : other);
	}
	if (!last)
		append(text, size, "nothing was taken");
}

/* Audits a VM whose trial is over, and closes its ledger: what the trial left behind is nobody's fault. */
static int close_ledger(struct runner *r, struct vm_run *run, char *text, size_t size, bool *good)
{
	struct settled found;
	char more[120];
	int rc = audit_settle(run, &found, r->err);

	if (rc)
		return rc;
	if (found.lost || found.duplicate) {
		snprintf(more, sizeof(more), "; VM %s: lost %" PRIu64 ", duplicate %" PRIu64, run->name,
		         found.lost, found.duplicate);
		append(text, size, more);
		*good = false;
	}
	run->audited = true;
	return 0;
}

/* Whether the error is one of the trial: an expectation that is not met, or a guest that the block cannot
 * use. */
static bool is_trials(int rc)
{
	return rc == -EPROTO || rc == -EBUSY || rc == -EINVAL || rc == -ETIMEDOUT;
}

static struct trial_group *find_group(struct trials *t, const char *text, bool good)
{
	struct trial_group *g = t->groups;

	while (g < t->groups + t->group_count && (g->good != good || strcmp(g->text, text)))
		g++;
	if (g < t->groups + t->group_count)
		return g;
	if (t->group_count == TRIAL_GROUPS)
		return &t->groups[TRIAL_GROUPS - 1];
	t->group_count++;
	*g = (struct trial_group){ .good = good, .length = UINT32_MAX };
	snprintf(g->text, sizeof(g->text), "%s", t->group_count == TRIAL_GROUPS ? "in other ways" : text);
	return g;
}

static void end_range(struct trial_group *g)
{
	char text[48];

	if (g->first == g->last)
		snprintf(text, sizeof(text), "%s%" PRIu64, *g->ranges ? ", " : "", g->first);
	else
		snprintf(text, sizeof(text), "%s%" PRIu64 "..%" PRIu64, *g->ranges ? ", " : "", g->first,
		         g->last);
	if (strlen(g->ranges) + strlen(text) + sizeof(", ...") < sizeof(g->ranges))
		append(g->ranges, sizeof(g->ranges), text);
	else if (!strstr(g->ranges, "..."))
		append(g->ranges, sizeof(g->ranges), ", ...");
}

/* last: the value of the trial before this one. */
static void count_in(struct trial_group *g, const struct trial *trial, uint64_t last)
{
	if (g->count && g->last == last) {
		g->last = trial->value;
	} else {
		if (g->count)
			end_range(g);
		g->first = g->last = trial->value;
	}
	g->count++;
	if (trial->length < g->length) {
		g->length = trial->length;
		snprintf(g->example, sizeof(g->example), "%s", trial->example);
	}
}

static void progress(struct trials *t)
{
	if (!t->quiet && progress_due(&t->progress))
		progress_show(&t->progress,
		              "zpvm: %s: %" PRIu64 " done, %" PRIu64 " failed, %" PRIu64 " a second", t->what,
		              t->count, t->failed, t->count * 1000000000 / (time_now() - t->begun));
}

/* --- a trial --------------------------------------------------------------- */

static void set_quiet(struct runner *r, bool quiet)
{
	for (unsigned i = 0; i < r->run_count; i++)
		r->runs[i]->quiet = quiet;
}

/* The steps of the block; how they ended, into text. */
static int do_block(struct runner *r, const struct step *s, uint64_t value, char *text, size_t size,
                    bool *good)
{
	struct vm_run *run = r->current;
	unsigned from = run->ledger.read;
	int rc = runner_do_block(r, s, value);

	*text = 0;
	if (rc && !is_trials(rc))
		return rc;
	if (rc) {
		append(text, size, r->err->text);
		*r->err = (struct error){ .text = "" };
	} else if (r->outcome->kind != OUTCOME_DONE) {
		append(text, size,
		       r->outcome->why.text[0] ? r->outcome->why.text : "the guest came to its end");
		*r->outcome = (struct outcome){ .kind = OUTCOME_DONE };
	} else {
		rc = runner_host(r, vm_run_read_log(r->current, r->err));
		if (rc)
			return rc;
		taken_text(r->current, r->current == run ? from : 0, text, size);
		*good = true;
	}
	return 0;
}

int trial_run(struct runner *r, const struct step *s, const struct trial *trial, struct trials *t, bool *good)
{
	char text[sizeof(t->groups->text)];
	int rc;

	*good = false;
	set_quiet(r, true);
	rc = do_block(r, s, trial->value, text, sizeof(text), good);
	set_quiet(r, true); /* also those that the block has made */
	for (unsigned i = 0; i < r->run_count && !rc; i++)
		if (!r->runs[i]->vm.dead)
			rc = close_ledger(r, r->runs[i], text, sizeof(text), good);
	set_quiet(r, false);
	if (rc)
		return rc;
	count_in(find_group(t, text, *good), trial, t->last);
	t->last = trial->value;
	t->count++;
	t->failed += !*good;
	progress(t);
	return 0;
}

static void print_group(const struct trial_group *g, const char *numbers)
{
	struct trial_group whole = *g;

	if (numbers)
		end_range(&whole);
	printf("      %s %" PRIu64 ": %s%s%s: %s\n", g->good ? "right" : "WRONG", g->count,
	       numbers ? numbers : "", numbers ? "=" : "such as ", numbers ? whole.ranges : g->example,
	       g->text);
}

int trials_end(struct runner *r, const struct trials *t, const char *numbers)
{
	const struct trial_group *shortest = NULL;

	for (unsigned g = 0; g < t->group_count; g++) {
		if (runner_shows(r))
			print_group(&t->groups[g], numbers);
		if (!t->groups[g].good && (!shortest || t->groups[g].length < shortest->length))
			shortest = &t->groups[g];
	}
	if (!shortest)
		return 0;
	return runner_unmet(r, "%" PRIu64 " of %" PRIu64 " failed; the shortest: %s: %s", t->failed, t->count,
	                    shortest->example, shortest->text);
}
