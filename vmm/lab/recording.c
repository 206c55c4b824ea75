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
	bool prints;         /* printed means something: this is the test guest */
	uint64_t printed;    /* a sum of what the guests have printed */
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
	/* What another guest has printed at some moment is not the same each time. */
	mark->prints = checkpoint_shared(&run->vm) && r->config->transcript;
	if (mark->prints)
		mark->printed = transcript_sum(r->config->transcript);
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

static int failed(struct runner *r, int rc)
{
	return error_set(r->err, rc, "%s: %s", r->config->record, strerror(-rc));
}

/* A line of the scenario's head that is not the recording's: what is its own, and where input comes from. */
static bool is_dropped(const char *line)
{
	line += strspn(line, " \t");
	return !strncmp(line, RECORDING_MAGIC, strlen(RECORDING_MAGIC)) ||
	       !strncmp(line, "# Exact where", 13) || !strncmp(line, "# A place", 9) ||
	       (!strncmp(line, "input", 5) && (line[5] == ' ' || line[5] == '\t'));
}

/* The settings, as they are. */
static void print_head(struct runner *r)
{
	const char *source = r->scenario->source, *end;

	fprintf(r->recording, RECORDING_MAGIC
	        "\n# Exact where vCPUs do nothing but step; else the order of the steps, and what the guest "
	        "took.\n"
	        "# A place where something came from outside (at): what the guest had printed and taken.\n");
	for (unsigned line = 1; *source && (!r->scenario->count || line < r->scenario->steps[0].line);
	     line++) {
		end = source + strcspn(source, "\n");
		if (!is_dropped(source))
			fprintf(r->recording, "%.*s\n", (int)(end - source), source);
		source = end + !!*end;
	}
}

int recording_open(struct runner *r)
{
	int rc;

	if (!r->config->record)
		return 0;
	rc = record_open(&r->record_file, r->config->record, r->config->done);
	if (rc)
		return error_blame(r->err, failed(r, rc), FAULT_DATA);
	r->recording = record_stream(r->record_file);
	r->recorder = (struct recorder){ .to = r->recording, .transcript = r->config->transcript };
	for (unsigned i = 0; i < r->run_count; i++)
		checkpoint_record(&r->runs[i]->vm, &r->recorder);
	if (!r->config->done)
		print_head(r);
	rc = record_flush(r->record_file);
	return rc ? error_blame(r->err, failed(r, rc), FAULT_HOST) : 0;
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

	if (!r->recording || r->depth)
		return 0;
	recorder_begin(&r->recorder, s->kind == STEP_RUN || s->kind == STEP_WAIT || s->kind == STEP_SLEEP,
	               s->kind == STEP_RUN ? "resume" : NULL);
	if (!steps_a_vcpu(s))
		return 0;
	rc = runner_stop_world(r);
	if (!rc)
		fprintf(r->recording, "clock-at 0x%" PRIx64 " 0x%" PRIx64 "\n", vm->clock.at.high,
		        vm->clock.at.low);
	return rc;
}

/* What is known only now of the step `until=end`; and the end of its line. */
static void print_end(struct runner *r, const struct step *s)
{
	const struct outcome *how = r->outcome;

	if (s->wait.until == UNTIL_END && s->wait.by == END_ANY) {
		if (how->kind == OUTCOME_STOPPED)
			fprintf(r->recording, " by=stop status=%" PRIu64, how->value);
		else if (how->kind == OUTCOME_CRASHED || how->kind == OUTCOME_REBOOT)
			fprintf(r->recording, " by=%s", how->kind == OUTCOME_CRASHED ? "crash" : "reboot");
	}
	fputc('\n', r->recording);
}

/* With the lines that belong to it. */
static void print_done(struct runner *r, const struct step *s)
{
	/* What came while the VM ran stands before it, and `resume` before that. */
	if (s->kind == STEP_RUN && r->recorder.used) {
		fprintf(r->recording, "wait%s", s->text + strlen("run"));
		print_end(r, s);
		return;
	}
	if ((s->kind == STEP_RUN || s->kind == STEP_WAIT) && s->wait.until == UNTIL_END) {
		fputs(s->text, r->recording);
		print_end(r, s);
		return;
	}
	step_print(s, r->recording);
}

/* " NAME=VALUE", in this base: a recording should cost little, and printf() costs more than the rest of a
 * mark. */
static void put(FILE *f, const char *name, unsigned base, uint64_t value)
{
	char text[24], *at = text + sizeof(text);

	do
		*--at = "0123456789abcdef"[value % base];
	while (value /= base);
	fputc_unlocked(' ', f);
	fputs_unlocked(name, f);
	fputs_unlocked(base == 16 ? "=0x" : "=", f);
	fwrite_unlocked(at, 1, (size_t)(text + sizeof(text) - at), f);
}

static void print_mark(FILE *f, const struct mark *mark)
{
	static const char *const pcs[MARK_PCS] = { "pc0", "pc1", "pc2", "pc3" };

	flockfile(f);
	fputs_unlocked("mark", f);
	put(f, "taken", 10, mark->taken);
	put(f, "log", 16, mark->log);
	if (mark->prints)
		put(f, "printed", 16, mark->printed);
	for (unsigned i = 0; i < mark->pc_count; i++)
		put(f, pcs[i], 16, mark->pc[i]);
	if (mark->exact) {
		put(f, "cpus", 16, mark->sums.cpus);
		put(f, "ram", 16, mark->sums.ram);
		put(f, "rest", 16, mark->sums.rest);
	}
	fputc_unlocked('\n', f);
	funlockfile(f);
}

/* Whether the VM may still run behind the step: what it is like there is not the same each time. */
static bool runs_on(const struct step *s)
{
	return s->kind == STEP_RESUME || s->kind == STEP_AT || s->kind == STEP_TYPED ||
	       s->kind == STEP_QUIESCE;
}

int recording_after(struct runner *r, const struct step *s, int rc)
{
	struct mark mark;
	int code;

	if (!r->recording || r->depth || s->kind == STEP_MARK || s->kind == STEP_CLOCK_AT)
		return rc;
	r->recorder.on = false;
	print_done(r, s);
	if (!rc && !r->free && !runs_on(s) && !r->current->vm.dead && r->outcome->kind == OUTCOME_DONE) {
		rc = take_mark(r, &mark);
		if (!rc)
			print_mark(r->recording, &mark);
	}
	code = record_failed(r->record_file);
	return code && !rc ? error_blame(r->err, failed(r, code), FAULT_HOST) : rc;
}

int recording_close(struct runner *r, int rc)
{
	int code = record_close(r->record_file);

	r->record_file = NULL;
	r->recording = NULL;
	return rc || !code ? rc : error_blame(r->err, failed(r, code), FAULT_HOST);
}

/* --- replaying ------------------------------------------------------------- */

/* By the keys of `mark`: see step_expect.c. */
enum { MARK_TAKEN, MARK_LOG, MARK_PRINTED, MARK_RAM, MARK_CPUS, MARK_REST, MARK_PC };

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
	case MARK_PRINTED:
		return wanted_has(&e->want, mark->printed)
		               ? 0
		               : runner_unmet(r, "the guest has printed something else");
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
