/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * history.h: what has become of a VM, in units, so that it can be brought back to any of them: the list of
 * what was done, and snapshots in between. A unit is a step of a vCPU (an instruction, or the delivery of an
 * interrupt), a millisecond in which all slept, or a change from outside (gdb, `monitor`), of which
 * there is always a snapshot. Between two snapshots all that happens follows from the list.
 */
#ifndef VMM_GDB_HISTORY_H
#define VMM_GDB_HISTORY_H

#include "vmm/lab/runner.h"

/* A snapshot is made after so many units, or more where it would take more than a part of the time; and so
 * near before a place that somebody has gone back to. */
#define HISTORY_APART 256
#define HISTORY_PART  4
#define HISTORY_NEAR  32

/* Whose units they are, besides vCPUs. */
#define HISTORY_SLEEP   UINT32_MAX
#define HISTORY_OUTSIDE (UINT32_MAX - 1)

struct stretch {
	uint64_t at, count; /* it begins behind `at` units, and has so many */
	uint32_t cpu;
};

struct point {
	uint64_t at;
	bool outside; /* it is the change from outside that is the unit before */
	struct named_snapshot state;
};

struct history {
	unsigned most;        /* snapshots; 0: there is no history */
	uint64_t at, end;     /* where the VM is, and how far the list goes */
	bool changed;         /* from outside, since it is at `at` */
	struct point *points; /* in their order, the first one is where the history begins */
	unsigned count;
	struct stretch *list;
	size_t length, room;
	uint64_t cost, kept; /* nanoseconds that the last snapshot took; the time_now() behind it */
};

/* Begins anew, with the VM as it is. */
int history_begin(struct history *h, struct runner *r, unsigned most);
void history_free(struct history *h);

/* Forgets what comes behind `at`. */
void history_cut(struct history *h);

/* So many units more were done, at the end. */
int history_add(struct history *h, uint32_t cpu, uint64_t count, struct error *err);

/* What was done from `at` on, which is before the end. */
struct stretch history_next(const struct history *h);

/* The latest unit before `at` that is a step of this vCPU: *before it. False: there is none. */
bool history_last(const struct history *h, uint32_t cpu, uint64_t *before);

/* If the VM was changed from outside: that is a unit, and what was behind it is forgotten. */
int history_settle(struct history *h, struct runner *r);

/* Makes a snapshot, if the last one is far away or `near` is set. */
int history_keep(struct history *h, struct runner *r, bool near);

/* The last point that is not behind `at`. */
const struct point *history_before(const struct history *h, uint64_t at);

/* Brings the VM back to the state of a point. */
int history_load(struct history *h, struct runner *r, const struct point *point);

/* The bytes of all snapshots. */
uint64_t history_bytes(const struct history *h);

#endif
