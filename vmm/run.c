/* SPDX-License-Identifier: BSD-2-Clause */
/* run.c: see run.h. Read next: runner.h, account.c. */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arch.h"
#include "input.h"
#include "runner.h"
#include "state.h"

int runner_unmet(struct runner *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->err->text, sizeof(r->err->text), fmt, ap);
	va_end(ap);
	return EXIT_EXPECTATION;
}

/* The result of a step, below its line. */
static void result(const struct runner *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void result(const struct runner *r, const char *fmt, ...)
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

/* Why a vCPU crashed, and its registers. */
static void report_crash(struct vm *vm, unsigned cpu)
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
		error_set(err, 0, "the guest stopped with status %u", (unsigned)event->value);
		return event->value <= EXIT_GUEST_MAX ? (int)event->value : EXIT_GUEST_MAX;
	case EVENT_REBOOT: error_set(err, 0, "the guest asked for a reboot"); return EXIT_REBOOT;
	case EVENT_CRASH:
		report_crash(vm, cpu);
		error_set(err, 0, "the guest crashed");
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
		if (vm_cpu_state(vm, i) == CPU_PAUSED)
			arch_dump(&vm->vcpus[i], stderr);
	return EXIT_TIMEOUT;
}

/* Nobody gives commands: each checkpoint is left with an empty mailbox. */
static int run_free(const struct run_config *config, struct vm *vm, struct error *err)
{
	static const uint64_t none[ABI_ARGS];
	uint64_t deadline = time_now() + config->timeout_ms * 1000000, now;
	unsigned which;
	bool online;

	for (;;) {
		vm_resume(vm);
		now = time_now();
		if (now >= deadline || vm_wait(vm, STEP_ALL_CPUS, (deadline - now) / 1000000 + 1, &which))
			return time_up(vm, config->timeout_ms, err);
		if (vm->vcpus[which].event.kind >= EVENT_STOP)
			return ending(vm, which, err);
		online = false;
		for (unsigned i = 0; i < vm->vcpu_count; i++) {
			online |= vm_cpu_state(vm, i) != CPU_OFFLINE;
			if (vm_cpu_state(vm, i) == CPU_READY && vm_command(vm, i, ABI_CMD_NONE, none, err))
				return EXIT_CRASH;
		}
		if (!online)
			return error_set(err, EXIT_CRASH, "all vCPUs have stopped");
	}
}

/* Nothing is typed at a console that the machine does not have. */
static int check_console(const struct run_config *config, struct vm *vm, struct error *err)
{
	return arch_input(vm, config->console, (const uint8_t *)"", 0, err) ? EXIT_USAGE : 0;
}

/* Of a VM that could not be created: for want of what this host's KVM does not offer, or for another reason.
 */
static int create_status(int rc)
{
	return rc == -EOPNOTSUPP ? EXIT_MISSING : EXIT_HOST;
}

int run_guest(const struct run_config *config, struct error *err)
{
	struct vm vm;
	int rc = vm_create(&vm, config->kvm, config->vm, err);

	if (rc)
		return create_status(rc);
	rc = vm_boot(&vm, config->guest, config->guest_size, err);
	rc = rc == -ENOEXEC ? EXIT_DATA : rc ? EXIT_HOST : check_console(config, &vm, err);
	if (!rc) {
		input_allow(config->input, &vm);
		rc = run_free(config, &vm, err);
		rc = input_hold(config->input, err) ? EXIT_HOST : rc;
	}
	vm_destroy(&vm);
	return rc;
}

/* --- VMs and snapshots ------------------------------------------------ */

static struct timeline *find_line(struct runner *r, const char *name)
{
	for (unsigned i = 0; i < r->line_count; i++)
		if (!strcmp(r->lines[i]->name, name))
			return r->lines[i];
	return NULL;
}

static struct moment *find_moment(struct runner *r, const char *name)
{
	for (unsigned i = 0; i < r->moment_count; i++)
		if (!strcmp(r->moments[i].name, name))
			return &r->moments[i];
	return NULL;
}

