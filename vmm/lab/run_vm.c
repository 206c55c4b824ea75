/* SPDX-License-Identifier: BSD-2-Clause */
/* run_vm.c: the steps that let a VM run, wait for it, and act on its vCPUs and consoles. See runner.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arch_lab.h"
#include "vmm/arch.h"
#include "vmm/input.h"
#include "vmm/vm_clock.h"
#include "runner.h"

#define SLEEP_MS 50 /* after which a step that sleeps looks around */

/* A vCPU that stops itself loses its timers: when it is started again they are set to never. */
static void withdraw_timers(struct vm_run *run, uint16_t cpu)
{
	for (uint64_t type = ABI_TIMER_CLOCK; type <= ABI_TIMER_CPU; type++) {
		struct irq irq = irq_of_timer(type, cpu);
		struct irq_tally tally;

		irq_tally_begin(&tally, run->vm.trace, &run->ledger);
		ledger_withdraw(&run->ledger, &irq, 1);
		irq_tally_end(&tally, run->vm.trace, &run->ledger, NULL);
	}
}

/* Expects more of an interrupt. If they are too many to be counted, that expectation is not met. */
static int expect(struct runner *r, const struct irq *irq, uint64_t times)
{
	return error_blame(r->err, ledger_expect(&r->current->ledger, irq, times, r->err), FAULT_UNMET);
}

int step_guest(struct runner *r, const struct step *s)
{
	const struct guest_order order = {
		.command = s->guest.command,
		.repeat = s->guest.repeat,
		.arg = s->guest.arg,
		.reg = s->guest.reg,
		.name = s->guest.name,
		.keys = s->guest.keys,
	};
	struct vm_run *run = r->current;
	const char *label;
	struct irq irq;
	uint64_t times = irq_of_command(s->guest.command, s->guest.arg, s->cpu, &irq, &label);
	/* The log also shows whether the vCPU has done its last command. */
	int rc = vm_run_read_log(run, r->err);

	if (rc)
		return runner_host(r, rc);
	if (times) {
		rc = ledger_inject(&run->ledger, label, &irq, 1, r->err);
		if (!rc)
			irq_trace(run->vm.trace, "injected", &irq, label, 0, "guest");
		/* Each of the others is raised when the one before it was taken. */
		rc = rc ? runner_blame(r, rc) : expect(r, &irq, times - 1);
	}
	if (rc)
		return rc;
	if (times)
		ledger_promise(&run->ledger, &irq, s->cpu, s->guest.arg[0]);
	if (s->name) {
		rc = ledger_name(&run->ledger, s->name, &s->irq, r->err);
		rc = rc ? runner_blame(r, rc)
		        : expect(r, &s->irq,
		                 (s->guest.command == ABI_CMD_IPI ? s->guest.arg[1] : 1) *
		                         (s->guest.repeat ? s->guest.repeat : 1));
		if (rc)
			return rc;
		ledger_promise(&run->ledger, &s->irq, s->cpu, 0);
	}
	if (s->guest.command == ABI_CMD_OFFLINE)
		withdraw_timers(run, s->cpu);
	checkpoint_stamp(&run->vm, r->stamps);
	rc = checkpoint_give(&run->vm, s->cpu, &order, r->err);
	return error_blame(r->err, rc, rc == -ESRCH ? FAULT_DATA : FAULT_UNMET);
}

/* Whether the condition that the step waits for is met. */
static bool is_met(struct vm *vm, const struct step *s)
{
	const struct abi_shared *shared = checkpoint_shared(vm);
	const struct abi_mailbox *box;

	/* Of a guest that is not ours it is all that can be seen. */
	if (!shared)
		return s->wait.until == UNTIL_ASLEEP && vm_vcpu_asleep(vm, s->cpu);
	box = &shared->mailbox[s->cpu];
	switch (s->wait.until) {
	case UNTIL_OPEN: return __atomic_load_n(&box->open, __ATOMIC_RELAXED);
	case UNTIL_TAKEN: return __atomic_load_n(&shared->taken, __ATOMIC_ACQUIRE) >= s->wait.value;
	case UNTIL_ASLEEP:
		if (!vm_vcpu_asleep(vm, s->cpu))
			return false;
		break;
	default: break;
	}
	/* The vCPU has taken its command out of the mailbox. */
	return __atomic_load_n(&box->command, __ATOMIC_ACQUIRE) == ABI_CMD_NONE;
}

