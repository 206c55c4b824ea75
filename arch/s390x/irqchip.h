/* SPDX-License-Identifier: BSD-2-Clause */
/* irqchip.h: the floating interrupt controller: what it is made of. Read next: flic.h, adapter.h, route.h. */
#ifndef ARCH_S390X_IRQCHIP_H
#define ARCH_S390X_IRQCHIP_H

#include <errno.h>

#include "interrupt.h"
#include "vmm/irqfd.h"
#include "vmm/types.h"

struct route {
	struct s390_route at; /* its irqfd and signals are not kept here, but told by fd */
	struct irqfd fd;      /* fd.fd < 0: none */
	bool held;            /* off for the time of a save */
};

struct notify {
	struct s390_notify at; /* its count is in fd */
	struct ioeventfd fd;
};

struct routes {
	bool offered; /* KVM_CAP_S390_IRQCHIP, and on */
	struct route *all;
	size_t count; /* in the order of their GSIs */
	struct notify *notifies;
	size_t notify_count;
};

#define FLIC_GROUPS 12

struct irqchip {
	struct kvm_fd fd;
	const struct vm *vm;
	bool has[FLIC_GROUPS]; /* the attribute groups, by KVM_HAS_DEVICE_ATTR */
	bool ais;              /* adapter-interruption suppression is offered, and on */
	struct s390_adapter adapters[S390_ADAPTERS];
	bool registered[S390_ADAPTERS];
	struct routes routes;
	pthread_mutex_t lock; /* from a look at what is pending, or a change of it, until at_most says so */
	size_t at_most;       /* so many floating interrupts are pending, if nobody but us makes any */
};

/* KVM_SET_DEVICE_ATTR; -EOPNOTSUPP for a group that this host's FLIC does not have (KVM says EINVAL). */
static inline long flic_set(struct irqchip *flic, const char *name, uint32_t group, uint64_t attr,
                            const void *addr)
{
	return flic->has[group] ? kvm_attr_set(&flic->fd, name, group, attr, addr) : -EOPNOTSUPP;
}

#endif
