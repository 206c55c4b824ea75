/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xive.h: KVM's XIVE device, its ESB and TIMA pages, and the shadow of the state that KVM does not return:
 * the sources, their targets, and the queues that are configured. Source: kernel
 * Documentation/virt/kvm/devices/ xive.rst; HACKING.md says where its text and the code disagree.
 */
#ifndef ARCH_POWER9_XIVE_H
#define ARCH_POWER9_XIVE_H

#include "source.h"

/*
 * Whether the host's firmware gives a vCPU one escalation interrupt for all
 * its queues. KVM (seen in 6.1) asks for it again with each queue: the second
 * fails with EBUSY, and on the way out KVM gives back the interrupt of the
 * first, which the host then trips over, fatally, when the device is closed.
 */
bool xive_single_escalation(void);

/* Whether the queue of (server, priority) is configured. */
bool xive_has_queue(const struct irqchip *xive, uint64_t server, uint64_t priority);

/*
 * Sets a source's target, or masks it. -EINVAL for a target whose queue is not configured: KVM would silently
 * choose another one, or answer EBUSY.
 */
int xive_set_target(struct irqchip *xive, uint32_t lisn, const struct p9_target *target, struct error *err);

/* Configures a queue; shift 0 removes it, and masks the sources whose target it is. A queue page must lie in
 * RAM, aligned to its size. */
int xive_set_queue(struct irqchip *xive, const struct p9_queue *queue, struct error *err);

/* Reads a queue's configuration (shift 0: none), but not its entries. */
int xive_get_queue(struct irqchip *xive, unsigned server, unsigned priority, struct p9_queue *queue,
                   struct error *err);

/*
 * Accesses the source's management page, at an offset that is a multiple of 8 below these (POWER9 ESB: EOI
 * and PQ loads, EOI stores). Returns the value of a load. A level-sensitive source whose line is up is
 * presented again if the access leaves it idle.
 */
#define XIVE_ESB_LOADS  0x1000
#define XIVE_ESB_STORES 0x800
#define XIVE_ESB_SET_PQ 0xc00 /* + 0x100 * PQ: a load that sets PQ and returns the old value */
uint64_t xive_esb(const struct irqchip *xive, uint32_t lisn, size_t offset, bool store, uint64_t value);

/* All events that are on their way are in the queues when it returns. */
int xive_sync(struct irqchip *xive, struct error *err);

/* The same for one source. -ENOENT and -EINVAL are KVM's, for a source that was not created. */
int xive_sync_source(struct irqchip *xive, uint32_t lisn, struct error *err);

/*
 * Masks every source, removes its target, and removes the queues. Interrupts that are pending in the vCPUs'
 * thread contexts stay (kvm devices/xive.rst, 1.1).
 */
int xive_reset(struct irqchip *xive, struct error *err);

#endif