/* Waits for a condition that is visible in the guest's memory, or for its sleep: no vCPU parks for it. */
static int wait_for_guest(struct runner *r, const struct step *s)
{
	uint64_t deadline = time_now() + r->config->timeout_ms * 1000000 - r->session.spent;
	struct vm *vm = &r->current->vm;
	int rc = s->wait.until == UNTIL_ASLEEP ? kvm_run_check(r->err) : 0;

	if (rc)
		return error_blame(r->err, rc, FAULT_HOST);
	while (time_now() - r->session.spent < deadline) {
		bool running = vm_running(vm); /* asked first: the guest may meet the condition and park */

		if (s->cpu < ABI_CPUS && is_met(vm, s))
			return 0;
		if (!running)
			return runner_unmet(r, "vCPU %u does not %s", s->cpu,
			                    s->wait.until == UNTIL_OPEN     ? "loop"
			                    : s->wait.until == UNTIL_ASLEEP ? "sleep"
			                    : s->wait.until == UNTIL_TAKEN  ? "take as many"
			                                                    : "run");
		session_sleep(r, 1);
		rc = session_look(r, NULL);
		if (rc)
			return rc;
	}
	run_late(vm, r->config->timeout_ms, r->outcome);
	return 0;
}

/* The guest ended while the step waited for something else. */
static int ended_early(struct runner *r, unsigned which)
{
	int rc = run_ended(&r->current->vm, which, r->outcome, r->err);

	if (rc || r->outcome->kind != OUTCOME_STOPPED || r->outcome->value)
		return rc;
	/* The guest is satisfied, but its scenario is not. */
	rc = runner_unmet(r, "%s", r->outcome->why.text);
	*r->outcome = (struct outcome){ .kind = OUTCOME_DONE };
	return rc;
}

/* Checks that each vCPU that the step is about is in the state that the step waits for. */
static int check_states(struct runner *r, const struct step *s)
{
	struct vm *vm = &r->current->vm;

	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		enum cpu_state state = checkpoint_cpu_state(vm, i);
		bool meant =
			s->cpu == i || (s->cpu == VCPU_ALL && state != CPU_OFFLINE && state != CPU_WAITING);

		if (meant && state == CPU_OFFLINE && s->wait.until == UNTIL_OFFLINE)
			continue;
		if (meant && (s->wait.until != UNTIL_READY || state != CPU_READY))
			return runner_unmet(r, "vCPU %u is %s", i, cpu_state_name(state));
	}
	return 0;
}

/* How the guest has ended must be what the step says, if it says it. */
static int check_end(struct runner *r, const struct step *s)
{
	static const enum outcome_kind kinds[] = {
		[END_STOP] = OUTCOME_STOPPED, [END_CRASH] = OUTCOME_CRASHED, [END_REBOOT] = OUTCOME_REBOOT
	};
	int rc = 0;

	if (s->wait.by == END_ANY)
		return 0;
	if (r->outcome->kind != kinds[s->wait.by] ||
	    (s->wait.by == END_STOP && r->outcome->value != s->wait.value))
		rc = runner_unmet(r, "%s",
		                  r->outcome->why.text[0] ? r->outcome->why.text : "all vCPUs have stopped");
	*r->outcome = (struct outcome){ .kind = OUTCOME_DONE };
	return rc;
}

static int wait_for_end(struct runner *r, const struct step *s)
{
	uint64_t deadline = time_now() + r->config->timeout_ms * 1000000;
	int held, rc;

	input_allow(r->config->input, &r->current->vm);
	rc = run_free(r, &r->current->vm, r->current, deadline);
	held = input_hold(r->config->input, r->err);
	return rc ? rc : held ? runner_host(r, held) : check_end(r, s);
}

