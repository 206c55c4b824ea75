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

/* How many of the sources that point at the queue have P. */
static uint32_t presented(const struct p9_index *index, const struct p9_queue *q)
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

/* --- what waits ------------------------------------------------------- */

static const struct p9_cpu *reader(const struct arch_state *state, const struct p9_queue *q)
{
	for (unsigned i = 0; i < state->cpu_count; i++)
		if (state->cpus[i].server == q->server)
			return &state->cpus[i];
	return NULL;
}

/* Whether the vCPU has an event of the queue's priority that it has not acknowledged. */
static bool has_notice(const struct p9_cpu *cpu, const struct p9_queue *q)
{
	return P9_VP_IPB(cpu) & 0x80 >> q->priority;
}

/* It has, or its CPPR says that it is between the acknowledgement and the end of the handler. */
static bool will_read(const struct arch_state *state, const struct p9_queue *q)
{
	const struct p9_cpu *cpu = reader(state, q);

	return !cpu || has_notice(cpu, q) || P9_VP_CPPR(cpu) == q->priority;
}

/* Whether the entry is there that was written so many entries before the last one: its generation says so. */
static bool was_written(const struct p9_queue *q, uint32_t before)
{
	uint32_t mask = p9_queue_room(q) - 1, at = (q->index - 1 - before) & mask;
	bool last_round = before >= q->index; /* it was written before the index was 0 again */

	/* Where no round has come to yet all is zero, and not stored. */
	return before <= mask && at < q->len / 4 &&
	       !!(p9_queue_entry(q, at) & P9_ENTRY_GENERATION) == (q->toggle != last_round);
}

uint32_t p9_index_place(const struct p9_index *index, const struct p9_queue *q)
{
	const struct p9_cpu *cpu = reader(index->state, q);
	uint32_t waiting = presented(index, q), n = 0;
	bool odd = q->toggle;

	if (q->published)
		return q->place;
	if (!waiting && cpu && has_notice(cpu, q))
		waiting = 1;
	while (n < waiting && was_written(q, n))
		n++;
	if (n > q->index)
		odd = !odd; /* it was written before the index was 0 again */
	return ((q->index - n) & (p9_queue_room(q) - 1)) | (odd ? P9_ENTRY_GENERATION : 0);
}

bool p9_queue_has(const struct p9_queue *q, uint32_t place)
{
	return (place & ~P9_ENTRY_GENERATION) < p9_queue_room(q);
}

bool p9_queue_read(const struct p9_queue *q, uint32_t *place, uint32_t *at, uint32_t *eisn)
{
	uint32_t index = *place & ~P9_ENTRY_GENERATION, entry = p9_queue_entry(q, index);

	/* Where nothing has been written yet all is zero, and not stored. */
	if (index >= q->len / 4 || (entry ^ *place) & P9_ENTRY_GENERATION)
		return false;
	*at = index;
	*eisn = entry & ~P9_ENTRY_GENERATION;
	*place = index + 1 < p9_queue_room(q) ? *place + 1 : ~*place & P9_ENTRY_GENERATION;
	return true;
}

bool p9_index_waits(const struct p9_index *index, const struct p9_queue *q)
{
	return !q->published || will_read(index->state, q);
}

const struct p9_source *p9_index_event(const struct p9_index *index, const struct p9_queue *q, uint32_t eisn)
{
	const struct p9_source *s = p9_index_source(index, q, eisn);

	/* The test guest names a source by its number, whatever EISN it has got since. */
	return s || !q->published ? s : p9_source_at(index->state, eisn);
}

static void count_queue(const struct p9_index *index, struct arch_state *state, const struct p9_queue *q)
{
	uint32_t place = p9_index_place(index, q), at, eisn;

	if (!p9_index_waits(index, q))
		return;
	while (p9_queue_read(q, &place, &at, &eisn)) {
		const struct p9_source *s = p9_index_event(index, q, eisn);

		if (s)
			state->sources[s - state->sources].unread++;
	}
}

/* Whether the last entries of a queue, one round of them, have this EISN. */
static bool has_entry(const struct arch_state *state, uint32_t eisn)
{
	for (size_t i = 0; i < state->queue_count; i++)
		for (uint32_t at = 0; at < state->queues[i].len / 4; at++)
			if ((p9_queue_entry(&state->queues[i], at) & ~P9_ENTRY_GENERATION) == eisn)
				return true;
	return false;
}

bool p9_count_unread(struct arch_state *state)
{
	struct p9_index index;
	bool good, published = true;

	for (size_t i = 0; i < state->source_count; i++)
		state->sources[i].unread = 0;
	if (!state->queue_count)
		return true;
	good = p9_index_make(&index, state);
	for (size_t i = 0; i < state->queue_count && good; i++) {
		count_queue(&index, state, &state->queues[i]);
		published &= state->queues[i].published;
	}
	p9_index_free(&index);
	/* A guess: what has P the guest has not ended; unless it is in no queue, as it was masked. */
	for (size_t i = 0; i < state->source_count && !published; i++) {
		struct p9_source *s = &state->sources[i];

		if (s->pq & PQ_P && !s->unread && has_entry(state, s->target.eisn))
			s->unread = 1;
	}
	return good;
}

/* --- what is due ------------------------------------------------------- */

unsigned p9_due(const struct arch_state *state, const struct p9_source *s)
{
	const struct p9_lines none = { 0 };

	/* What irqfds hold back fires when they go on, as far as there is room. */
	return state->model->due(s) + p9_source_room(state->model, &none, s) - p9_room(state, s);
}

unsigned p9_room(const struct arch_state *state, const struct p9_source *s)
{
	return p9_source_room(state->model, &state->lines, s);
}
