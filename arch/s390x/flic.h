/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flic.h: KVM's floating interrupt controller. Source: kernel
 * Documentation/virt/kvm/devices/s390_flic.rst. Its adapters are in
 * adapter.h, the vCPUs' own interrupts in local.h.
 */
#ifndef ARCH_S390X_FLIC_H
#define ARCH_S390X_FLIC_H

#include "irqchip.h"

/*
 * Creates the FLIC of a VM, before its vCPUs; it exists as long as the VM. With --irqchip=none there is no
 * FLIC (flic_is_there()): the only floating interrupts are service signals, which cannot be read. Sets
 * vm->irqchip, for flic_destroy(), also after an error. -EOPNOTSUPP names the features that zpvm needs and
 * this host's FLIC lacks.
 */
int flic_create(struct vm *vm, struct error *err);
void flic_destroy(struct irqchip *flic);

/*
 * Appends to the floating interrupts, in the order given, at most S390_FLOATING_MAX in one call. If it fails,
 * some may have been queued: *done (may be NULL) and the message say how many, which is exact if nothing else
 * takes or adds floating interrupts meanwhile (vCPUs parked).
 */
int flic_enqueue(struct irqchip *flic, const struct s390_irq *irqs, size_t count, size_t *done,
                 struct error *err);

/* Sets a group that has no argument. */
int flic_command(struct irqchip *flic, const char *name, uint32_t group, struct error *err);

/* -EOPNOTSUPP without a controller if there were service signals: whether they were taken cannot be known. */
int flic_can_see(const struct irqchip *flic, struct error *err);

/* Removes all floating interrupts. */
int flic_clear(struct irqchip *flic, struct error *err);

/* Removes one I/O interrupt of the subchannel, if there is one; KVM does not report it. */
int flic_clear_io(struct irqchip *flic, uint32_t id, struct error *err);

/* All that is pending, in KVM's order, allocated for the caller to free(). They stay pending. */
int flic_get_all(struct irqchip *flic, struct s390_irq **irqs, size_t *count, struct error *err);

/*
 * The SCCB whose service signal is pending, or 0; vCPUs may run. If there are adapters, KVM is not asked, and
 * the answer is 0: GET_ALL_IRQS would remove their interrupts from a GISA, and they can be given back only
 * while all vCPUs are parked. flic_can_ask() says which case it is.
 */
bool flic_can_ask(const struct irqchip *flic);
int flic_pending_sccb(struct irqchip *flic, uint32_t *sccb, struct error *err);

/* Resets everything but the adapters: no interrupts, no routes, no adapter masked, no suppression. */
int flic_reset(struct irqchip *flic, struct error *err);

#endif
