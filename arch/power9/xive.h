/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xive.h: KVM's XIVE device, its ESB and TIMA pages, and the shadow of what
 * KVM cannot give back: which sources there are, where they point, which
 * queues are configured. Source: kernel Documentation/virt/kvm/devices/
 * xive.rst; where its text and the code disagree, HACKING.md says so.
 */
#ifndef ARCH_POWER9_XIVE_H
#define ARCH_POWER9_XIVE_H

#include "codec.h"
#include "vmm/vm.h"

#define XIVE_MSI_SOURCES 64

/*
 * Device, sources (masked, PQ off), and the pages mapped into the guest. The
 * vCPUs connect later. NULL on failure, with nothing left.
 */
struct irqchip *xive_create(struct vm *vm, struct error *err);

/* Takes the pages away from the guest too, so that another can be created in the same VM. */
void xive_destroy(struct irqchip *xive);

/* The vCPU's server number is its id. -EBUSY when it is connected already. */
int xive_connect(struct irqchip *xive, struct vcpu *vcpu, struct error *err);

/* The shadow of a source, or NULL when there is none of that number. */
const struct p9_source *xive_source(const struct irqchip *xive, uint64_t lisn);
size_t xive_source_count(const struct irqchip *xive);
const struct p9_source *xive_source_nth(const struct irqchip *xive, size_t i);

/* Whether the queue of (server, priority) is configured. */
bool xive_has_queue(const struct irqchip *xive, uint64_t server, uint64_t priority);

unsigned xive_page_shift(const struct irqchip *xive);

/*
 * Points a source somewhere, or masks it. -EINVAL for a target whose queue is
 * not configured: KVM would silently send it elsewhere, or answer EBUSY.
 */
int xive_set_target(struct irqchip *xive, uint32_t lisn, const struct p9_target *target, struct error *err);

/* shift 0 takes the queue away, and masks the sources that point at it. A queue page must lie in RAM, aligned
 * to its size. */
int xive_set_queue(struct irqchip *xive, const struct p9_queue *queue, struct error *err);

/* shift 0: not configured. The entries are not read. */
int xive_get_queue(struct irqchip *xive, unsigned server, unsigned priority, struct p9_queue *queue,
                   struct error *err);

/* PQ bits of a source: look; set and get what they were. The source exists. */
uint8_t xive_pq(const struct irqchip *xive, uint32_t lisn);
uint8_t xive_set_pq(const struct irqchip *xive, uint32_t lisn, uint8_t pq);

/*
 * Any access to the source's management page, at an offset that is a multiple
 * of 8 below these (POWER9 ESB: EOI and PQ loads, EOI stores). Gives what a load gives.
 */
#define XIVE_ESB_LOADS  0x1000
#define XIVE_ESB_STORES 0x800
uint64_t xive_esb(const struct irqchip *xive, uint32_t lisn, size_t offset, bool store, uint64_t value);

/* A store to the source's trigger page, as a device would. */
void xive_trigger(const struct irqchip *xive, uint32_t lisn);

/* All events that are on their way are in the queues when it returns. */
int xive_sync(struct irqchip *xive, struct error *err);

/* The same of one source. -ENOENT and -EINVAL are KVM's, for a source that was not made. */
int xive_sync_source(struct irqchip *xive, uint32_t lisn, struct error *err);

/*
 * Masks every source, points it nowhere, takes the queues away. What is
 * pending in the vCPUs' thread contexts stays (kvm devices/xive.rst, 1.1).
 */
int xive_reset(struct irqchip *xive, struct error *err);

#endif
