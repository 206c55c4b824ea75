/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * look.h: reads the state of the controller without changing it: sources with their PQ, event queues, and
 * where the guest reads them, if it publishes that (hooks.h). Steps of a save and of a look (state.c).
 */
#ifndef ARCH_POWER9_SNAPSHOT_LOOK_H
#define ARCH_POWER9_SNAPSHOT_LOOK_H

#include "arch/power9/irqchip.h"

struct arch_state;

/* Steps; -ENOMEM, or KVM's error. All sources, with what the controller says of them. */
int look_sources(struct vm *vm, struct arch_state *state, struct error *err);

/* XIVE: copies each configured queue. After xive_sync() they contain the events that were in transit. */
int look_queues(struct vm *vm, struct arch_state *state, struct error *err);

#endif
