/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_irq.c: see timeline_irq.h. Pure. */
#include "timeline_irq.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A save holds at most so many interrupts, of which the picture tells. */
#define PENDING_MAX 1024

/* --- interrupts --------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return (hash ^ 0xff) * 0x100000001b3;
}

static uint64_t key_of(const struct timeline_model *m, const struct timeline_event *e, const char *vm)
{
	uint64_t hash = mix(0xcbf29ce484222325, vm ? vm : "");
	char number[24];

	for (uint32_t i = 0; i < e->count; i++) {
		const struct timeline_arg *arg = &m->trace->args[e->args + i];

		if (!timeline_identifies(arg))
			continue;
		snprintf(number, sizeof(number), "%" PRIu64, arg->number);
		hash = mix(mix(hash, arg->name), arg->text ? arg->text : number);
	}
	return hash;
}

static uint32_t *slot(const struct timeline_model *m, uint64_t key)
{
	size_t at = (size_t)(key ^ key >> 32) & (m->size - 1);

	while (m->slots[at] != TIMELINE_NONE && m->rows.all[m->slots[at]].key != key)
		at = (at + 1) & (m->size - 1);
	return &m->slots[at];
}

static void make_slots(struct timeline_model *m)
{
	uint32_t *old = m->slots;
	size_t size = m->size ? 2 * m->size : 256;

	m->slots = malloc(size * sizeof(*m->slots));
	if (!m->slots) {
		m->slots = old;
		m->failed = true;
		return;
	}
	m->size = size;
	memset(m->slots, 0xff, size * sizeof(*m->slots));
	for (uint32_t i = 0; i < m->rows.count; i++)
		*slot(m, m->rows.all[i].key) = i;
	free(old);
}

/* The row of this interrupt in a VM. */
static uint32_t row_of(struct timeline_model *m, uint32_t event, const char *vm)
{
	const struct timeline_event *e = &m->trace->events[event];
	uint64_t key = key_of(m, e, vm);
	const char *label = timeline_text(m->trace, e, "label");
	uint32_t *at, row;

	if (2 * m->rows.count >= m->size)
		make_slots(m);
	if (m->failed)
		return TIMELINE_NONE;
	at = slot(m, key);
	if (*at == TIMELINE_NONE)
		*at = TIMELINE_ADD(m, &m->rows,
		                   (struct timeline_row){ .key = key,
		                                          .vm = vm,
		                                          .event = event,
		                                          .open = TIMELINE_NONE,
		                                          .last_open = TIMELINE_NONE,
		                                          .taken = TIMELINE_NONE });
	row = *at;
	if (row != TIMELINE_NONE && label && !m->rows.all[row].label)
		m->rows.all[row].label = label;
	return row;
}

static uint32_t open_episode(struct timeline_model *m, uint32_t row, enum timeline_begin begin,
                             uint32_t event, uint64_t from)
{
	uint32_t episode = TIMELINE_ADD(m, &m->episodes,
	                                (struct timeline_episode){ .row = row,
	                                                           .next_open = TIMELINE_NONE,
	                                                           .begin = begin,
	                                                           .from = from,
	                                                           .to = m->to,
	                                                           .first = event,
	                                                           .last = TIMELINE_NONE,
	                                                           .move = TIMELINE_NONE,
	                                                           .count = 1 });
	struct timeline_row *r = &m->rows.all[row];

	if (episode == TIMELINE_NONE)
		return episode;
	if (r->open == TIMELINE_NONE)
		r->open = episode;
	else
		m->episodes.all[r->last_open].next_open = episode;
	r->last_open = episode;
	r->episodes++;
	return episode;
}

/* The oldest open one of the row is over. */
static struct timeline_episode *close_episode(struct timeline_model *m, uint32_t row,
                                              enum timeline_close close, uint32_t event, uint64_t to)
{
	struct timeline_row *r = &m->rows.all[row];
	struct timeline_episode *episode;

