/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flic.h: KVM's floating interrupt controller and the vCPUs' local
 * interrupts. Source: kernel Documentation/virt/kvm/devices/s390_flic.rst and
 * api.rst (KVM_S390_IRQ, KVM_S390_GET_IRQ_STATE, KVM_S390_SET_IRQ_STATE).
 */
#ifndef ARCH_S390X_FLIC_H
#define ARCH_S390X_FLIC_H

#include "codec.h"
#include "vmm/vm.h"

/* One for each VM; it lives until the VM does. NULL on failure. */
struct irqchip *flic_create(struct vm *vm, struct error *err);
void flic_destroy(struct irqchip *flic);

/* Appends to the floating interrupts, in the order given. */
int flic_enqueue(struct irqchip *flic, const struct s390_irq *irqs, size_t count, struct error *err);

/* Takes one I/O interrupt of the subchannel away, if there is one. */
int flic_clear_io(struct irqchip *flic, uint32_t id, struct error *err);

/* All that is pending, in KVM's order, allocated for the caller to free(). They stay pending. */
int flic_get_all(struct irqchip *flic, struct s390_irq **irqs, size_t *count, struct error *err);

/* As a new one, but for the adapters: no interrupts, no adapter masked, no suppression. */
int flic_reset(struct irqchip *flic, struct error *err);

/* What is registered, in the order of the ids; returns how many. It is zpvm's own book: KVM does not tell. */
size_t flic_adapters(const struct irqchip *flic, struct s390_adapter adapters[S390_ADAPTERS]);

/* KVM cannot forget an adapter: -EBUSY when the VM has one that is not among these. */
int flic_check_adapters(const struct irqchip *flic, const struct s390_adapter *adapters, size_t count,
                        struct error *err);

/* Makes these the adapters; flic_check_adapters() has been asked. */
int flic_set_adapters(struct irqchip *flic, const struct s390_adapter *adapters, size_t count,
                      struct error *err);

/* Adapter-interruption suppression; -EOPNOTSUPP to set modes that this host's KVM does not offer. */
int flic_get_ais(struct irqchip *flic, struct s390_ais *ais, struct error *err);
int flic_set_ais(struct irqchip *flic, const struct s390_ais *ais, struct error *err);

/* One local interrupt. Any thread may call it, whatever the vCPU does. */
int local_inject(struct vcpu *vcpu, const struct s390_irq *irq, struct error *err);

/* As flic_get_all(), for one vCPU. */
int local_get_all(struct vcpu *vcpu, struct s390_irq **irqs, size_t *count, struct error *err);

/*
 * Makes these the vCPU's pending interrupts; there must be none (-EBUSY).
 * All vCPUs exist, registers and MP state are set. After a failure some may
 * be pending: reset the vCPU.
 */
int local_set_all(struct vcpu *vcpu, const struct s390_irq *irqs, size_t count, struct error *err);

#endif
