/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source.h: what both controllers are made of: the sources, with the shadow of what KVM cannot give back, and
 * the numbers of servers; and the table of what each does in its own way. Read next: xive.h, xics.c, line.h.
 */
#ifndef ARCH_POWER9_SOURCE_H
#define ARCH_POWER9_SOURCE_H

#include "interrupt.h"
#include "vmm/irqfd.h"
#include "vmm/types.h"

#define IRQCHIP_MSI_SOURCES 64 /* the default */
#define IRQCHIP_LSI_SOURCES 4  /* the lines of the level device */

/*
 * What each controller does in its own way. A function with the name of one of irqchip.h is the part of that
 * one which depends on the controller. From reset on they may be NULL: then there is nothing to do.
 */
struct irqchip_ops {
	const struct p9_model *model;
	uint32_t type, connect; /* KVM's device (0: there is none), and the capability by which a vCPU
	                           connects to it */
	uint64_t context;       /* KVM's register of what the controller holds of a vCPU */
	const char *connect_name, *context_name;
	size_t context_at; /* where struct p9_cpu has it */
	/* Sets up the new device, with its sources masked. A failure leaves what was made to destroy(). */
	int (*create)(struct irqchip *chip, struct error *err);
	/* How many of the next triggers the source drops; 2 stands for all of them. */
	unsigned (*drops)(const struct irqchip *chip, const struct p9_source *s);
	/* Triggers a message source, as its device would. It is on: irqchip_check_on(). */
	int (*trigger)(const struct irqchip *chip, const struct p9_source *s, struct error *err);
	/* The shadow has the new level of the source's line. */
	int (*level)(const struct irqchip *chip, const struct p9_source *s, struct error *err);
	/* Reads the state of one source. False: it cannot be known now. */
	bool (*look)(struct irqchip *chip, struct p9_source *s);
	/* Reads the state of all sources, in the order of the shadow; sets one. All vCPUs are parked. */
	int (*get)(struct irqchip *chip, struct p9_source *sources, struct error *err);
	int (*set)(struct irqchip *chip, const struct p9_source *s, struct error *err);
	/* When *done is false nothing but chip->fd keeps the device, and it is to be made again. */
	int (*reset)(struct irqchip *chip, bool *done, struct error *err);
	void (*destroy)(struct irqchip *chip);
	int (*sync)(struct irqchip *chip, struct error *err);
	/* A restore makes and aims the sources before it sets them; a save holds them by their PQ. */
	int (*make)(struct irqchip *chip, const struct p9_source *s, struct error *err);
	int (*aim)(struct irqchip *chip, uint32_t lisn, const struct p9_target *target, struct error *err);
	uint8_t (*set_pq)(const struct irqchip *chip, uint32_t lisn, uint8_t pq);
};

extern const struct irqchip_ops xive_ops, xics_ops, none_ops;

struct irqchip {
	struct vm *vm;
	const struct irqchip_ops *ops;
	struct kvm_fd fd;
	struct p9_source *sources; /* in ascending order; the shadow of each */
	size_t source_count;
	size_t ipis, messages; /* how many there are of each kind; IPIs only with XIVE */
	struct irqfd lines[P9_LINES_MAX];
	unsigned line_count;
	struct resample {
		int fd, back; /* eventfds: raise it; KVM says that the guest has ended it. 0: none */
	} resamples[IRQCHIP_LSI_SOURCES];
	/* The fields below are XIVE's. */
	unsigned page_shift;
	bool single_escalation; /* a second queue of a vCPU would bring the host down */
	uint8_t *tima, *esb;
	size_t esb_size;
	struct xive_server *servers; /* of each vCPU, by its index */
};

/* Makes the shadow of a controller just created. -EINVAL for more message sources than KVM supports. */
int irqchip_make_shadow(struct irqchip *chip, struct error *err);

/* The shadow of a source, or NULL if there is none with that number. */
struct p9_source *irqchip_source(const struct irqchip *chip, uint64_t number);

/* The server numbers are below this. */
unsigned irqchip_servers(const struct vm *vm);

#endif
