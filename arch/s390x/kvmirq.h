/* SPDX-License-Identifier: BSD-2-Clause */
/* kvmirq.h: converts between KVM's struct kvm_s390_irq (api.rst, KVM_S390_IRQ) and interrupt.h's s390_irq. */
#ifndef ARCH_S390X_KVMIRQ_H
#define ARCH_S390X_KVMIRQ_H

#include <linux/kvm.h>

#include "interrupt.h"
#include "vmm/error.h"

struct kvm_s390_irq kvmirq_from_ours(const struct s390_irq *irq);

/* Allocated for the caller to free(); NULL: out of memory. */
struct kvm_s390_irq *kvmirqs_from_ours(const struct s390_irq *irqs, size_t count, struct error *err);

/* *irqs is allocated for the caller to free(); NULL if count is 0. -ENOMEM. */
int kvmirqs_to_ours(const struct kvm_s390_irq *k, size_t count, struct s390_irq **irqs, struct error *err);

#endif
