/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hook.h: what a VM tells the program around it. The core makes, runs and pauses a VM by itself; a laboratory
 * that gives the guest commands and accounts for its interrupts fills in these functions. Each may be NULL.
 */
#ifndef VMM_HOOK_H
#define VMM_HOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "ram.h"

struct vm;
struct vcpu;
struct event;
struct arch_hooks;
struct arch_irq; /* one interrupt, as the architecture has it: arch/ARCH/interrupt.h */
struct state_step;

struct vm_hooks {
	/* With the VM: vm->hook_data is theirs. When create fails there is no VM, and destroy is not called.
	 */
	int (*create)(struct vm *vm, struct error *err);
	void (*destroy)(struct vm *vm);

	/*
	 * The guest has made the private call (arch/ARCH/platform.h) with these two operands. EVENT_HELD lets
	 * the vCPU wait until vcpu_release(). On the vCPU's thread. NULL: there is no such call.
	 */
	void (*private_call)(struct vcpu *vcpu, uint64_t id, gpa_t at, struct event *event);

	/* Asked once more under vm->lock, as that vCPU parks: whether it still has to wait. */
	bool (*waits)(const struct vcpu *vcpu);

	/*
	 * A device or an exit handler makes an interrupt pending: called before KVM is told. Withdrawn: one
	 * that was raised is pending no more and nobody took it; called after KVM has been told. Any thread,
	 * any lock.
	 */
	void (*raised)(struct vm *vm, const struct arch_irq *irq, bool withdrawn);

	/*
	 * The guest ends: code is the PSW address of a disabled wait (s390x), or 0 for RTAS power-off
	 * (power9). True: the function has set event. On the vCPU's thread.
	 */
	bool (*stopped)(struct vcpu *vcpu, uint64_t code, struct event *event);

	/* The steps that a save or a restore does instead of those of this table; room has space for
	 * STATE_STEPS. */
	const struct state_step *(*steps)(const struct vm *vm, const struct state_step *table,
	                                  struct state_step *room);

	/* What one architecture asks besides: arch/power9/hooks.h. NULL: nothing. */
	const struct arch_hooks *arch;
};

/* What the core calls: each of the hooks may be missing. True: the call was made. False: there is no such
 * call. */
bool hook_private_call(struct vcpu *vcpu, uint64_t id, gpa_t at, struct event *event);
void hook_raised(struct vm *vm, const struct arch_irq *irq, bool withdrawn);
bool hook_stopped(struct vcpu *vcpu, uint64_t code, struct event *event);

#endif
