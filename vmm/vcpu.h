/* SPDX-License-Identifier: BSD-2-Clause */
/* vcpu.h: one vCPU: its thread, the run loop, and its state (types.h has the state diagram). */
#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "types.h"

/* The id of vCPU `index`, whether it exists already or not; the vCPU with this id, or NULL. */
unsigned vcpu_id(const struct vm *vm, unsigned index);
struct vcpu *vcpu_with_id(const struct vm *vm, uint64_t id);

/* For vm.c: creates vCPU `index`, OFFLINE, in vm->vcpus[index]; starts its thread; ends and frees it. */
int vcpu_create(struct vm *vm, uint16_t index, struct error *err);
int vcpu_start_thread(struct vcpu *vcpu, struct error *err);
void vcpu_destroy(struct vcpu *vcpu);

/*
 * Calls work on vcpu while it is parked: at once if it is, else vcpu is made to park, and continues
 * afterwards unless work has taken it offline. Returns when the work is done, so the work does not outlast
 * its sender's instruction, and a pause or a snapshot never finds it in progress. It is for exit handlers and
 * the controller (sender NULL); vcpu may be the sender's own. work is called under vm->lock; it may call
 * vcpu_online() and the functions below it.
 *
 * Only one vCPU at a time is made to park: a vCPU gets -EAGAIN while another one's work waits (the sender
 * must continue, because it may be the one that must park); the controller waits for its turn. Otherwise
 * returns the value of work.
 */
typedef int vcpu_work_fn(struct vcpu *vcpu, void *arg, struct error *err);
int vcpu_work(struct vcpu *vcpu, const struct vcpu *sender, vcpu_work_fn *work, void *arg, struct error *err);

/*
 * Returns when a vCPU has parked, or a millisecond later. For a sender that will be answered "busy": without
 * this delay, retries would make the vCPU that it waits for park each time before it could run.
 */
void vcpu_give_way(struct vm *vm);

/*
 * Enters the guest once, on the vCPU's own thread, and handles its exit: sets *event if the vCPU must park.
 * Until then the registers may lack the answer to the exit, which KVM completes at the next entry. The two
 * parts of it: vcpu_run() returns whether there is an exit for vcpu_exit() to handle.
 */
void vcpu_enter(struct vcpu *vcpu, struct event *event);
bool vcpu_run(struct vcpu *vcpu, struct event *event);
void vcpu_exit(struct vcpu *vcpu, struct event *event);

/*
 * From here on each vcpu_enter() of this thread's vCPU lets KVM enter the guest but once: it returns, without
 * an exit, where KVM would enter again by itself, after a program interruption for instance. `on` false: no
 * longer. (Newer KVMs do not enter at all then.)
 */
int vcpu_enter_once(struct vcpu *vcpu, bool on, struct error *err);

/*
 * For the controller of a paused VM: has the vCPU's thread call run(), which may call vcpu_enter() any number
 * of times, while all other vCPUs and devices' threads stay where they are. Returns when the vCPU has parked,
 * its last exit complete; vcpu->event says why: EVENT_PAUSED if run() set none. After `ms` milliseconds the
 * vCPU is kicked: vcpu_enter() sets EVENT_PAUSED, and run() must return. -EBUSY: the vCPU does not run: it is
 * offline, at the private call, waits for another one, or has ended.
 */
struct vcpu_alone {
	void (*run)(struct vcpu *vcpu, void *arg, struct event *event);
	void *arg;
};
int vcpu_run_alone(struct vcpu *vcpu, const struct vcpu_alone *alone, uint64_t ms, struct error *err);

/* The same for a vCPU in any state, which is as before afterwards; *event is why it parked. For a restore. */
int vcpu_run_aside(struct vcpu *vcpu, const struct vcpu_alone *alone, uint64_t ms, struct event *event,
                   struct error *err);

/* --- called under vm->lock, with the vCPU parked (or, for its own vCPU, in an exit handler) --- */

/* Whether it is started. */
bool vcpu_is_online(const struct vcpu *vcpu);

/* Starts it; stops it (its own exit handler also sets EVENT_OFFLINE). Its state before does not matter. */
void vcpu_online(struct vcpu *vcpu);
void vcpu_offline(struct vcpu *vcpu);

/* Stops it from outside; starts it again in the state it was in. */
void vcpu_suspend(struct vcpu *vcpu);
void vcpu_continue(struct vcpu *vcpu);

/* Ends the hold of a vCPU that is held; any other stays as it is. */
void vcpu_release(struct vcpu *vcpu);

/* An interrupt was made pending for it, which may end its wait: it runs, unless the VM is paused. */
void vcpu_wake(struct vcpu *vcpu);

/* For a restore: puts it into the state that the snapshot has. */
void vcpu_restore(struct vcpu *vcpu, bool online, bool held);

/* The VM has ended for the reason in why, of kind EVENT_STOP or later. */
void vcpu_end(struct vcpu *vcpu, const struct event *why);

/* Makes a running vCPU park. */
void vcpu_kick(struct vcpu *vcpu);

/* Makes its KVM_RUN return, if it is in one; the vCPU does not park. Needs no lock. */
void vcpu_signal(struct vcpu *vcpu);

/* Lets a PARKED vCPU run, unless the VM is paused. */
void vcpu_go(struct vcpu *vcpu);

#endif
