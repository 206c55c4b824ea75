/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irqchip.h: what a guest's interrupt controller is, be it XIVE (xive.h) or
 * XICS (xics.h): its sources, the lines and eventfds that reach them, and the
 * shadow of what KVM cannot give back. Read next: irqchip.c, xive.c, xics.c.
 */
#ifndef ARCH_POWER9_IRQCHIP_H
#define ARCH_POWER9_IRQCHIP_H

#include "arch/power9/snapshot/codec.h"
#include "vmm/irqfd.h"
#include "vmm/vm.h"

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

/* What KVM's answer to connecting a vCPU means, or NULL; hardly any of it is documented. */
const char *irqchip_connect_error(int code);

/* The server numbers are below this. */
unsigned irqchip_servers(const struct vm *vm);

/* The shadow of a source, or NULL when there is none of that number. */
struct p9_source *irqchip_source(const struct irqchip *chip, uint64_t number);

/*
 * The line of a level-sensitive source goes up or down. While it is up, the
 * source is presented again after each EOI. Under the bus lock.
 */
int irqchip_level(struct irqchip *chip, uint32_t number, bool level, struct error *err);

/*
 * line.c: irqfds. KVM triggers a message source for each signal; what is
 * signalled while one is off stays in the eventfd. All vCPUs are parked.
 * -EINVAL for what KVM would take and then ignore, or never lower again.
 */
int line_on(struct irqchip *chip, uint32_t source, struct error *err);
int line_off(struct irqchip *chip, uint32_t source, struct error *err);
bool line_is_on(const struct irqchip *chip, uint32_t source);
int line_signal(struct irqchip *chip, uint32_t source, struct error *err);

/* KVM_IRQ_LINE_STATUS: -EINVAL when KVM says that there is no such source. */
int line_set(struct irqchip *chip, uint32_t source, bool level, struct error *err);

/* Off, for the time of a save; what they were goes into the state. On again, and what came meanwhile fires.
 */
int lines_hold(struct irqchip *chip, struct arch_state *state, struct error *err);
int lines_release(struct irqchip *chip, const struct arch_state *state, struct error *err);

/* The same lines and counts without touching them; and made anew from the state. */
int lines_look(const struct irqchip *chip, struct arch_state *state, struct error *err);
int lines_load(struct irqchip *chip, const struct arch_state *state, struct error *err);
void lines_close(struct irqchip *chip);

#endif
