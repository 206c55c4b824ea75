/* SPDX-License-Identifier: BSD-2-Clause */
/* run.c: see run.h. Read next: runner.h, run_vm.c, audit.c. */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "arch_lab.h"
#include "host_log.h"
#include "vmm/arch.h"
#include "vmm/input.h"
#include "vmm/progress.h"
#include "vmm/sandbox.h"
#include "recording.h"
#include "runner.h"
#include "vmm/snapshot/state.h"

static void blame(struct runner *r, int rc, enum fault fault, const char *fmt, va_list ap)
{
	char text[sizeof(r->err->text)];

	vsnprintf(text, sizeof(text), fmt, ap);
	error_set(r->err, rc, "%s", text);
	error_blame(r->err, rc, fault);
}

int runner_unmet(struct runner *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	blame(r, -EPROTO, FAULT_UNMET, fmt, ap);
	va_end(ap);
	return -EPROTO;
}

int runner_wrong(struct runner *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	blame(r, -EINVAL, FAULT_DATA, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int runner_blame(struct runner *r, int rc)
{
	switch (rc) {
	case -EINVAL:
	case -ENOENT:
	case -ENOTDIR:
	case -EISDIR:
	case -EPERM:
	case -ESRCH:
	case -EEXIST: return error_blame(r->err, rc, FAULT_DATA);
	default: return rc;
	}
}

int runner_host(struct runner *r, int rc)
{
	/* What this host cannot do has a status of its own. */
	return rc == -EOPNOTSUPP ? rc : error_blame(r->err, rc, FAULT_HOST);
}

bool runner_shows(const struct runner *r)
{
	return (r->typed || !r->config->quiet) && !r->depth;
}

void runner_result(const struct runner *r, const char *fmt, ...)
{
	va_list ap;

	if (!runner_shows(r))
		return;
	printf("      ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* --- VMs and snapshots ------------------------------------------------ */

struct vm_run *runner_find_run(struct runner *r, const char *name)
{
	for (unsigned i = 0; i < r->run_count; i++)
		if (!strcmp(r->runs[i]->name, name))
			return r->runs[i];
	return NULL;
}

int runner_new_run(struct runner *r, const char *name, struct vm_run **out)
{
	struct vm_run *run;
	int rc;

	if (r->run_count == MAX_VMS)
		return runner_wrong(r, "more than %d VMs", MAX_VMS);
	run = calloc(1, sizeof(*run));
	if (!run)
		return error_set(r->err, -ENOMEM, "out of memory");
	run->name = name;
	run->config = *r->config->vm;
	run->config.label = name;
	rc = run_create(r->config, &run->config, &run->vm, r->err);
	if (rc) {
		free(run);
		return rc;
	}
	checkpoint_raised(&run->vm)->on = !r->free;
	checkpoint_record(&run->vm, r->recording ? &r->recorder : NULL);
	run->live = r->config->editor || r->config->control;
	run->exact = !r->config->done; /* what the process before this one did to it is not known */
	r->runs[r->run_count++] = run;
	*out = run;
	return 0;
}

int runner_usable(struct runner *r)
{
	return r->current->vm.dead
	               ? runner_unmet(r, "VM %s is lost: a restore into it has failed in its middle",
	                              r->current->name)
	               : 0;
}

int runner_stop_world(struct runner *r)
{
	return runner_host(r, vm_pause(&r->current->vm, r->err));
}

int step_vm(struct runner *r, const struct step *s)
{
	r->current = runner_find_run(r, s->name);
	return r->current ? 0 : runner_wrong(r, "there is no VM %s", s->name);
}

int step_stopwatch(struct runner *r, const struct step *s)
{
	uint64_t now = time_now();

	printf("stopwatch %s %" PRIu64 " ns\n", s->name, now - r->stopwatch);
	/* That this line is written is no part of what is measured next. */
	consoles_flush(r->config->vm->consoles, r->config->timeout_ms);
	r->stopwatch = time_now();
	return 0;
}

int step_say(struct runner *r, const struct step *s)
{
	if (runner_shows(r))
		printf("\n== %s\n", s->said);
	return 0;
}

static int do_step(struct runner *r, const struct step *s)
{
	static const struct {
		int (*run)(struct runner *, const struct step *);
		enum step_needs needs;
	} steps[] = {
#define ROW(kind, verb, parse, run, needs, help) [STEP_##kind] = { run, needs },
		SCENARIO_STEPS(ROW)
	};
	struct trace_event span;
	int rc;

	if (runner_shows(r) && !r->typed && steps[s->kind].needs != IS_TEXT)
		printf("%4u  %s\n", s->line, s->text);
	/* The step may replace the current VM. */
	trace_begin(r->config->vm->trace, &span, TRACE_STEP, -1, s->text, NULL);
	if (span.id) {
		trace_number(&span, "line", s->line);
		span.vm = r->current->name;
	}
	rc = steps[s->kind].needs == NEEDS_VM ? runner_usable(r) : 0;
	if (!rc)
		rc = steps[s->kind].run(r, s);
	if (span.id && rc)
		trace_code(&span, rc);
	trace_end(r->config->vm->trace, &span);
	return rc;
}

/* --- a scenario -------------------------------------------------------- */

void runner_tidy(struct runner *r)
{
	struct error ignored;

	for (unsigned i = 0; i < r->run_count; i++) {
		late_end(&r->runs[i]->late, &ignored);
		vm_destroy(&r->runs[i]->vm);
		ledger_free(&r->runs[i]->ledger);
		stats_free(&r->runs[i]->counted);
		free(r->runs[i]);
	}
	named_snapshots_free(r);
	for (size_t i = 0; i < r->block_count; i++) {
		scenario_free(r->blocks[i]);
		free(r->blocks[i]);
	}
	free(r->blocks);
	session_free(&r->session);
	symbols_free(&r->symbols);
	if (r->host_log >= 0)
		close(r->host_log);
}

/* Whether a step lets the guest run to its end by itself. */
static bool has_free(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->count; i++)
		if ((scenario->steps[i].kind == STEP_RUN || scenario->steps[i].kind == STEP_WAIT) &&
		    scenario->steps[i].wait.until == UNTIL_END)
			return true;
	return false;
}

/* Opens the host's log, if a step reads it: not everybody may. */
static int open_host_log(struct runner *r)
{
	for (size_t i = 0; i < r->scenario->count && r->host_log < 0; i++)
		if (r->scenario->steps[i].kind == STEP_EXPECT_HOST_LOG) {
			r->host_log = host_log_open(r->err);
			if (r->host_log < 0)
				return runner_host(r, r->host_log);
		}
	return 0;
}

/* The process before this one did the steps up to its `exec`: *first is the step after it. */
static int skip_done(struct runner *r, size_t *first)
{
	const struct scenario *scenario = r->scenario;
	const struct step *s = scenario->steps;
	size_t i = 0;

	for (; i < scenario->count && s[i].line <= r->config->done; i++)
		r->saved |= s[i].kind == STEP_SAVE && !s[i].file && !s[i].fails;
	*first = i;
	if (r->config->done && (!i || s[i - 1].kind != STEP_EXEC || s[i - 1].line != r->config->done))
		return runner_wrong(
			r,
			"%s:%u: exec: the new process does not find this step: it reads the scenario "
			"again, which must be a file",
			scenario->file, r->config->done);
	return 0;
}

/* Whether a step has ended the run. */
static bool is_over(const struct runner *r)
{
	return r->outcome->kind != OUTCOME_DONE;
}

/*
 * Puts the step's line before the sentence that says how it failed, or how the guest ended: if the run was
 * over before, that one has its line.
 */
static int locate(struct runner *r, const struct step *s, bool over, int rc)
{
	const char *file = r->scenario->file;

	if (file && !over && r->outcome->why.text[0])
		error_prefix(&r->outcome->why, 0, "%s:%u: %s", file, s->line, s->text);
	return file && rc ? error_prefix(r->err, rc, "%s:%u: %s", file, s->line, s->text) : rc;
}

/* A step that is for hosts with another kernel. */
static void not_here(const struct runner *r, const struct step *s)
{
	char version[40];

	if (!runner_shows(r))
		return;
	version_print(&r->kernel, version, sizeof(version));
	printf("%4u  %s\n", s->line, s->text);
	runner_result(r, "not here: the host has Linux %s", version);
}

int runner_do_step(struct runner *r, const struct step *s)
{
	/* The steps do not get far ahead of whoever reads what they print. */
	int rc = consoles_room(r->config->vm->consoles, r->config->timeout_ms, r->err);

	if (!rc && !versions_have(&s->kernels, &r->kernel))
		not_here(r, s);
	else if (!rc)
		rc = do_step(r, s);
	return locate(r, s, false, rc);
}

/* rc is the step's result, which has its line already. */
static int recorded(struct runner *r, const struct step *s, int rc)
{
	bool over = is_over(r);
	int after = recording_after(r, s, rc);

	return rc ? rc : locate(r, s, over, after);
}

/* What a person has typed meanwhile. */
static int look(struct runner *r, const struct step *s)
{
	bool over = is_over(r);

	return locate(r, s, over, session_look(r, NULL));
}

/* Executes the steps from number `first` on. */
static int do_steps(struct runner *r, size_t first)
{
	const struct step *steps = r->scenario->steps;
	unsigned until = r->typed ? 0 : r->config->until;
	struct progress progress;
	bool over;
	int rc = 0;

	progress_begin(&progress);
	/* Steps that are shown, or a guest that writes to the terminal, say how far it has come. */
	progress.on &= !runner_shows(r) && !isatty(STDOUT_FILENO);
	for (size_t i = first; i < r->scenario->count && !is_over(r) && !rc; i++) {
		const struct step *s = &steps[i];

		if (until && s->line > until)
			break;
		if (progress_due(&progress))
			progress_show(&progress, "zpvm: line %u of %u: %s", s->line,
			              steps[r->scenario->count - 1].line, s->text);
		rc = look(r, s);
		if (rc)
			break;
		over = is_over(r);
		rc = locate(r, s, over, recording_before(r, s));
		if (!rc)
			rc = runner_do_step(r, s);
		rc = recorded(r, s, rc);
		/* One that was stepping has stopped in its middle. */
		if (!rc && r->typed && !r->session.quit)
			rc = look(r, s);
	}
	progress_end(&progress);
	return rc;
}

int runner_do_typed(struct runner *r, const struct scenario *s, size_t from)
{
	const struct scenario *before = r->scenario;
	bool typed = r->typed;
	int rc;

	r->scenario = s;
	r->typed = true;
	rc = open_host_log(r);
	if (!rc)
		rc = do_steps(r, from);
	r->typed = typed;
	r->scenario = before;
	return rc;
}

/* The steps of the block of s, with this value of its variable. */
static int find_block(struct runner *r, const struct step *s, uint64_t value, const struct scenario **out)
{
	struct scenario **blocks, *parsed;
	int rc;

	*out = s->block[0].steps;
	if (!s->block[0].steps->variable || s->block[0].steps->value == value)
		return 0;
	blocks = realloc(r->blocks, (r->block_count + 1) * sizeof(*blocks));
	if (!blocks)
		return error_set(r->err, -ENOMEM, "out of memory for a block");
	r->blocks = blocks;
	parsed = malloc(sizeof(*parsed));
	if (!parsed)
		return error_set(r->err, -ENOMEM, "out of memory for a block");
	rc = scenario_parse_block(parsed, r->scenario, s, value, r->err);
	if (rc)
		free(parsed);
	else
		*out = r->blocks[r->block_count++] = parsed;
	return rc;
}

int runner_do_block(struct runner *r, const struct step *s, uint64_t value)
{
	const struct scenario *outer = r->scenario;
	const struct scenario *block;
	int rc = find_block(r, s, value, &block);

	if (rc)
		return rc;
	r->scenario = block;
	r->depth++;
	rc = do_steps(r, 0);
	r->depth--;
	r->scenario = outer;
	return rc;
}

/* Called when all steps were done. */
static int finish(struct runner *r)
{
	int rc = r->free ? 0 : audit_finish(r);

	if (rc || !r->config->save || r->saved)
		return rc;
	rc = runner_usable(r);
	return rc ? rc : runner_save(&r->current->vm, r->current, r->config->save, r->err);
}

/* All steps were done, or `quit` has left the others out. */
static int end_steps(struct runner *r, int rc)
{
	if (rc == -EINTR && r->session.quit) {
		*r->err = (struct error){ .text = "" };
		rc = 0;
	}
	return rc || (is_over(r) && (!r->free || r->outcome->kind == OUTCOME_REBOOT)) ? rc : finish(r);
}

/* rc: of the session, which has reported it. An account that is wrong counts more. */
static int end_session(struct runner *r, int rc)
{
	struct error of_session = *r->err;
	int finished = finish(r);

	if (!finished)
		*r->err = of_session;
	else
		r->outcome->kind = OUTCOME_DONE;
	return finished ? finished : rc;
}

int runner_confine(struct runner *r)
{
	return runner_host(r, sandbox_enter(r->config->sandbox, r->config->vm->trace, r->err));
}

int runner_begin(struct runner *r, const struct run_config *config, const struct scenario *scenario,
                 struct outcome *outcome, struct error *err)
{
	struct utsname names;
	int rc;

	*r = (struct runner){ .config = config,
		              .scenario = scenario,
		              .outcome = outcome,
		              .err = err,
		              .host_log = -1,
		              .free = has_free(scenario),
		              .stopwatch = time_now() };
	uname(&names);
	version_of_kernel(names.release, names.version, &r->kernel);
	rc = open_host_log(r);
	r->stamps = trace_wants(config->vm->trace, TRACE_IRQ) && !recording_is_exact(r);
	if (!rc)
		rc = runner_new_run(r, "first", &r->current);
	if (!rc)
		rc = run_start(config, &r->current->vm, err);
	return !rc && config->restore ? runner_read_ledger(r) : rc;
}

int run_scenario(const struct run_config *config, const struct scenario *scenario, struct outcome *outcome,
                 struct error *err)
{
	struct runner r;
	size_t first = 0;
	int rc = runner_begin(&r, config, scenario, outcome, err);

	if (!rc)
		rc = recording_open(&r);
	if (!rc)
		rc = runner_confine(&r);
	if (!rc)
		rc = skip_done(&r, &first);
	if (!rc && config->editor)
		rc = end_session(&r, session_run(&r));
	else if (!rc)
		rc = end_steps(&r, do_steps(&r, first));
	rc = recording_close(&r, rc);
	runner_tidy(&r);
	return rc;
}
