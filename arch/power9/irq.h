/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.h: struct irq's code on power9. Pure. */
#ifndef ARCH_POWER9_IRQ_H
#define ARCH_POWER9_IRQ_H

#include "vmm/irq.h"

enum p9_kind {
	KIND_SOURCE, /* number: the source */
	KIND_TIMER,  /* the decrementer; the guest makes it */
};

#endif