static int new_line(struct runner *r, const char *name, struct timeline **out)
{
	struct timeline *t;
	int rc;

	if (r->line_count == MAX_VMS)
		return runner_unmet(r, "more than %d VMs", MAX_VMS);
	t = calloc(1, sizeof(*t));
	if (!t)
		return error_set(r->err, EXIT_HOST, "out of memory");
	t->name = name;
	rc = vm_create(&t->vm, r->config->kvm, r->config->vm, r->err);
	if (rc) {
		free(t);
		return create_status(rc);
	}
	t->vm.raised.on = true;
	r->lines[r->line_count++] = t;
	*out = t;
	return 0;
}

static int stop_world(struct runner *r)
{
	return vm_pause(&r->now->vm, r->err) ? EXIT_HOST : 0;
}

/* --- steps ------------------------------------------------------------ */

static int do_guest(struct runner *r, const struct step *s)
{
	struct timeline *t = r->now;
	const char *label;
	struct irq irq;
	uint64_t times = irq_of_command(s->command, s->arg, s->cpu, &irq, &label);

	if (times && (timeline_read_log(t, r->err) || ledger_inject(&t->ledger, label, &irq, 1, r->err)))
		return EXIT_HOST;
	/* Each of the others comes when the one before was taken. */
	if (times)
		ledger_owe(&t->ledger, &irq, (unsigned)(times - 1));
	if (s->name) {
		times = s->command == ABI_CMD_IPI ? s->arg[1] : 1;
		if (timeline_read_log(t, r->err) || ledger_name(&t->ledger, s->name, &s->irq, r->err))
			return EXIT_HOST;
		ledger_owe(&t->ledger, &s->irq, (unsigned)times);
	}
	return vm_command(&t->vm, s->cpu, s->command, s->arg, r->err) ? EXIT_EXPECTATION : 0;
}

/* The guest says so in its memory; nobody parks. */
static int wait_open(struct runner *r, const struct step *s)
{
	static const struct timespec ms = { .tv_nsec = 1000000 };
	uint64_t deadline = time_now() + r->config->timeout_ms * 1000000;
	struct vm *vm = &r->now->vm;

	while (time_now() < deadline) {
		const struct abi_shared *shared = vm_shared(vm);

		if (shared && s->cpu < ABI_CPUS &&
		    __atomic_load_n(&shared->mailbox[s->cpu].open, __ATOMIC_RELAXED))
			return 0;
		if (!vm_running(vm))
			return runner_unmet(r, "vCPU %u does not loop", s->cpu);
		nanosleep(&ms, NULL);
	}
	return time_up(vm, r->config->timeout_ms, r->err);
}

static int do_wait(struct runner *r, const struct step *s)
{
	uint64_t ms = s->until == UNTIL_TIMEOUT ? s->value : r->config->timeout_ms;
	struct vm *vm = &r->now->vm;
	const struct event *event;
	unsigned which;
	int rc;

	if (s->cpu != STEP_ALL_CPUS && s->cpu >= vm->vcpu_count)
		return runner_unmet(r, "there is no vCPU %u", s->cpu);
	if (s->until == UNTIL_OPEN)
		return wait_open(r, s);
	input_allow(r->config->input, vm);
	rc = vm_wait(vm, s->cpu, ms, &which);
	if (input_hold(r->config->input, r->err))
		return EXIT_HOST;
	if (rc)
		return s->until == UNTIL_TIMEOUT ? 0 : time_up(vm, ms, r->err);
	event = &vm->vcpus[which].event;
	if (s->until == UNTIL_STOP && event->kind == EVENT_STOP) {
		if (event->value == s->value)
			return 0;
		return runner_unmet(r, "the guest stopped with status %" PRIu64 ", not %" PRIu64,
		                    event->value, s->value);
	}
	if (s->until == UNTIL_REBOOT && event->kind == EVENT_REBOOT)
		return 0;
	if (s->until == UNTIL_CRASH && event->kind == EVENT_CRASH) {
		result(r, "crash: %s", event->why.text);
		return 0;
	}
	if (event->kind >= EVENT_STOP) {
		int status = ending(vm, which, r->err);

		return status ? status : EXIT_EXPECTATION;
	}
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		enum cpu_state state = vm_cpu_state(vm, i);
		bool meant = s->cpu == i || (s->cpu == STEP_ALL_CPUS && state != CPU_OFFLINE);

		if (meant && (s->until != UNTIL_READY || state != CPU_READY))
			return runner_unmet(r, "vCPU %u is %s", i, cpu_state_name(state));
	}
	return 0;
}

