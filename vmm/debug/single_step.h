/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * single_step.h: executes the guest one instruction at a time, on one vCPU, while all others stand still.
 * Nothing of the stepper stays in the VM between two calls: a save, an inspection and the guest itself find
 * it as if the instructions had simply been executed.
 */
#ifndef VMM_DEBUG_SINGLE_STEP_H
#define VMM_DEBUG_SINGLE_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/types.h"

/* What one step was. */
enum stepped {
	STEPPED_INSTRUCTION, /* exactly one instruction was executed; a call of the supervisor (SVC, sc) is
	                        one, and its interrupt is delivered with it */
	STEPPED_DELIVERY, /* an interrupt was delivered: the vCPU is at its handler's first instruction, and
	                     no instruction was executed */
	STEPPED_EVENT,  /* the vCPU has parked for a reason of its own: vcpu->event; the instruction that led
	                   to it, if any, counts as executed, unless it crashed */
	STEPPED_ASLEEP, /* the vCPU waits for an interrupt (enabled wait, H_CEDE), and none is deliverable */
	STEPPED_LATE,   /* the time limit is over: the instruction did not come to its end */
};

struct step_result {
	uint64_t instructions; /* that were executed */
	uint64_t deliveries;   /* calls of the supervisor are among them */
	enum stepped last;
	unsigned delivered; /* by the last step: the architecture's number for arch_delivery_text(), or 0 */
	uint64_t pc;        /* of the next instruction */
};

/* When single_step() returns: when the first of these is true. */
struct step_limit {
	uint64_t instructions; /* so many have been executed; 0: no limit */
	bool has_pc;           /* the next instruction is the one at pc, after at least one step */
	uint64_t pc;
	bool delivery; /* an interrupt has been delivered */
	bool timers;   /* a vCPU that is asleep sleeps on until its timer expires, and no longer: the guest's
	                  time   goes on at once */
	uint64_t ms;   /* a time limit */
	/* Called after each step, on the vCPU's thread: returns whether that was the last one. NULL: none. */
	bool (*watch)(struct vcpu *vcpu, const struct step_result *so_far, void *arg);
	void *arg;
};

/*
 * Steps the vCPU of a paused VM. A vCPU that is asleep or parks ends it early, which is no error: see
 * result->last. -EBUSY: the vCPU does not run (vcpu_run_alone()); -EOPNOTSUPP: this host or this guest
 * cannot be stepped, with the reason.
 */
int single_step(struct vcpu *vcpu, const struct step_limit *limit, struct step_result *result,
                struct error *err);

#endif
