/* SPDX-License-Identifier: BSD-2-Clause */
/* choose.h: which interrupt controller a machine gets. Pure. */
#ifndef ARCH_POWER9_CHOOSE_H
#define ARCH_POWER9_CHOOSE_H

#include <stdbool.h>

#include "vmm/error.h"

/* What the host has. */
struct choice {
	bool xive, xics; /* KVM_CAP_PPC_IRQ_XIVE, KVM_CAP_IRQ_XICS */
	bool bare_metal; /* not a partition of a hypervisor */
	unsigned long page_size;
};

/* KVM's XIVE takes event queues of this size only, each in one page of the host. */
#define CHOOSE_QUEUE_SIZE 0x10000

/*
 * word is xive, xics, auto, or NULL for that: XIVE where there is one. *name
 * is the first two, static. -EINVAL for another word, -EOPNOTSUPP when the
 * host has it not, with the reason. 0 with a reason in err: why it is not XIVE.
 */
int choose_irqchip(const struct choice *host, const char *word, const char **name, struct error *err);

#endif
