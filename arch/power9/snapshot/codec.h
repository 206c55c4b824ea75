/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec.h: the state of a POWER9 machine in our own structs. Pure: no KVM
 * header.
 */
#ifndef ARCH_POWER9_SNAPSHOT_CODEC_H
#define ARCH_POWER9_SNAPSHOT_CODEC_H

#include "arch/power9/interrupt.h"
#include "arch/power9/registers.h"
#include "vmm/snapshot/device_section.h"

/* The sections. */
#define P9_TAG_CPU     SNAP_TAG('C', 'P', 'U', ' ') /* id = vCPU: registers */
#define P9_TAG_VP      SNAP_TAG('V', 'P', ' ', ' ') /* id = vCPU: its thread context in the controller */
#define P9_TAG_ICP     SNAP_TAG('I', 'C', 'P', ' ') /* id = vCPU: the same with XICS */
#define P9_TAG_SOURCES SNAP_TAG('X', 'S', 'R', 'C')
#define P9_TAG_LINES   SNAP_TAG('X', 'L', 'I', 'N')
#define P9_TAG_PLACES  SNAP_TAG('r', 'e', 'a', 'd')
#define P9_TAG_QUEUES  SNAP_TAG('X', 'E', 'Q', ' ')
#define P9_TAG_MODES   SNAP_TAG('M', 'O', 'D', 'E')
#define P9_TAG_TIME    SNAP_TAG('T', 'O', 'D', ' ')
#define P9_TAG_CLOCK   SNAP_TAG('T', 'B', ' ', ' ')

struct arch_state {
	const struct p9_model *model; /* of the interrupt controller, as its sections say */
	struct p9_modes modes;
	bool has_time_base; /* the oldest snapshot files have none */
	uint64_t time_base; /* the guest's */
	struct p9_cpu *cpus;
	unsigned cpu_count;
	struct p9_source *sources;
	size_t source_count;
	struct p9_queue *queues; /* XIVE */
	size_t queue_count;
	struct p9_lines lines;
	struct device_states devices;
};

/*
 * How often a source will be presented: once for each of its events in a queue that has not been read, once
 * for Q, and once for each signal in irqfds. P alone does not count: the guest may have read the event
 * already, or a mask may have dropped it.
 */
unsigned p9_due(const struct arch_state *state, const struct p9_source *s);

/* How many triggers it accepts before one merges with Q: p9_source_room(). */
unsigned p9_room(const struct arch_state *state, const struct p9_source *s);

/* XICS: whether the vCPU has an IPI pending. */
bool p9_has_ipi(const struct arch_state *state, unsigned cpu);

/* The source with this number, or NULL; sources are in ascending order. */
struct p9_source *p9_source_at(const struct arch_state *state, uint32_t lisn);

/* Whether a vCPU has this server number. */
bool p9_has_server(const struct arch_state *state, uint32_t server);

#endif
