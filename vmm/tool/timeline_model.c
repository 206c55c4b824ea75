/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_model.c: see timeline_model.h. Pure. */
#include "timeline_model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A save holds at most so many interrupts, of which the picture tells. */
#define PENDING_MAX 1024
/* The vCPUs beyond these are left out. */
#define LANES_MAX   512

static bool grow(struct timeline_model *m, void *list, size_t count, size_t *room, size_t size)
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

/* Adds an element; its index, or TIMELINE_NONE without memory. */
#define ADD(m, list, ...)                                                                  \
	(grow(m, &(list)->all, (list)->count, &(list)->room, sizeof((list)->all[0]))       \
	         ? ((list)->all[(list)->count] = (__VA_ARGS__), (uint32_t)(list)->count++) \
	         : TIMELINE_NONE)

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

/* Whether this argument is one of those that identify an interrupt. */
static bool identifies(const struct timeline_arg *arg)
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

		if (identifies(arg) && strcmp(arg->name, "type"))
			put_arg(arg, text, size);
	}
}

/* --- lanes ------------------------------------------------------------------ */

uint32_t timeline_lane(const struct timeline_model *m, const char *vm, int vcpu)
{
	for (size_t i = 0; vm && i < m->lanes.count; i++)
		if (m->lanes.all[i].vm == vm && m->lanes.all[i].vcpu == vcpu)
			return (uint32_t)i;
	return TIMELINE_NONE;
}

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
			ADD(m, &m->vms, e->vm);
		if (e->vcpu < 0 || e->kind == TRACE_IRQ ||
		    (last && last->vm == e->vm && last->vcpu == e->vcpu))
			continue;
		if (timeline_lane(m, e->vm, e->vcpu) == TIMELINE_NONE && m->lanes.count < LANES_MAX)
			ADD(m, &m->lanes, (struct timeline_lane){ e->vm, e->vcpu });
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
		last[lane] = ADD(m, &m->states, (struct timeline_state){ lane, m->order[i], e->ts, m->to });
	}
	free(last);
}

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

		if (!identifies(arg))
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
		*at = ADD(m, &m->rows,
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
	uint32_t episode = ADD(m, &m->episodes,
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

static void find_moves(struct timeline_model *m)
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
		ADD(m, &m->moves,
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
			    !grow(m, &move->rows, move->count, &move->room, sizeof(*move->rows)))
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

/* Interrupts, saves and restores, in the order of time. */
static void find_episodes(struct timeline_model *m)
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

int timeline_model(struct timeline_model *m, const struct timeline_trace *trace,
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
		find_moves(m);
		find_episodes(m);
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
