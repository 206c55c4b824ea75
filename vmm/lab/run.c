/* SPDX-License-Identifier: BSD-2-Clause */
/* run.c: see run.h. Read next: runner.h, account.c. */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arch_lab.h"
#include "vmm/arch.h"
#include "vmm/input.h"
#include "runner.h"
#include "vmm/snapshot/state.h"

int runner_unmet(struct runner *r, const char *fmt, ...)
{
	char text[sizeof(r->err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_set(r->err, EXIT_EXPECTATION, "%s", text);
}

int runner_wrong(struct runner *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->err->text, sizeof(r->err->text), fmt, ap);
	va_end(ap);
	return EXIT_DATA;
}

int runner_status(int rc)
{
	switch (rc) {
	case 0: return 0;
	case -EINVAL:
	case -ENOENT:
	case -ENOTDIR:
	case -EISDIR:
	case -EPERM:
	case -ESRCH:
	case -EEXIST: return EXIT_DATA;
	default: return status_of(rc);
	}
}

void runner_result(const struct runner *r, const char *fmt, ...)
{
	va_list ap;

	if (r->config->quiet)
		return;
	printf("      ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* --- how a run ended -------------------------------------------------- */

/* Why a vCPU crashed or waits, and its registers. */
static void report_end(struct vm *vm, unsigned cpu)
{
	fflush(stdout);
	fprintf(stderr, "zpvm: vCPU %u: %s\n", cpu, vm->vcpus[cpu].event.why.text);
	arch_dump(&vm->vcpus[cpu], stderr);
}

/* An event that ended the VM, as an exit status. */
static int ending(struct vm *vm, unsigned cpu, struct error *err)
{
	const struct event *event = &vm->vcpus[cpu].event;
	struct error ignored;

	vm_pause(vm, &ignored);
	switch (event->kind) {
	case EVENT_STOP:
		/* An end that is orderly, but not the test guest's: how it was. */
		if (event->waited)
			fprintf(stderr, "zpvm: vCPU %u: %s\n", cpu, event->why.text);
		error_set(err, 0, "the guest stopped with status %u", (unsigned)event->value);
		return event->value <= EXIT_GUEST_MAX ? (int)event->value : EXIT_GUEST_MAX;
	case EVENT_REBOOT: error_set(err, 0, "the guest asked for a reboot"); return EXIT_REBOOT;
	case EVENT_CRASH:
		report_end(vm, cpu);
		error_set(err, 0,
		          event->waited ? "the guest stopped, and not in an orderly way"
		                        : "the guest crashed");
		return EXIT_CRASH;
	default: *err = event->why; return EXIT_HOST;
	}
}

static int time_up(struct vm *vm, uint64_t ms, struct error *err)
{
	struct error ignored;

	error_set(err, 0, "the guest did not come to an end within %" PRIu64 " s", ms / 1000);
	if (vm_pause(vm, &ignored))
		return EXIT_TIMEOUT;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (checkpoint_cpu_state(vm, i) == CPU_WAITING)
			report_end(vm, i);
		else if (checkpoint_cpu_state(vm, i) == CPU_PAUSED)
			arch_dump(&vm->vcpus[i], stderr);
	return EXIT_TIMEOUT;
}

/* Nobody gives commands: each checkpoint is left with an empty mailbox. */
static int run_free(const struct run_config *config, struct vm *vm, struct error *err)
{
	static const uint64_t none[ABI_ARGS];
	uint64_t deadline = time_now() + config->timeout_ms * 1000000, now;
	struct event event;
	unsigned which;
	bool online;

	for (;;) {
		vm_resume(vm);
		now = time_now();
		if (now >= deadline ||
		    runner_wait(config, vm, NULL, VCPU_ALL, (deadline - now) / 1000000 + 1, &which))
			return time_up(vm, config->timeout_ms, err);
		vm_event(vm, which, &event);
		if (event.kind >= EVENT_STOP)
			return ending(vm, which, err);
		online = false;
		for (unsigned i = 0; i < vm->vcpu_count; i++) {
			online |= checkpoint_cpu_state(vm, i) != CPU_OFFLINE;
			if (checkpoint_cpu_state(vm, i) == CPU_READY &&
			    checkpoint_command(vm, i, ABI_CMD_NONE, none, err))
				return EXIT_CRASH;
		}
		if (!online) {
			fprintf(stderr, "zpvm: all vCPUs have stopped\n");
			return 0;
		}
	}
}

/* Nothing is typed at a console that the machine does not have. */
static int check_console(const struct run_config *config, struct vm *vm, struct error *err)
{
	return arch_input(vm, config->console, (const uint8_t *)"", 0, err) ? EXIT_USAGE : 0;
}

/* Of a VM that could not be created: -ERANGE: there can be no such machine, and who asked for it is wrong. */
static int create_status(const struct run_config *config, int rc)
{
	return rc == -ERANGE ? config->misfit : status_of(rc);
}

/* The guest is loaded, or the snapshot. Returns an exit status. */
static int start(const struct run_config *config, struct vm *vm, struct error *err)
{
	int rc = config->restore ? state_load(vm, config->restore, true, err)
	                         : vm_boot(vm, config->guest, config->guest_size, err);

	if (rc && config->restore)
		error_prefix(err, rc, "%s", config->restore_file);
	else if (rc == -ENOEXEC)
		error_prefix(err, rc, "%s", config->guest_name);
	if (rc)
		return status_of(rc);
	return check_console(config, vm, err);
}

int run_guest(const struct run_config *config, struct error *err)
{
	struct vm vm;
	int saved, rc = vm_create(&vm, config->kvm, config->vm, err);

	if (rc)
		return create_status(config, rc);
	rc = start(config, &vm, err);
	if (!rc) {
		input_allow(config->input, &vm);
		rc = run_free(config, &vm, err);
		rc = input_hold(config->input, err) ? EXIT_HOST : rc;
		if (config->save && rc != EXIT_HOST && (saved = runner_save(&vm, NULL, config->save, err)))
			rc = status_of(saved);
	}
	vm_destroy(&vm);
	return rc;
}

/* --- VMs and snapshots ------------------------------------------------ */

struct timeline *runner_line(struct runner *r, const char *name)
{
	for (unsigned i = 0; i < r->line_count; i++)
		if (!strcmp(r->lines[i]->name, name))
			return r->lines[i];
	return NULL;
}

int runner_new_line(struct runner *r, const char *name, struct timeline **out)
{
	struct timeline *t;
	int rc;

	if (r->line_count == MAX_VMS)
		return runner_wrong(r, "more than %d VMs", MAX_VMS);
	t = calloc(1, sizeof(*t));
	if (!t)
		return error_set(r->err, EXIT_HOST, "out of memory");
	t->name = name;
	rc = vm_create(&t->vm, r->config->kvm, r->config->vm, r->err);
	if (rc) {
		free(t);
		return create_status(r->config, rc);
	}
	checkpoint_raised(&t->vm)->on = true;
	r->lines[r->line_count++] = t;
	*out = t;
	return 0;
}

int runner_usable(struct runner *r)
{
	return r->now->vm.dead ? runner_unmet(r, "VM %s is lost: a restore into it has failed in its middle",
	                                      r->now->name)
	                       : 0;
}

int runner_stop_world(struct runner *r)
{
	return vm_pause(&r->now->vm, r->err) ? EXIT_HOST : 0;
}

/* --- steps ------------------------------------------------------------ */

/* A vCPU that stops itself is started anew, its timers set to never. */
static void let_timers_go(struct timeline *t, uint16_t cpu)
{
	for (uint64_t type = ABI_TIMER_CLOCK; type <= ABI_TIMER_CPU; type++) {
		struct irq irq = irq_of_timer(type, cpu);

		ledger_withdraw(&t->ledger, &irq, 1);
	}
}

int step_guest(struct runner *r, const struct step *s)
{
	struct timeline *t = r->now;
	const char *label;
	struct irq irq;
	uint64_t times = irq_of_command(s->command, s->arg, s->cpu, &irq, &label);
	int rc;

	/* Also to see that the vCPU has done its last command. */
	if (timeline_read_log(t, r->err))
		return EXIT_HOST;
	if (times && (rc = ledger_inject(&t->ledger, label, &irq, 1, r->err)))
		return runner_status(rc);
	/* Each of the others comes when the one before was taken. */
	if (times && ledger_owe(&t->ledger, &irq, times - 1, r->err))
		return EXIT_EXPECTATION;
	if (times)
		ledger_promise(&t->ledger, &irq, s->cpu, s->arg[0]);
	if (s->name) {
		times = s->command == ABI_CMD_IPI ? s->arg[1] : 1;
		rc = ledger_name(&t->ledger, s->name, &s->irq, r->err);
		if (rc)
			return runner_status(rc);
		if (ledger_owe(&t->ledger, &s->irq, times, r->err))
			return EXIT_EXPECTATION;
		ledger_promise(&t->ledger, &s->irq, s->cpu, 0);
	}
	if (s->command == ABI_CMD_OFFLINE)
		let_timers_go(t, s->cpu);
	rc = checkpoint_command(&t->vm, s->cpu, s->command, s->arg, r->err);
	return rc == -ESRCH ? EXIT_DATA : rc ? EXIT_EXPECTATION : 0;
}

/* Whether it has come to what the step waits for. */
static bool has_come_to(struct vm *vm, const struct step *s)
{
	const struct abi_shared *shared = checkpoint_shared(vm);
	const struct abi_mailbox *box = &shared->mailbox[s->cpu];

	switch (s->until) {
	case UNTIL_OPEN: return __atomic_load_n(&box->open, __ATOMIC_RELAXED);
	case UNTIL_TAKEN: return __atomic_load_n(&shared->taken, __ATOMIC_ACQUIRE) >= s->value;
	case UNTIL_ASLEEP:
		if (!vm_vcpu_asleep(vm, s->cpu))
			return false;
		break;
	default: break;
	}
	/* It has taken its command out of the mailbox. */
	return __atomic_load_n(&box->command, __ATOMIC_ACQUIRE) == ABI_CMD_NONE;
}

/* The guest says so in its memory, or sleeps; nobody parks. */
static int wait_for_guest(struct runner *r, const struct step *s)
{
	static const struct timespec ms = { .tv_nsec = 1000000 };
	uint64_t deadline = time_now() + r->config->timeout_ms * 1000000;
	struct vm *vm = &r->now->vm;

	while (time_now() < deadline) {
		bool running = vm_running(vm); /* asked first: it may come to it and park */

		if (checkpoint_shared(vm) && s->cpu < ABI_CPUS && has_come_to(vm, s))
			return 0;
		if (!running)
			return runner_unmet(r, "vCPU %u does not %s", s->cpu,
			                    s->until == UNTIL_OPEN     ? "loop"
			                    : s->until == UNTIL_ASLEEP ? "sleep"
			                    : s->until == UNTIL_TAKEN  ? "take as many"
			                                               : "run");
		nanosleep(&ms, NULL);
	}
	return time_up(vm, r->config->timeout_ms, r->err);
}

int step_wait(struct runner *r, const struct step *s)
{
	uint64_t ms = s->until == UNTIL_TIMEOUT ? s->value : r->config->timeout_ms;
	struct vm *vm = &r->now->vm;
	struct event event;
	unsigned which;
	int rc;

	if (s->cpu != VCPU_ALL && s->cpu >= vm->vcpu_count)
		return runner_wrong(r, "there is no vCPU %u", s->cpu);
	if (s->until == UNTIL_OPEN || s->until == UNTIL_BEGUN || s->until == UNTIL_ASLEEP ||
	    s->until == UNTIL_TAKEN)
		return wait_for_guest(r, s);
	input_allow(r->config->input, vm);
	rc = runner_wait(r->config, vm, r->now, s->cpu, ms, &which);
	if (input_hold(r->config->input, r->err))
		return EXIT_HOST;
	if (rc)
		return s->until == UNTIL_TIMEOUT ? 0 : time_up(vm, ms, r->err);
	vm_event(vm, which, &event);
	if (s->until == UNTIL_STOP && event.kind == EVENT_STOP) {
		if (event.value == s->value)
			return 0;
		return runner_unmet(r, "the guest stopped with status %" PRIu64 ", not %" PRIu64, event.value,
		                    s->value);
	}
	if (s->until == UNTIL_REBOOT && event.kind == EVENT_REBOOT)
		return 0;
	if (s->until == UNTIL_CRASH && event.kind == EVENT_CRASH) {
		runner_result(r, "crash: %s", event.why.text);
		return 0;
	}
	if (event.kind >= EVENT_STOP) {
		int status = ending(vm, which, r->err);

		return status ? status : EXIT_EXPECTATION;
	}
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		enum cpu_state state = checkpoint_cpu_state(vm, i);
		bool meant =
			s->cpu == i || (s->cpu == VCPU_ALL && state != CPU_OFFLINE && state != CPU_WAITING);

		if (meant && state == CPU_OFFLINE && s->until == UNTIL_OFFLINE)
			continue;
		if (meant && (s->until != UNTIL_READY || state != CPU_READY))
			return runner_unmet(r, "vCPU %u is %s", i, cpu_state_name(state));
	}
	return 0;
}

int step_run(struct runner *r, const struct step *s)
{
	vm_resume(&r->now->vm);
	return step_wait(r, s);
}

int step_cpu(struct runner *r, const struct step *s)
{
	struct vm *vm = &r->now->vm;
	int rc = s->cpu < vm->vcpu_count ? arch_cpu(&vm->vcpus[s->cpu], s->cpu_op, s->value, r->err)
	                                 : error_set(r->err, -ESRCH, "there is no vCPU %u", s->cpu);

	trace_line(vm->trace, vm->fd.name, "%s = %s", s->text, rc ? error_name(rc) : "0");
	if (s->fails)
		return runner_refusal(r, s, rc);
	return runner_status(rc);
}

int step_vm(struct runner *r, const struct step *s)
{
	r->now = runner_line(r, s->name);
	return r->now ? 0 : runner_wrong(r, "there is no VM %s", s->name);
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

int step_sleep(struct runner *r, const struct step *s)
{
	struct timespec ts = { .tv_sec = (time_t)(s->value / 1000),
		               .tv_nsec = (long)(s->value % 1000) * 1000000 };

	input_allow(r->config->input, &r->now->vm);
	nanosleep(&ts, NULL);
	return input_hold(r->config->input, r->err) ? EXIT_HOST : 0;
}

int step_resume(struct runner *r, const struct step *s)
{
	(void)s;
	vm_resume(&r->now->vm);
	return 0;
}

/* A scenario's line goes in whole, or not at all. */
int step_type(struct runner *r, const struct step *s)
{
	size_t len = strlen(s->name2) + 1;
	uint8_t *line = malloc(len);
	int rc;

	if (!line)
		return error_set(r->err, EXIT_HOST, "out of memory");
	memcpy(line, s->name2, len - 1);
	line[len - 1] = '\n';
	rc = arch_input(&r->now->vm, s->name ? s->name : r->config->console, line, len, r->err);
	free(line);
	if (rc >= 0 && (size_t)rc < len)
		return runner_unmet(r, "the console had room for %d of %zu bytes", rc, len);
	return rc < 0 ? runner_status(rc) : 0;
}

int step_quiesce(struct runner *r, const struct step *s)
{
	int rc = arch_quiesce(&r->now->vm, r->err);

	if (s->fails)
		return runner_refusal(r, s, rc);
	return rc == -EOPNOTSUPP ? EXIT_EXPECTATION : rc ? EXIT_HOST : 0;
}

int step_pause(struct runner *r, const struct step *s)
{
	(void)s;
	return runner_stop_world(r);
}

int step_say(struct runner *r, const struct step *s)
{
	if (!r->config->quiet)
		printf("\n== %s\n", s->name);
	return 0;
}

static int do_step(struct runner *r, const struct step *s)
{
	static const struct {
		int (*run)(struct runner *, const struct step *);
		enum step_needs needs;
	} steps[] = {
#define ROW(kind, verb, parse, run, needs) [STEP_##kind] = { run, needs },
		SCENARIO_STEPS(ROW)
	};
	int rc;

	if (!r->config->quiet && steps[s->kind].needs != IS_TEXT)
		printf("%4u  %s\n", s->line, s->text);
	rc = steps[s->kind].needs == NEEDS_VM ? runner_usable(r) : 0;
	return rc ? rc : steps[s->kind].run(r, s);
}

/* --- the whole -------------------------------------------------------- */

static void tidy(struct runner *r)
{
	for (unsigned i = 0; i < r->line_count; i++) {
		vm_destroy(&r->lines[i]->vm);
		ledger_free(&r->lines[i]->ledger);
		free(r->lines[i]);
	}
	moments_free(r);
}

/* The process before this one did the steps up to its `exec`: *first is the one behind it. Returns 0 or an
 * exit status. */
static int skip_done(struct runner *r, size_t *first)
{
	const struct scenario *scenario = r->scenario;
	const struct step *s = scenario->steps;
	size_t i = 0;

	for (; i < scenario->count && s[i].line <= r->config->done; i++)
		r->saved |= s[i].kind == STEP_SAVE && !s[i].name2 && !s[i].fails;
	*first = i;
	if (r->config->done && (!i || s[i - 1].kind != STEP_EXEC || s[i - 1].line != r->config->done))
		return error_set(
			r->err, EXIT_DATA,
			"%s:%u: exec: the new process does not find this step: it reads the scenario "
			"again, which must be a file",
			scenario->file, r->config->done);
	return 0;
}

int run_scenario(const struct run_config *config, const struct scenario *scenario, struct error *err)
{
	struct runner r = { .config = config, .scenario = scenario, .err = err, .stopwatch = time_now() };
	int status = runner_new_line(&r, "first", &r.now);
	size_t i = 0;

	if (!status)
		status = start(config, &r.now->vm, err);
	if (!status && config->restore)
		status = runner_read_books(&r);
	if (!status)
		status = skip_done(&r, &i);
	for (; i < scenario->count && !status; i++) {
		/* The steps do not get far ahead of who reads what they print. */
		if (consoles_room(config->vm->consoles, config->timeout_ms, err))
			status = EXIT_TIMEOUT;
		else
			status = do_step(&r, &scenario->steps[i]);
		if (status && status != EXIT_CONTINUED && scenario->file)
			error_prefix(err, 0, "%s:%u: %s", scenario->file, scenario->steps[i].line,
			             scenario->steps[i].text);
	}
	if (!status)
		status = runner_account(&r);
	if (!status && config->save && !r.saved) {
		status = runner_usable(&r);
		if (!status)
			status = status_of(runner_save(&r.now->vm, r.now, config->save, err));
	}
	if (!status)
		err->text[0] = 0;
	tidy(&r);
	return status;
}
