/* SPDX-License-Identifier: BSD-2-Clause */
/* queue.c: see queue.h. Pure. */
#include "queue.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

uint32_t p9_queue_entry(const struct p9_queue *q, uint32_t at)
{
	uint32_t value = 0;

	if (q->len / 4 > at)
		memcpy(&value, q->entries + 4 * (size_t)at, sizeof(value));
	return be32toh(value);
}

uint32_t p9_queue_stored(const void *page, uint32_t len)
{
	while (len >= 8 && !((const uint64_t *)page)[len / 8 - 1])
		len -= 8;
	return len;
}

uint32_t p9_queue_room(const struct p9_queue *q)
{
	return 1u << (q->shift - 2);
}

bool p9_queue_written(const struct p9_queue *q, uint32_t before, uint32_t *at, uint32_t *eisn)
{
	uint32_t mask = p9_queue_room(q) - 1, entry;
	bool last_round = before >= q->index; /* it was written before the index was 0 again */

	*at = (q->index - 1 - before) & mask;
	entry = p9_queue_entry(q, *at);
	*eisn = entry & ~P9_ENTRY_GENERATION;
	/* Where no round has come to yet all is zero, and not stored. */
	return before <= mask && *at < q->len / 4 &&
	       !!(entry & P9_ENTRY_GENERATION) == (q->toggle != last_round);
}

/* --- the index -------------------------------------------------------- */

/* Where a source points: masked ones behind all others. */
static uint64_t queue_key(const struct p9_target *t)
{
	return (uint64_t)t->masked << 63 | (uint64_t)t->server << 8 | t->priority;
}

static int by_eisn(const void *a, const void *b, void *sources)
{
	const struct p9_target *x = &((struct p9_source *)sources)[*(const uint32_t *)a].target;
	const struct p9_target *y = &((struct p9_source *)sources)[*(const uint32_t *)b].target;

	return (x->eisn > y->eisn) - (x->eisn < y->eisn);
}

static int by_queue(const void *a, const void *b, void *sources)
{
	const struct p9_target *x = &((struct p9_source *)sources)[*(const uint32_t *)a].target;
	const struct p9_target *y = &((struct p9_source *)sources)[*(const uint32_t *)b].target;
	uint64_t p = queue_key(x), q = queue_key(y);

	return p != q ? (p > q) - (p < q) : by_eisn(a, b, sources);
}

static uint32_t *sorted(const struct arch_state *state,
                        int (*order)(const void *a, const void *b, void *sources))
{
	uint32_t *list = calloc(state->source_count + 1, sizeof(*list));

	for (size_t i = 0; list && i < state->source_count; i++)
		list[i] = (uint32_t)i;
	if (list && state->source_count)
		qsort_r(list, state->source_count, sizeof(*list), order, state->sources);
	return list;
}

bool p9_index_make(struct p9_index *index, const struct arch_state *state)
{
	*index = (struct p9_index){ state, sorted(state, by_queue), sorted(state, by_eisn), 0 };
	for (size_t i = 0; i < state->source_count; i++)
		index->pointing += !state->sources[i].target.masked;
	return index->by_queue && index->by_eisn;
}

void p9_index_free(struct p9_index *index)
{
	free(index->by_queue);
	free(index->by_eisn);
}

static const struct p9_source *nth(const struct p9_index *index, const uint32_t *list, size_t i)
{
	return &index->state->sources[list[i]];
}

/* The first in by_queue that is not before (key, eisn). */
static size_t first_at(const struct p9_index *index, uint64_t key, uint32_t eisn)
{
	size_t low = 0, high = index->pointing;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct p9_target *t = &nth(index, index->by_queue, middle)->target;
		uint64_t k = queue_key(t);

		if (k < key || (k == key && t->eisn < eisn))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t key_of(const struct p9_queue *q)
{
	return queue_key(&(struct p9_target){ .server = q->server, .priority = q->priority });
}

const struct p9_source *p9_index_source(const struct p9_index *index, const struct p9_queue *q, uint32_t eisn)
{
	size_t low = first_at(index, key_of(q), eisn), high = index->state->source_count;
	const struct p9_source *s = low < index->pointing ? nth(index, index->by_queue, low) : NULL;

	if (s && queue_key(&s->target) == key_of(q) && s->target.eisn == eisn)
		return s;
	for (low = 0; low < high;) {
		size_t middle = (low + high) / 2;

		if (nth(index, index->by_eisn, middle)->target.eisn < eisn)
			low = middle + 1;
		else
			high = middle;
	}
	s = low < index->state->source_count ? nth(index, index->by_eisn, low) : NULL;
	return s && s->target.eisn == eisn ? s : NULL;
}

uint32_t p9_index_waiting(const struct p9_index *index, const struct p9_queue *q)
{
	uint32_t count = 0;

	for (size_t i = first_at(index, key_of(q), 0); i < index->pointing; i++) {
		const struct p9_source *s = nth(index, index->by_queue, i);

		if (queue_key(&s->target) != key_of(q))
			break;
		count += !!(s->pq & PQ_P);
	}
	return count;
}
