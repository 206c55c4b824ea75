/* SPDX-License-Identifier: BSD-2-Clause */
/* irqchip.h: the parts of the floating interrupt controller. Read next: flic.h, adapter.h, route.h. */
#ifndef ARCH_S390X_IRQCHIP_H
#define ARCH_S390X_IRQCHIP_H

#include <errno.h>

#include "interrupt.h"
#include "vmm/irqfd.h"
#include "vmm/types.h"

struct route {
	struct s390_route at; /* except its irqfd and signals, which are in fd */
	struct irqfd fd;      /* fd.fd < 0: none */
	bool held;            /* off during a save */
	bool gone;            /* KVM does not have the route any more; its irqfd is as it was */
};

struct notify {
	struct s390_notify at; /* its count is in fd */
	struct ioeventfd fd;
};

struct routes {
	bool offered; /* KVM_CAP_S390_IRQCHIP is offered, and enabled */
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
	bool ais;              /* adapter-interruption suppression is offered, and enabled */
	struct s390_adapter adapters[S390_ADAPTERS];
	bool registered[S390_ADAPTERS];
	struct routes routes;
	pthread_mutex_t
		lock;   /* held from reading or changing the pending interrupts until at_most is updated */
	size_t at_most; /* the most floating interrupts that can be pending, if only zpvm makes any */
};

/* False in a VM without a controller (--irqchip=none): its vCPUs have local interrupts alone. */
static inline bool flic_is_there(const struct irqchip *flic)
{
	return flic->fd.fd >= 0;
}

/* KVM_SET_DEVICE_ATTR; -EOPNOTSUPP for a group that this host's FLIC does not have (KVM says EINVAL). */
static inline long flic_set(struct irqchip *flic, const char *name, uint32_t group, uint64_t attr,
                            const void *addr)
{
	return flic->has[group] ? kvm_attr_set(&flic->fd, name, group, attr, addr) : -EOPNOTSUPP;
}

#endif
