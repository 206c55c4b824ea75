/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec.h: the state of a POWER9 machine in our own structs. Pure: no KVM
 * header.
 */
#ifndef ARCH_POWER9_SNAPSHOT_CODEC_H
#define ARCH_POWER9_SNAPSHOT_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/fifo.h"
#include "vmm/snapshot/snapshot.h"

/* The sections. */
#define P9_TAG_CPU     SNAP_TAG('C', 'P', 'U', ' ') /* id = vCPU: registers */
#define P9_TAG_VP      SNAP_TAG('V', 'P', ' ', ' ') /* id = vCPU: its thread context in the controller */
#define P9_TAG_ICP     SNAP_TAG('I', 'C', 'P', ' ') /* id = vCPU: the same with XICS */
#define P9_TAG_SOURCES SNAP_TAG('X', 'S', 'R', 'C')
#define P9_TAG_LINES   SNAP_TAG('X', 'L', 'I', 'N')
#define P9_TAG_PLACES  SNAP_TAG('r', 'e', 'a', 'd')
#define P9_TAG_QUEUES  SNAP_TAG('X', 'E', 'Q', ' ')
#define P9_TAG_TYPED   SNAP_TAG('V', 'T', 'Y', ' ')
#define P9_TAG_MODES   SNAP_TAG('M', 'O', 'D', 'E')
#define P9_TAG_CLOCK   SNAP_TAG('T', 'B', ' ', ' ')

#define P9_PRIORITIES  7         /* 0 to 6; 7 is the hypervisor's (kvm devices/xive.rst) */
#define P9_SOURCES_MAX (1 << 20) /* KVM answers E2BIG from here on */
#define P9_REGS_MAX    160
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
	uint32_t unread; /* XIVE: its events that wait in queues: p9_count_unread() */
};

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

/* One of KVM's registers: the id has the size. */
struct p9_reg {
	uint64_t id;
	uint64_t value[2]; /* as KVM has it in memory; 4 bytes: in the first, as a number */
};

struct p9_cpu {
	uint64_t pc, msr, cr, ctr, lr, xer, srr0, srr1, pid, sprg[8], gpr[32];
	struct p9_reg regs[P9_REGS_MAX];
	unsigned reg_count;
	int64_t dec_left; /* after a look: ticks of the time base until the decrementer is negative */
	uint32_t server;
	uint64_t vp_state; /* XIVE: the bytes of its thread context, big-endian in memory: opaque */
	uint64_t icp;      /* XICS: its presentation controller, as kernel devices/xics.rst has it */
};

/* The priorities pending, a bit for each (POWER9 XIVE, OS ring: NSR, CPPR, IPB). */
#define P9_VP_IPB(cpu)  (((const uint8_t *)&(cpu)->vp_state)[2])
#define P9_VP_CPPR(cpu) (((const uint8_t *)&(cpu)->vp_state)[1])

/* KVM_REG_PPC_ICP_STATE: the priority of a pending IPI, 0xff: none; what was taken (kernel devices/xics.rst).
 */
#define P9_ICP_MFRR(icp) ((icp) >> 24 & 0xff)
#define P9_ICP_XISR(icp) ((uint32_t)((icp) >> 32 & 0xffffff))
#define P9_ICP_NONE      0xff

/* What the partition has set by hypercalls, beyond registers. */
struct p9_modes {
	uint64_t process_table; /* as in the partition table: address, and size in the last 5 bits; 0: none */
	bool gtse;
	bool vty_signals; /* input at the terminal interrupts: so it is until H_VIO_SIGNAL says no */
};

/* The interrupt controller's section says of which model it is. */
struct arch_state {
	bool xics;
	struct p9_modes modes;
	bool has_time_base; /* the first snapshots in files have none */
	uint64_t time_base; /* the guest's */
	struct p9_cpu *cpus;
	unsigned cpu_count;
	struct p9_source *sources;
	size_t source_count;
	struct p9_queue *queues; /* XIVE */
	size_t queue_count;
	struct p9_line *lines;
	size_t line_count;
	struct fifo typed; /* at the terminal, and not read yet */
};

/*
 * How often a source is due to be presented: each of its events that is in a queue and not read, Q once more,
 * and what irqfds hold. P alone does not say it: the guest may have the event already, or a mask dropped it.
 */
unsigned p9_due(const struct arch_state *state, const struct p9_source *s);

/* XIVE: how many triggers it takes before one merges with Q: two, less P, Q and what is kept for it. */
unsigned p9_room(const struct arch_state *state, const struct p9_source *s);

/* XICS: whether the vCPU has an IPI pending. */
bool p9_has_ipi(const struct arch_state *state, unsigned cpu);

/* The source of this number, or NULL: they stand in ascending order. */
struct p9_source *p9_source_at(const struct arch_state *state, uint32_t lisn);

/* Whether a vCPU has this server number. */
bool p9_has_server(const struct arch_state *state, uint32_t server);

/* The size that a KVM register id says, in bytes: 4, 8 or 16; 0 for any other. */
unsigned p9_reg_size(uint64_t id);

#endif
