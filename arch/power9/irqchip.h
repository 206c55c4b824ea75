/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irqchip.h: a guest's interrupt controller, be it XIVE (xive.h) or XICS (xics.c). Read next: irqchip.c,
 * source.h.
 */
#ifndef ARCH_POWER9_IRQCHIP_H
#define ARCH_POWER9_IRQCHIP_H

#include "source.h"

/*
 * Creates the controller that the VM's configuration asks for, before its vCPUs. Sets vm->irqchip, for
 * irqchip_destroy(), also after an error. -EOPNOTSUPP: this host lacks something that zpvm needs.
 */
int irqchip_create(struct vm *vm, struct error *err);

/*
 * Resets it to the state of a new one: by KVM's own reset, if that leaves no old state; else the device is
 * created again, *renewed is true, and the vCPUs must connect. No vCPU runs. After an error the VM must be
 * destroyed.
 */
int irqchip_reset(struct irqchip *chip, bool *renewed, struct error *err);

void irqchip_destroy(struct irqchip *chip);

/* Connects a vCPU, whose server number is its id. Errors are KVM's; the message explains them. */
int irqchip_connect(struct irqchip *chip, struct vcpu *vcpu, struct error *err);

/* -EPERM if the source is off with XIVE, where the controller drops its events. */
int irqchip_check_on(const struct irqchip *chip, const struct p9_source *s, struct error *err);

/*
 * The effect of further triggers of a message source, or of further signals to its irqfd: the first *dropped
 * are dropped by design, there is room for the next *room, and the rest coalesces. Exact while all vCPUs are
 * parked; a running vCPU can only make more room. False: the controller does not show it.
 */
bool irqchip_room(struct irqchip *chip, const struct p9_source *source, bool signals, unsigned *dropped,
                  unsigned *room);

/*
 * Raises or lowers the line of a level-sensitive source. While it is up, the source is presented again after
 * each EOI. Called under the bus lock.
 */
int irqchip_level(struct irqchip *chip, uint32_t number, bool level, struct error *err);

#endif
