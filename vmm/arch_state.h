/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arch_state.h: the pure half of the seam, with irq.h: a machine's state and
 * its codec, in arch/<arch>/codec.c. No KVM here.
 */
#ifndef VMM_ARCH_STATE_H
#define VMM_ARCH_STATE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"
#include "irq.h"
#include "snapshot.h"

/*
 * A machine's state but RAM, in the architecture's own struct: made by arch_state_new(), filled by
 * the save steps or by arch_state_decode(), freed by arch_state_free().
 */
struct arch_state;
struct arch_state *arch_state_new(void); /* NULL: out of memory */
void arch_state_free(struct arch_state *state);
int arch_state_encode(const struct arch_state *state, struct snapshot *snap, struct error *err);
/* -EBADMSG for what cannot have been encoded. vcpus and memory are those of the VM it is meant for. */
int arch_state_decode(struct arch_state *state, const struct snapshot *snap, unsigned vcpus, uint64_t memory,
                      struct error *err);

/* The number of sections that the state is encoded in. */
size_t arch_state_sections(const struct arch_state *state);

/* One line for each interrupt that is pending in the state; returns how many. out may be NULL. */
unsigned arch_state_pending(const struct arch_state *state, FILE *out);

/* How many of them are this one. */
unsigned arch_state_count(const struct arch_state *state, const struct irq *irq);

#endif
