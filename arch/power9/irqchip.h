/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irqchip.h: a guest's interrupt controller, be it XIVE (xive.h) or XICS (xics.c). Read next: irqchip.c,
 * source.h.
 */
#ifndef ARCH_POWER9_IRQCHIP_H
#define ARCH_POWER9_IRQCHIP_H

#include "source.h"

/*
 * The controller that the VM's configuration asks for, before its vCPUs. Sets vm->irqchip, which
 * irqchip_destroy() takes whatever became of it. -EOPNOTSUPP: this host lacks what zpvm needs.
 */
int irqchip_create(struct vm *vm, struct error *err);

/*
 * As new: by KVM's own reset, where that leaves nothing of what was, else the device is made again, renewed
 * says so, and the vCPUs have to connect. No vCPU runs. After an error the VM is to be destroyed.
 */
int irqchip_reset(struct irqchip *chip, bool *renewed, struct error *err);

void irqchip_destroy(struct irqchip *chip);

/* The vCPU's server number is its id. Errors are KVM's; their meaning is in the message. */
int irqchip_connect(struct irqchip *chip, struct vcpu *vcpu, struct error *err);

/* With XIVE the controller drops what a source sends that is off: -EPERM. */
int irqchip_check_on(const struct irqchip *chip, const struct p9_source *s, struct error *err);

/*
 * What becomes of more triggers of a message source, or of more signals to its irqfd: so many are dropped
 * first, by design, then there is room for so many, and the rest coalesces. Exact while all vCPUs are parked;
 * one that runs can only make more room. False: the controller does not say.
 */
bool irqchip_room(struct irqchip *chip, const struct p9_source *source, bool signals, unsigned *dropped,
                  unsigned *room);

/*
 * The line of a level-sensitive source goes up or down. While it is up, the
 * source is presented again after each EOI. Under the bus lock.
 */
int irqchip_level(struct irqchip *chip, uint32_t number, bool level, struct error *err);

#endif
