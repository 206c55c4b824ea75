/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timeline_svg.c: see timeline_draw.h. From top to bottom: the lines of the scenario, what they say, the
 * axis, and for each VM its vCPUs and its interrupts. What is narrower than a pixel is drawn together with
 * what is beside it, so that the size depends on the picture's width, not on the number of events. Pure.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "timeline_axis.h"
#include "timeline_draw.h"

/* All small text is of one width: 10 px of a monospaced font. */
#define CHAR      6.03
#define LEFT      272
#define RIGHT     24
#define LANE      24
#define ROW       17
#define LABEL     44 /* characters of a scenario's line */
#define SLANT     50 /* degrees */
#define ROWS      40 /* of a VM; more are left out */
#define VMS       24
#define MANY      100 /* of a row: not each has its signs */
#define FORK      10  /* lines of restores are so far apart */
#define NARROW    1.5
#define SAY_LINES 5

struct svg {
	FILE *out;
	const struct timeline_model *m;
	struct timeline_axis axis;
	double width, y;
	double head, foot;  /* of the scenario's bars; of all VMs */
	double says, time;  /* where the scenario's sentences and the axis are */
	int lines;          /* of the sentences */
	double moved, said; /* of the VM: the end of the last save or restore, and of words about it */
	const char *drawn;  /* all of it but the legend; NULL: it is drawn now */
	uint32_t *child,
		*next; /* of each event the first one that it caused, and the next one of that cause */
	double *lane_y;
	uint32_t *rows; /* of the VM that is drawn */
	bool *seen;     /* of each row */
	bool *covered;  /* of each pixel of a lane: something is there */
};

/* --- text --------------------------------------------------------------------- */

static void put(struct svg *s, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<': fputs("&lt;", s->out); break;
		case '>': fputs("&gt;", s->out); break;
		case '&': fputs("&amp;", s->out); break;
		default: putc(*text, s->out);
		}
	}
}

/* At most so many characters. */
static void put_cut(struct svg *s, const char *text, int most)
{
	char part[256];
	int len = (int)strlen(text);

	if (most > 250)
		most = 250;
	snprintf(part, sizeof(part), "%.*s", len > most ? most - 1 : most, text);
	put(s, part);
	if (len > most)
		fputs("&#8230;", s->out);
}

static __attribute__((format(printf, 6, 7))) void words(struct svg *s, double x, double y, const char *class,
                                                        int most, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (most < 1)
		return;
	fprintf(s->out, "<text x=\"%.1f\" y=\"%.1f\"%s%s%s>", x, y, *class ? " class=\"" : "", class,
	        *class ? "\"" : "");
	put_cut(s, text, most);
	fputs("</text>\n", s->out);
}

/* How many characters fit into this width. */
static int fits(double width)
{
	return width > 0 ? (int)(width / CHAR) : 0;
}

static double x_of(const struct svg *s, uint64_t ts)
{
	return timeline_x(&s->axis, ts);
}

static bool shown(const struct svg *s, uint64_t from, uint64_t to)
{
	return to >= s->m->from && from <= s->m->to;
}

static const struct timeline_event *event(const struct svg *s, uint32_t i)
{
	return &s->m->trace->events[i];
}

/* --- what a pointer over it shows ----------------------------------------------- */

#define CALLS 8

static void put_event(struct svg *s, const struct timeline_event *e)
{
	char text[600], time[24];

	put(s, e->name);
	timeline_arguments(s->m->trace, e, text, sizeof(text));
	if (*text) {
		putc(' ', s->out);
		put_cut(s, text, 240);
	}
	if (e->result) {
		fputs(" = ", s->out);
		put(s, e->result);
	}
	timeline_time(e->dur, time);
	if (e->dur)
		fprintf(s->out, " (%s)", time);
}

static void put_title(struct svg *s, uint32_t i)
{
	const struct timeline_event *e = event(s, i);
	unsigned n = 0;

	fprintf(s->out, "<title>%.6f s: ", (double)e->ts / 1e9);
	put_event(s, e);
	for (uint32_t c = s->child[i]; c != TIMELINE_NONE; c = s->next[c])
		if (event(s, c)->kind == TRACE_KVM && n++ < CALLS) {
			putc('\n', s->out);
			put_event(s, event(s, c));
		}
	if (n > CALLS)
		fprintf(s->out, "\nand %u more calls of KVM", n - CALLS);
	fputs("</title>", s->out);
}

/* --- spans, together if they are narrow ---------------------------------------- */

/* Text is left out where something else is drawn. */
static void cover(struct svg *s, double from, double to)
{
	for (size_t x = from > 0 ? (size_t)from : 0; x <= (size_t)to && x < (size_t)s->width; x++)
		s->covered[x] = true;
}

static bool is_free(const struct svg *s, double from, double to)
{
	size_t x = (size_t)from;

	while (x <= (size_t)to && x < (size_t)s->width && !s->covered[x])
		x++;
	return x > (size_t)to;
}

struct together {
	double from, to;
	unsigned count;
	uint32_t first;
};

struct look {
	const char *class, *many; /* what several of them are called */
	double above, height;     /* within the lane */
};

static void draw_span(struct svg *s, struct together *t, const struct look *look, double y)
{
	double width = t->to - t->from < 0.8 ? 0.8 : t->to - t->from;

	if (!t->count)
		return;
	cover(s, t->from, t->from + width);
	fprintf(s->out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\">",
	        look->class, t->from, y + look->above, width, look->height);
	if (t->count == 1)
		put_title(s, t->first);
	else
		fprintf(s->out, "<title>%u %s within %.6f s</title>", t->count, look->many,
		        (double)(timeline_at(&s->axis, t->to) - timeline_at(&s->axis, t->from)) / 1e9);
	fputs("</rect>\n", s->out);
	if (t->count == 1 && look->height > 10 && fits(width - 4) >= (int)strlen(event(s, t->first)->name))
		words(s, t->from + 2, y + look->above + look->height / 2 + 3.5, "in", 60, "%s",
		      event(s, t->first)->name);
	t->count = 0;
}

