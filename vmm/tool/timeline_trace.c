/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_trace.c: see timeline_trace.h. Pure. */
#include "timeline_trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KIND_NAME(kind, name, what) [TRACE_##kind] = name,
const char *const timeline_kinds[TRACE_KINDS] = { TRACE_KINDS_LIST(KIND_NAME)[TRACE_NOTE] = "note" };
#undef KIND_NAME

void timeline_free(struct timeline_trace *trace)
{
	free(trace->events);
	free(trace->args);
	free(trace->names);
	*trace = (struct timeline_trace){ .count = 0 };
}

/* --- causes ------------------------------------------------------------------ */

/* The events of one process by id: a hash table of indices. */
struct table {
	uint32_t *slots;
	size_t size; /* a power of two */
};

static uint32_t *slot(const struct table *t, const struct timeline_event *events, uint64_t id)
{
	size_t at = (size_t)((id * 0x9e3779b97f4a7c15) >> 20) & (t->size - 1);

	while (t->slots[at] != TIMELINE_NONE && events[t->slots[at]].id != id)
		at = (at + 1) & (t->size - 1);
	return &t->slots[at];
}

/* A span is over after all that it has caused, and its line is behind theirs. */
static int check_cause(const struct timeline_trace *trace, const struct timeline_event *e,
                       const struct timeline_event *cause, struct error *err)
{
	const char *wrong = NULL;

	if (cause == e)
		wrong = "an event is its own cause";
	else if (cause->line < e->line)
		wrong = "its cause was over before it";
	if (wrong)
		return error_set(err, -EBADMSG, "%s:%" PRIu32 ": %s", trace->file, e->line, wrong);
	if (e->ts < cause->ts || timeline_end(e) > timeline_end(cause))
		return error_set(err, -EBADMSG,
		                 "%s:%" PRIu32
		                 ": time runs backwards: it is not within its cause, line %" PRIu32,
		                 trace->file, e->line, cause->line);
	return 0;
}

int timeline_link(struct timeline_trace *trace, uint32_t first, struct error *err)
{
	struct timeline_event *events = trace->events;
	size_t count = trace->count;
	struct table t = { .size = 64 };
	int rc = 0;

	while (t.size < 2 * (count - first))
		t.size *= 2;
	t.slots = malloc(t.size * sizeof(*t.slots));
	if (!t.slots)
		return error_set(err, -ENOMEM, "out of memory");
	memset(t.slots, 0xff, t.size * sizeof(*t.slots));
	for (uint32_t i = first; i < count && !rc; i++) {
		uint32_t *at = slot(&t, events, events[i].id);

		if (*at != TIMELINE_NONE)
			rc = error_set(err, -EBADMSG,
			               "%s:%" PRIu32 ": the id %" PRIu64 " is that of line %" PRIu32,
			               trace->file, events[i].line, events[i].id, events[*at].line);
		else
			*at = i;
	}
	for (uint32_t i = first; i < count && !rc; i++) {
		struct timeline_event *e = &events[i];

		e->parent = e->parent_id ? *slot(&t, events, e->parent_id) : TIMELINE_NONE;
		if (e->parent != TIMELINE_NONE)
			rc = check_cause(trace, e, &events[e->parent], err);
	}
	free(t.slots);
	return rc;
}

/* --- arguments ---------------------------------------------------------------- */

static const struct timeline_arg *find_arg(const struct timeline_trace *trace, const struct timeline_event *e,
                                           const char *name)
{
	for (uint32_t i = 0; i < e->count; i++)
		if (!strcmp(trace->args[e->args + i].name, name))
			return &trace->args[e->args + i];
	return NULL;
}

const char *timeline_text(const struct timeline_trace *trace, const struct timeline_event *e,
                          const char *name)
{
	const struct timeline_arg *arg = find_arg(trace, e, name);

	return arg ? arg->text : NULL;
}

uint64_t timeline_number(const struct timeline_trace *trace, const struct timeline_event *e, const char *name,
                         uint64_t none)
{
	const struct timeline_arg *arg = find_arg(trace, e, name);

	return arg && !arg->text ? arg->number : none;
}
