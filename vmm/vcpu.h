/* SPDX-License-Identifier: BSD-2-Clause */
/* vcpu.h: one vCPU: its thread, the run loop, and its state (types.h has the picture). */
#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "types.h"

/* The id of vCPU `index`, be it made already or not; the vCPU with this id, or NULL. */
unsigned vcpu_id(const struct vm *vm, unsigned index);
struct vcpu *vcpu_with_id(const struct vm *vm, uint64_t id);

/* For vm.c: creates vCPU `index`, OFFLINE, with vm->vcpus[index] for it; starts its thread; ends and frees
 * it. */
int vcpu_create(struct vm *vm, uint16_t index, struct error *err);
int vcpu_start_thread(struct vcpu *vcpu, struct error *err);
void vcpu_destroy(struct vcpu *vcpu);

/*
 * Calls work on vcpu while it is parked: at once when it is, else it is made to park for it and goes on
 * afterwards, unless it has been taken offline. Returns when that is done, so nothing outlives its sender's
 * instruction, and a pause or a snapshot never finds any of it under way. For exit handlers and the
 * controller (sender NULL), also of the sender's own vCPU. work is called under vm->lock; it may call
 * vcpu_online() and the functions below it.
 *
 * One vCPU at a time is made to park: -EAGAIN tells a vCPU that this is another's turn (it must go on: it may
 * be the one that is to park); the controller waits for its own. Else what work returns.
 */
typedef int vcpu_work_fn(struct vcpu *vcpu, void *arg, struct error *err);
int vcpu_work(struct vcpu *vcpu, const struct vcpu *sender, vcpu_work_fn *work, void *arg, struct error *err);

/*
 * Returns when a vCPU has parked, or a millisecond later. For a sender that is going to be told "busy":
 * trying again and again would make the vCPU that it waits for park each time before that has run.
 */
void vcpu_give_way(struct vm *vm);

/* --- under vm->lock, the vCPU parked (or in the exit handler that asks, when it is its own) --- */

/* Whether it is started. */
bool vcpu_is_online(const struct vcpu *vcpu);

/* It is started anew; it is stopped (its own exit handler sets EVENT_OFFLINE besides). Whatever it did. */
void vcpu_online(struct vcpu *vcpu);
void vcpu_offline(struct vcpu *vcpu);

/* Stopped from outside, and started again where it was. */
void vcpu_suspend(struct vcpu *vcpu);
void vcpu_continue(struct vcpu *vcpu);

/* One that is held need not be any more; the others stay as they are. */
void vcpu_release(struct vcpu *vcpu);

/* Something was made pending for it, which may end its wait: it runs, if the world is not stopped. */
void vcpu_wake(struct vcpu *vcpu);

/* A restore: as the snapshot has it. */
void vcpu_restore(struct vcpu *vcpu, bool online, bool held);

/* The VM is at its end: what is in why, of kind EVENT_STOP or later. */
void vcpu_end(struct vcpu *vcpu, const struct event *why);

/* Makes a vCPU that runs park. */
void vcpu_kick(struct vcpu *vcpu);

/* Lets a vCPU run that is PARKED, unless the world is stopped. */
void vcpu_go(struct vcpu *vcpu);

#endif
