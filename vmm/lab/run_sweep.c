/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_sweep.c: the step that does the same after each instruction of a window. The vCPU is stepped from one
 * point to the next, and the VM goes back to the point after the block, so the cost of a point does not
 * grow with its number. See trial.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "stepping.h"
#include "trial.h"
#include "vmm/file.h"

/* Writes the scenario with the sweep replaced by its first point that failed. */
static int write_point(struct runner *r, const struct step *s, uint64_t n)
{
	struct iovec part;
	size_t len;
	char *text;
	int rc = scenario_print_point(r->scenario, s, n, &text, &len, r->err);

	if (rc)
		return rc;
	part = (struct iovec){ text, len };
	rc = file_write(s->sweep.write, &part, 1, r->err);
	free(text);
	return rc;
}

/* The window has come to its end, because the vCPU is asleep or has parked. */
static bool is_end(const struct step_result *result, uint64_t wanted)
{
	return result->last >= STEPPED_EVENT && result->instructions < wanted;
}

struct sweep {
	struct runner *r;
	const struct step *s;
	struct trials trials;
	struct vcpu *vcpu;
	struct vm_run *run;
	struct step_result last; /* in all */
	uint64_t at;             /* instructions executed */
	uint64_t wrong;          /* the first point that failed */
	bool ended;              /* the window ends before s->sweep.to */
	char end[480];           /* why */
};

/* Steps to instruction n, unless the window ends before. */
static int go_to(struct sweep *w, uint64_t n)
{
	struct step_limit limit = { .instructions = n - w->at };
	struct step_result result;
	int rc;

	if (!limit.instructions)
		return 0;
	if (w->vcpu->state != VCPU_PARKED && w->at) {
		w->ended = true;
		stepping_text(w->r, w->vcpu, &w->last, w->end, sizeof(w->end));
		return 0;
	}
	rc = stepping_do(w->r, w->vcpu, &limit, &result);
	if (rc)
		return rc;
	w->at += result.instructions;
	w->last = result;
	w->last.instructions = w->at;
	if (is_end(&result, limit.instructions)) {
		stepping_text(w->r, w->vcpu, &w->last, w->end, sizeof(w->end));
		w->ended = true;
	}
	return 0;
}

/* Does the block at this point, and goes back to it. */
static int point(struct sweep *w)
{
	struct runner *r = w->r;
	struct named_snapshot here;
	struct trial trial = { .value = w->at, .length = (unsigned)w->at };
	char example[48];
	bool good;
	int rc = trial_save(r, &here);

	snprintf(example, sizeof(example), "%s=%" PRIu64, w->s->sweep.variable, w->at);
	trial.example = example;
	if (!rc)
		rc = trial_run(r, w->s, &trial, &w->trials, &good);
	r->current = w->run;
	if (!rc && !good && w->trials.failed == 1)
		w->wrong = w->at;
	if (!rc)
		rc = trial_back(r, w->run, &here);
	named_snapshot_free(&here);
	return rc;
}

static int do_points(struct sweep *w)
{
	const struct step *s = w->s;
	int rc = 0;

	for (uint64_t n = s->sweep.from; n <= s->sweep.to && !rc && !w->ended; n += s->sweep.by) {
		rc = go_to(w, n);
		if (!rc && !w->ended)
			rc = point(w);
	}
	return rc;
}

static int report(struct sweep *w)
{
	struct runner *r = w->r;
	uint64_t ns = time_now() - w->trials.begun;
	int rc = 0;

	if (w->ended)
		runner_result(r, "the window ends: %s", w->end);
	if (!w->trials.count)
		return runner_unmet(r, "no point: %s", w->end);
	runner_result(r, "%" PRIu64 " points in %" PRIu64 " ms", w->trials.count, ns / 1000000);
	if (w->trials.failed && w->s->sweep.write)
		rc = write_point(r, w->s, w->wrong);
	return rc ? rc : trials_end(r, &w->trials, w->s->sweep.variable);
}

int step_sweep(struct runner *r, const struct step *s)
{
	struct sweep w = { .r = r, .s = s, .run = r->current };
	struct named_snapshot base = { .name = "" };
	int rc = stepping_vcpu(r, s->cpu, &w.vcpu), back = 0;

	trials_begin(&w.trials, r, "sweep");
	if (!rc)
		rc = trial_save(r, &base);
	if (!rc)
		rc = do_points(&w);
	if (!rc || rc == -EINTR)
		back = trial_back(r, w.run, &base);
	named_snapshot_free(&base);
	progress_end(&w.trials.progress);
	rc = back ? back : rc;
	return rc ? rc : report(&w);
}
