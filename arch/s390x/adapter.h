/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * adapter.h: I/O adapters, and the suppression of their interrupts. Source:
 * kernel Documentation/virt/kvm/devices/s390_flic.rst. What KVM does not give
 * back (which adapters there are, their masks) is kept here.
 */
#ifndef ARCH_S390X_ADAPTER_H
#define ARCH_S390X_ADAPTER_H

#include "irqchip.h"

int adapter_register(struct irqchip *flic, const struct s390_adapter *adapter, struct error *err);
int adapter_mask(struct irqchip *flic, uint32_t id, bool mask, struct error *err);

/*
 * Its interrupt; its indicators stay as they are. KVM takes the ISC from the adapter: word is the
 * identification word that the caller expects of it.
 */
int adapter_inject(struct irqchip *flic, uint32_t id, uint32_t word, struct error *err);

/* What is registered, in the order of the ids; returns how many. */
size_t adapters_get(const struct irqchip *flic, struct s390_adapter adapters[S390_ADAPTERS]);

/* KVM cannot forget an adapter: -EBUSY when the VM has one that is not among these. */
int adapters_check(const struct irqchip *flic, const struct s390_adapter *adapters, size_t count,
                   struct error *err);

/* Makes these the adapters; adapters_check() has been asked. */
int adapters_set(struct irqchip *flic, const struct s390_adapter *adapters, size_t count, struct error *err);

/* Suppression is software's: KVM offers it on any machine, but only before there are vCPUs. */
int ais_enable(struct irqchip *flic, struct error *err);
int ais_set_mode(struct irqchip *flic, uint8_t isc, uint16_t mode, struct error *err);

/* All modes; -EOPNOTSUPP to set modes that this host's KVM does not offer. */
int ais_get(struct irqchip *flic, struct s390_ais *ais, struct error *err);
int ais_set(struct irqchip *flic, const struct s390_ais *ais, struct error *err);

#endif