	if (r->open == TIMELINE_NONE)
		return NULL;
	episode = &m->episodes.all[r->open];
	episode->close = close;
	episode->last = event;
	episode->to = to > episode->from ? to : episode->from;
	r->open = episode->next_open;
	return episode;
}

/* The EOI belongs to the last one that was taken. */
static void end_episode(struct timeline_model *m, uint32_t row, uint64_t when)
{
	struct timeline_row *r = &m->rows.all[row];

	if (r->taken != TIMELINE_NONE)
		m->episodes.all[r->taken].ended = when;
	r->taken = TIMELINE_NONE;
}

/* So many of the row are known to be pending. */
static void see_pending(struct timeline_model *m, uint32_t row, uint64_t count, uint64_t when)
{
	uint32_t episode = m->failed ? TIMELINE_NONE : m->rows.all[row].open;

	for (uint64_t i = 0; i < count && i < PENDING_MAX && episode != TIMELINE_NONE; i++) {
		m->episodes.all[episode].seen = when;
		episode = m->episodes.all[episode].next_open;
	}
}

static void see_irq(struct timeline_model *m, uint32_t event)
{
	const struct timeline_event *e = &m->trace->events[event];
	uint64_t count = timeline_number(m->trace, e, "count", 1);
	uint32_t row = row_of(m, event, e->vm), episode;

	if (row == TIMELINE_NONE)
		return;
	if (!strcmp(e->name, "injected")) {
		episode = open_episode(m, row, TIMELINE_INJECTED, event, e->ts);
		if (episode != TIMELINE_NONE)
			m->episodes.all[episode].count = count;
	} else if (!strcmp(e->name, "pending")) {
		if (m->rows.all[row].open == TIMELINE_NONE)
			open_episode(m, row, TIMELINE_FOUND, event, e->ts);
		see_pending(m, row, count, e->ts);
	} else if (!strcmp(e->name, "taken")) {
		if (m->rows.all[row].open == TIMELINE_NONE)
			open_episode(m, row, TIMELINE_UNSEEN, event, e->ts);
		if (!m->failed) {
			m->rows.all[row].taken = m->rows.all[row].open;
			close_episode(m, row, TIMELINE_TAKEN, event, e->ts);
		}
	} else if (!strcmp(e->name, "ended")) {
		end_episode(m, row, e->ts);
	} else if (!strcmp(e->name, "merged") || !strcmp(e->name, "withdrawn")) {
		bool merged = *e->name == 'm';

		for (uint64_t i = 0; i < count && i < PENDING_MAX; i++)
			close_episode(m, row, merged ? TIMELINE_MERGED : TIMELINE_WITHDRAWN, event, e->ts);
	}
}

/* --- saves and restores ------------------------------------------------------- */

/* The second word of a step ("snapshot S kind=irq"). */
static void second_word(const char *text, char *to, size_t size)
{
	const char *word = text + strcspn(text, " ");

	word += strspn(word, " ");
	snprintf(to, size, "%.*s", (int)strcspn(word, " "), word);
}

/* Whether the event is a step of a save or a restore; they of one have the same cause. */
static bool moves(const struct timeline_trace *trace, const struct timeline_event *e, bool *restore)
{
	const char *of = e->kind == TRACE_SNAPSHOT ? timeline_text(trace, e, "of") : NULL;

	*restore = of && !strcmp(of, "restore");
	return of && (*restore || !strcmp(of, "save"));
}

static int compare_moves(const void *a, const void *b)
{
	const struct timeline_move *left = a, *right = b;

	return left->to < right->to ? -1 : left->to > right->to;
}