static int do_run(struct runner *r, const struct step *s)
{
	vm_resume(&r->now->vm);
	return do_wait(r, s);
}

/* The step must have failed, and so. */
static int check_refusal(struct runner *r, const struct step *s, int rc)
{
	if (rc != -s->fails)
		return runner_unmet(r, "gave %s, not %s", rc ? error_name(rc) : "no error",
		                    error_name(s->fails));
	result(r, "refused: %s", r->err->text);
	return 0;
}

/*
 * Whether an interrupt coalesces depends on what is pending now: if the books
 * say that it would, a running guest is stopped to be sure, and *running set.
 * So it is before a list, of which some may be refused.
 */
static int before_inject(struct runner *r, const struct step *s, bool *running)
{
	struct timeline *t = r->now;

	*running = false;
	if (timeline_read_log(t, r->err))
		return EXIT_HOST;
	*running = (s->batch > 1 || ledger_coalesces(&t->ledger, &s->irq)) && vm_running(&t->vm);
	if (!*running)
		return 0;
	return vm_pause(&t->vm, r->err) ? EXIT_HOST : timeline_read_log(t, r->err);
}

/*
 * Injects count, batch at once, and books those that went in. *refused: what
 * KVM said, to the first that it refused. Returns 0 or an exit status.
 */
static int inject(struct runner *r, const struct step *s, unsigned count, unsigned batch, int *refused)
{
	struct timeline *t = r->now;
	struct error why;
	unsigned all = 0;
	bool running;
	int rc = before_inject(r, s, &running);

	if (rc)
		return rc;
	while (all < count && !*refused) {
		unsigned some = count - all < batch ? count - all : batch, done = 0;

		*refused = arch_inject(&t->vm, &s->irq, some, &done, &why);
		trace_line(t->vm.trace, t->vm.fd.name, "inject %s, %u of %u = %s", s->irq.kind, done, some,
		           *refused ? error_name(*refused) : "0");
		all += done;
	}
	rc = ledger_inject(&t->ledger, s->name, &s->irq, all, r->err);
	if (running)
		vm_resume(&t->vm);
	if (*refused && !rc)
		*r->err = why;
	return rc ? EXIT_HOST : 0;
}

/* With fails= alone each must fail; with batch= too the first failure is the one that is meant, and the end.
 */
static int do_inject(struct runner *r, const struct step *s)
{
	uint64_t batch = s->batch ? s->batch : 1, turn = batch;

	if (s->name && !s->irq.want.kind)
		return runner_unmet(r, "as=%s: it leaves no record that could be expected", s->name);
	/* While nothing is taken, the books can wait until all are in. */
	if (!s->fails && !vm_running(&r->now->vm))
		turn = s->value;
	for (uint64_t i = 0; i < s->value; i += turn) {
		uint64_t left = s->value - i;
		int refused = 0;
		int rc = inject(r, s, (unsigned)(left < turn ? left : turn), (unsigned)batch, &refused);

		if (rc)
			return rc;
		if (refused && !s->fails)
			return EXIT_HOST;
		if (s->fails && (refused || !s->batch || left <= batch))
			rc = check_refusal(r, s, refused);
		if (rc || (refused && s->batch))
			return rc;
	}
	return 0;
}

static int do_dropping(struct runner *r, const struct irqchip_op *op)
{
	struct timeline *t = r->now;
	struct arch_state *before, *after;
	int rc;

	if (state_look(&t->vm, &before, r->err))
		return -EIO;
	rc = arch_irqchip(&t->vm, op, r->err);
	if (!rc && state_look(&t->vm, &after, r->err)) {
		rc = -EIO;
	} else if (!rc) {
		for (size_t i = 0; i < t->ledger.count; i++) {
			struct ledger_entry *e = &t->ledger.entries[i];
			unsigned was = arch_state_count(before, &e->irq),
				 is = arch_state_count(after, &e->irq);

			e->dropped += was > is ? was - is : 0;
		}
		arch_state_free(after);
	}
	arch_state_free(before);
	return rc;
}

