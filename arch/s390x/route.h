/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * route.h: signals from an eventfd to the guest and back. A GSI is routed to an adapter and its indicators;
 * an irqfd signals the GSI; a notification (DIAGNOSE 500, function 3) signals an eventfd of zpvm. KVM returns
 * none of this state, so it is recorded here. Source: kernel Documentation/virt/kvm/api.rst
 * (KVM_SET_GSI_ROUTING, KVM_IRQFD, KVM_IOEVENTFD).
 */
#ifndef ARCH_S390X_ROUTE_H
#define ARCH_S390X_ROUTE_H

#include "irqchip.h"

/* Enables KVM_CAP_S390_IRQCHIP and calls KVM_CREATE_IRQCHIP, if offered; irqfds need both. */
int routes_enable(struct irqchip *flic, struct error *err);
void routes_destroy(struct irqchip *flic);

/*
 * Sets the route of a GSI, in place of the one it had. -EINVAL for a route that KVM refuses, or should refuse
 * and does not: its adapter does not exist, its bits are outside the page or memory.
 */
int route_set(struct irqchip *flic, const struct s390_route *route, struct error *err);

/* Takes the route away from KVM; the GSI's irqfd stays as it is, and its signals lead nowhere. -ENOENT: it
 * has none. */
int route_off(struct irqchip *flic, uint32_t gsi, struct error *err);

/* Creates or turns on, or turns off, the irqfd of a GSI. One that is off keeps its signals. */
int route_irqfd(struct irqchip *flic, uint32_t gsi, bool on, struct error *err);

/*
 * Signals it and, if it is on, waits until KVM has handled the signal. word is the identification word that
 * the caller expects of the interrupt, if there is one: -EINVAL if the adapter has another.
 */
int route_signal(struct irqchip *flic, uint32_t gsi, uint32_t word, struct error *err);

/* Writes to its eventfd, and no more: any thread may call it. */
int route_write(struct irqchip *flic, uint32_t gsi, struct error *err);

/* Waits until KVM has handled its signals. */
int route_settle(struct irqchip *flic, uint32_t gsi, struct error *err);

/* Where KVM is to look for notifications of a subchannel's queue. */
struct kvm_ioeventfd notify_at(uint32_t subchannel, uint64_t queue);

/* Makes an eventfd for a subchannel's queue; takes its notifications, which must be count, else -ENOMSG. */
int notify_set(struct irqchip *flic, uint32_t subchannel, uint64_t queue, struct error *err);
int notify_take(struct irqchip *flic, uint32_t subchannel, uint64_t queue, uint64_t count, struct error *err);

/*
 * For a save: turns the irqfds off, so that injections in progress are complete and later signals stay in the
 * eventfds; turns them on again, which injects these signals.
 */
int routes_hold(struct irqchip *flic, struct error *err);
int routes_release(struct irqchip *flic, struct error *err);

/* Copies routes, irqfds and their counts, and notifications into *to; sets them from *from, except irqfds. */
int routes_get(struct irqchip *flic, struct s390_routing *to, struct error *err);
int routes_set(struct irqchip *flic, const struct s390_routing *from, struct error *err);

/* Sets the irqfds, after all else, because their signals are injected at once. */
int routes_set_irqfds(struct irqchip *flic, const struct s390_routing *from, struct error *err);

/* Removes all of them. */
int routes_reset(struct irqchip *flic, struct error *err);

#endif
