/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * adapter.h: I/O adapters, and the suppression of their interrupts. Source: kernel
 * Documentation/virt/kvm/devices/s390_flic.rst. State that KVM does not return (the registered adapters and
 * their masks) is kept here.
 */
#ifndef ARCH_S390X_ADAPTER_H
#define ARCH_S390X_ADAPTER_H

#include "irqchip.h"

int adapter_register(struct irqchip *flic, const struct s390_adapter *adapter, struct error *err);
int adapter_mask(struct irqchip *flic, uint32_t id, bool mask, struct error *err);

/* Maps or unmaps a page of its indicators, by its guest address: Linux 6.1 does nothing then. Not in a
 * snapshot. */
int adapter_map(struct irqchip *flic, uint32_t id, uint64_t address, bool map, struct error *err);

/*
 * Injects its interrupt; its indicators are unchanged. KVM takes the ISC from the adapter: word is the
 * identification word that the caller expects.
 */
int adapter_inject(struct irqchip *flic, uint32_t id, uint32_t word, struct error *err);

/* Copies the registered adapters, in the order of their ids; returns how many there are. */
size_t adapters_get(const struct irqchip *flic, struct s390_adapter adapters[S390_ADAPTERS]);

/* KVM cannot unregister an adapter: -EBUSY if the VM has one that is not among these. */
int adapters_check(const struct irqchip *flic, const struct s390_adapter *adapters, size_t count,
                   struct error *err);

/* Makes these the adapters, after adapters_check() has succeeded. */
int adapters_set(struct irqchip *flic, const struct s390_adapter *adapters, size_t count, struct error *err);

/* Suppression is done in software: KVM offers it on any machine, but only before vCPUs exist. */
int ais_enable(struct irqchip *flic, struct error *err);
int ais_set_mode(struct irqchip *flic, uint8_t isc, uint16_t mode, struct error *err);

/* All modes; -EOPNOTSUPP to set modes that this host's KVM does not offer. */
int ais_get(struct irqchip *flic, struct s390_ais *ais, struct error *err);
int ais_set(struct irqchip *flic, const struct s390_ais *ais, struct error *err);

#endif