int step_wait(struct runner *r, const struct step *s)
{
	uint64_t ms = s->wait.until == UNTIL_TIMEOUT ? s->wait.value : r->config->timeout_ms;
	struct vm *vm = &r->current->vm;
	struct event event;
	unsigned which;
	int rc, held;

	if (s->cpu != VCPU_ALL && s->cpu >= vm->vcpu_count)
		return runner_wrong(r, "there is no vCPU %u", s->cpu);
	if (s->wait.until == UNTIL_OPEN || s->wait.until == UNTIL_BEGUN || s->wait.until == UNTIL_ASLEEP ||
	    s->wait.until == UNTIL_TAKEN)
		return wait_for_guest(r, s);
	if (s->wait.until == UNTIL_END)
		return wait_for_end(r, s);
	input_allow(r->config->input, vm);
	rc = runner_wait(r, vm, r->current, s->cpu, ms, &which);
	held = input_hold(r->config->input, r->err);
	if (held)
		return runner_host(r, held);
	if (rc == -EINTR)
		return rc;
	if (rc && s->wait.until != UNTIL_TIMEOUT)
		run_late(vm, ms, r->outcome);
	if (rc)
		return 0;
	vm_event(vm, which, &event);
	if (s->wait.until == UNTIL_STOP && event.kind == EVENT_STOP) {
		if (event.value == s->wait.value)
			return 0;
		return runner_unmet(r, "the guest stopped with status %" PRIu64 ", not %" PRIu64, event.value,
		                    s->wait.value);
	}
	if (s->wait.until == UNTIL_REBOOT && event.kind == EVENT_REBOOT)
		return 0;
	if (s->wait.until == UNTIL_CRASH && event.kind == EVENT_CRASH) {
		runner_result(r, "crash: %s", event.why.text);
		return 0;
	}
	return event.kind >= EVENT_STOP ? ended_early(r, which) : check_states(r, s);
}

int step_run(struct runner *r, const struct step *s)
{
	struct error ignored;
	int rc;

	vm_resume(&r->current->vm);
	rc = step_wait(r, s);
	if (rc == -EINTR)
		vm_pause(&r->current->vm, &ignored);
	return rc;
}

int step_cpu(struct runner *r, const struct step *s)
{
	struct vm *vm = &r->current->vm;
	int rc = s->cpu < vm->vcpu_count
	                 ? arch_cpu(&vm->vcpus[s->cpu], s->operate.op, s->operate.address, r->err)
	                 : error_set(r->err, -ESRCH, "there is no vCPU %u", s->cpu);

	if (s->fails)
		return runner_refusal(r, s, rc);
	return runner_blame(r, rc);
}

int step_create_vcpu(struct runner *r, const struct step *s)
{
	int rc = vm_add_vcpu(&r->current->vm, r->err);

	if (s->fails)
		return runner_refusal(r, s, rc);
	return error_blame(r->err, rc, rc == -ENOSPC ? FAULT_DATA : FAULT_HOST);
}

int step_sleep(struct runner *r, const struct step *s)
{
	uint64_t until = time_now() + s->ms * 1000000 - r->session.spent, now;
	struct vm *vm = &r->current->vm;
	int held, rc = 0;

	input_allow(r->config->input, vm);
	while (!rc && (now = time_now() - r->session.spent) < until) {
		uint64_t ns = until - now;

		session_sleep(r, ns / 1000000 < SLEEP_MS ? (unsigned)(ns / 1000000) + 1 : SLEEP_MS);
		rc = session_look(r, vm);
	}
	held = input_hold(r->config->input, r->err);
	return held ? runner_host(r, held) : rc;
}

int step_clock_step(struct runner *r, const struct step *s)
{
	int rc = runner_stop_world(r);

	return rc ? rc : runner_host(r, clock_step(&r->current->vm, s->ms * 1000000, r->err));
}

