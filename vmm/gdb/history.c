/* SPDX-License-Identifier: BSD-2-Clause */
/* history.c: see history.h. */
#include "history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/lab/trial.h"

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void drop(struct history *h, unsigned i)
{
	named_snapshot_free(&h->points[i].state);
	h->count--;
	memmove(&h->points[i], &h->points[i + 1], (h->count - i) * sizeof(*h->points));
}

void history_free(struct history *h)
{
	while (h->count)
		drop(h, h->count - 1);
	free(h->points);
	free(h->list);
	*h = (struct history){ .most = 0 };
}

void history_cut(struct history *h)
{
	h->end = h->at;
	while (h->length && h->list[h->length - 1].at >= h->at)
		h->length--;
	if (h->length && h->list[h->length - 1].at + h->list[h->length - 1].count > h->at)
		h->list[h->length - 1].count = h->at - h->list[h->length - 1].at;
	while (h->count && h->points[h->count - 1].at > h->at)
		drop(h, h->count - 1);
}

int history_add(struct history *h, uint32_t cpu, uint64_t count, struct error *err)
{
	struct stretch *last = h->length ? &h->list[h->length - 1] : NULL, *list;
	size_t room = h->room ? 2 * h->room : 256;

	if (!h->most || !count)
		return 0;
	if (last && last->cpu == cpu && cpu != HISTORY_OUTSIDE) {
		last->count += count;
	} else {
		list = h->length < h->room ? h->list : realloc(h->list, room * sizeof(*list));
		if (!list)
			return error_set(err, -ENOMEM, "out of memory for the history");
		h->room = h->length < h->room ? h->room : room;
		h->list = list;
		list[h->length++] = (struct stretch){ h->at, count, cpu };
	}
	h->at += count;
	h->end = h->at;
	return 0;
}

/* The number of the first stretch that ends behind `at`. */
static size_t find(const struct history *h, uint64_t at)
{
	size_t low = 0, high = h->length;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (h->list[middle].at + h->list[middle].count <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct stretch history_next(const struct history *h)
{
	struct stretch s = h->list[find(h, h->at)];

	s.count -= h->at - s.at;
	s.at = h->at;
	return s;
}

bool history_last(const struct history *h, uint32_t cpu, uint64_t *before)
{
	size_t i = find(h, h->at);

	if (!h->most)
		return false;
	/* The one that `at` is in counts, unless it begins there. */
	if (i < h->length)
		i++;
	while (i-- > 0) {
		const struct stretch *s = &h->list[i];
		uint64_t end = s->at + s->count < h->at ? s->at + s->count : h->at;

		if (s->cpu != cpu || s->at >= h->at)
			continue;
		*before = end - 1;
		return *before >= h->points[0].at;
	}
	return false;
}

/* --- snapshots ------------------------------------------------------------------- */

/*
 * Which one is needed least: the gap that it would leave is small, seen from where the VM is. So they are
 * close together near there, and ever further apart. The first one, and changes from outside, are needed.
 */
static unsigned least_needed(const struct history *h)
{
	unsigned least = 0;
	uint64_t best_gap = 0, best_far = 1;

	for (unsigned i = 1; i + 1 < h->count; i++) {
		uint64_t gap = h->points[i + 1].at - h->points[i - 1].at;
		uint64_t far = distance(h->points[i].at, h->at) + HISTORY_APART;

		if (h->points[i].outside)
			continue;
		if (!least || (unsigned __int128)gap * best_far < (unsigned __int128)best_gap * far) {
			least = i;
			best_gap = gap;
			best_far = far;
		}
	}
	return least;
}

/* The history begins later: at the next point, or where the VM is. */
static void forget_first(struct history *h)
{
	size_t n;

	drop(h, 0);
	n = find(h, h->count ? h->points[0].at : h->at);
	h->length -= n;
	memmove(h->list, h->list + n, h->length * sizeof(*h->list));
}

static void make_room(struct history *h)
{
	while (h->count >= h->most) {
		unsigned least = least_needed(h);

		if (least)
			drop(h, least);
		else if (h->count > 1 && h->points[1].at > h->at)
			history_cut(h);
		else
			forget_first(h);
	}
}

/* Into its place: behind all that are not later. */
static int keep(struct history *h, struct runner *r, bool outside)
{
	struct point made = { .at = h->at, .outside = outside };
	uint64_t begun = time_now();
	unsigned i;
	int rc;

	make_room(h);
	rc = trial_save(r, &made.state);
	if (rc) {
		named_snapshot_free(&made.state);
		return rc;
	}
	for (i = h->count; i && h->points[i - 1].at > h->at;)
		i--;
	memmove(&h->points[i + 1], &h->points[i], (h->count - i) * sizeof(*h->points));
	h->points[i] = made;
	h->count++;
	h->kept = time_now();
	h->cost = h->kept - begun;
	return 0;
}

int history_begin(struct history *h, struct runner *r, unsigned most)
{
	history_free(h);
	h->most = most;
	h->points = most ? calloc(most + 1, sizeof(*h->points)) : NULL;
	if (most && !h->points)
		return error_set(r->err, -ENOMEM, "out of memory for the history");
	return most ? keep(h, r, false) : 0;
}

int history_settle(struct history *h, struct runner *r)
{
	int rc;

	if (!h->changed || !h->most)
		return 0;
	history_cut(h);
	rc = history_add(h, HISTORY_OUTSIDE, 1, r->err);
	h->changed = false;
	return rc ? rc : keep(h, r, true);
}

const struct point *history_before(const struct history *h, uint64_t at)
{
	unsigned i = h->count;

	while (i && h->points[i - 1].at > at)
		i--;
	return i ? &h->points[i - 1] : NULL;
}

int history_keep(struct history *h, struct runner *r, bool near)
{
	const struct point *last = h->most ? history_before(h, h->at) : NULL;

	if (!last || last->at == h->at || (!near && h->at - last->at < HISTORY_APART))
		return 0;
	if (!near && time_now() - h->kept < HISTORY_PART * h->cost)
		return 0;
	/* What is still to come is not forgotten for it. */
	if (near && h->count >= h->most && !least_needed(h))
		return 0;
	return keep(h, r, false);
}

int history_load(struct history *h, struct runner *r, const struct point *point)
{
	int rc = trial_back(r, r->current, &point->state);

	if (!rc)
		h->at = point->at;
	h->changed = false;
	return rc;
}

uint64_t history_bytes(const struct history *h)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < h->count; i++)
		sum += h->points[i].state.state.len;
	return sum;
}
