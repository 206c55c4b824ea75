/* SPDX-License-Identifier: BSD-2-Clause */
/* line.h: what reaches the sources from outside the guest: eventfds, and KVM's lines. */
#ifndef ARCH_POWER9_LINE_H
#define ARCH_POWER9_LINE_H

#include "source.h"

/*
 * irqfds: KVM triggers a message source for each signal; what is
 * signalled while one is off stays in the eventfd. All vCPUs are parked.
 * -EINVAL for what KVM would take and then ignore, or never lower again.
 */
int line_on(struct irqchip *chip, uint32_t source, struct error *err);
int line_off(struct irqchip *chip, uint32_t source, struct error *err);
bool line_is_on(const struct irqchip *chip, uint32_t source);
int line_signal(struct irqchip *chip, uint32_t source, struct error *err);

/* KVM_IRQ_LINE_STATUS: -EINVAL when KVM says that there is no such source. */
int line_set(const struct irqchip *chip, uint32_t source, bool level, struct error *err);

/* Off, for the time of a save; what they were goes into the state. On again, and what came meanwhile fires.
 */
int lines_hold(struct irqchip *chip, struct p9_lines *lines, struct error *err);
int lines_release(struct irqchip *chip, const struct p9_lines *lines, struct error *err);

/* The same lines and counts without touching them; and made anew from the state. */
int lines_look(const struct irqchip *chip, struct p9_lines *lines, struct error *err);
int lines_load(struct irqchip *chip, const struct p9_lines *lines, struct error *err);
void lines_close(struct irqchip *chip);

#endif
