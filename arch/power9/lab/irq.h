/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.h: struct irq's code on power9. Pure. */
#ifndef ARCH_POWER9_LAB_IRQ_H
#define ARCH_POWER9_LAB_IRQ_H

#include "arch/power9/interrupt.h"
#include "vmm/lab/irq.h"

enum p9_kind {
	KIND_SOURCE, /* number: the source; triggered as a device does */
	KIND_LINE,   /* the same by KVM_IRQ_LINE_STATUS */
	KIND_IRQFD,  /* the same by its irqfd */
	KIND_IPI,    /* XICS: of the vCPU cpu; a guest makes it */
	KIND_TIMER,  /* the decrementer; the guest makes it */
};

/* struct irqchip_op's code. */
enum p9_op {
	OP_RESET,   /* sources masked and pointing nowhere, no queues: as at the start */
	OP_EQ_SYNC, /* events under way are in the queues afterwards */
	OP_SYNC,    /* the same of one source; arg[0]: its number */
	OP_LEVEL,   /* the line of a level-sensitive source; arg[]: source, level */
	OP_IRQFD,   /* on; arg[0]: source */
	OP_IRQFD_OFF,
};

/* The interrupt that a source leads to, however it is triggered. */
struct irq irq_of_source(uint32_t source);

/* Whether an account of interrupts, read from a file, can have this one. */
bool p9_irq_possible(const struct irq *irq);

#endif
