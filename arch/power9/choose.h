/* SPDX-License-Identifier: BSD-2-Clause */
/* choose.h: which interrupt controller a machine gets. Pure. */
#ifndef ARCH_POWER9_CHOOSE_H
#define ARCH_POWER9_CHOOSE_H

#include <stdbool.h>

#include "vmm/error.h"

/* The host's features. */
struct choice {
	bool xive, xics; /* KVM_CAP_PPC_IRQ_XIVE, KVM_CAP_IRQ_XICS */
	bool bare_metal; /* not a partition of a hypervisor */
	unsigned long page_size;
};

/* KVM's XIVE accepts only event queues of this size, each within one page of the host. */
#define CHOOSE_QUEUE_SIZE 0x10000

/*
 * word is xive, xics, auto (XIVE if the host offers it), or NULL, which means auto. *name becomes xive or
 * xics, static. -EINVAL for another word, -EOPNOTSUPP, with the reason, if the host lacks the controller. 0
 * with a sentence in err: the reason why it is not XIVE.
 */
int choose_irqchip(const struct choice *host, const char *word, const char **name, struct error *err);

/*
 * Whether the host's device tree has this property (or node) in its root, or, if nodes is not NULL, in a node
 * of the root whose name begins with that. True also where the tree cannot be seen: what is asked is whether
 * a call would bring the host down.
 */
bool choose_tree_has(const char *nodes, const char *property);

#endif
