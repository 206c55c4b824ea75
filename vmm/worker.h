/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker.h: work that a machine does without a vCPU, because every vCPU may be waiting for that work. A VM
 * has one thread for it, created when it is first needed. It works only while the VM runs: a pause waits
 * until it has stopped, as it waits for vCPUs, so a snapshot never finds a piece of work half done.
 */
#ifndef VMM_WORKER_H
#define VMM_WORKER_H

#include "types.h"

void worker_init(struct worker *w, struct vm *vm);

/* The VM is paused. */
void worker_destroy(struct worker *w);

/* Requests work. Any thread may call it, even while it holds a lock that a device takes for its work. */
int worker_need(struct worker *w, struct error *err);

/*
 * Sets the VM's alarm, which one device may use: devices work, as if by worker_need(), when the VM has run
 * for ns nanoseconds from now; a pause does not count. It replaces the alarm before; 0: there is none. Any
 * thread may call it.
 */
int worker_alarm(struct worker *w, uint64_t ns, struct error *err);

/* The nanoseconds until the alarm rings; 0: there is none. */
uint64_t worker_alarm_left(struct worker *w);

/* The VM runs now; it stops: no device works any more when worker_hold() returns. */
void worker_go(struct worker *w);
void worker_hold(struct worker *w);

/* For threads that are no vCPU's: what has failed there ends the VM as if it had failed in an exit of vCPU 0.
 */
void worker_failed(struct vm *vm, int rc, const struct error *why);

#endif
