/* SPDX-License-Identifier: BSD-2-Clause */
/* svg_scenario.c: see svg_scenario.h. Pure. */
#include "svg_scenario.h"

#include <inttypes.h>
#include <string.h>

#define LABEL     44 /* characters of a line */
#define SLANT     50 /* degrees */
#define SAY_LINES 5

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
	double x = svg_x(s, e->ts);
	int room = svg_fits(until - x - 8), lines = 0;

	fprintf(s->out, "<path class=\"say\" d=\"M%.1f %.1fV%.1f\"/>\n", x, s->says, s->time - 4);
	for (; lines < SAY_LINES && *text && room >= 3; lines++) {
		int part = room < 8 || lines == SAY_LINES - 1 ? (int)strlen(text) : line_of(text, room);

		svg_words(s, x + 4, s->says + 10 + 12 * lines, "say", room, "%.*s", part, text);
		text += part + (text[part] == ' ');
	}
	return lines;
}

void svg_draw_says(struct svg *s)
{
	const struct timeline_event *before = NULL;

	s->lines = 0;
	for (size_t i = 0; i <= s->m->trace->count; i++) {
		bool end = i == s->m->trace->count;
		const struct timeline_event *e = end ? NULL : svg_event(s, s->m->order[i]);
		int lines = 0;

		if (!end && (!is_say(e) || !svg_shown(s, e->ts, e->ts)))
			continue;
		if (before)
			lines = draw_say(s, before, end ? s->width - SVG_RIGHT : svg_x(s, e->ts));
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
		const struct timeline_event *e = svg_event(s, s->m->order[i]);
		double x = svg_x(s, e->ts);
		uint64_t line = timeline_number(s->m->trace, e, "line", 0);
		char text[200];

		if (!is_line(e) || is_say(e) || !line || looks(e) != looking || !svg_shown(s, e->ts, e->ts) ||
		    !svg_is_free(s, x - 13, x + 13))
			continue;
		snprintf(text, sizeof(text), "%" PRIu64 "  %s", line, e->name);
		fprintf(s->out, "<text class=\"l\" transform=\"translate(%.1f %.1f)rotate(%d)\">", x + 2,
		        y - 3, SLANT);
		svg_put_cut(s, text, LABEL);
		fputs("</text>\n", s->out);
		svg_cover(s, x, x);
	}
}

/* Each line is a bar as long as it lasts. */
static void draw_bars(struct svg *s, double y)
{
	static const struct svg_look look = { "s", "lines", 0, 7 };
	struct svg_together t = { 0 };

	for (size_t i = 0; i < s->m->trace->count; i++) {
		const struct timeline_event *e = svg_event(s, s->m->order[i]);

		if (is_line(e) && !is_say(e) &&
		    (e->parent == TIMELINE_NONE || !is_line(svg_event(s, e->parent))))
			svg_add_span(s, &t, &look, y, s->m->order[i]);
	}
	svg_draw_span(s, &t, &look, y);
}

void svg_draw_scenario(struct svg *s)
{
	int most = 0;

	for (size_t i = 0; i < s->m->trace->count; i++) {
		const struct timeline_event *e = svg_event(s, (uint32_t)i);
		int len = (int)strlen(e->name) + 5;

		if (is_line(e) && !is_say(e) && svg_shown(s, e->ts, e->ts))
			most = len > most ? len : most;
	}
	if (!most)
		return;
	/* 0.77 is the sine of the slant. */
	s->y += (most > LABEL ? LABEL : most) * SVG_CHAR * 0.77 + 12;
	memset(s->covered, 0, (size_t)s->width);
	draw_labels(s, s->y, false);
	draw_labels(s, s->y, true);
	svg_words(s, 8, s->y + 7, "b", 40, "scenario");
	draw_bars(s, s->y);
	s->head = s->y + 7;
	s->y += 16;
	s->says = s->y;
	s->y += s->lines ? 12 * s->lines + 8 : 0;
}
