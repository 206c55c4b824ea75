/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_build.c: see timeline_build.h. Pure. */
#include "timeline_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "timeline_irq.h"

/* The vCPUs beyond these are left out. */
#define LANES_MAX 512

/* --- lanes ------------------------------------------------------------------ */

static int compare_lanes(const void *a, const void *b, void *model)
{
	const struct timeline_lane *left = a, *right = b;
	const struct timeline_model *m = model;

	for (size_t i = 0; left->vm != right->vm && i < m->vms.count; i++)
		if (m->vms.all[i] == left->vm || m->vms.all[i] == right->vm)
			return m->vms.all[i] == left->vm ? -1 : 1;
	return left->vcpu - right->vcpu;
}

static void find_lanes(struct timeline_model *m)
{
	const struct timeline_lane *last = NULL;

	for (size_t i = 0; i < m->trace->count && !m->failed; i++) {
		const struct timeline_event *e = &m->trace->events[m->order[i]];
		size_t v = 0;

		if (!e->vm)
			continue;
		while (v < m->vms.count && m->vms.all[v] != e->vm)
			v++;
		if (v == m->vms.count)
			TIMELINE_ADD(m, &m->vms, e->vm);
		if (e->vcpu < 0 || e->kind == TRACE_IRQ ||
		    (last && last->vm == e->vm && last->vcpu == e->vcpu))
			continue;
		if (timeline_lane(m, e->vm, e->vcpu) == TIMELINE_NONE && m->lanes.count < LANES_MAX)
			TIMELINE_ADD(m, &m->lanes, (struct timeline_lane){ e->vm, e->vcpu });
	}
	if (m->lanes.count)
		qsort_r(m->lanes.all, m->lanes.count, sizeof(m->lanes.all[0]), compare_lanes, m);
}

static void find_states(struct timeline_model *m)
{
	uint32_t *last = malloc((m->lanes.count + 1) * sizeof(*last));

	m->failed |= !last;
	if (last)
		memset(last, 0xff, (m->lanes.count + 1) * sizeof(*last));
	for (size_t i = 0; i < m->trace->count && !m->failed; i++) {
		const struct timeline_event *e = &m->trace->events[m->order[i]];
		uint32_t lane;

		if (e->kind != TRACE_VCPU || e->dur || !strcmp(e->name, "in guest"))
			continue;
		lane = timeline_lane(m, e->vm, e->vcpu);
		if (lane == TIMELINE_NONE)
			continue;
		if (last[lane] != TIMELINE_NONE)
			m->states.all[last[lane]].to = e->ts;
		last[lane] = TIMELINE_ADD(m, &m->states,
		                          (struct timeline_state){ lane, m->order[i], e->ts, m->to });
	}
	free(last);
}

/* --- all of it ------------------------------------------------------------------ */

static int compare_events(const void *a, const void *b, void *events)
{
	const struct timeline_event *left = (const struct timeline_event *)events + *(const uint32_t *)a;
	const struct timeline_event *right = (const struct timeline_event *)events + *(const uint32_t *)b;

	if (left->ts != right->ts)
		return left->ts < right->ts ? -1 : 1;
	/* A cause is before what it causes. */
	if (left->dur != right->dur)
		return left->dur > right->dur ? -1 : 1;
	return left->line < right->line ? -1 : left->line > right->line;
}

static int sort(struct timeline_model *m)
{
	size_t count = m->trace->count;

	m->order = malloc((count + 1) * sizeof(*m->order));
	if (!m->order)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		m->order[i] = i;
		m->to = timeline_end(&m->trace->events[i]) > m->to ? timeline_end(&m->trace->events[i])
		                                                   : m->to;
	}
	qsort_r(m->order, count, sizeof(*m->order), compare_events, m->trace->events);
	m->from = count ? m->trace->events[m->order[0]].ts : 0;
	return 0;
}

int timeline_build(struct timeline_model *m, const struct timeline_trace *trace,
                   const struct timeline_wish *wish, struct error *err)
{
	uint64_t last;
	int rc;

	*m = (struct timeline_model){ .trace = trace, .wish = *wish };
	rc = sort(m);
	last = m->to;
	if (!rc) {
		find_lanes(m);
		find_states(m);
		timeline_find_moves(m);
		timeline_find_episodes(m);
	}
	if (rc || m->failed) {
		timeline_model_free(m);
		return error_set(err, -ENOMEM, "out of memory");
	}
	m->from = wish->from > m->from ? wish->from : m->from;
	m->to = wish->to && wish->to < m->to ? wish->to : m->to;
	if (m->from > m->to) {
		timeline_model_free(m);
		return error_set(err, -EINVAL, "the trace ends at %.6f s", (double)last / 1e9);
	}
	return 0;
}
