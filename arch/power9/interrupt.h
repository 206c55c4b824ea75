/* SPDX-License-Identifier: BSD-2-Clause */
/* interrupt.h: sources, queues and irqfds in our own structs, and the room for triggers of a source. Pure. */
#ifndef ARCH_POWER9_INTERRUPT_H
#define ARCH_POWER9_INTERRUPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define P9_PRIORITIES  7         /* 0 to 6; 7 is the hypervisor's (kvm devices/xive.rst) */
#define P9_SOURCES_MAX (1 << 20) /* KVM answers E2BIG from here on */
#define P9_LINES_MAX   64

/* Where a source sends its events (KVM_DEV_XIVE_GRP_SOURCE_CONFIG). */
struct p9_target {
	bool masked; /* true for a new source */
	uint32_t server;
	uint8_t priority;
	uint32_t eisn;
};

/*
 * An interrupt source. PQ: P means that an event is in transit or has had no EOI, Q that another came
 * meanwhile; 01 is off (POWER9 Processor User's Manual, interrupts). With XICS: P presented, Q queued; an
 * interrupt that waits to be presented is pending.
 */
struct p9_source {
	uint32_t lisn;
	bool lsi, asserted; /* level-sensitive; if so, the state of the line */
	struct p9_target target;
	uint8_t pq;
	bool pending;    /* XIVE: it is triggered when it is restored; set by an edit only, not by a save */
	uint32_t unread; /* XIVE: its events that wait in queues (snapshot/queue.h) */
};

/* The models of interrupt controller, one of which is none: how their sources, and so their snapshots,
 * differ. */
struct p9_model {
	const char *name, *title; /* as the option --irqchip spells it, and as a sentence does */
	bool has_ipis;            /* each vCPU's IPI is a source */
	unsigned queues;          /* how many event queues a vCPU can have in guest memory */
	unsigned priorities;      /* those of a source are below this; 0: there are no sources */
	uint8_t new_priority;     /* the priority of a new source */
	bool pending_fills;       /* a pending source has room for one trigger less */
	unsigned (*due)(const struct p9_source *s); /* how often it is due, but for what irqfds hold */
};

extern const struct p9_model p9_xive, p9_xics, p9_none;

#define PQ_P   2
#define PQ_Q   1
#define PQ_OFF 1

/* An event queue: a page of guest RAM that the controller writes to. */
struct p9_queue {
	uint32_t server;
	uint8_t priority;
	uint32_t flags, shift;
	uint64_t addr;
	uint32_t toggle, index;
	uint8_t *entries; /* its bytes, without the zeros at its end */
	uint32_t len;
	bool published; /* the guest publishes where it reads, so that place is valid */
	uint32_t place; /* the index, and the generation bit that a new entry has there */
};

/* An irqfd: signals to it trigger a source. */
struct p9_line {
	uint32_t source;
	bool on;        /* assigned to KVM */
	uint64_t count; /* signals that KVM has not seen */
};

/* The result of lines_look(); the list must be freed. */
struct p9_lines {
	struct p9_line *all;
	size_t count;
};

/* How many of P and Q are not set. A trigger of a source that is off takes effect when it is turned on. */
unsigned p9_free_bits(const struct p9_source *s);

/*
 * How many triggers a source accepts before one merges with Q: two, less P, Q and the triggers that irqfds
 * and a restore hold for it.
 */
unsigned p9_source_room(const struct p9_model *m, const struct p9_lines *lines, const struct p9_source *s);

#define XICS_IPI 2 /* the number of every vCPU's IPI in H_XIRR (LoPAR, interrupt source numbers) */

/* An interrupt that is raised (vmm/hook.h). */
struct arch_irq {
	uint32_t source;
};

#endif
