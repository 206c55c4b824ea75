/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * look.h: what the controller holds, read without changing it: sources with
 * their PQ, event queues, and where the guest reads them, if it says so
 * (guest/abi.h, struct abi_queue). Steps of a save and of a look (state.c), and
 * what a guest's own hypercalls drop.
 */
#ifndef ARCH_POWER9_SNAPSHOT_LOOK_H
#define ARCH_POWER9_SNAPSHOT_LOOK_H

#include "arch/power9/irqchip.h"

/* Steps; -ENOMEM, or KVM's error. All sources as the shadow has them; the same with their PQ. */
int look_copy_sources(struct vm *vm, struct arch_state *state, struct error *err);
int look_sources(struct vm *vm, struct arch_state *state, struct error *err);

/* XIVE: a copy of each queue that is configured. What is under way is in them after xive_sync(). */
int look_queues(struct vm *vm, struct arch_state *state, struct error *err);

/* XIVE: a queue is restored, and with it the place where the guest reads it, if it says so. */
void look_restore_place(struct vm *vm, const struct p9_queue *q);

/*
 * XIVE: a queue goes away, and a guest that says where it reads is told so in the same table. Else it would
 * take events from its own memory that are gone, since KVM's reset leaves the notification.
 */
void look_forget_queue(struct vm *vm, unsigned cpu, unsigned priority);
void look_forget_queues(struct vm *vm);

/*
 * XIVE: around something that drops events by design, on a vCPU's thread while
 * others may run: the events that wait before it. Then what no longer waits is booked as
 * withdrawn, and the state freed. NULL: out of memory, or KVM's error.
 */
struct arch_state *look_before(struct vm *vm, struct error *err);
void look_withdraw(struct vm *vm, struct arch_state *before);

#endif