static int do_irqchip(struct runner *r, const struct step *s)
{
	struct timeline *t = r->now;
	int rc = stop_world(r);

	if (rc)
		return rc;
	rc = s->op.drops ? do_dropping(r, &s->op) : arch_irqchip(&t->vm, &s->op, r->err);
	trace_line(t->vm.trace, t->vm.fd.name, "irqchip %s = %s", s->op.name, rc ? error_name(rc) : "0");
	if (s->fails)
		return check_refusal(r, s, rc);
	return rc ? EXIT_HOST : 0;
}

static int do_cpu(struct runner *r, const struct step *s)
{
	struct vm *vm = &r->now->vm;
	int rc = arch_cpu(vm, s->cpu, s->cpu_op, s->value, r->err);

	trace_line(vm->trace, vm->fd.name, "%s = %s", s->text, rc ? error_name(rc) : "0");
	if (s->fails)
		return check_refusal(r, s, rc);
	return rc ? EXIT_HOST : 0;
}

static int do_snapshot(struct runner *r, const struct step *s)
{
	struct moment *m = find_moment(r, s->name);
	struct moment made = { .name = s->name };
	int rc = stop_world(r);

	if (rc)
		return rc;
	if (!m && r->moment_count == MAX_SNAPSHOTS)
		return runner_unmet(r, "more than %d snapshots", MAX_SNAPSHOTS);
	if (timeline_read_log(r->now, r->err) || state_save(&r->now->vm, &made.state, r->err))
		return EXIT_HOST;
	if (ledger_copy(&made.ledger, &r->now->ledger, r->err)) {
		free(made.state.bytes);
		return EXIT_HOST;
	}
	if (m) {
		free(m->state.bytes);
		ledger_free(&m->ledger);
	} else {
		m = &r->moments[r->moment_count++];
	}
	*m = made;
	result(r, "%zu bytes", made.state.len);
	return 0;
}

static int do_restore(struct runner *r, const struct step *s)
{
	struct moment *m = find_moment(r, s->name);
	struct timeline *t = find_line(r, s->name2);
	bool fresh = !t;
	int rc = 0;

	if (!m)
		return runner_unmet(r, "there is no snapshot %s", s->name);
	if (fresh)
		rc = new_line(r, s->name2, &t);
	if (rc)
		return rc;
	r->now = t;
	rc = stop_world(r);
	if (rc)
		return rc;
	/* What was doubled before is not forgiven; what is pending is gone with its time. */
	if (timeline_read_log(t, r->err))
		return EXIT_HOST;
	rc = state_load(&t->vm, &m->state, fresh, r->err);
	if (s->fails)
		return check_refusal(r, s, rc);
	if (rc)
		return EXIT_HOST;
	r->duplicates += ledger_duplicate(&t->ledger);
	ledger_free(&t->ledger);
	if (ledger_copy(&t->ledger, &m->ledger, r->err))
		return EXIT_HOST;
	result(r, "into %s VM \"%s\"", fresh ? "the new" : "the same", t->name);
	return 0;
}

static int do_vm(struct runner *r, const struct step *s)
{
	r->now = find_line(r, s->name);
	return r->now ? 0 : runner_unmet(r, "there is no VM %s", s->name);
}

static int do_pending(struct runner *r, const struct step *s)
{
	struct arch_state *state;
	int rc = stop_world(r);
	bool wrong;
	unsigned n;

	if (rc)
		return rc;
	if (state_look(&r->now->vm, &state, r->err))
		return EXIT_HOST;
	n = arch_state_pending(state, s->kind == STEP_SHOW_PENDING && !r->config->quiet ? stdout : NULL);
	wrong = s->kind == STEP_EXPECT_PENDING && n != s->value;
	if (wrong)
		arch_state_pending(state, stdout);
	arch_state_free(state);
	return wrong ? runner_unmet(r, "%u are pending, not %" PRIu64, n, s->value) : 0;
}

static int do_show_log(struct runner *r, const struct step *s)
{
	const struct ledger *l = &r->now->ledger;
	char text[96];

	(void)s;
	if (timeline_read_log(r->now, r->err))
		return EXIT_HOST;
	for (unsigned i = 0; i < l->read; i++) {
		irq_record_text(&l->log[i], text, sizeof(text));
		result(r, "%4u vCPU %u %s", i, l->log[i].cpu, text);
	}
	return 0;
}

