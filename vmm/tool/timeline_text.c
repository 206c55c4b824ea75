/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_text.c: see timeline_draw.h: what becomes of interrupts and vCPUs, in columns. Pure. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "timeline_draw.h"

#define WIDTH 100

/* The columns: where each begins, and what it is called. */
enum column { INJECTED, PENDING, TAKEN, ENDED, VCPU, COLUMNS };
static const struct {
	int at;
	const char *name;
} columns[COLUMNS + 1] = {
	[INJECTED] = { 13, "injected" }, [PENDING] = { 36, "pending" }, [TAKEN] = { 52, "taken" },
	[ENDED] = { 72, "ended" },       [VCPU] = { 84, "vcpu" },       [COLUMNS] = { WIDTH + 1, "" },
};

/* What is printed at a time. */
struct item {
	uint64_t ts;
	size_t order; /* of those at the same time */
	const char *vm;
	enum column column;
	char text[WIDTH + 1]; /* column COLUMNS: the whole line */
};

struct table {
	const struct timeline_model *m;
	TIMELINE_LIST(struct item) items;
	bool failed;
};

static struct item *add(struct table *t, uint64_t ts, const char *vm, enum column column)
{
	static struct item none;

	if (ts < t->m->from || ts > t->m->to)
		return &none;
	if (t->items.count == t->items.room) {
		struct item *more = realloc(t->items.all, (t->items.room * 2 + 64) * sizeof(*more));

		t->failed |= !more;
		if (!more)
			return &none;
		t->items.all = more;
		t->items.room = t->items.room * 2 + 64;
	}
	t->items.all[t->items.count] =
		(struct item){ .ts = ts, .order = t->items.count, .vm = vm, .column = column };
	return &t->items.all[t->items.count++];
}

static const char *by_of(const struct table *t, uint32_t event)
{
	const char *by = event == TIMELINE_NONE ? NULL : t->m->trace->events[event].by;

	return by ? by : "";
}

static bool wanted(const struct table *t, const struct timeline_row *row, const char *type)
{
	const char *irq = t->m->wish.irq;

	return !irq || (row->label && !strcmp(row->label, irq)) || !strcmp(type, irq);
}

static void add_episode(struct table *t, const struct timeline_episode *e)
{
	const struct timeline_row *row = &t->m->rows.all[e->row];
	const char *type = timeline_text(t->m->trace, &t->m->trace->events[row->event], "type");
	const char *name = row->label ? row->label : type ? type : "";
	const char *by = by_of(t, e->first);
	struct item *item;

	if (!wanted(t, row, type ? type : ""))
		return;
	if (e->begin == TIMELINE_INJECTED) {
		item = add(t, e->from, row->vm, INJECTED);
		snprintf(item->text, sizeof(item->text), "%s%s%s", name, *by ? " by " : "", by);
	} else if (e->begin != TIMELINE_UNSEEN) {
		item = add(t, e->from, row->vm, PENDING);
		snprintf(item->text, sizeof(item->text), "%s", name);
	}
	if (e->close == TIMELINE_TAKEN) {
		by = by_of(t, e->last);
		item = add(t, e->to, row->vm, TAKEN);
		snprintf(item->text, sizeof(item->text), "%s%s%s", name, *by ? " by " : "", by);
	} else if (e->close != TIMELINE_OPEN) {
		item = add(t, e->to, row->vm, TAKEN);
		snprintf(item->text, sizeof(item->text), "%s %s", name,
		         e->close == TIMELINE_MERGED      ? "merged"
		         : e->close == TIMELINE_WITHDRAWN ? "withdrawn"
		                                          : "replaced");
	}
	if (e->ended) {
		item = add(t, e->ended, row->vm, ENDED);
		snprintf(item->text, sizeof(item->text), "%s", name);
	}
}

static void add_events(struct table *t)
{
	const struct timeline_trace *trace = t->m->trace;

	for (size_t i = 0; i < trace->count; i++) {
		const struct timeline_event *e = &trace->events[t->m->order[i]];
		uint64_t line = timeline_number(trace, e, "line", 0);
		struct item *item;

		if (e->kind != TRACE_STEP || e->vcpu >= 0 || !line)
			continue;
		item = add(t, e->ts, NULL, COLUMNS);
		snprintf(item->text, sizeof(item->text), "line %" PRIu64 ": %s", line, e->name);
	}
	for (size_t i = 0; i < t->m->moves.count; i++) {
		const struct timeline_move *move = &t->m->moves.all[i];

		snprintf(add(t, move->from, move->vm, VCPU)->text, WIDTH, "%s %s",
		         move->restore ? "restore" : "save", move->name);
	}
	for (size_t i = 0; i < t->m->states.count; i++) {
		const struct timeline_state *state = &t->m->states.all[i];
		const struct timeline_lane *lane = &t->m->lanes.all[state->lane];

		snprintf(add(t, state->from, lane->vm, VCPU)->text, WIDTH, "%d %s", lane->vcpu,
		         trace->events[state->event].name);
	}
}

static int compare(const void *a, const void *b)
{
	const struct item *left = a, *right = b;

	if (left->ts != right->ts)
		return left->ts < right->ts ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

/* Text that is too long for its column ends with two points. */
static void put(FILE *out, const char *text, int room)
{
	if ((int)strlen(text) > room)
		fprintf(out, "%.*s..", room - 2, text);
	else
		fputs(text, out);
}

static void print_item(const struct item *item, FILE *out)
{
	fprintf(out, "%11.6f  ", (double)item->ts / 1e9);
	if (item->column == COLUMNS) {
		put(out, item->text, WIDTH - 13);
	} else {
		fprintf(out, "%*s", columns[item->column].at - 13, "");
		put(out, item->text, columns[item->column + 1].at - columns[item->column].at - 1);
	}
	putc('\n', out);
}

static void print_head(const struct timeline_model *m, FILE *out)
{
	int at = 0;

	if (*m->trace->note)
		fprintf(out, "%s\n", m->trace->note);
	at = fprintf(out, "%11s  ", "seconds");
	for (int i = 0; i < COLUMNS; i++)
		at += fprintf(out, "%*s%s", columns[i].at - at, "", columns[i].name);
	putc('\n', out);
}

int timeline_print(const struct timeline_model *m, FILE *out, struct error *err)
{
	struct table t = { .m = m };
	const char *vm = m->vms.count ? m->vms.all[0] : NULL;

	add_events(&t);
	for (size_t i = 0; i < m->episodes.count; i++)
		add_episode(&t, &m->episodes.all[i]);
	if (!t.failed) {
		if (t.items.count)
			qsort(t.items.all, t.items.count, sizeof(t.items.all[0]), compare);
		print_head(m, out);
	}
	for (size_t i = 0; i < t.items.count && !t.failed; i++) {
		if (t.items.all[i].vm && t.items.all[i].vm != vm) {
			vm = t.items.all[i].vm;
			fprintf(out, "VM %.90s\n", vm);
		}
		print_item(&t.items.all[i], out);
	}
	free(t.items.all);
	return t.failed ? error_set(err, -ENOMEM, "out of memory") : 0;
}
