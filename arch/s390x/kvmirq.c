/* SPDX-License-Identifier: BSD-2-Clause */
/* kvmirq.c: proves that interrupt.h, which must not include a KVM header, has KVM's layout and numbers. */
#include <linux/kvm.h>

#include "interrupt.h"

#define SAME_TYPE(name, kvm, ...) _Static_assert(S390_##name == (uint32_t)(kvm), #kvm);
S390_IRQ_TYPES(SAME_TYPE)
_Static_assert(S390_ADAPTER == KVM_S390_INT_IO(1, 0, 0, 0), "an adapter's type");

/* Of the fixed logout KVM has bytes. */
#define SAME_FIELD(payload, field, kvm, ...)                                                       \
	_Static_assert(offsetof(struct s390_irq, field) == offsetof(struct kvm_s390_irq, u.kvm) && \
	                       (sizeof(((struct s390_irq *)0)->field) ==                           \
	                                sizeof(((struct kvm_s390_irq *)0)->u.kvm) ||               \
	                        S390_PAYLOAD_##payload == S390_PAYLOAD_MCHK),                      \
	               #kvm);
S390_IRQ_FIELDS(SAME_FIELD)
_Static_assert(offsetof(struct kvm_s390_irq, u.extcall.code) == offsetof(struct s390_irq, source),
               "a sender");
_Static_assert(sizeof(struct kvm_s390_irq) == sizeof(struct s390_irq) &&
                       offsetof(struct s390_irq, type) + sizeof(uint32_t) == offsetof(struct kvm_s390_irq, u),
               "the type's second half, and the size");
