/* SPDX-License-Identifier: BSD-2-Clause */
/* guest_run.h: one run of the guest, from the pc to a breakpoint. Read next: breakpoint.h. */
#ifndef ARCH_POWER9_DEBUG_GUEST_RUN_H
#define ARCH_POWER9_DEBUG_GUEST_RUN_H

#include "breakpoint.h"
#include "step_clock.h"
#include "step_vpa.h"
#include "translate.h"
#include "vmm/vcpu.h"

/* What is kept from one step to the next. */
struct stepper {
	struct hooks hooks;
	uint64_t lpcr; /* as the guest has set it: KVM has no LPCR[AIL] meanwhile */
	struct step_clock clock;
	struct step_vpa vpa;
};

#define STOPS 8

struct run {
	struct vcpu *vcpu;
	struct stepper *s;
	struct event *event;
	struct error *err;
	struct kvm_regs before, after;
	uint64_t next;        /* the address behind the instruction, or where rfid leads */
	uint64_t stop[STOPS]; /* the last one is behind the unit of a reservation */
	unsigned stops;
	uint64_t stop_msr; /* by which they are found in memory */
	uint64_t vector;   /* AT_VECTOR: in real mode */
	bool calls;        /* the instruction is sc */
	bool masked;       /* MSR[EE] is off meanwhile */
	bool may_sleep;    /* it is H_CEDE */
	uint32_t without;  /* the hooks where the guest executes or accesses memory itself */
	struct breakpoint at[STOPS];
};

enum arrival {
	AT_STOP,
	AT_VECTOR,
	ASLEEP,
	PARKED, /* event says why */
};

#define IS_IN(mask, vector) (hooks_in(vector, vector) & (mask))

/*
 * Runs the guest from `before`, which is what KVM has, and sets `after` and KVM's registers, as if there were
 * no breakpoints and MSR[EE] had not been masked. ASLEEP: H_CEDE was undone. PARKED: an exit may not be
 * complete, and KVM still has to write registers. 0 or KVM's error.
 */
int guest_run(struct run *r, enum arrival *how);

/* The interrupt that the guest took at `pc` is undone: `after` is what it was in front of it. */
void guest_undo_interrupt(struct run *r, uint64_t pc);

/*
 * The guest's own instruction, whatever hook stands there; 0 where it has none: then it is interrupted. It is
 * found by the MSR in `before`.
 */
uint32_t guest_word(const struct run *r, uint64_t address);

/* Where a stop is in guest memory, or NOWHERE. */
uint64_t guest_stop(const struct run *r, unsigned i);

int guest_get_regs(struct vcpu *vcpu, struct kvm_regs *regs, struct error *err);
int guest_set_regs(struct vcpu *vcpu, const struct kvm_regs *regs, struct error *err);

/* Puts the hooks in their places, and LPCR[AIL] away; and takes them away again. */
int guest_hook(struct vcpu *vcpu, struct stepper *s, struct error *err);
int guest_unhook(struct vcpu *vcpu, struct stepper *s, struct error *err);

/* Where an interrupt of this vector leads, by the guest's LPCR and by its registers at the vector. */
void guest_relocate(const struct stepper *s, struct kvm_regs *regs);

#endif
