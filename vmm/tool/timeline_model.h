/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timeline_model.h: what a trace shows, before anything is drawn: a lane for each vCPU, a row for each
 * interrupt with its episodes (from injection to end), the states of vCPUs, saves and restores. Pure.
 */
#ifndef VMM_TOOL_TIMELINE_MODEL_H
#define VMM_TOOL_TIMELINE_MODEL_H

#include "timeline_trace.h"

/* What is asked for. */
struct timeline_wish {
	const char *irq;   /* only interrupts with this label or type; NULL: all */
	uint64_t from, to; /* nanoseconds since the start; to 0: to the end */
	uint64_t width;    /* of the picture; 0: as usual */
};

struct timeline_lane {
	const char *vm;
	int vcpu;
};

/* From a state's event to the next one of the lane. */
struct timeline_state {
	uint32_t lane, event;
	uint64_t from, to;
};

struct timeline_row {
	uint64_t key; /* a hash of the VM and the identity */
	const char *vm;
	const char *label;  /* NULL: it has none */
	uint32_t event;     /* one that names the identity */
	uint32_t episodes;  /* how many */
	uint32_t open;      /* the oldest one that has not ended, or TIMELINE_NONE */
	uint32_t last_open; /* the newest one */
	uint32_t taken;     /* the last one that was taken, until its EOI */
};

enum timeline_begin {
	TIMELINE_INJECTED,
	TIMELINE_FOUND,    /* it was pending when zpvm looked */
	TIMELINE_RESTORED, /* a restore brought it */
	TIMELINE_UNSEEN,   /* it was taken, and nobody has seen it before */
};

enum timeline_close { TIMELINE_OPEN, TIMELINE_TAKEN, TIMELINE_MERGED, TIMELINE_WITHDRAWN, TIMELINE_REPLACED };

struct timeline_episode {
	uint32_t row, next_open;
	enum timeline_begin begin;
	enum timeline_close close;
	uint64_t from, to;    /* how long it was pending */
	uint64_t ended;       /* 0: no EOI is known */
	uint64_t seen;        /* when it was last known to be pending */
	uint32_t first, last; /* events of begin and close; TIMELINE_NONE: there is none */
	uint32_t move;        /* of TIMELINE_RESTORED: the restore */
	uint64_t count;       /* so many at once */
};

/* A save or a restore. */
struct timeline_move {
	bool restore;
	const char *vm;
	uint64_t from, to;
	uint32_t first;  /* its first step */
	uint32_t cause;  /* the step that asked for it; TIMELINE_NONE: none */
	uint32_t source; /* of a restore: the save; TIMELINE_NONE: it is not in the trace */
	uint32_t steps;
	char name[24];  /* of the snapshot, or "" */
	uint32_t *rows; /* of a save: what is pending in it, a row each time */
	size_t count, room;
};

/* A growing array. */
#define TIMELINE_LIST(type)         \
	struct {                    \
		type *all;          \
		size_t count, room; \
	}

struct timeline_model {
	const struct timeline_trace *trace;
	struct timeline_wish wish;
	uint64_t from, to; /* what is shown */
	uint32_t *order;   /* the events by their time */
	TIMELINE_LIST(const char *) vms;
	TIMELINE_LIST(struct timeline_lane) lanes;
	TIMELINE_LIST(struct timeline_state) states;
	TIMELINE_LIST(struct timeline_row) rows;
	TIMELINE_LIST(struct timeline_episode) episodes;
	TIMELINE_LIST(struct timeline_move) moves; /* in the order in which they ended */
	uint32_t *slots;                           /* of rows by key */
	size_t size;
	bool failed; /* out of memory */
};

void timeline_model_free(struct timeline_model *m);

/* *list has room for another element; false: m->failed. */
bool timeline_grow(struct timeline_model *m, void *list, size_t count, size_t *room, size_t size);

/* Adds an element; its index, or TIMELINE_NONE without memory. */
#define TIMELINE_ADD(m, list, ...)                                                            \
	(timeline_grow(m, &(list)->all, (list)->count, &(list)->room, sizeof((list)->all[0])) \
	         ? ((list)->all[(list)->count] = (__VA_ARGS__), (uint32_t)(list)->count++)    \
	         : TIMELINE_NONE)

/* The lane of this vCPU; TIMELINE_NONE: there is none. */
uint32_t timeline_lane(const struct timeline_model *m, const char *vm, int vcpu);

/* Whether this argument is one of those that identify an interrupt. */
bool timeline_identifies(const struct timeline_arg *arg);

/* "type isc=3 ..." into text: what identifies the interrupt. */
void timeline_identity(const struct timeline_model *m, const struct timeline_row *row, char *text,
                       size_t size);

/* "isc=3 ...", all arguments of an event. */
void timeline_arguments(const struct timeline_trace *trace, const struct timeline_event *e, char *text,
                        size_t size);

/* A time in a sensible unit ("1.5 ms"), rounded. */
void timeline_time(uint64_t ns, char text[24]);

/* The vCPU in "vcpu 3"; -1: it is not that. */
int timeline_by_vcpu(const char *by);

#endif