static void add_span(struct svg *s, struct together *t, const struct look *look, double y, uint32_t i)
{
	double from = x_of(s, event(s, i)->ts), to = x_of(s, timeline_end(event(s, i)));

	if (!shown(s, event(s, i)->ts, timeline_end(event(s, i))))
		return;
	if (t->count && (from > t->to + 0.5 || to - from > NARROW || t->to - t->from > 4))
		draw_span(s, t, look, y);
	if (!t->count)
		*t = (struct together){ from, to, 0, i };
	t->to = to > t->to ? to : t->to;
	t->count++;
}

/* --- the scenario ----------------------------------------------------------------- */

static bool is_line(const struct timeline_event *e)
{
	return e->kind == TRACE_STEP && e->vcpu < 0;
}

static bool is_say(const struct timeline_event *e)
{
	return is_line(e) && !strncmp(e->name, "say ", 4);
}

/* How much of a text is in its next line, of at most `room` characters. */
static int line_of(const char *text, int room)
{
	int part = room;

	if ((int)strlen(text) <= room)
		return (int)strlen(text);
	while (part > 0 && text[part] != ' ')
		part--;
	return part ? part : room;
}

/* A sentence of the scenario, until the next one begins; returns how many lines it needs. */
static int draw_say(struct svg *s, const struct timeline_event *e, double until)
{
	const char *text = e->name + 4;
	double x = x_of(s, e->ts);
	int room = fits(until - x - 8), lines = 0;

	fprintf(s->out, "<path class=\"say\" d=\"M%.1f %.1fV%.1f\"/>\n", x, s->says, s->time - 4);
	for (; lines < SAY_LINES && *text && room >= 3; lines++) {
		int part = room < 8 || lines == SAY_LINES - 1 ? (int)strlen(text) : line_of(text, room);

		words(s, x + 4, s->says + 10 + 12 * lines, "say", room, "%.*s", part, text);
		text += part + (text[part] == ' ');
	}
	return lines;
}

static void draw_says(struct svg *s)
{
	const struct timeline_event *before = NULL;

	s->lines = 0;
	for (size_t i = 0; i <= s->m->trace->count; i++) {
		bool end = i == s->m->trace->count;
		const struct timeline_event *e = end ? NULL : event(s, s->m->order[i]);
		int lines = 0;

		if (!end && (!is_say(e) || !shown(s, e->ts, e->ts)))
			continue;
		if (before)
			lines = draw_say(s, before, end ? s->width - RIGHT : x_of(s, e->ts));
		s->lines = lines > s->lines ? lines : s->lines;
		before = e;
	}
}

/* The others are more important than what only looks. */
static bool looks(const struct timeline_event *e)
{
	static const char *const words_[] = { "expect", "show", "run", "wait", "name" };

	for (size_t i = 0; i < sizeof(words_) / sizeof(words_[0]); i++)
		if (!strncmp(e->name, words_[i], strlen(words_[i])))
			return true;
	return false;
}

/* Their lines, slanted, as far as there is room. */
static void draw_labels(struct svg *s, double y, bool looking)
{
	for (size_t i = 0; i < s->m->trace->count; i++) {
		const struct timeline_event *e = event(s, s->m->order[i]);
		double x = x_of(s, e->ts);
		uint64_t line = timeline_number(s->m->trace, e, "line", 0);
		char text[200];

		if (!is_line(e) || is_say(e) || !line || looks(e) != looking || !shown(s, e->ts, e->ts) ||
		    !is_free(s, x - 13, x + 13))
			continue;
		snprintf(text, sizeof(text), "%" PRIu64 "  %s", line, e->name);
		fprintf(s->out, "<text class=\"l\" transform=\"translate(%.1f %.1f)rotate(%d)\">", x + 2,
		        y - 3, SLANT);
		put_cut(s, text, LABEL);
		fputs("</text>\n", s->out);
		cover(s, x, x);
	}
}

/* Each line is a bar as long as it lasts. */
static void draw_bars(struct svg *s, double y)
{
	static const struct look look = { "s", "lines", 0, 7 };
	struct together t = { 0 };

	for (size_t i = 0; i < s->m->trace->count; i++) {
		const struct timeline_event *e = event(s, s->m->order[i]);

		if (is_line(e) && !is_say(e) && (e->parent == TIMELINE_NONE || !is_line(event(s, e->parent))))
			add_span(s, &t, &look, y, s->m->order[i]);
	}
	draw_span(s, &t, &look, y);
}

static void draw_scenario(struct svg *s)
{
	int most = 0;

	for (size_t i = 0; i < s->m->trace->count; i++) {
		const struct timeline_event *e = event(s, (uint32_t)i);
		int len = (int)strlen(e->name) + 5;

		if (is_line(e) && !is_say(e) && shown(s, e->ts, e->ts))
			most = len > most ? len : most;
	}
	if (!most)
		return;
	/* 0.77 is the sine of the slant. */
	s->y += (most > LABEL ? LABEL : most) * CHAR * 0.77 + 12;
	memset(s->covered, 0, (size_t)s->width);
	draw_labels(s, s->y, false);
	draw_labels(s, s->y, true);
	words(s, 8, s->y + 7, "b", 40, "scenario");
	draw_bars(s, s->y);
	s->head = s->y + 7;
	s->y += 16;
	s->says = s->y;
	s->y += s->lines ? 12 * s->lines + 8 : 0;
}

