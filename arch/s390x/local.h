/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * local.h: the vCPUs' own interrupts. Source: kernel Documentation/virt/kvm/api.rst
 * (KVM_S390_IRQ, KVM_S390_GET_IRQ_STATE, KVM_S390_SET_IRQ_STATE).
 */
#ifndef ARCH_S390X_LOCAL_H
#define ARCH_S390X_LOCAL_H

#include "interrupt.h"
#include "vmm/types.h"

/* Injects one local interrupt. Any thread may call it, whatever the vCPU does. */
int local_inject(struct vcpu *vcpu, const struct s390_irq *irq, struct error *err);

/* All that is pending, in KVM's order, allocated for the caller to free(). They stay pending. */
int local_get_all(struct vcpu *vcpu, struct s390_irq **irqs, size_t *count, struct error *err);

/*
 * Makes these the vCPU's pending interrupts; there must be none before (-EBUSY). All vCPUs exist, registers
 * and MP state are set, the vCPU is parked. After any error the vCPU is unchanged, and another attempt can
 * succeed.
 */
int local_set_all(struct vcpu *vcpu, const struct s390_irq *irqs, size_t count, struct error *err);

#endif
