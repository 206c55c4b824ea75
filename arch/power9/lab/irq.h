/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.h: struct irq's code on power9. Pure. */
#ifndef ARCH_POWER9_LAB_IRQ_H
#define ARCH_POWER9_LAB_IRQ_H

#include "arch/power9/interrupt.h"
#include "vmm/lab/irq.h"

enum p9_kind {
	KIND_SOURCE, /* number: the source; triggered as by a device */
	KIND_LINE,   /* the same by KVM_IRQ_LINE_STATUS */
	KIND_IRQFD,  /* the same by its irqfd */
	KIND_IPI,    /* XICS: the IPI of vCPU cpu, sent by a guest */
	KIND_TIMER,  /* the decrementer, set by the guest */
};

/* struct irqchip_op's code. */
enum p9_op {
	OP_RESET,   /* sources masked and without targets, no queues: as at the start */
	OP_EQ_SYNC, /* events in transit are in the queues afterwards */
	OP_SYNC,    /* the same for one source; arg[0]: its number */
	OP_LEVEL,   /* the line of a level-sensitive source; arg[]: source, level */
	OP_IRQFD,   /* on; arg[0]: source */
	OP_IRQFD_OFF,
	OP_RESAMPLE,      /* an irqfd of a level-sensitive source; arg[0] */
	OP_RESAMPLE_TAKE, /* arg[]: source, how often KVM has said that it was ended */
};

/* The interrupt that a source causes, however it is triggered. */
struct irq irq_of_source(uint32_t source);

#endif
