/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_axis.c: see timeline_axis.h. Pure. */
#include "timeline_axis.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How much room what happens has before it, in pixels, unless there is too much of it. */
#define STEP_FLOOR 15
#define MARK_FLOOR 8
#define SPAN_FLOOR 6

static bool add(struct timeline_axis *axis, const struct timeline_model *m, uint64_t ts, double least,
                bool span)
{
	struct timeline_knot *more;

	if (ts < m->from || ts > m->to)
		return true;
	if (axis->knots.count == axis->knots.room) {
		axis->knots.room = axis->knots.room * 2 + 64;
		more = realloc(axis->knots.all, axis->knots.room * sizeof(*more));
		if (!more)
			return false;
		axis->knots.all = more;
	}
	axis->knots.all[axis->knots.count++] =
		(struct timeline_knot){ .ts = ts, .floor = least, .span = span };
	return true;
}

/* Calls of KVM and the steps of a snapshot are within others, which are enough. */
static bool add_event(struct timeline_axis *axis, const struct timeline_model *m,
                      const struct timeline_event *e)
{
	bool counts = e->kind == TRACE_STEP || (e->kind == TRACE_IRQ && strcmp(e->name, "pending"));
	bool span = e->dur && (e->kind == TRACE_EXIT || e->kind == TRACE_VCPU);

	return add(axis, m, e->ts,
	           e->kind == TRACE_STEP ? STEP_FLOOR
	           : counts              ? MARK_FLOOR
	                                 : 0,
	           false) &&
	       (!e->dur || add(axis, m, timeline_end(e), span ? SPAN_FLOOR : 0, span));
}

static bool add_events(struct timeline_axis *axis, const struct timeline_model *m, bool all)
{
	bool good = true;

	for (size_t i = 0; good && i < m->trace->count; i++) {
		const struct timeline_event *e = &m->trace->events[i];

		if (all || (e->kind != TRACE_KVM && e->kind != TRACE_SNAPSHOT))
			good = add_event(axis, m, e);
	}
	return good;
}

static int compare(const void *a, const void *b)
{
	const struct timeline_knot *left = a, *right = b;

	return left->ts < right->ts ? -1 : left->ts > right->ts;
}

/* Of at least 1; no library for this alone. */
static double root(double n)
{
	double x = 1;

	while (x * x < n)
		x *= 2;
	for (int i = 0; i < 6; i++)
		x = (x + n / x) / 2;
	return x;
}

/* Each time once. */
static void unite(struct timeline_axis *axis)
{
	size_t count = 0;

	qsort(axis->knots.all, axis->knots.count, sizeof(axis->knots.all[0]), compare);
	for (size_t i = 0; i < axis->knots.count; i++) {
		struct timeline_knot *last = count ? &axis->knots.all[count - 1] : NULL;

		if (!last || last->ts != axis->knots.all[i].ts)
			axis->knots.all[count++] = axis->knots.all[i];
		else if (last->floor < axis->knots.all[i].floor)
			*last = axis->knots.all[i];
	}
	axis->knots.count = count;
	for (size_t i = 1; i < count; i++)
		axis->knots.all[i].root = root((double)(axis->knots.all[i].ts - axis->knots.all[i - 1].ts));
}

static double stretch(const struct timeline_axis *axis, size_t i, double scale)
{
	const struct timeline_knot *knot = &axis->knots.all[i];
	double wide = scale * knot->root;

	return wide > knot->floor ? wide : knot->floor;
}

static double total(const struct timeline_axis *axis, double scale)
{
	double sum = 0;

	for (size_t i = 1; i < axis->knots.count; i++)
		sum += stretch(axis, i, scale);
	return sum;
}

static void limit_floors(struct timeline_axis *axis, bool span, double most)
{
	double sum = 0;

	for (size_t i = 1; i < axis->knots.count; i++)
		sum += axis->knots.all[i].span == span ? axis->knots.all[i].floor : 0;
	for (size_t i = 1; sum > most && i < axis->knots.count; i++)
		if (axis->knots.all[i].span == span)
			axis->knots.all[i].floor *= most / sum;
}

/* Gives each knot its place, so that all of them need the whole width. */
static void place(struct timeline_axis *axis)
{
	double low = 0, high = axis->width, x = axis->left;

	/* These get at most a part of it, however many there are. */
	limit_floors(axis, false, axis->width * 0.45);
	limit_floors(axis, true, axis->width * 0.15);
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (total(axis, middle) > axis->width)
			high = middle;
		else
			low = middle;
	}
	for (size_t i = 0; i < axis->knots.count; i++) {
		x += i ? stretch(axis, i, low) : 0;
		axis->knots.all[i].x = x;
	}
}

int timeline_axis(struct timeline_axis *axis, const struct timeline_model *m, double left, double width)
{
	bool good;

	*axis = (struct timeline_axis){ .left = left, .width = width };
	good = add(axis, m, m->from, 0, false) && add(axis, m, m->to, 0, false) && add_events(axis, m, false);
	if (good && axis->knots.count < 4)
		good = add_events(axis, m, true);
	if (!good) {
		timeline_axis_free(axis);
		return -ENOMEM;
	}
	unite(axis);
	place(axis);
	return 0;
}

void timeline_axis_free(struct timeline_axis *axis)
{
	free(axis->knots.all);
	*axis = (struct timeline_axis){ .left = 0 };
}

double timeline_x(const struct timeline_axis *axis, uint64_t ts)
{
	const struct timeline_knot *knots = axis->knots.all;
	size_t low = 0, high = axis->knots.count - 1;

	if (ts <= knots[0].ts)
		return knots[0].x;
	if (ts >= knots[high].ts)
		return knots[high].x;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (knots[middle].ts <= ts)
			low = middle;
		else
			high = middle;
	}
	return knots[low].x + (knots[high].x - knots[low].x) * (double)(ts - knots[low].ts) /
	                              (double)(knots[high].ts - knots[low].ts);
}

uint64_t timeline_at(const struct timeline_axis *axis, double x)
{
	const struct timeline_knot *knots = axis->knots.all;
	size_t low = 0, high = axis->knots.count - 1;

	if (x <= knots[0].x)
		return knots[0].ts;
	if (x >= knots[high].x)
		return knots[high].ts;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (knots[middle].x <= x)
			low = middle;
		else
			high = middle;
	}
	if (knots[high].x <= knots[low].x)
		return knots[low].ts;
	return knots[low].ts + (uint64_t)((double)(knots[high].ts - knots[low].ts) * (x - knots[low].x) /
	                                  (knots[high].x - knots[low].x));
}
