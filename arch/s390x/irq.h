/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.h: struct irq's code on s390x. Pure. */
#ifndef ARCH_S390X_IRQ_H
#define ARCH_S390X_IRQ_H

#include "codec.h"
#include "vmm/irq.h"

enum s390_kind {
	KIND_IO,            /* number: subsystem-identification word, parm, parm2: identification word */
	KIND_SERVICE,       /* parm */
	KIND_MCHK,          /* parm: interruption code, parm2: its subclass in CR14 */
	KIND_EMERGENCY,     /* number: CPU address of the sender */
	KIND_EXTERNAL_CALL, /* the same */
	KIND_RESTART,
	KIND_TIMER, /* number: external code; the guest makes it */
};

/* struct irqchip_op's code. */
enum s390_op {
	OP_CLEAR,    /* all floating interrupts */
	OP_CLEAR_IO, /* one of a subchannel; arg[0]: its subsystem-identification word */
	OP_APF_ENABLE,
	OP_APF_DISABLE, /* and wait until the ones under way are done */
};

/* As KVM takes it. A timer is none: there is nothing to inject. */
struct s390_irq irq_to_s390(const struct irq *irq);

#endif
