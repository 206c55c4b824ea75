/* SPDX-License-Identifier: BSD-2-Clause */
/* run_guest.c: a VM and what it starts with, and a guest without a scenario. See run.h, runner.h. */
#include <errno.h>
#include <stdio.h>

#include "arch_lab.h"
#include "runner.h"
#include "vmm/arch.h"
#include "vmm/input.h"

/* There is nobody to give commands, so each checkpoint is answered with an empty mailbox. */
int run_free(const struct run_config *config, struct vm *vm, struct vm_run *run, uint64_t deadline,
             struct outcome *outcome, struct error *err)
{
	static const uint64_t none[ABI_ARGS];
	struct event event;
	unsigned which;
	uint64_t now;
	bool online;

	for (;;) {
		vm_resume(vm);
		now = time_now();
		if (now >= deadline ||
		    runner_wait(config, vm, run, VCPU_ALL, (deadline - now) / 1000000 + 1, &which)) {
			run_late(vm, config->timeout_ms, outcome);
			return 0;
		}
		vm_event(vm, which, &event);
		if (event.kind >= EVENT_STOP)
			return run_ended(vm, which, outcome, err);
		online = false;
		for (unsigned i = 0; i < vm->vcpu_count; i++) {
			online |= checkpoint_cpu_state(vm, i) != CPU_OFFLINE;
			if (checkpoint_cpu_state(vm, i) == CPU_READY &&
			    checkpoint_command(vm, i, ABI_CMD_NONE, none, &outcome->why)) {
				outcome->kind = OUTCOME_CRASHED;
				return 0;
			}
		}
		if (!online) {
			fprintf(stderr, "zpvm: all vCPUs have stopped\n");
			return 0;
		}
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

/* One life of the guest, in a VM of its own. */
static int run_once(const struct run_config *config, uint64_t deadline, struct outcome *outcome,
                    struct error *err)
{
	struct vm vm;
	int held, rc = run_create(config, config->vm, &vm, err);

	if (rc)
		return rc;
	rc = run_start(config, &vm, err);
	if (!rc) {
		input_allow(config->input, &vm);
		rc = run_free(config, &vm, NULL, deadline, outcome, err);
		held = input_hold(config->input, err);
		if (held)
			rc = error_blame(err, held, FAULT_HOST);
		if (!rc && outcome->kind == OUTCOME_REBOOT && config->again)
			trace_note(vm.trace, "reboot: the VM is made anew");
		else if (!rc && config->save)
			rc = runner_save(&vm, NULL, config->save, err);
	}
	vm_destroy(&vm);
	return rc;
}

int run_guest(const struct run_config *config, struct outcome *outcome, struct error *err)
{
	uint64_t deadline = time_now() + config->timeout_ms * 1000000;
	int rc;

	do {
		*outcome = (struct outcome){ .kind = OUTCOME_DONE };
		rc = run_once(config, deadline, outcome, err);
	} while (!rc && outcome->kind == OUTCOME_REBOOT && config->again);
	return rc;
}