void timeline_find_moves(struct timeline_model *m)
{
	const struct timeline_trace *trace = m->trace;

	for (size_t i = 0; i < trace->count && !m->failed; i++) {
		const struct timeline_event *e = &trace->events[m->order[i]];
		struct timeline_move *last = m->moves.count ? &m->moves.all[m->moves.count - 1] : NULL;
		bool restore;

		if (!moves(trace, e, &restore))
			continue;
		/* Steps of one cause belong together, until the order begins anew. */
		if (last && last->restore == restore && last->vm == e->vm && last->cause == e->parent &&
		    strcmp(e->name, trace->events[last->first].name)) {
			last->to = timeline_end(e) > last->to ? timeline_end(e) : last->to;
			last->steps++;
			continue;
		}
		TIMELINE_ADD(m, &m->moves,
		             (struct timeline_move){ .restore = restore,
		                                     .vm = e->vm,
		                                     .from = e->ts,
		                                     .to = timeline_end(e),
		                                     .first = m->order[i],
		                                     .cause = e->parent,
		                                     .source = TIMELINE_NONE,
		                                     .steps = 1 });
		last = m->moves.count ? &m->moves.all[m->moves.count - 1] : NULL;
		if (last && e->parent != TIMELINE_NONE && trace->events[e->parent].kind == TRACE_STEP)
			second_word(trace->events[e->parent].name, last->name, sizeof(last->name));
	}
	if (m->moves.count)
		qsort(m->moves.all, m->moves.count, sizeof(m->moves.all[0]), compare_moves);
}

/* A restore is of the last save before it of that name, otherwise of the last save. */
static void find_source(struct timeline_model *m, size_t at)
{
	struct timeline_move *move = &m->moves.all[at];

	for (int any = 0; any < 2 && move->source == TIMELINE_NONE; any++)
		for (size_t i = at; i-- > 0 && move->source == TIMELINE_NONE;)
			if (!m->moves.all[i].restore && (any ? m->moves.all[i].to <= move->from
			                                     : !strcmp(m->moves.all[i].name, move->name)))
				move->source = (uint32_t)i;
}

static void save(struct timeline_model *m, struct timeline_move *move)
{
	for (uint32_t i = 0; i < m->rows.count; i++) {
		if (m->rows.all[i].vm != move->vm)
			continue;
		for (uint32_t e = m->rows.all[i].open; e != TIMELINE_NONE; e = m->episodes.all[e].next_open) {
			if (move->count == PENDING_MAX ||
			    !timeline_grow(m, &move->rows, move->count, &move->room, sizeof(*move->rows)))
				return;
			move->rows[move->count++] = i;
		}
	}
}

static void restore(struct timeline_model *m, size_t at)
{
	struct timeline_move *move = &m->moves.all[at], *from;

	find_source(m, at);
	for (uint32_t i = 0; i < m->rows.count; i++)
		while (m->rows.all[i].vm == move->vm &&
		       close_episode(m, i, TIMELINE_REPLACED, TIMELINE_NONE, move->from))
			;
	if (move->source == TIMELINE_NONE)
		return;
	from = &m->moves.all[move->source];
	for (size_t i = 0; i < from->count && !m->failed; i++) {
		uint32_t row = row_of(m, m->rows.all[from->rows[i]].event, move->vm), episode;

		if (row == TIMELINE_NONE)
			continue;
		if (!m->rows.all[row].label)
			m->rows.all[row].label = m->rows.all[from->rows[i]].label;
		episode = open_episode(m, row, TIMELINE_RESTORED, TIMELINE_NONE, move->to);
		if (episode != TIMELINE_NONE)
			m->episodes.all[episode].move = (uint32_t)at;
	}
}

void timeline_find_episodes(struct timeline_model *m)
{
	size_t move = 0;

	for (size_t i = 0; i <= m->trace->count && !m->failed; i++) {
		const struct timeline_event *e = i < m->trace->count ? &m->trace->events[m->order[i]] : NULL;

		for (; move < m->moves.count && !m->failed && (!e || m->moves.all[move].to <= e->ts); move++)
			if (m->moves.all[move].restore)
				restore(m, move);
			else
				save(m, &m->moves.all[move]);
		if (e && e->kind == TRACE_IRQ)
			see_irq(m, m->order[i]);
	}
}
