/* SPDX-License-Identifier: BSD-2-Clause */
/* recording.c: see recording.h. */
#include "recording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "state_hash.h"
#include "vmm/debug/arch_debug.h"
#include "vmm/vm_clock.h"

#define MARK_PCS 4

/* What a mark says of the current VM. */
struct mark {
	uint64_t taken, log; /* records in the guest's log, and their sum */
	bool exact;          /* the fields below mean something */
	unsigned pc_count;
	uint64_t pc[MARK_PCS]; /* of the first vCPUs */
	struct state_sums sums;
};

static int take_mark(struct runner *r, struct mark *mark)
{
	struct vm_run *run = r->current;
	struct state_bytes state = { .bytes = NULL };
	int rc = runner_host(r, vm_run_read_log(run, r->err));

	*mark = (struct mark){ .taken = run->ledger.read, .exact = vm_run_exact(run) };
	for (; run->summed < run->ledger.read; run->summed++)
		run->log_sum = state_mix(run->log_sum, (const uint8_t *)&run->ledger.log[run->summed],
		                         sizeof(run->ledger.log[run->summed]));
	mark->log = run->log_sum;
	if (rc || !mark->exact)
		return rc;
	rc = runner_stop_world(r);
	for (; !rc && mark->pc_count < run->vm.vcpu_count && mark->pc_count < MARK_PCS; mark->pc_count++)
		rc = runner_host(r,
		                 arch_pc(&run->vm.vcpus[mark->pc_count], &mark->pc[mark->pc_count], r->err));
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

bool recording_is_exact(const struct runner *r)
{
	bool exact = r->config->record;

	for (size_t i = 0; i < r->scenario->count; i++)
		exact |= steps_a_vcpu(&r->scenario->steps[i]) || r->scenario->steps[i].kind == STEP_MARK;
	return exact;
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

static void print_mark(FILE *f, const struct mark *mark)
{
	fprintf(f, "mark taken=%" PRIu64 " log=0x%" PRIx64, mark->taken, mark->log);
	for (unsigned i = 0; i < mark->pc_count; i++)
		fprintf(f, " pc%u=0x%" PRIx64, i, mark->pc[i]);
	if (mark->exact)
		fprintf(f, " cpus=0x%" PRIx64 " ram=0x%" PRIx64 " rest=0x%" PRIx64, mark->sums.cpus,
		        mark->sums.ram, mark->sums.rest);
	fputc('\n', f);
}

int recording_after(struct runner *r, const struct step *s, int rc)
{
	struct mark mark;

	if (!r->recording || r->depth || s->kind == STEP_MARK || s->kind == STEP_CLOCK_AT)
		return rc;
	step_print(s, r->recording);
	if (!rc && !r->current->vm.dead && r->outcome->kind == OUTCOME_DONE) {
		rc = take_mark(r, &mark);
		if (!rc)
			print_mark(r->recording, &mark);
	}
	/* Whatever ends this process, the file has what was done. */
	return fflush(r->recording) && !rc ? error_blame(r->err, failed(r), FAULT_HOST) : rc;
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
enum { MARK_TAKEN, MARK_LOG, MARK_RAM, MARK_CPUS, MARK_REST, MARK_PC };

static int compare_pc(struct runner *r, const struct mark *mark, const struct expected *e)
{
	uint64_t cpu = e->key - MARK_PC;
	char at[120], wanted[100];

	if (cpu >= mark->pc_count)
		return runner_unmet(r, "there is no vCPU %" PRIu64, cpu);
	if (wanted_has(&e->want, mark->pc[cpu]))
		return 0;
	symbols_text(runner_symbols(r), mark->pc[cpu], at, sizeof(at));
	wanted_text(&e->want, wanted, sizeof(wanted));
	return runner_unmet(r, "vCPU %" PRIu64 " is at %s, not %s", cpu, at, wanted);
}

/* For a sum, which does not show what it is that differs. */
static int compare_sum(struct runner *r, uint64_t is, const struct expected *e, const struct step *s,
                       const char *what)
{
	if (wanted_has(&e->want, is))
		return 0;
	return runner_unmet(
		r,
		"%s; what it is, zpvm diff shows of this replay with --until=%u --save=FILE and of "
		"one that is right",
		what, s->line - 1);
}

static int compare(struct runner *r, const struct mark *mark, const struct expected *e, const struct step *s)
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
	case MARK_RAM: return compare_sum(r, mark->sums.ram, e, s, "RAM differs");
	case MARK_CPUS: return compare_sum(r, mark->sums.cpus, e, s, "a vCPU's registers differ");
	case MARK_REST: return compare_sum(r, mark->sums.rest, e, s, "interrupts or devices differ");
	default: return compare_pc(r, mark, e);
	}
}

/* What a recording has at this place must be true here. */
int step_mark(struct runner *r, const struct step *s)
{
	struct mark mark;
	int rc = take_mark(r, &mark);

	for (unsigned i = 0; i < s->expect.count && !rc; i++)
		rc = compare(r, &mark, &s->expect.all[i], s);
	return rc;
}

int step_clock_at(struct runner *r, const struct step *s)
{
	int rc = runner_stop_world(r);

	if (!rc)
		clock_load(&r->current->vm, s->clock.high, s->clock.low);
	return rc;
}
