/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_model.c: see timeline_model.h. Pure. */
#include "timeline_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool timeline_grow(struct timeline_model *m, void *list, size_t count, size_t *room, size_t size)
{
	void **elements = list, *more;

	if (count < *room)
		return true;
	more = realloc(*elements, (*room * 2 + 32) * size);
	if (!more) {
		m->failed = true;
		return false;
	}
	*elements = more;
	*room = *room * 2 + 32;
	return true;
}

uint32_t timeline_lane(const struct timeline_model *m, const char *vm, int vcpu)
{
	for (size_t i = 0; vm && i < m->lanes.count; i++)
		if (m->lanes.all[i].vm == vm && m->lanes.all[i].vcpu == vcpu)
			return (uint32_t)i;
	return TIMELINE_NONE;
}

void timeline_model_free(struct timeline_model *m)
{
	for (size_t i = 0; i < m->moves.count; i++)
		free(m->moves.all[i].rows);
	free(m->order);
	free(m->vms.all);
	free(m->lanes.all);
	free(m->states.all);
	free(m->rows.all);
	free(m->episodes.all);
	free(m->moves.all);
	free(m->slots);
	*m = (struct timeline_model){ .failed = false };
}

/* --- words ------------------------------------------------------------------ */

void timeline_time(uint64_t ns, char text[24])
{
	static const struct {
		uint64_t unit;
		const char *name;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
	size_t u = 0;
	double value;

	while (u < 3 && ns < units[u].unit)
		u++;
	value = (double)ns / (double)units[u].unit;
	snprintf(text, 24, "%.*f %s", value >= 100 || u == 3 ? 0 : value >= 10 ? 1 : 2, value, units[u].name);
}

int timeline_by_vcpu(const char *by)
{
	int vcpu, end = 0;

	return by && sscanf(by, "vcpu %d%n", &vcpu, &end) == 1 && !by[end] && vcpu >= 0 ? vcpu : -1;
}

static void put_arg(const struct timeline_arg *arg, char *text, size_t size)
{
	size_t used = strlen(text);

	if (arg->text)
		snprintf(text + used, size - used, "%s%s=%s", used ? " " : "", arg->name, arg->text);
	else
		snprintf(text + used, size - used, "%s%s=%" PRIu64, used ? " " : "", arg->name, arg->number);
}

void timeline_arguments(const struct timeline_trace *trace, const struct timeline_event *e, char *text,
                        size_t size)
{
	*text = 0;
	for (uint32_t i = 0; i < e->count; i++)
		put_arg(&trace->args[e->args + i], text, size);
}

bool timeline_identifies(const struct timeline_arg *arg)
{
	return strcmp(arg->name, "label") && strcmp(arg->name, "count") && strcmp(arg->name, "record");
}

void timeline_identity(const struct timeline_model *m, const struct timeline_row *row, char *text,
                       size_t size)
{
	const struct timeline_event *e = &m->trace->events[row->event];
	const char *type = timeline_text(m->trace, e, "type");

	snprintf(text, size, "%s", type ? type : "");
	for (uint32_t i = 0; i < e->count; i++) {
		const struct timeline_arg *arg = &m->trace->args[e->args + i];

		if (timeline_identifies(arg) && strcmp(arg->name, "type"))
			put_arg(arg, text, size);
	}
}
