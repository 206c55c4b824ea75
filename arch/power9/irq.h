/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.h: struct irq's code on power9. Pure. */
#ifndef ARCH_POWER9_IRQ_H
#define ARCH_POWER9_IRQ_H

#include "vmm/irq.h"

enum p9_kind {
	KIND_SOURCE, /* number: the source */
	KIND_TIMER,  /* the decrementer; the guest makes it */
};

/* struct irqchip_op's code. */
enum p9_op {
	OP_RESET,   /* sources masked and pointing nowhere, no queues: as at the start */
	OP_EQ_SYNC, /* events under way are in the queues afterwards */
	OP_SYNC,    /* the same of one source; arg[0]: its number */
};

#endif
