/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arch_state.h: the pure half of the seam, with irq.h: the state of a machine
 * of the architecture that is linked. No KVM here.
 */
#ifndef VMM_ARCH_STATE_H
#define VMM_ARCH_STATE_H

#include "codec.h"
#include "irq.h"

/* How it is encoded, and is made and freed: arch/<arch>/codec.c. */
extern const struct state_codec *const arch_codec;

/* How many of this interrupt are pending in the state. */
unsigned arch_state_count(const struct arch_state *state, const struct irq *irq);

/*
 * For scenarios that change a snapshot: makes one such interrupt pending, or
 * takes one away. -EEXIST when it would merge with one that is there; -ENOENT;
 * -EOPNOTSUPP for what is made pending by a guest only.
 */
int arch_state_add(struct arch_state *state, const struct irq *irq, struct error *err);
int arch_state_drop(struct arch_state *state, const struct irq *irq, struct error *err);

#endif
