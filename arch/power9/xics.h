/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xics.h: KVM's XICS device, the older interrupt controller: presentation by
 * H_XIRR, H_CPPR, H_EOI and H_IPI, sources by RTAS, all in the kernel. On a
 * host with XIVE, KVM builds it on that. Source: kernel devices/xics.rst,
 * LoPAR, "PowerPC External Interrupt Option"; HACKING.md where they differ.
 */
#ifndef ARCH_POWER9_XICS_H
#define ARCH_POWER9_XICS_H

#include "source.h"

/* Called by irqchip.c: the device, its sources (masked), the RTAS calls. */
int xics_create(struct irqchip *xics, struct error *err);
int xics_connect(struct irqchip *xics, struct vcpu *vcpu, struct error *err);

/*
 * All sources, into as many as there are, in their order. Each is asked for
 * once: at the first of them KVM looks at all queues, and it forgets what it
 * saw at the last. All vCPUs are parked.
 */
int xics_get_sources(struct irqchip *xics, struct p9_source *sources, struct error *err);

/* All vCPUs are connected, or KVM has nowhere to send what is pending. */
int xics_set_sources(struct irqchip *xics, const struct p9_source *sources, size_t count, struct error *err);

#endif
