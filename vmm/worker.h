/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker.h: what a machine has to do while no vCPU asks for it, because each of them may be waiting for just
 * that. A VM has one thread for it, made when it is first needed. It works only while the VM runs: a pause
 * waits until it has stopped, as it does for vCPUs, so a snapshot never finds it half way.
 */
#ifndef VMM_WORKER_H
#define VMM_WORKER_H

#include "types.h"

void worker_init(struct worker *w, struct vm *vm);

/* The VM is paused. */
void worker_destroy(struct worker *w);

/* There is something to do. Any thread may say so, with a lock of its own held that fn takes. */
int worker_need(struct worker *w, struct error *err);

/* The VM runs; it does not: then fn is not under way any more. */
void worker_go(struct worker *w);
void worker_hold(struct worker *w);

#endif