/* --- the axis ----------------------------------------------------------------------- */

/* The roundest time between two, and how round it is. */
static uint64_t round_time(uint64_t from, uint64_t to, uint64_t *unit)
{
	for (*unit = 1000000000000000000; *unit > 1; *unit /= 10)
		for (int part = 1; part <= 4; part = part == 1 ? 2 : 4) {
			/* The unit, half of it, a fifth. */
			uint64_t step = *unit / (part == 1 ? 1 : part == 2 ? 2 : 5);

			if (step && to / step * step >= from && to / step)
				return to / step * step;
			if (part == 4)
				break;
		}
	return from;
}

static void draw_tick(struct svg *s, uint64_t ts, uint64_t unit, double y)
{
	/* All in the unit of the picture's length, with as many digits as this one needs. */
	bool seconds = s->m->to - s->m->from > 3000000000;
	uint64_t digit = seconds ? 1000000000 : s->m->to - s->m->from > 3000000 ? 1000000 : 1000;
	int digits = 0;
	double x = x_of(s, ts);

	for (uint64_t i = digit; i > unit / 5 && digits < 6 && i > 1 && ts % i; i /= 10)
		digits++;
	words(s, x, y, "t", 20, "%.*f %s", digits, (double)ts / (double)digit,
	      seconds            ? "s"
	      : digit == 1000000 ? "ms"
	                         : "us");
}

/* Where the axis is compressed so much that it could mislead. */
static void draw_breaks(struct svg *s, double y)
{
	double all = s->axis.width / (double)(s->m->to - s->m->from + 1);

	for (size_t i = 1; i < s->axis.knots.count; i++) {
		const struct timeline_knot *knot = &s->axis.knots.all[i];
		uint64_t time = knot->ts - knot[-1].ts;
		double wide = knot->x - knot[-1].x;
		char text[24];

		if (wide < 12 || wide > (double)time * all / 2)
			continue;
		timeline_time(time, text);
		fprintf(s->out,
		        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"12\" class=\"z\"><title>%s in "
		        "which "
		        "nothing begins or ends</title></rect>",
		        knot[-1].x, y, wide, text);
		if (fits(wide - 4) >= (int)strlen(text))
			words(s, knot[-1].x + wide / 2, y + 9, "t", 20, "%s", text);
	}
}

/* Its lines are below everything, its text is above. */
static void draw_axis(struct svg *s, bool text)
{
	double y = s->time + 10, last = 0;

	if (text)
		words(s, 8, y, "b", 40, "time");
	if (text)
		words(s, 8, y + 14, "d", 40, "not to scale: long pauses are shorter");
	for (double x = LEFT; x + 40 <= s->width - RIGHT; x += 4) {
		uint64_t unit, from = timeline_at(&s->axis, x), to = timeline_at(&s->axis, x + 40);
		uint64_t ts = round_time(from, to, &unit);

		if (x_of(s, ts) < last + 84 && last)
			continue;
		if (text)
			draw_tick(s, ts, unit, y);
		else
			fprintf(s->out, "<path class=\"g\" d=\"M%.1f %.1fV%.1f\"/>", x_of(s, ts), y + 4,
			        s->foot);
		last = x_of(s, ts);
	}
	if (text)
		draw_breaks(s, y + 6);
}

/* --- lanes ------------------------------------------------------------------------ */