int step_resume(struct runner *r, const struct step *s)
{
	(void)s;
	vm_resume(&r->current->vm);
	return 0;
}

/* If the console has no room for the whole line, the step fails. */
int step_type(struct runner *r, const struct step *s)
{
	size_t len = strlen(s->said) + 1;
	uint8_t *line = malloc(len);
	int rc;

	if (!line)
		return error_set(r->err, -ENOMEM, "out of memory");
	memcpy(line, s->said, len - 1);
	line[len - 1] = '\n';
	rc = arch_input(&r->current->vm, s->name ? s->name : r->config->console, line, len, r->err);
	free(line);
	if (rc >= 0 && (size_t)rc < len)
		return runner_unmet(r, "the console had room for %d of %zu bytes", rc, len);
	return rc < 0 ? runner_blame(r, rc) : 0;
}

/* What the guest has printed last, for a message. */
static void tail_text(struct runner *r, char *text, size_t size)
{
	uint8_t bytes[PLACE_TEXT] = { 0 };
	FILE *f = fmemopen(text, size, "w");

	*text = 0;
	if (!f)
		return;
	bytes_print(f, bytes, transcript_tail(r->config->transcript, bytes, sizeof(bytes)));
	fclose(f);
}

static bool is_at(struct runner *r, const struct step *s, struct text_place *place)
{
	const struct abi_shared *shared = checkpoint_shared(&r->current->vm);

	if (s->outside.taken &&
	    (!shared || __atomic_load_n(&shared->taken, __ATOMIC_ACQUIRE) < s->outside.taken))
		return false;
	return transcript_reached(r->config->transcript, place);
}

/* As far as the guest was when something came from outside. */
int step_at(struct runner *r, const struct step *s)
{
	static const struct timespec ms = { .tv_nsec = 1000000 };
	uint64_t deadline = time_now() + r->config->timeout_ms * 1000000;
	struct text_place place = { .count = s->outside.count, .len = s->outside.len };
	bool running = true, at = false;
	char last[4 * PLACE_TEXT + 1];

	if (s->outside.len)
		memcpy(place.text, s->outside.bytes, s->outside.len);
	while (!at && running && time_now() < deadline) {
		running = vm_running(&r->current->vm);
		at = is_at(r, s, &place);
		if (!at && running)
			nanosleep(&ms, NULL);
	}
	if (at) {
		transcript_pass(r->config->transcript, &place);
		return 0;
	}
	tail_text(r, last, sizeof(last));
	return runner_unmet(r, "the guest %s; it printed last %s",
	                    running ? "has not come so far in time" : "runs no more", last);
}

/* As from outside: what the console has no room for waits. */
int step_typed(struct runner *r, const struct step *s)
{
	static const struct timespec ms = { .tv_nsec = 1000000 };
	const char *console = s->name ? s->name : r->config->console;
	uint64_t deadline = time_now() + r->config->timeout_ms * 1000000;
	size_t done = 0;

	while (done < s->outside.len) {
		int n = arch_input(&r->current->vm, console, s->outside.bytes + done, s->outside.len - done,
		                   r->err);

		if (n < 0)
			return runner_blame(r, n);
		done += (size_t)n;
		if (done < s->outside.len && time_now() >= deadline)
			return runner_unmet(r, "the console had room for %zu of %u bytes", done,
			                    s->outside.len);
		if (done < s->outside.len)
			nanosleep(&ms, NULL);
	}
	return 0;
}

int step_quiesce(struct runner *r, const struct step *s)
{
	int rc = arch_quiesce(&r->current->vm, r->err);

	if (s->fails)
		return runner_refusal(r, s, rc);
	return error_blame(r->err, rc, rc == -EOPNOTSUPP ? FAULT_UNMET : FAULT_HOST);
}

int step_pause(struct runner *r, const struct step *s)
{
	(void)s;
	return runner_stop_world(r);
}
