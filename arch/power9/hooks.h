/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hooks.h: what a power9 VM asks the program around it, besides vmm/hook.h, of XIVE's event queues: where one
 * is read only the guest knows, and what waits in it is gone when the guest takes it away. Each may be NULL.
 */
#ifndef ARCH_POWER9_HOOKS_H
#define ARCH_POWER9_HOOKS_H

#include "interrupt.h"
#include "vmm/types.h"

struct arch_hooks {
	/* A queue is read, its entries later: told and place are to be filled in. */
	void (*queue_read)(const struct vm *vm, struct p9_queue *q);

	/* A queue has been restored, with told and place; or the guest has taken it away: shift is 0. */
	void (*queue_set)(struct vm *vm, const struct p9_queue *q);

	/*
	 * A hypercall is about to drop interrupts that are pending, by design. What the first returns is
	 * given to the second when that is done, or has failed: it is to be freed. On a vCPU's thread; others
	 * may run.
	 */
	void *(*dropping)(struct vm *vm);
	void (*dropped)(struct vm *vm, void *before, bool done);
};

void hook_queue_read(const struct vm *vm, struct p9_queue *q);
void hook_queue_set(struct vm *vm, const struct p9_queue *q);
void *hook_dropping(struct vm *vm);
void hook_dropped(struct vm *vm, void *before, bool done);

/* All queues are taken away: hook_queue_set() for each that there can be. */
void hook_queues_gone(struct vm *vm);

#endif