static const char *state_class(const char *name)
{
	static const char *const names[] = { "running", "parked",    "held", "waiting",
		                             "stopped", "suspended", "ended" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return names[i];
	return "parked";
}

static void draw_state_names(struct svg *s, uint32_t lane, double y)
{
	const struct timeline_model *m = s->m;

	for (size_t i = 0; i < m->moves.count; i++)
		if (m->moves.all[i].vm == m->lanes.all[lane].vm)
			cover(s, x_of(s, m->moves.all[i].from), x_of(s, m->moves.all[i].to));
	for (size_t i = 0; i < m->states.count; i++) {
		const struct timeline_state *state = &m->states.all[i];
		const char *name = event(s, state->event)->name;
		double from = x_of(s, state->from) + 3, to = x_of(s, state->to);
		double text = (double)strlen(name) * CHAR;

		if (state->lane == lane && shown(s, state->from, state->to) && to - from > text + 2 &&
		    strcmp(name, "running") && is_free(s, from, from + text))
			words(s, from, y + 13.5, "in", 20, "%s", name);
	}
}

static void draw_states(struct svg *s, uint32_t lane, double y)
{
	for (size_t i = 0; i < s->m->states.count; i++) {
		const struct timeline_state *state = &s->m->states.all[i];
		const char *name = event(s, state->event)->name;
		double from = x_of(s, state->from), to = x_of(s, state->to);

		if (state->lane != lane || !shown(s, state->from, state->to) || to - from < 0.4)
			continue;
		fprintf(s->out,
		        "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		        "height=\"20\"><title>%s</title></rect>",
		        state_class(name), from, y, to - from, name);
	}
}

static void draw_calls(struct svg *s, uint32_t lane, double y)
{
	double last = 0;

	for (size_t i = 0; i < s->m->trace->count; i++) {
		const struct timeline_event *e = event(s, s->m->order[i]);
		double x = x_of(s, e->ts);

		if (e->kind != TRACE_KVM || e->parent == TIMELINE_NONE ||
		    event(s, e->parent)->kind != TRACE_EXIT ||
		    event(s, e->parent)->vcpu != s->m->lanes.all[lane].vcpu ||
		    e->vm != s->m->lanes.all[lane].vm || !shown(s, e->ts, e->ts) || x < last + 2)
			continue;
		fprintf(s->out, "<rect class=\"k\" x=\"%.1f\" y=\"%.1f\" width=\"1\" height=\"5\">", x,
		        y + 14);
		put_title(s, s->m->order[i]);
		fputs("</rect>\n", s->out);
		last = x;
	}
}

static void draw_lane(struct svg *s, uint32_t lane)
{
	static const struct look guest = { "u", "times in the guest", 3, 14 };
	static const struct look exits = { "x", "exits", 1, 18 };
	static const struct look steps = { "u", "times it was stepped", 3, 14 };
	const struct timeline_lane *of = &s->m->lanes.all[lane];
	struct together in = { 0 }, out = { 0 }, by = { 0 };
	double y = s->y;

	s->lane_y[lane] = y;
	memset(s->covered, 0, (size_t)s->width);
	words(s, 20, y + 13, "", 30, "vcpu %d", of->vcpu);
	draw_states(s, lane, y);
	for (size_t i = 0; i < s->m->trace->count; i++) {
		const struct timeline_event *e = event(s, s->m->order[i]);

		if (e->vm != of->vm || e->vcpu != of->vcpu)
			continue;
		if (e->kind == TRACE_VCPU && !strcmp(e->name, "in guest"))
			add_span(s, &in, &guest, y, s->m->order[i]);
		else if (e->kind == TRACE_EXIT)
			add_span(s, &out, &exits, y, s->m->order[i]);
		else if (e->kind == TRACE_STEP)
			add_span(s, &by, &steps, y, s->m->order[i]);
	}
	draw_span(s, &in, &guest, y);
	draw_span(s, &by, &steps, y);
	draw_span(s, &out, &exits, y);
	draw_calls(s, lane, y);
	draw_state_names(s, lane, y);
	s->y += LANE;
}

/* Whether no line of a fork passes behind this restore. */
static bool is_last(const struct svg *s, const struct timeline_move *move)
{
	const struct timeline_move *moves = s->m->moves.all;
	size_t i = (size_t)(move - moves) + 1;

	while (i < s->m->moves.count && moves[i].vm != move->vm)
		i++;
	return i == s->m->moves.count;
}

static void draw_move(struct svg *s, const struct timeline_move *move, double y, double height)
{
	double from = x_of(s, move->from), to = x_of(s, move->to);
	const char *what = move->restore ? "restore" : "save";
	int len = (int)(strlen(what) + strlen(move->name) + 1);
	char time[24];

	if (!shown(s, move->from, move->to))
		return;
	if (to - from < NARROW && s->moved && from < s->moved + 1)
		return;
	timeline_time(move->to - move->from, time);
	to = to < from + 1 ? from + 1 : to;
	s->moved = to;
	fprintf(s->out,
	        "<rect class=\"m%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s %s: "
	        "%" PRIu32 " steps, %s</title></rect>",
	        to - from < 4 ? " thin" : "", from, y, to - from, height, what, move->name, move->steps,
	        time);
	if (fits(to - from - 4) >= len)
		words(s, from + 3, y + 13.5, "w", 40, "%s %s", what, move->name);
	else if (fits(to - from - 4) >= (int)strlen(what))
		words(s, from + 3, y + 13.5, "w", 40, "%s", what);
	else if (*move->name && !move->restore && from - 4 - len * CHAR > s->said)
		words(s, from - 4, y - 4, "w end", 40, "%s %s", what, move->name);
	else if (*move->name && move->restore && is_last(s, move) && to + 3 + len * CHAR < s->width)
		words(s, to + 3, y - 4, "w", 40, "%s %s", what, move->name);
	s->said = to;
}

/* --- interrupts ------------------------------------------------------------------- */

/* What has been drawn of a row: nothing is drawn twice within a few pixels. */
struct drawn {
	double bar, bar_before, begin, taken, raised;
};

/* How far signs of a row are apart: of many each tells less. */
static double gap(const struct svg *s, const struct timeline_episode *e)
{
	return s->m->rows.all[e->row].episodes > MANY ? 24 : 4;
}

static void put_episode_title(struct svg *s, const struct timeline_episode *e)
{
	static const char *const begins[] = { "injected", "found pending", "restored", "not seen before" };
	static const char *const closes[] = { "not known to be taken", "taken",
		                              "merged with one that is pending", "withdrawn",
		                              "gone: the VM was restored" };
	const struct timeline_row *row = &s->m->rows.all[e->row];
	char text[300];

	timeline_identity(s->m, row, text, sizeof(text));
	fputs("<title>", s->out);
	put(s, row->label ? row->label : "");
	fputs(row->label ? ": " : "", s->out);
	put(s, text);
	fprintf(s->out, "\n%.6f s: %s", (double)e->from / 1e9, begins[e->begin]);
	if (e->first != TIMELINE_NONE && event(s, e->first)->by) {
		fputs(" by ", s->out);
		put(s, event(s, e->first)->by);
	}
	fprintf(s->out, "\n%.6f s: %s", (double)e->to / 1e9, closes[e->close]);
	if (e->close == TIMELINE_TAKEN && e->last != TIMELINE_NONE && event(s, e->last)->by) {
		fputs(" by ", s->out);
		put(s, event(s, e->last)->by);
	}
	if (e->ended)
		fprintf(s->out, "\n%.6f s: ended (EOI)", (double)e->ended / 1e9);
	fputs("</title>", s->out);
}

static void draw_bar(struct svg *s, const struct timeline_episode *e, double y, struct drawn *d)
{
	double from = x_of(s, e->from), to = x_of(s, e->to), ended = x_of(s, e->ended), known = to;

	if (d->bar && from < d->bar + 0.5 && to - from < NARROW)
		return;
	/* Of a guest that does not say what it takes: until another one of them comes, nobody knows. */
	if (e->close == TIMELINE_OPEN) {
		known = e->seen ? x_of(s, e->seen) : from;
		to = e->next_open == TIMELINE_NONE ? to : x_of(s, s->m->episodes.all[e->next_open].from);
	}
	to = to < from + 1 ? from + 1 : to;
	if (to > known + 1)
		fprintf(s->out, "<rect class=\"o\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"7\"/>\n",
		        known, y + 4, to - known);
	to = known < from + 1 ? from + 1 : known < to ? known : to;
	if (e->begin != TIMELINE_UNSEEN) {
		fprintf(s->out, "<rect class=\"p\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"7\">", from,
		        y + 4, to - from);
		put_episode_title(s, e);
		fputs("</rect>\n", s->out);
	}
	if (e->ended && ended > to + 0.5)
		fprintf(s->out, "<rect class=\"e\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"3\"/>", to,
		        y + 6, ended - to);
	d->bar_before = d->bar;
	d->bar = ended > to ? ended : to;
}

/* Who has raised it: a line of the scenario, or a vCPU; of others there is no place to point at. */
static void draw_raised(struct svg *s, const struct timeline_episode *e, double x, double y, struct drawn *d)
{
	const struct timeline_event *first = e->first == TIMELINE_NONE ? NULL : event(s, e->first);
	const char *by = first ? first->by : NULL;
	uint32_t lane = TIMELINE_NONE;

	if (e->begin == TIMELINE_UNSEEN && first && !timeline_text(s->m->trace, first, "from"))
		lane = timeline_lane(s->m, s->m->rows.all[e->row].vm,
		                     (int)timeline_number(s->m->trace, first, "from", 1 << 20));
	else if (e->begin == TIMELINE_INJECTED)
		lane = timeline_lane(s->m, s->m->rows.all[e->row].vm, timeline_by_vcpu(by));
	if (d->raised && x < d->raised + gap(s, e))
		return;
	if (lane != TIMELINE_NONE && s->lane_y[lane] > 0)
		fprintf(s->out, "<path class=\"r\" d=\"M%.1f %.1fV%.1f\"/>", x, s->lane_y[lane] + 20, y + 3);
	else if (by && !strncmp(by, "line ", 5) && s->head > 0)
		fprintf(s->out, "<path class=\"r\" d=\"M%.1f %.1fV%.1f\"/>", x, s->head, y + 3);
	else if (by && e->begin == TIMELINE_INJECTED && x - 44 > LEFT && x - 44 > d->bar_before)
		fprintf(s->out, "<text class=\"by\" x=\"%.1f\" y=\"%.1f\">%s</text>", x - 5, y + 11, by);
	d->raised = x;
}

static void draw_begin(struct svg *s, const struct timeline_episode *e, double y, struct drawn *d)
{
	double x = x_of(s, e->from);

	if (!shown(s, e->from, e->from) || (d->begin && x < d->begin + gap(s, e)))
		return;
	if (e->begin == TIMELINE_INJECTED)
		fprintf(s->out, "<path class=\"i\" d=\"M%.1f %.1fh8l-4 8z\"/>", x - 4, y + 3);
	else if (e->begin == TIMELINE_RESTORED)
		fprintf(s->out, "<path class=\"q\" d=\"M%.1f %.1fl4 4.5l-4 4.5l-4 -4.5z\"/>", x, y + 3);
	else if (e->begin == TIMELINE_FOUND)
		fprintf(s->out, "<circle class=\"f\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", x, y + 7.5);
	d->begin = x;
	draw_raised(s, e, x, y, d);
}

static void draw_end(struct svg *s, const struct timeline_episode *e, double y, struct drawn *d)
{
	const struct timeline_event *last = e->last == TIMELINE_NONE ? NULL : event(s, e->last);
	double x = x_of(s, e->to);
	uint32_t lane;

	if (e->ended && shown(s, e->ended, e->ended))
		fprintf(s->out, "<path class=\"e\" d=\"M%.1f %.1fv9h2v-9z\"/>", x_of(s, e->ended) - 1, y + 3);
	if (!shown(s, e->to, e->to) || (d->taken && x < d->taken + gap(s, e)))
		return;
	if (e->close == TIMELINE_TAKEN)
		fprintf(s->out, "<circle class=\"k\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>", x, y + 7.5);
	else if (e->close == TIMELINE_MERGED || e->close == TIMELINE_WITHDRAWN)
		fprintf(s->out, "<path class=\"c\" d=\"M%.1f %.1fl7 7m0 -7l-7 7\"/>", x - 3.5, y + 4);
	d->taken = x;
	if (e->close != TIMELINE_TAKEN || !last)
		return;
	lane = timeline_lane(s->m, s->m->rows.all[e->row].vm, timeline_by_vcpu(last->by));
	if (lane != TIMELINE_NONE && s->lane_y[lane] > 0)
		fprintf(s->out, "<path class=\"a\" d=\"M%.1f %.1fV%.1f\"/>\n", x, y + 4,
		        s->lane_y[lane] + 22);
}

/* Leaves out the last words, so that the others fit. */
static void cut_words(char *text, size_t most)
{
	char *space;

	if (strlen(text) <= most)
		return;
	text[most] = 0;
	space = strrchr(text, ' ');
	if (space)
		strcpy(space, " ..");
}

static void draw_row(struct svg *s, uint32_t r)
{
	const struct timeline_row *row = &s->m->rows.all[r];
	struct drawn d = { 0 };
	double y = s->y;
	char text[300];

	timeline_identity(s->m, row, text, sizeof(text));
	if (row->label)
		words(s, 20, y + 11, "n", 14, "%s", row->label);
	if (row->episodes > MANY) {
		snprintf(text, sizeof(text), "%" PRIu32 " times, ", row->episodes);
		timeline_identity(s->m, row, text + strlen(text), sizeof(text) - strlen(text));
	}
	cut_words(text, row->label ? 25 : 39);
	words(s, row->label ? 20 + CHAR * 15 : 20, y + 11, "d", 60, "%s", text);
	fprintf(s->out, "<path class=\"h\" d=\"M%d %.1fH%.1f\"/>\n", LEFT, y + 7.5, s->width - RIGHT);
	for (size_t i = 0; i < s->m->episodes.count; i++) {
		const struct timeline_episode *e = &s->m->episodes.all[i];

		if (e->row == r && shown(s, e->from, e->ended > e->to ? e->ended : e->to)) {
			draw_bar(s, e, y, &d);
			draw_begin(s, e, y, &d);
			draw_end(s, e, y, &d);
		}
	}
	s->y += ROW;
}

static bool is_wanted(const struct svg *s, const struct timeline_row *row)
{
	const char *type = timeline_text(s->m->trace, event(s, row->event), "type");
	const char *irq = s->m->wish.irq;

	return !irq || (row->label && !strcmp(row->label, irq)) || (type && !strcmp(type, irq));
}

/* The VM's rows that have something to show; *left_out: how many there are beyond ROWS. */
static size_t find_rows(struct svg *s, const char *vm, size_t *left_out)
{
	size_t count = 0;

	*left_out = 0;
	memset(s->seen, 0, s->m->rows.count);
	for (size_t i = 0; i < s->m->episodes.count; i++) {
		const struct timeline_episode *e = &s->m->episodes.all[i];
		const struct timeline_row *row = &s->m->rows.all[e->row];

		if (row->vm != vm || s->seen[e->row] || !is_wanted(s, row) ||
		    !shown(s, e->from, e->ended > e->to ? e->ended : e->to))
			continue;
		s->seen[e->row] = true;
		if (count < ROWS)
			s->rows[count++] = e->row;
		else
			++*left_out;
	}
	return count;
}

/* --- VMs --------------------------------------------------------------------------- */

static void draw_vm(struct svg *s, const char *vm)
{
	size_t left_out, rows = find_rows(s, vm, &left_out);
	double top = s->y, lanes;

	fprintf(s->out, "<g>");
	words(s, 8, s->y + 12, "b", 38, "VM %s", vm);
	s->y += 18;
	lanes = s->y;
	s->moved = 0;
	s->said = LEFT;
	for (uint32_t i = 0; i < s->m->lanes.count; i++)
		if (s->m->lanes.all[i].vm == vm)
			draw_lane(s, i);
	for (size_t i = 0; i < s->m->moves.count && s->y > lanes; i++)
		if (s->m->moves.all[i].vm == vm)
			draw_move(s, &s->m->moves.all[i], lanes, s->y - lanes - 4);
	s->y += 4;
	for (size_t i = 0; i < rows; i++)
		draw_row(s, s->rows[i]);
	if (left_out) {
		words(s, 20, s->y + 11, "d", 100, "%zu more interrupts are left out: --irq=LABEL shows one",
		      left_out);
		s->y += ROW;
	}
	s->y += 12;
	fprintf(s->out, "</g><path class=\"v\" d=\"M8 %.1fH%.1f\"/>\n", top - 2, s->width - RIGHT);
}

static double first_lane(const struct svg *s, const char *vm)
{
	for (size_t i = 0; i < s->m->lanes.count; i++)
		if (s->m->lanes.all[i].vm == vm)
			return s->lane_y[i];
	return 0;
}

/* From a save to the VM that goes on. */
static void draw_forks(struct svg *s)
{
	unsigned left_out = 0;
	double last = 0;

	for (size_t i = 0; i < s->m->moves.count; i++) {
		const struct timeline_move *to = &s->m->moves.all[i], *from;
		double x1, y1, x2, y2;

		if (!to->restore || to->source == TIMELINE_NONE)
			continue;
		from = &s->m->moves.all[to->source];
		x1 = x_of(s, from->to), x2 = x_of(s, to->from);
		y1 = first_lane(s, from->vm), y2 = first_lane(s, to->vm);
		if (!y1 || !y2 || (y1 == y2 && x2 - x1 < 6) || !shown(s, from->to, from->to) ||
		    !shown(s, to->from, to->from))
			continue;
		if (x2 < last + FORK) {
			left_out++;
			continue;
		}
		last = x2;
		/* Within one VM above its vCPUs, otherwise from below to the left side. */
		if (from->vm == to->vm)
			fprintf(s->out, "<path class=\"fork\" d=\"M%.1f %.1fv-8H%.1fv6\"/>\n", x1 - 2, y1,
			        x2 + 2);
		else
			fprintf(s->out,
			        "<path class=\"fork\" d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>\n", x1,
			        y1 + 10, (x1 + x2) / 2, y1 + 10, (x1 + x2) / 2, y2 + 10, x2 - 2, y2 + 10);
	}
	if (left_out) {
		words(s, 8, s->y + 10, "d", 100, "%u restores more have no line", left_out);
		s->y += 20;
	}
}

/* --- all of it ---------------------------------------------------------------------- */

static const char style[] =
	"text{font:10px 'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace;fill:#222}"
	".b{font-weight:bold}.n{font-weight:bold}.d{fill:#666}.t{text-anchor:middle;fill:#444}.t,text.say{"
	"paint-order:stroke;stroke:#fff;stroke-width:3px}"
	".l,.end{text-anchor:end}.in{fill:#111;pointer-events:none}.w{fill:#4b1248;font-weight:bold;pointer-"
	"events:none}"
	".by{text-anchor:end;fill:#a33c00}text.say{fill:#333;font-style:italic}path.say{stroke:#999;fill:"
	"none}"
	".title{font:bold 15px 'DejaVu Sans',Arial,sans-serif}"
	".s{fill:#8a8a8a;stroke:#fff;stroke-width:.6}.g{stroke:#e3e3e3;fill:none}"
	".z{fill:#d9d9d9}.v{stroke:#bbb;fill:none}.h{stroke:#eee;fill:none}"
	".running{fill:#dff2ea}.parked{fill:#ececec}.held{fill:#d3e5f5}.waiting{fill:#fbf0bf}"
	".stopped{fill:#b9b9b9}.suspended{fill:#cfc4d6}.ended{fill:#f6f6f6;stroke:#ddd;stroke-width:.5}"
	".u{fill:#009e73}.x{fill:#f0b429;stroke:#7a5200;stroke-width:.5}.k{fill:#000}"
	".m{fill:#cc79a7;fill-opacity:.4;stroke:#7d2e5c}.thin{stroke:none;fill-opacity:.8}.fork{fill:none;"
	"stroke:#7d2e5c;stroke-width:2;marker-end:url(#M)}"
	".p{fill:#d55e00;fill-opacity:.8}.o{fill:#d55e00;fill-opacity:.18}.e{fill:#0072b2}.i{fill:#8a3200}.q{"
	"fill:#7d2e5c}"
	".f{fill:#fff;stroke:#8a3200;stroke-width:1.5}.c{fill:none;stroke:#000;stroke-width:1.6}"
	".r{fill:none;stroke:#d55e00;stroke-dasharray:2 2;marker-end:url(#R)}"
	".a{fill:none;stroke:#000;stroke-width:1.1;marker-end:url(#A)}.hit{stroke:#f0f;stroke-width:3}";

static const char markers[] =
	"<defs>"
	"<marker id=\"A\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" markerWidth=\"6\" markerHeight=\"6\" "
	"orient=\"auto\"><path d=\"M0 0L6 3L0 6z\"/></marker>"
	"<marker id=\"R\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" markerWidth=\"5\" markerHeight=\"5\" "
	"orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" fill=\"#d55e00\"/></marker>"
	"<marker id=\"M\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" markerWidth=\"4\" markerHeight=\"4\" "
	"orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" fill=\"#7d2e5c\"/></marker></defs>\n";

/* A sample of 24 by 12, and what it means; shown if there is something that begins so. */
static const struct {
	const char *of, *sample, *text;
} legend[] = {
	{ "<rect class=\"u\"", "<rect class=\"u\" width=\"24\" height=\"11\"/>", "in the guest" },
	{ "<rect class=\"x\"", "<rect class=\"x\" width=\"24\" height=\"11\"/>", "exit" },
	{ "<rect class=\"k\"",
	  "<rect class=\"k\" x=\"10\" y=\"6\" width=\"1\" height=\"5\"/>"
	  "<rect class=\"k\" x=\"15\" y=\"6\" width=\"1\" height=\"5\"/>",
	  "call of KVM" },
	{ "<rect class=\"running\"", "<rect class=\"running\" width=\"24\" height=\"11\"/>", "running" },
	{ "<rect class=\"held\"", "<rect class=\"held\" width=\"24\" height=\"11\"/>",
	  "held: waits for a command" },
	{ "<rect class=\"parked\"", "<rect class=\"parked\" width=\"24\" height=\"11\"/>", "parked by zpvm" },
	{ "<rect class=\"waiting\"", "<rect class=\"waiting\" width=\"24\" height=\"11\"/>", "waiting" },
	{ "<rect class=\"stopped\"", "<rect class=\"stopped\" width=\"24\" height=\"11\"/>", "stopped" },
	{ "<rect class=\"suspended\"", "<rect class=\"suspended\" width=\"24\" height=\"11\"/>",
	  "suspended" },
	{ "<rect class=\"m", "<rect class=\"m\" width=\"24\" height=\"11\"/>", "save, restore" },
	{ "<path class=\"fork\"", "<path class=\"fork\" d=\"M0 6H21\"/>", "goes on there" },
	{ "<rect class=\"p\"", "<rect class=\"p\" y=\"2\" width=\"24\" height=\"7\"/>", "interrupt pending" },
	{ "<rect class=\"o\"", "<rect class=\"o\" y=\"2\" width=\"24\" height=\"7\"/>", "maybe pending" },
	{ "<path class=\"i\"", "<path class=\"i\" d=\"M8 1h8l-4 8z\"/>", "injected" },
	{ "<circle class=\"f\"", "<circle class=\"f\" cx=\"12\" cy=\"6\" r=\"3\"/>", "found pending" },
	{ "<path class=\"q\"", "<path class=\"q\" d=\"M12 1l4 4.5l-4 4.5l-4 -4.5z\"/>", "restored" },
	{ "<path class=\"r\"", "<path class=\"r\" d=\"M0 6H22\"/>", "raised by" },
	{ "<circle class=\"k\"",
	  "<circle class=\"k\" cx=\"4\" cy=\"6\" r=\"4\"/><path class=\"a\" d=\"M4 6H23\"/>", "taken by" },
	{ "<path class=\"e\"",
	  "<rect class=\"e\" y=\"4\" width=\"22\" height=\"3\"/><path class=\"e\" d=\"M21 1v9h2v-9z\"/>",
	  "handled, ended (EOI)" },
	{ "<path class=\"c\"", "<path class=\"c\" d=\"M8 2l7 7m0 -7l-7 7\"/>", "merged or withdrawn" },
	{ "class=\"z\"", "<rect class=\"z\" width=\"24\" height=\"11\"/>", "a long pause" },
};

static void draw_legend(struct svg *s)
{
	double x = 8;

	for (size_t i = 0; i < sizeof(legend) / sizeof(legend[0]); i++) {
		double wide = 30 + CHAR * (double)strlen(legend[i].text) + 16;

		if (!s->drawn || !strstr(s->drawn, legend[i].of))
			continue;
		if (x + wide > s->width - 8) {
			x = 8;
			s->y += 18;
		}
		fprintf(s->out,
		        "<g transform=\"translate(%.1f %.1f)\">%s<text x=\"29\" y=\"9.5\">%s</text></g>\n", x,
		        s->y, legend[i].sample, legend[i].text);
		x += wide;
	}
	s->y += 22;
}

static void draw_title(struct svg *s)
{
	const struct timeline_trace *trace = s->m->trace;
	const char *name = strrchr(trace->file, '/');
	char time[24];

	timeline_time(s->m->to - s->m->from, time);
	fprintf(s->out, "<text class=\"title\" x=\"8\" y=\"20\">");
	put_cut(s, name ? name + 1 : trace->file, 60);
	fprintf(s->out, " on %s: %zu events%s %s</text>\n", trace->arch, trace->count,
	        s->m->wish.from || s->m->wish.to ? ", a part of" : " in", time);
	s->y = 36;
	if (*trace->note) {
		words(s, 8, s->y + 4, "b", fits(s->width - 16), "%s", trace->note);
		s->y += 18;
	}
	draw_legend(s);
	if (!trace->count)
		words(s, 8, s->y + 12, "", 100, "There are no events in this trace.");
}

static void draw_all(struct svg *s)
{
	size_t left_out = s->m->vms.count > VMS ? s->m->vms.count - VMS : 0;

	draw_title(s);
	if (!s->m->trace->count) {
		s->y += 30;
		return;
	}
	draw_scenario(s);
	s->time = s->y;
	s->y += 36;
	draw_axis(s, false);
	for (size_t i = 0; i < s->m->vms.count && i < VMS; i++)
		draw_vm(s, s->m->vms.all[i]);
	if (left_out) {
		words(s, 8, s->y + 10, "d", 100, "%zu more VMs are left out", left_out);
		s->y += 20;
	}
	draw_forks(s);
	draw_axis(s, true);
	draw_says(s);
}

static void link_children(struct svg *s)
{
	size_t count = s->m->trace->count;

	memset(s->child, 0xff, count * sizeof(*s->child));
	/* From the last one, so that they are in order. */
	for (size_t i = count; i-- > 0;) {
		uint32_t e = s->m->order[i], parent = event(s, e)->parent;

		s->next[e] = TIMELINE_NONE;
		if (parent != TIMELINE_NONE) {
			s->next[e] = s->child[parent];
			s->child[parent] = e;
		}
	}
}

/* It is drawn three times: how high its parts are, is known after they have been drawn. */
static int draw(struct svg *s, FILE *out)
{
	char *body = NULL, *plain = NULL;
	size_t len;

	for (int pass = 0; pass < 3; pass++) {
		if (pass == 1)
			s->drawn = plain = body;
		else
			free(body);
		body = NULL;
		s->out = open_memstream(&body, &len);
		if (!s->out) {
			free(plain);
			return -ENOMEM;
		}
		memset(s->lane_y, 0, (s->m->lanes.count + 1) * sizeof(*s->lane_y));
		draw_all(s);
		s->foot = s->y - 12;
		if (fclose(s->out)) {
			free(body);
			free(plain);
			return -ENOMEM;
		}
	}
	fprintf(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f "
	        "%.0f\">\n<style>%s</style>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s",
	        s->width, s->y, s->width, s->y, style, markers);
	fwrite(body, 1, len, out);
	fputs("</svg>\n", out);
	free(body);
	free(plain);
	return 0;
}

int timeline_svg(const struct timeline_model *m, FILE *out, struct error *err)
{
	size_t count = m->trace->count + 1;
	struct svg s = { .m = m, .width = m->wish.width ? (double)m->wish.width : 1400 };
	int rc = timeline_axis(&s.axis, m, LEFT, s.width - LEFT - RIGHT);

	s.child = malloc(count * sizeof(*s.child));
	s.next = malloc(count * sizeof(*s.next));
	s.lane_y = malloc((m->lanes.count + 1) * sizeof(*s.lane_y));
	s.rows = malloc(ROWS * sizeof(*s.rows));
	s.covered = malloc((size_t)s.width);
	s.seen = malloc(m->rows.count + 1);
	if (!rc && (!s.child || !s.next || !s.lane_y || !s.rows || !s.covered || !s.seen))
		rc = -ENOMEM;
	if (!rc) {
		link_children(&s);
		rc = draw(&s, out);
	}
	timeline_axis_free(&s.axis);
	free(s.child);
	free(s.next);
	free(s.lane_y);
	free(s.rows);
	free(s.covered);
	free(s.seen);
	return rc ? error_set(err, rc, "out of memory") : 0;
}
