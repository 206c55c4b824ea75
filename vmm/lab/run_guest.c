/* SPDX-License-Identifier: BSD-2-Clause */
/* run_guest.c: a VM and what it starts with, and a guest without a scenario. See run.h, runner.h. */
#include <errno.h>
#include <stdio.h>

#include "arch_lab.h"
#include "runner.h"
#include "vmm/arch.h"
#include "vmm/input.h"

bool runner_answer(struct runner *r, struct vm *vm, bool *online)
{
	static const uint64_t none[ABI_ARGS];

	*online = false;
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		*online |= checkpoint_cpu_state(vm, i) != CPU_OFFLINE;
		if (checkpoint_cpu_state(vm, i) == CPU_READY &&
		    checkpoint_command(vm, i, ABI_CMD_NONE, none, &r->outcome->why)) {
			r->outcome->kind = OUTCOME_CRASHED;
			return false;
		}
	}
	return true;
}

int run_free(struct runner *r, struct vm *vm, struct vm_run *run, uint64_t deadline)
{
	uint64_t spent = r->session.spent, now;
	struct event event;
	unsigned which;
	bool online;
	int rc;

	for (;;) {
		vm_resume(vm);
		now = time_now() - (r->session.spent - spent);
		rc = now < deadline
		             ? runner_wait(r, vm, run, VCPU_ALL, (deadline - now) / 1000000 + 1, &which)
		             : -ETIMEDOUT;
		if (rc == -EINTR)
			return 0; /* quit */
		if (rc) {
			run_late(vm, r->config->timeout_ms, r->outcome);
			return 0;
		}
		vm_event(vm, which, &event);
		if (event.kind >= EVENT_STOP)
			return run_ended(vm, which, r->outcome, r->err);
		if (!runner_answer(r, vm, &online))
			return 0;
		if (!online) {
			fprintf(stderr, "zpvm: all vCPUs have stopped\n");
			return 0;
		}
		session_serve(r, vm);
		if (r->session.quit)
			return 0;
	}
}

/* Nothing can be typed at a console that the machine does not have. */
static int check_console(const struct run_config *config, struct vm *vm, struct error *err)
{
	int rc = arch_input(vm, config->console, (const uint8_t *)"", 0, err);

	return error_blame(err, rc, FAULT_USAGE);
}

int run_create(const struct run_config *config, const struct vm_config *of, struct vm *vm, struct error *err)
{
	int rc = vm_create(vm, config->kvm, of, err);

	/* -ERANGE: there can be no such machine. Then whoever asked for it is at fault. */
	return rc == -ERANGE ? error_blame(err, rc, config->misfit) : rc;
}

/* Loads the guest, or restores the snapshot. */
int run_start(const struct run_config *config, struct vm *vm, struct error *err)
{
	int rc =
		config->restore ? state_load(vm, config->restore, true, err) : vm_boot(vm, config->boot, err);

	if (rc && config->restore)
		error_prefix(err, rc, "%s", config->restore_file);
	else if (rc == -ENOEXEC)
		error_prefix(err, rc, "%s", config->boot->kernel.name);
	return rc ? rc : check_console(config, vm, err);
}

/* One life of the guest, in a VM of its own; the first one enters the sandbox. */
static int run_once(const struct run_config *config, uint64_t deadline, bool *entered,
                    struct outcome *outcome, struct error *err)
{
	const struct scenario none = { .arch = arch_info.name };
	struct runner r = { .config = config,
		            .scenario = &none,
		            .free = true,
		            .outcome = outcome,
		            .err = err,
		            .host_log = -1,
		            .stopwatch = time_now() };
	int held, rc = runner_new_run(&r, "first", &r.current);
	struct vm *vm;

	if (rc)
		return rc;
	vm = &r.current->vm;
	r.current->quiet = true;
	rc = run_start(config, vm, err);
	if (!rc && !*entered)
		rc = runner_confine(&r);
	if (!rc) {
		*entered = true;
		input_allow(config->input, vm);
		rc = run_free(&r, vm, NULL, deadline);
		held = input_hold(config->input, err);
		if (held)
			rc = error_blame(err, held, FAULT_HOST);
		if (!rc && outcome->kind == OUTCOME_REBOOT && config->again)
			trace_note(vm->trace, "reboot: the VM is made anew");
		else if (!rc && config->save)
			rc = runner_save(vm, NULL, config->save, err);
	}
	runner_tidy(&r);
	return rc;
}

int run_guest(const struct run_config *config, struct outcome *outcome, struct error *err)
{
	uint64_t deadline = time_now() + config->timeout_ms * 1000000;
	bool entered = false;
	int rc;

	do {
		*outcome = (struct outcome){ .kind = OUTCOME_DONE };
		rc = run_once(config, deadline, &entered, outcome, err);
	} while (!rc && outcome->kind == OUTCOME_REBOOT && config->again);
	return rc;
}
