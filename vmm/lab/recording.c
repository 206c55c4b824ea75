/* SPDX-License-Identifier: BSD-2-Clause */
/* recording.c: see recording.h. */
#include "recording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "state_hash.h"
#include "vmm/vm_clock.h"

/* What a mark says of the current VM. */
struct mark {
	uint64_t taken, log; /* records in the guest's log, and their sum */
	bool exact;          /* the sums below mean something */
	struct state_sums sums;
};

static int take_mark(struct runner *r, struct mark *mark)
{
	struct vm_run *run = r->current;
	struct state_bytes state = { .bytes = NULL };
	int rc = runner_host(r, vm_run_read_log(run, r->err));

	*mark = (struct mark){ .taken = run->ledger.read, .exact = vm_run_exact(run) };
	for (unsigned k = 0; k < run->ledger.read; k++)
		mark->log = state_mix(mark->log, (const uint8_t *)&run->ledger.log[k],
		                      sizeof(run->ledger.log[k]));
	if (rc || !mark->exact)
		return rc;
	rc = runner_stop_world(r);
	if (!rc)
		rc = state_save(&run->vm, SNAP_VM, &state, r->err);
	if (!rc)
		rc = state_hash(state.bytes, state.len, state.sealed, &mark->sums, r->err);
	free(state.bytes);
	return rc;
}

/* --- recording ------------------------------------------------------------- */

static int failed(struct runner *r)
{
	int rc = errno ? -errno : -EIO;

	return error_set(r->err, rc, "%s: %s", r->config->record, strerror(-rc));
}

int recording_open(struct runner *r)
{
	const char *path = r->config->record, *source = r->scenario->source, *end;

	if (!path)
		return 0;
	r->recording = fopen(path, r->config->done ? "ae" : "we");
	if (!r->recording)
		return error_blame(r->err, failed(r), FAULT_DATA);
	if (r->config->done)
		return 0;
	fprintf(r->recording, RECORDING_MAGIC "\n# Exact where vCPUs do nothing but step; else the order of "
	                                      "the steps, and what the guest took.\n");
	/* The settings, as they are. */
	for (unsigned line = 1; *source && (!r->scenario->count || line < r->scenario->steps[0].line);
	     line++) {
		end = source + strcspn(source, "\n");
		if (strncmp(source, RECORDING_MAGIC, strlen(RECORDING_MAGIC)) &&
		    strncmp(source, "# Exact where", 13))
			fprintf(r->recording, "%.*s\n", (int)(end - source), source);
		source = end + !!*end;
	}
	return 0;
}

static bool steps_a_vcpu(const struct step *s)
{
	return s->kind == STEP_STEP || s->kind == STEP_SCHEDULE || s->kind == STEP_SWEEP ||
	       s->kind == STEP_EXPLORE;
}

int recording_before(struct runner *r, const struct step *s)
{
	struct vm *vm = &r->current->vm;
	int rc;

	if (!r->recording || r->depth || !steps_a_vcpu(s))
		return 0;
	rc = runner_stop_world(r);
	if (!rc)
		fprintf(r->recording, "clock-at 0x%" PRIx64 " 0x%" PRIx64 "\n", vm->clock.at.high,
		        vm->clock.at.low);
	return rc;
}

/* With the lines that belong to it. */
static void print_step(struct runner *r, const struct step *s)
{
	const struct step *last = s->kind == STEP_RACE ? &r->scenario->steps[s->race.end] : s;

	for (; s <= last; s++)
		fprintf(r->recording, "%s\n%s%s", s->text, s->block.text ? s->block.text : "",
		        s->block.text ? "}\n" : "");
}

int recording_after(struct runner *r, const struct step *s)
{
	struct mark mark;
	int rc;

	if (!r->recording || r->depth || s->kind == STEP_MARK || s->kind == STEP_CLOCK_AT)
		return 0;
	print_step(r, s);
	if (r->current->vm.dead || r->outcome->kind != OUTCOME_DONE)
		return 0;
	rc = take_mark(r, &mark);
	if (rc)
		return rc;
	fprintf(r->recording, "mark taken=%" PRIu64 " log=0x%" PRIx64, mark.taken, mark.log);
	if (mark.exact)
		fprintf(r->recording, " ram=0x%" PRIx64 " rest=0x%" PRIx64, mark.sums.ram, mark.sums.rest);
	return fputc('\n', r->recording) == EOF ? failed(r) : 0;
}

int recording_close(struct runner *r, int rc)
{
	bool bad;

	if (!r->recording)
		return rc;
	errno = 0;
	bad = ferror(r->recording);
	bad |= fclose(r->recording) != 0;
	return rc || !bad ? rc : error_blame(r->err, failed(r), FAULT_HOST);
}

/* --- replaying ------------------------------------------------------------- */

/* By the keys of `mark`: see step_expect.c. */
enum { MARK_TAKEN, MARK_LOG, MARK_RAM, MARK_REST };

static int compare(struct runner *r, const struct mark *mark, const struct expected *e)
{
	char text[100];

	if (e->key >= MARK_RAM && !mark->exact)
		return runner_unmet(
			r, "the VM has run since it was made or restored, and not only been stepped");
	switch (e->key) {
	case MARK_TAKEN:
		wanted_text(&e->want, text, sizeof(text));
		return wanted_has(&e->want, mark->taken)
		               ? 0
		               : runner_unmet(r, "%" PRIu64 " interrupts were taken, not %s", mark->taken,
		                              text);
	case MARK_LOG:
		return wanted_has(&e->want, mark->log)
		               ? 0
		               : runner_unmet(r, "other interrupts were taken, or in another order");
	case MARK_RAM: return wanted_has(&e->want, mark->sums.ram) ? 0 : runner_unmet(r, "RAM differs");
	default:
		return wanted_has(&e->want, mark->sums.rest)
		               ? 0
		               : runner_unmet(r, "registers, interrupts or devices differ");
	}
}

/* What a recording has at this place must be true here. */
int step_mark(struct runner *r, const struct step *s)
{
	struct mark mark;
	int rc = take_mark(r, &mark);

	for (unsigned i = 0; i < s->expected_count && !rc; i++)
		rc = compare(r, &mark, &s->expected[i]);
	return rc;
}

int step_clock_at(struct runner *r, const struct step *s)
{
	int rc = runner_stop_world(r);

	if (!rc)
		clock_load(&r->current->vm, s->value, s->batch);
	return rc;
}
