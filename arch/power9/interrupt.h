/* SPDX-License-Identifier: BSD-2-Clause */
/* interrupt.h: sources, queues and irqfds in our own structs, and how much a source takes. Pure. */
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
	bool masked; /* as a new source is */
	uint32_t server;
	uint8_t priority;
	uint32_t eisn;
};

/*
 * An interrupt source. PQ: P an event is on its way, Q another came
 * meanwhile; 01 is off (POWER9 Processor User's Manual, interrupts). With
 * XICS: P presented, Q queued, and what waits to be presented is pending.
 */
struct p9_source {
	uint32_t lisn;
	bool lsi, asserted; /* of a level: the line as it is */
	struct p9_target target;
	uint8_t pq;
	bool pending;    /* XIVE: triggered when it is restored, which no save says but an edit */
	uint32_t unread; /* XIVE: its events that wait in queues (snapshot/queue.h) */
};

/* The two models of interrupt controller: how their sources, and so their snapshots, differ. */
struct p9_model {
	const char *name, *title; /* as the option --irqchip spells it, and as a sentence does */
	bool has_ipis;            /* each vCPU's IPI is a source */
	unsigned queues;          /* how many event queues a vCPU can have in guest memory */
	unsigned priorities;      /* those of a source are below this */
	uint8_t new_priority;     /* the priority of a new source */
	bool pending_fills;       /* a pending source has room for one trigger less */
	unsigned (*due)(const struct p9_source *s); /* how often it is due, but for what irqfds hold */
};

extern const struct p9_model p9_xive, p9_xics;

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
	bool told;      /* the guest says where it reads: */
	uint32_t place; /* the index, and the generation bit that a new entry has there */
};

/* An irqfd: signals to it trigger a source. */
struct p9_line {
	uint32_t source;
	bool on;        /* KVM has it */
	uint64_t count; /* signals that KVM has not seen */
};

/* All that lines_look() gives; the list is to be freed. */
struct p9_lines {
	struct p9_line *all;
	size_t count;
};

/* P and Q that are not set. What a source that is off takes is seen when it is on. */
unsigned p9_free_bits(const struct p9_source *s);

/*
 * How many triggers a source takes before one merges with Q: two, less P, Q and what irqfds and a restore
 * keep for it.
 */
unsigned p9_source_room(const struct p9_model *m, const struct p9_lines *lines, const struct p9_source *s);

#define XICS_IPI 2 /* what H_XIRR calls any vCPU's IPI (LoPAR, interrupt source numbers) */

/* One that is raised (vmm/hook.h). */
struct arch_irq {
	uint32_t source;
};

#endif
