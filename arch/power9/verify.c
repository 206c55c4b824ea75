/* SPDX-License-Identifier: BSD-2-Clause */
/* verify.c: see describe.h. A rule stands here if no guest and no scenario can make KVM break it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "queue.h"
#include "regs.h"
#include "vmm/outline.h"

/* What a rule looks at, and where it says what is wrong. */
struct checked {
	const struct arch_state *state;
	const struct snapshot *snap;
	struct p9_index index;
	struct outline *wrong;
};

#define SAY(c, tag, id, ...) codec_wrong((c)->wrong, (c)->snap, tag, id, __VA_ARGS__)

/* Where the register stands in the table, likely at hint; as many as there are: nowhere. */
static size_t place_of(uint64_t id, size_t hint)
{
	size_t n = 0;

	if (hint < p9_reg_count() && p9_reg_nth(hint).id == id)
		return hint;
	while (n < p9_reg_count() && p9_reg_nth(n).id != id)
		n++;
	return n;
}

/* Each register once, and none that KVM would not know. */
static void check_registers(const struct checked *c, unsigned vcpu)
{
	const struct p9_cpu *cpu = &c->state->cpus[vcpu];
	bool seen[P9_REGS_MAX] = { false };

	for (unsigned i = 0; i < cpu->reg_count; i++) {
		size_t n = place_of(cpu->regs[i].id, i);

		if (n == p9_reg_count())
			SAY(c, P9_TAG_CPU, vcpu, "no register has the id %" PRIx64, cpu->regs[i].id);
		else if (seen[n])
			SAY(c, P9_TAG_CPU, vcpu, "register %" PRIx64 " stands twice", cpu->regs[i].id);
		else
			seen[n] = true;
	}
}

static const struct p9_queue *queue_at(const struct arch_state *state, const struct p9_target *t)
{
	size_t low = 0, high = state->queue_count;
	uint64_t key = (uint64_t)t->server << 8 | t->priority;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct p9_queue *q = &state->queues[middle];

		if (((uint64_t)q->server << 8 | q->priority) == key)
			return q;
		if (((uint64_t)q->server << 8 | q->priority) < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The EISNs of all entries of all queues, in order; NULL: out of memory. */
static uint32_t *all_entries(const struct arch_state *state, size_t *count)
{
	uint32_t *list;

	*count = 0;
	for (size_t i = 0; i < state->queue_count; i++)
		*count += state->queues[i].len / 4;
	list = calloc(*count + 1, sizeof(*list));
	*count = 0;
	for (size_t i = 0; list && i < state->queue_count; i++)
		for (uint32_t at = 0; at < state->queues[i].len / 4; at++)
			list[(*count)++] = p9_queue_entry(&state->queues[i], at) & ~P9_ENTRY_GENERATION;
	if (list)
		qsort(list, *count, sizeof(*list), by_number);
	return list;
}

/* A source's event was put into its queue when it got P; it can have been taken since, but the entry is still
 * there. */
static void check_sources(const struct checked *c)
{
	size_t count;
	uint32_t *entries = all_entries(c->state, &count);

	c->wrong->bad |= !entries;
	for (size_t i = 0; entries && i < c->state->source_count; i++) {
		const struct p9_source *s = &c->state->sources[i];

		if (s->target.masked)
			continue;
		if (!queue_at(c->state, &s->target))
			SAY(c, P9_TAG_SOURCES, 0,
			    "source %x points at server %u, priority %u, where there is no queue", s->lisn,
			    s->target.server, s->target.priority);
		else if (s->pq & PQ_P && !s->lsi &&
		         !bsearch(&s->target.eisn, entries, count, sizeof(*entries), by_number))
			SAY(c, P9_TAG_SOURCES, 0,
			    "source %x is presented (P), but its EISN 0x%x is in no queue", s->lisn,
			    s->target.eisn);
	}
	free(entries);
}

/* What waits in a queue came from a source. */
static void check_queue(const struct checked *c, const struct p9_queue *q)
{
	uint32_t waiting = p9_index_waiting(&c->index, q), at, eisn;

	for (uint32_t n = 0; n < waiting && p9_queue_written(q, n, &at, &eisn); n++)
		if (!p9_index_source(&c->index, q, eisn))
			SAY(c, P9_TAG_QUEUES, 0,
			    "queue of server %u, priority %u: entry %u is of EISN 0x%x, which no source has",
			    q->server, q->priority, at, eisn);
}

static const struct p9_source *source_at(const struct arch_state *state, uint32_t lisn)
{
	size_t low = 0, high = state->source_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (state->sources[middle].lisn == lisn)
			return &state->sources[middle];
		if (state->sources[middle].lisn < lisn)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void check_lines(const struct checked *c)
{
	const struct p9_line *lines = c->state->lines;

	for (size_t i = 0; i < c->state->line_count; i++) {
		const struct p9_source *s = source_at(c->state, lines[i].source);

		if (!s || s->lsi)
			SAY(c, P9_TAG_LINES, 0, "an irqfd of %x, which is no message source",
			    lines[i].source);
		for (size_t k = 0; k < i; k++)
			if (lines[k].source == lines[i].source)
				SAY(c, P9_TAG_LINES, 0, "source %x has two irqfds", lines[i].source);
	}
}

void p9_check(const struct arch_state *state, const struct codec_scope *scope, const struct snapshot *snap,
              struct outline *wrong)
{
	struct checked c = { .state = state, .snap = snap, .wrong = wrong };

	for (unsigned i = 0; i < state->cpu_count && scope->kind == SNAP_VM; i++)
		check_registers(&c, i);
	check_lines(&c);
	if (state->xics)
		return;
	if (p9_index_make(&c.index, state)) {
		check_sources(&c);
		for (size_t i = 0; i < state->queue_count; i++)
			check_queue(&c, &state->queues[i]);
	} else {
		wrong->bad = true;
	}
	p9_index_free(&c.index);
}
