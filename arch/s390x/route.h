/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * route.h: from an eventfd to the guest and back. A GSI is routed to an
 * adapter and its indicators; an irqfd signals the GSI; a notification
 * (DIAGNOSE 500, function 3) signals an eventfd of ours. KVM gives back none
 * of it, so the book is here. Source: kernel Documentation/virt/kvm/api.rst
 * (KVM_SET_GSI_ROUTING, KVM_IRQFD, KVM_IOEVENTFD).
 */
#ifndef ARCH_S390X_ROUTE_H
#define ARCH_S390X_ROUTE_H

#include "irqchip.h"

/* KVM_CAP_S390_IRQCHIP and KVM_CREATE_IRQCHIP, where it is offered: before them there are no irqfds. */
int routes_enable(struct irqchip *flic, struct error *err);
void routes_destroy(struct irqchip *flic);

/*
 * A route for a GSI, in place of the one it had. -EINVAL for what KVM refuses, and for what it does not but
 * should: an adapter that is not there, bits outside the page or memory.
 */
int route_set(struct irqchip *flic, const struct s390_route *route, struct error *err);

/* Makes or turns on, or turns off, the irqfd of a GSI. One that is off keeps what is signalled. */
int route_irqfd(struct irqchip *flic, uint32_t gsi, bool on, struct error *err);

/*
 * Signals it and, if it is on, waits until KVM has done with it. word is the identification word that the
 * caller expects of the interrupt, if there is one: -EINVAL when the adapter has another.
 */
int route_signal(struct irqchip *flic, uint32_t gsi, uint32_t word, struct error *err);

/* An eventfd for a subchannel's queue; and taking from it: exactly count must have come, else -ENOMSG. */
int notify_set(struct irqchip *flic, uint32_t subchannel, uint64_t queue, struct error *err);
int notify_take(struct irqchip *flic, uint32_t subchannel, uint64_t queue, uint64_t count, struct error *err);

/*
 * For a save: turns the irqfds off, so that what KVM has begun is done and what comes later stays in the
 * eventfds; and on again, where it fires.
 */
int routes_hold(struct irqchip *flic, struct error *err);
int routes_release(struct irqchip *flic, struct error *err);

/* Routes, irqfds and their counts, notifications: into *to, and from it (irqfds excepted). */
int routes_get(struct irqchip *flic, struct s390_routing *to, struct error *err);
int routes_set(struct irqchip *flic, const struct s390_routing *from, struct error *err);

/* Its irqfds, after all else: what they hold fires at once. */
int routes_set_irqfds(struct irqchip *flic, const struct s390_routing *from, struct error *err);

/* None of them. */
int routes_reset(struct irqchip *flic, struct error *err);

#endif
