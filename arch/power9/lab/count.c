/* SPDX-License-Identifier: BSD-2-Clause */
/* count.c: interrupts of the ledger in a machine's state: how many, one more, one less. Pure. See
 * irq.h. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/power9/clock.h"
#include "arch/power9/snapshot/codec.h"
#include "irq.h"
#include "arch/power9/snapshot/queue.h"
#include "vmm/snapshot/codec.h"

unsigned arch_state_count(const struct arch_state *state, const struct irq *irq)
{
	const struct p9_source *s = irq->code == KIND_TIMER ? NULL : p9_source_at(state, irq->number);

	if (irq->code == KIND_IPI)
		return irq->cpu < state->cpu_count && p9_has_ipi(state, irq->cpu);
	return s ? p9_due(state, s) : 0;
}

/* P, and an IPI's priority, are there until the EOI. */
unsigned arch_state_unsure(const struct arch_state *state, const struct irq *irq)
{
	return arch_state_count(state, irq) ? 1 : 0;
}

enum timer_state arch_state_timer(const struct arch_state *state, const struct irq *irq, uint64_t within)
{
	int64_t left;

	if (irq->code != KIND_TIMER)
		return TIMER_NONE;
	if (irq->cpu >= state->cpu_count)
		return TIMER_OFF;
	left = state->cpus[irq->cpu].dec_left;
	if (left < 0)
		return TIMER_DUE;
	left /= TIMEBASE_HZ / 1000000;
	return left > TIMER_SLACK && (uint64_t)left - TIMER_SLACK > within ? TIMER_OFF : TIMER_ARMED;
}

/* --- one more, one less ----------------------------------------------- */

/* As if it had come while a save was under way, which keeps the irqfds off: it is in the eventfd. */
static int add_signal(struct arch_state *state, uint32_t source, struct error *err)
{
	for (size_t i = 0; i < state->lines.count; i++)
		if (state->lines.all[i].source == source) {
			state->lines.all[i].count++;
			return 0;
		}
	return error_set(err, -EOPNOTSUPP, "source 0x%x has no irqfd", source);
}

int arch_state_add(struct arch_state *state, const struct irq *irq, struct error *err)
{
	struct p9_source *s = p9_source_at(state, irq->number);

	if (irq->code == KIND_TIMER || irq->code == KIND_IPI)
		return error_set(err, -EOPNOTSUPP, "%s: a guest makes it", irq->kind);
	if (!s || s->lsi)
		return error_set(err, -EOPNOTSUPP, "there is no such message source");
	if (s->pending || !p9_room(state, s))
		return error_set(err, -EEXIST, "it would merge with one that is pending");
	if (irq->code == KIND_IRQFD)
		return add_signal(state, s->lisn, err);
	s->pending = true; /* triggered when it is restored */
	return 0;
}

/* With room for all its entries, not those alone that are stored. */
static bool unfold(struct p9_queue *q)
{
	uint32_t len = 4 * p9_queue_room(q);
	uint8_t *p = realloc(q->entries, len);

	if (!p)
		return false;
	memset(p + q->len, 0, len - q->len);
	q->entries = p;
	q->len = len;
	return true;
}

static void entry_put(struct p9_queue *q, uint32_t at, uint32_t value)
{
	value = htobe32(value);
	memcpy(q->entries + 4 * (size_t)at, &value, sizeof(value));
}

/*
 * Takes the last event with this number out of the queue: those behind it move
 * up, each with the generation bit of its new place (POWER9 XIVE: the bit that
 * tells new entries from old ones), and the next place is as it was a round
 * before.
 */
static bool dequeue(struct p9_queue *q, uint32_t eisn)
{
	const uint32_t mask = p9_queue_room(q) - 1, generation = P9_ENTRY_GENERATION;
	uint32_t at = (q->index - 1) & mask, n = 0;

	while (n <= mask && (p9_queue_entry(q, at) & ~generation) != eisn)
		n++, at = (at - 1) & mask;
	if (n > mask || !unfold(q))
		return false;
	for (; n; n--, at = (at + 1) & mask)
		entry_put(q, at,
		          (p9_queue_entry(q, at) & generation) |
		                  (p9_queue_entry(q, (at + 1) & mask) & ~generation));
	entry_put(q, at, p9_queue_entry(q, at) ^ generation);
	if (!q->index)
		q->toggle ^= 1;
	q->index = at;
	q->len = p9_queue_stored(q->entries, q->len);
	return true;
}

static bool is_unread(const struct p9_index *index, const struct p9_queue *q, uint32_t eisn)
{
	uint32_t place = p9_index_place(index, q), at, found;

	while (p9_queue_read(q, &place, &at, &found))
		if (found == eisn)
			return true;
	return false;
}

/* The queue where an event of the source waits: the one it points at, or else where it pointed before. */
static struct p9_queue *queue_of(struct arch_state *state, const struct p9_source *s)
{
	struct p9_queue *there = NULL;
	struct p9_index index;

	if (p9_index_make(&index, state))
		for (size_t i = 0; i < state->queue_count; i++) {
			struct p9_queue *q = &state->queues[i];
			bool points = q->server == s->target.server && q->priority == s->target.priority;

			/* A guess is not to stand in the way. */
			if ((points && !q->published) ||
			    ((points || !there) && is_unread(&index, q, s->target.eisn)))
				there = q;
		}
	p9_index_free(&index);
	return there;
}

static bool drop_signal(struct arch_state *state, uint32_t source)
{
	for (size_t i = 0; i < state->lines.count; i++)
		if (state->lines.all[i].source == source && state->lines.all[i].count) {
			state->lines.all[i].count--;
			return true;
		}
	return false;
}

/* The last one that came goes first: what was added, what is in an eventfd, Q, then P with its event. */
int arch_state_drop(struct arch_state *state, const struct irq *irq, struct error *err)
{
	struct p9_source *s = p9_source_at(state, irq->number);
	bool xics = state->model == &p9_xics;
	struct p9_queue *q;

	if (irq->code == KIND_TIMER || irq->code == KIND_IPI || (s && s->lsi))
		return error_set(err, -EOPNOTSUPP, "%s: no message source", irq->kind);
	if (!s || !p9_due(state, s))
		return error_set(err, -ENOENT, "none is pending there");
	if (drop_signal(state, s->lisn))
		return 0;
	if (s->pending && !(xics && s->pq & PQ_Q)) {
		s->pending = false;
		s->pq &= xics ? 0 : 3;
	} else if (s->pq == (PQ_P | PQ_Q) || (xics && s->pq & PQ_Q)) {
		s->pq &= (uint8_t)~PQ_Q;
	} else {
		q = queue_of(state, s);
		if (!q || !dequeue(q, s->target.eisn))
			return error_set(err, -ENOENT, "the guest has taken it from its queue already");
		s->pq &= (uint8_t)~PQ_P;
		if (!p9_count_unread(state))
			return error_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}
