/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timeline_trace.h: the events of a trace, their arguments and their causes. Pure. Read by timeline_read.h.
 */
#ifndef VMM_TOOL_TIMELINE_TRACE_H
#define VMM_TOOL_TIMELINE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/error.h"
#include "vmm/trace.h"

/* Of an event's object args or irq. */
struct timeline_arg {
	const char *name;
	const char *text; /* NULL: it is the number */
	uint64_t number;
};

#define TIMELINE_NONE UINT32_MAX

extern const char *const timeline_kinds[TRACE_KINDS];

struct timeline_event {
	uint64_t id, parent_id;
	uint64_t ts, dur; /* of all processes of the trace from the start of the first one */
	uint32_t line;
	uint32_t parent; /* the index of its cause; TIMELINE_NONE: there is none in the trace */
	uint32_t process;
	enum trace_kind kind;
	int vcpu;             /* -1: of none */
	const char *vm;       /* NULL: of none; equal names are equal pointers */
	const char *name;     /* of an interrupt the phase */
	const char *result;   /* NULL: none */
	const char *by;       /* of an interrupt; NULL: nobody is named */
	uint32_t args, count; /* index of the first one, and how many */
};

struct timeline_trace {
	const char *file;
	const char *arch;
	uint64_t start; /* of the first process: nanoseconds since 1970 */
	uint32_t processes;
	struct timeline_event *events; /* in the order of the lines */
	size_t count, room;
	struct timeline_arg *args;
	size_t arg_count, arg_room;
	const char **names; /* of VMs, as they came */
	size_t name_count, name_room;
	char note[160]; /* what is to be said about the trace, or "" */
};

void timeline_free(struct timeline_trace *trace);

/* Finds the causes of a process's events, those from the index first on: -EBADMSG with file and line. */
int timeline_link(struct timeline_trace *trace, uint32_t first, struct error *err);

/* The argument of that name, as text; NULL: it has none, or a number. */
const char *timeline_text(const struct timeline_trace *trace, const struct timeline_event *event,
                          const char *name);
/* The same of a number; otherwise `none`. */
uint64_t timeline_number(const struct timeline_trace *trace, const struct timeline_event *event,
                         const char *name, uint64_t none);

static inline uint64_t timeline_end(const struct timeline_event *event)
{
	return event->ts + event->dur;
}

#endif