static int do_expect_taken(struct runner *r, const struct step *s)
{
	struct ledger *l = &r->now->ledger;
	unsigned from = l->mark, count;

	if (timeline_read_log(r->now, r->err))
		return EXIT_HOST;
	l->mark = l->read;
	count = l->read - from;
	for (unsigned i = 0; i < count || i < s->name_count; i++) {
		const struct ledger_entry *e = i < count ? ledger_match(l, &l->log[from + i]) : NULL;
		char text[96] = "nothing";

		if (e && i < s->name_count && !strcmp(e->label, s->names[i]))
			continue;
		if (i < count)
			irq_record_text(&l->log[from + i], text, sizeof(text));
		return runner_unmet(r, "taken as number %u: %s%s%s%s, expected: %s", i + 1, e ? e->label : "",
		                    e ? " (" : "", text, e ? ")" : "",
		                    i < s->name_count ? s->names[i] : "nothing");
	}
	return 0;
}

static int do_expect_state(struct runner *r, const struct step *s)
{
	struct vm *vm = &r->now->vm;
	enum cpu_state state;

	if (s->cpu >= vm->vcpu_count)
		return runner_unmet(r, "there is no vCPU %u", s->cpu);
	state = vm_cpu_state(vm, s->cpu);
	return state == s->state ? 0
	                         : runner_unmet(r, "vCPU %u is %s, not %s", s->cpu, cpu_state_name(state),
	                                        cpu_state_name(s->state));
}

static int do_expect_result(struct runner *r, const struct step *s)
{
	const struct abi_shared *shared = vm_shared(&r->now->vm);

	if (!shared || s->cpu >= ABI_CPUS)
		return runner_unmet(r, "vCPU %u has given no result", s->cpu);
	for (unsigned i = 0; i < ABI_RESULTS; i++) {
		uint64_t got = shared->mailbox[s->cpu].result[i];

		if (s->given >> i & 1 && got != s->result[i])
			return runner_unmet(r, "%s is 0x%" PRIx64 " (%" PRId64 "), not 0x%" PRIx64,
			                    s->names[i], got, (int64_t)got, s->result[i]);
	}
	return 0;
}

static uint8_t *step_memory(struct runner *r, const struct step *s)
{
	uint8_t *bytes = ram_at(&r->now->vm.ram, s->value, s->byte_count);

	if (!bytes)
		runner_unmet(r, "0x%" PRIx64 ": the guest has no such memory", s->value);
	return bytes;
}

/* The guest may be running: what races with it is the scenario's to say. */
static int do_poke(struct runner *r, const struct step *s)
{
	uint8_t *bytes = step_memory(r, s);

	if (!bytes)
		return EXIT_EXPECTATION;
	memcpy(bytes, s->bytes, s->byte_count);
	return 0;
}

static int do_expect_memory(struct runner *r, const struct step *s)
{
	const uint8_t *bytes = step_memory(r, s);

	if (!bytes)
		return EXIT_EXPECTATION;
	for (unsigned i = 0; i < s->byte_count; i++)
		if (bytes[i] != s->bytes[i])
			return runner_unmet(r, "the byte at 0x%" PRIx64 " is %02x, not %02x", s->value + i,
			                    bytes[i], s->bytes[i]);
	return 0;
}

static int do_name(struct runner *r, const struct step *s)
{
	if (!s->irq.want.kind)
		return runner_unmet(r, "as=%s: it leaves no record that could be expected", s->name);
	if (timeline_read_log(r->now, r->err))
		return EXIT_HOST;
	if (ledger_name(&r->now->ledger, s->name, &s->irq, r->err))
		return EXIT_EXPECTATION;
	ledger_owe(&r->now->ledger, &s->irq, (unsigned)s->value);
	return 0;
}

static int do_stopwatch(struct runner *r, const struct step *s)
{
	uint64_t now = time_now();

	printf("stopwatch %s %" PRIu64 " ns\n", s->name, now - r->stopwatch);
	r->stopwatch = time_now();
	return 0;
}

