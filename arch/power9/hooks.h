/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hooks.h: functions that a power9 VM calls in the program around it, besides vmm/hook.h, for XIVE's event
 * queues: only the guest knows where it reads a queue, and the events waiting in it are lost when the guest
 * removes it. Each may be NULL.
 */
#ifndef ARCH_POWER9_HOOKS_H
#define ARCH_POWER9_HOOKS_H

#include "interrupt.h"
#include "vmm/types.h"

struct arch_hooks {
	/* A queue is being saved, before its entries: fills in published and place. */
	void (*queue_read)(const struct vm *vm, struct p9_queue *q);

	/* A queue has been restored, with published and place; or the guest has removed it: shift is 0. */
	void (*queue_set)(struct vm *vm, const struct p9_queue *q);

	/*
	 * dropping: a hypercall is about to drop pending interrupts, by design. Its value is passed to
	 * dropped when the hypercall is done or has failed, and dropped frees it. Called on a vCPU's thread;
	 * others may run.
	 */
	void *(*dropping)(struct vm *vm);
	void (*dropped)(struct vm *vm, void *before, bool done);
};

void hook_queue_read(const struct vm *vm, struct p9_queue *q);
void hook_queue_set(struct vm *vm, const struct p9_queue *q);
void *hook_dropping(struct vm *vm);
void hook_dropped(struct vm *vm, void *before, bool done);

/* All queues have been removed: calls hook_queue_set() for each possible queue. */
void hook_queues_gone(struct vm *vm);

#endif
