/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arch_state.h: the pure half of the seam, with irq.h: the state of a machine
 * of the architecture that is linked. No KVM here.
 */
#ifndef VMM_SNAPSHOT_ARCH_STATE_H
#define VMM_SNAPSHOT_ARCH_STATE_H

#include "codec.h"
#include "vmm/lab/irq.h"

/* How it is encoded, and is made and freed: arch/<arch>/codec.c. */
extern const struct state_codec *const arch_codec;

/* How many of this interrupt are pending in the state. */
unsigned arch_state_count(const struct arch_state *state, const struct irq *irq);

/* How many of these may be none: taken and not ended (EOI), or signals that may come to nothing. */
unsigned arch_state_unsure(const struct arch_state *state, const struct irq *irq);

/*
 * A timer of the guest is in its vCPU's registers, and is not counted. The state is one of
 * a look (arch_look_steps). within: it was set to come so many microseconds later, or less.
 */
enum timer_state {
	TIMER_NONE,  /* this is another kind of interrupt */
	TIMER_OFF,   /* it will not come in that time */
	TIMER_ARMED, /* it will */
	TIMER_DUE,   /* its time has come: the vCPU takes it when it can */
};
enum timer_state arch_state_timer(const struct arch_state *state, const struct irq *irq, uint64_t within);

#define TIMER_SLACK 1000000 /* microseconds that a clock may be off, after a restore or in an emulator */

/*
 * For scenarios that change a snapshot: makes one such interrupt pending, or
 * takes one away. -EEXIST when it would merge with one that is there; -ENOENT;
 * -EOPNOTSUPP for what is made pending by a guest only.
 */
int arch_state_add(struct arch_state *state, const struct irq *irq, struct error *err);
int arch_state_drop(struct arch_state *state, const struct irq *irq, struct error *err);

#endif
