/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hook.h: functions that a VM calls in the program around it. The core creates, runs and pauses a VM by
 * itself; the laboratory, which gives the guest commands and accounts for its interrupts, provides these
 * functions. Each may be NULL.
 */
#ifndef VMM_HOOK_H
#define VMM_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "ram.h"

struct vm;
struct vcpu;
struct event;
struct arch_hooks;
struct section_extra;
struct arch_irq; /* one interrupt, as the architecture has it: arch/ARCH/interrupt.h */
struct state_step;

struct vm_hooks {
	/*
	 * Called when the VM is created and destroyed; vm->hook_data belongs to the hooks. When create fails
	 * there is no VM, and destroy is not called.
	 */
	int (*create)(struct vm *vm, struct error *err);
	void (*destroy)(struct vm *vm);

	/*
	 * The guest has made the private call (arch/ARCH/platform.h) with these two operands. If the function
	 * sets EVENT_HELD, the vCPU waits until vcpu_release(). Called on the vCPU's thread. NULL: there is
	 * no such call.
	 */
	void (*private_call)(struct vcpu *vcpu, uint64_t id, gpa_t at, struct event *event);

	/* Whether that vCPU still has to wait: called once more under vm->lock, as it parks. */
	bool (*waits)(const struct vcpu *vcpu);

	/*
	 * A device or an exit handler makes an interrupt pending: called before KVM knows it. withdrawn: an
	 * interrupt that was raised is no longer pending, and no vCPU took it; called after KVM knows it.
	 * Called on any thread, with any lock held.
	 */
	void (*raised)(struct vm *vm, const struct arch_irq *irq, bool withdrawn);

	/*
	 * The guest ends: code is the PSW address of a disabled wait (s390x), or 0 for RTAS power-off
	 * (power9). True: the function has set event. Called on the vCPU's thread.
	 */
	bool (*stopped)(struct vcpu *vcpu, uint64_t code, struct event *event);

	/*
	 * Somebody outside types at the console, or asks the guest to shut down: called instead of
	 * arch_input() and arch_quiesce(), which the functions call. On the thread of input.h.
	 */
	int (*type)(struct vm *vm, const char *console, const uint8_t *bytes, size_t len, struct error *err);
	int (*quiesce)(struct vm *vm, struct error *err);

	/* Returns the steps that a save or a restore executes instead of this table; room has STATE_STEPS
	 * elements. */
	const struct state_step *(*steps)(const struct vm *vm, const struct state_step *table,
	                                  struct state_step *room);

	/* Further hooks of one architecture: arch/power9/hooks.h. NULL: none. */
	const struct arch_hooks *arch;

	/* The hooks' own section of a snapshot (snapshot/parsed.h): a restore validates it too. NULL: none.
	 */
	const struct section_extra *section;
};

/* The core calls the hooks through these functions. False: there is no such hook, and nothing was called. */
bool hook_private_call(struct vcpu *vcpu, uint64_t id, gpa_t at, struct event *event);
void hook_raised(struct vm *vm, const struct arch_irq *irq, bool withdrawn);
bool hook_stopped(struct vcpu *vcpu, uint64_t code, struct event *event);

/* These come to the architecture without hooks, too. */
int hook_type(struct vm *vm, const char *console, const uint8_t *bytes, size_t len, struct error *err);
int hook_quiesce(struct vm *vm, struct error *err);

#endif
