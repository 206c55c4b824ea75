/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source.h: what both controllers are made of: the sources, with the shadow of what KVM cannot give back, and
 * the numbers of servers. Read next: xive.h, xics.h, line.h.
 */
#ifndef ARCH_POWER9_SOURCE_H
#define ARCH_POWER9_SOURCE_H

#include "interrupt.h"
#include "vmm/irqfd.h"
#include "vmm/types.h"

#define IRQCHIP_MSI_SOURCES 64 /* when the configuration does not say how many */
#define IRQCHIP_LSI_SOURCES 4  /* the lines of the level device */

struct irqchip {
	struct vm *vm;
	bool xics;
	struct kvm_fd fd;
	struct p9_source *sources; /* in ascending order; the shadow of each */
	size_t source_count;
	size_t ipis, messages; /* so many of each kind; of IPIs only with XIVE */
	struct irqfd lines[P9_LINES_MAX];
	unsigned line_count;
	/* Below: XIVE. */
	unsigned page_shift;
	uint8_t *tima, *esb;
	size_t esb_size;
	struct xive_server *servers; /* of each vCPU, by its index */
};

/* Makes the shadow anew, as of a controller just created. -EINVAL for more message sources than KVM has. */
int irqchip_make_shadow(struct irqchip *chip, struct error *err);

/* The shadow of a source, or NULL when there is none of that number. */
struct p9_source *irqchip_source(const struct irqchip *chip, uint64_t number);

/* The server numbers are below this. */
unsigned irqchip_servers(const struct vm *vm);

/* What KVM's answer to connecting a vCPU means, or NULL; hardly any of it is documented. */
const char *irqchip_connect_error(int code);

#endif
