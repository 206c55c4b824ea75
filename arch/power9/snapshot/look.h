/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * look.h: what the controller holds, read without changing it: sources with
 * their PQ, event queues, and where the guest reads them, if it says so
 * (hooks.h). Steps of a save and of a look (state.c).
 */
#ifndef ARCH_POWER9_SNAPSHOT_LOOK_H
#define ARCH_POWER9_SNAPSHOT_LOOK_H

#include "arch/power9/irqchip.h"

struct arch_state;

/* Steps; -ENOMEM, or KVM's error. All sources, with what the controller says of them. */
int look_sources(struct vm *vm, struct arch_state *state, struct error *err);

/* XIVE: a copy of each queue that is configured. What is under way is in them after xive_sync(). */
int look_queues(struct vm *vm, struct arch_state *state, struct error *err);

#endif
