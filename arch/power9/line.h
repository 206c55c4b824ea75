/* SPDX-License-Identifier: BSD-2-Clause */
/* line.h: triggers of sources from outside the guest: eventfds, and KVM's lines. */
#ifndef ARCH_POWER9_LINE_H
#define ARCH_POWER9_LINE_H

#include "source.h"

/*
 * irqfds: KVM triggers a message source for each signal; signals to an irqfd that is off stay in its eventfd.
 * All vCPUs are parked. -EINVAL for a source that KVM would accept and then ignore, or raise and never lower
 * again.
 */
int line_on(struct irqchip *chip, uint32_t source, struct error *err);
int line_off(struct irqchip *chip, uint32_t source, struct error *err);
bool line_is_on(const struct irqchip *chip, uint32_t source);
int line_signal(struct irqchip *chip, uint32_t source, struct error *err);

/*
 * A level-sensitive source's irqfd with KVM_IRQFD_FLAG_RESAMPLE, for as long as the VM lives, and in no
 * snapshot: raise it; how often KVM has said, through the other eventfd, that the guest has ended it.
 */
int line_resample(struct irqchip *chip, uint32_t source, struct error *err);
bool line_resamples(const struct irqchip *chip, uint32_t source);
int line_resample_signal(struct irqchip *chip, uint32_t source, struct error *err);
int line_resample_take(struct irqchip *chip, uint32_t source, uint64_t count, struct error *err);

/* KVM_IRQ_LINE_STATUS: -EINVAL when KVM says that there is no such source. */
int line_set(const struct irqchip *chip, uint32_t source, bool level, struct error *err);

/* Turns all irqfds off during a save, and stores their state in lines; turns them on again, which injects the
 * signals that came meanwhile. */
int lines_hold(struct irqchip *chip, struct p9_lines *lines, struct error *err);
int lines_release(struct irqchip *chip, const struct p9_lines *lines, struct error *err);

/* Reads the same lines and counts without changing them; creates them from the state. */
int lines_look(const struct irqchip *chip, struct p9_lines *lines, struct error *err);
int lines_load(struct irqchip *chip, const struct p9_lines *lines, struct error *err);
void lines_close(struct irqchip *chip);

#endif
