/* SPDX-License-Identifier: BSD-2-Clause */
/* run_end.c: how the guest came to its end, or why it did not. See runner.h. */
#include <inttypes.h>

#include "runner.h"
#include "vmm/arch.h"

/* Prints why a vCPU crashed or waits, and its registers. */
static void report_end(struct vm *vm, unsigned cpu)
{
	fflush(stdout);
	fprintf(stderr, "zpvm: vCPU %u: %s\n", cpu, vm->vcpus[cpu].event.why.text);
	arch_dump(&vm->vcpus[cpu], stderr);
}

int run_ended(struct vm *vm, unsigned cpu, struct outcome *outcome, struct error *err)
{
	const struct event *event = &vm->vcpus[cpu].event;
	struct error ignored;

	vm_pause(vm, &ignored);
	switch (event->kind) {
	case EVENT_STOP:
		/* An orderly end, but not by the test guest's own call: say what it was. */
		if (event->waited)
			fprintf(stderr, "zpvm: vCPU %u: %s\n", cpu, event->why.text);
		error_set(&outcome->why, 0, "the guest stopped with status %u", (unsigned)event->value);
		outcome->kind = OUTCOME_STOPPED;
		outcome->value = event->value;
		return 0;
	case EVENT_REBOOT:
		error_set(&outcome->why, 0, "%s",
		          event->why.text[0] ? event->why.text : "the guest asked for a reboot");
		outcome->kind = OUTCOME_REBOOT;
		return 0;
	case EVENT_CRASH:
		report_end(vm, cpu);
		error_set(&outcome->why, 0,
		          event->waited ? "the guest stopped, and not in an orderly way"
		                        : "the guest crashed");
		outcome->kind = OUTCOME_CRASHED;
		return 0;
	default: *err = event->why; return error_blame(err, event->code, FAULT_HOST);
	}
}

void run_late(struct vm *vm, uint64_t ms, struct outcome *outcome)
{
	struct error ignored;

	error_set(&outcome->why, 0, "the guest did not come to an end within %" PRIu64 " s", ms / 1000);
	outcome->kind = OUTCOME_LATE;
	if (vm_pause(vm, &ignored))
		return;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (checkpoint_cpu_state(vm, i) == CPU_WAITING)
			report_end(vm, i);
		else if (checkpoint_cpu_state(vm, i) == CPU_PAUSED)
			arch_dump(&vm->vcpus[i], stderr);
}