static int do_sleep(struct runner *r, const struct step *s)
{
	struct timespec ts = { .tv_sec = (time_t)(s->value / 1000),
		               .tv_nsec = (long)(s->value % 1000) * 1000000 };

	input_allow(r->config->input, &r->now->vm);
	nanosleep(&ts, NULL);
	return input_hold(r->config->input, r->err) ? EXIT_HOST : 0;
}

static int do_resume(struct runner *r, const struct step *s)
{
	(void)s;
	vm_resume(&r->now->vm);
	return 0;
}

/* A scenario's line goes in whole, or not at all. */
static int do_type(struct runner *r, const struct step *s)
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
	return rc == -EINVAL ? EXIT_EXPECTATION : rc < 0 ? EXIT_HOST : 0;
}

static int do_quiesce(struct runner *r, const struct step *s)
{
	int rc = arch_quiesce(&r->now->vm, r->err);

	if (s->fails)
		return check_refusal(r, s, rc);
	return rc == -EOPNOTSUPP ? EXIT_EXPECTATION : rc ? EXIT_HOST : 0;
}

static int do_pause(struct runner *r, const struct step *s)
{
	(void)s;
	return stop_world(r);
}

static int do_step(struct runner *r, const struct step *s)
{
	static int (*const steps[])(struct runner *, const struct step *) = {
		[STEP_GUEST] = do_guest,
		[STEP_RUN] = do_run,
		[STEP_RESUME] = do_resume,
		[STEP_TYPE] = do_type,
		[STEP_QUIESCE] = do_quiesce,
		[STEP_WAIT] = do_wait,
		[STEP_PAUSE] = do_pause,
		[STEP_SLEEP] = do_sleep,
		[STEP_INJECT] = do_inject,
		[STEP_NAME] = do_name,
		[STEP_POKE] = do_poke,
		[STEP_STOPWATCH] = do_stopwatch,
		[STEP_IRQCHIP] = do_irqchip,
		[STEP_CPU] = do_cpu,
		[STEP_SNAPSHOT] = do_snapshot,
		[STEP_RESTORE] = do_restore,
		[STEP_VM] = do_vm,
		[STEP_SHOW_PENDING] = do_pending,
		[STEP_SHOW_LOG] = do_show_log,
		[STEP_EXPECT_PENDING] = do_pending,
		[STEP_EXPECT_TAKEN] = do_expect_taken,
		[STEP_EXPECT_STATE] = do_expect_state,
		[STEP_EXPECT_RESULT] = do_expect_result,
		[STEP_EXPECT_MEMORY] = do_expect_memory,
	};

	if (s->kind == STEP_SAY) {
		if (!r->config->quiet)
			printf("\n== %s\n", s->name);
		return 0;
	}
	if (!r->config->quiet)
		printf("%4u  %s\n", s->line, s->text);
	return steps[s->kind](r, s);
}

/* --- the whole -------------------------------------------------------- */

static void tidy(struct runner *r)
{
	for (unsigned i = 0; i < r->line_count; i++) {
		vm_destroy(&r->lines[i]->vm);
		ledger_free(&r->lines[i]->ledger);
		free(r->lines[i]);
	}
	for (unsigned i = 0; i < r->moment_count; i++) {
		free(r->moments[i].state.bytes);
		ledger_free(&r->moments[i].ledger);
	}
}

int run_scenario(const struct run_config *config, const struct scenario *scenario, struct error *err)
{
	struct runner r = { .config = config, .scenario = scenario, .err = err, .stopwatch = time_now() };
	int status = new_line(&r, "first", &r.now), rc;

	if (!status) {
		rc = vm_boot(&r.now->vm, config->guest, config->guest_size, err);
		status = rc == -ENOEXEC ? EXIT_DATA : rc ? EXIT_HOST : check_console(config, &r.now->vm, err);
	}
	for (size_t i = 0; i < scenario->count && !status; i++) {
		status = do_step(&r, &scenario->steps[i]);
		if (status)
			error_prefix(err, 0, "%s:%u: %s", scenario->file, scenario->steps[i].line,
			             scenario->steps[i].text);
	}
	if (!status)
		status = runner_account(&r);
	if (!status)
		err->text[0] = 0;
	tidy(&r);
	return status;
}
