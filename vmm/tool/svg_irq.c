/* SPDX-License-Identifier: BSD-2-Clause */
/* svg_irq.c: see svg_irq.h. Pure. */
#include "svg_irq.h"

#include <inttypes.h>
#include <string.h>

#define MANY 100 /* of a row: not each has its signs */

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
	svg_put(s, row->label ? row->label : "");
	fputs(row->label ? ": " : "", s->out);
	svg_put(s, text);
	fprintf(s->out, "\n%.6f s: %s", (double)e->from / 1e9, begins[e->begin]);
	if (e->first != TIMELINE_NONE && svg_event(s, e->first)->by) {
		fputs(" by ", s->out);
		svg_put(s, svg_event(s, e->first)->by);
	}
	fprintf(s->out, "\n%.6f s: %s", (double)e->to / 1e9, closes[e->close]);
	if (e->close == TIMELINE_TAKEN && e->last != TIMELINE_NONE && svg_event(s, e->last)->by) {
		fputs(" by ", s->out);
		svg_put(s, svg_event(s, e->last)->by);
	}
	if (e->ended)
		fprintf(s->out, "\n%.6f s: ended (EOI)", (double)e->ended / 1e9);
	fputs("</title>", s->out);
}

static void draw_bar(struct svg *s, const struct timeline_episode *e, double y, struct drawn *d)
{
	double from = svg_x(s, e->from), to = svg_x(s, e->to), ended = svg_x(s, e->ended), known = to;

	if (d->bar && from < d->bar + 0.5 && to - from < SVG_NARROW)
		return;
	/* Of a guest that does not say what it takes: until another one of them comes, nobody knows. */
	if (e->close == TIMELINE_OPEN) {
		known = e->seen ? svg_x(s, e->seen) : from;
		to = e->next_open == TIMELINE_NONE ? to : svg_x(s, s->m->episodes.all[e->next_open].from);
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
	const struct timeline_event *first = e->first == TIMELINE_NONE ? NULL : svg_event(s, e->first);
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
	else if (by && e->begin == TIMELINE_INJECTED && x - 44 > SVG_LEFT && x - 44 > d->bar_before)
		fprintf(s->out, "<text class=\"by\" x=\"%.1f\" y=\"%.1f\">%s</text>", x - 5, y + 11, by);
	d->raised = x;
}

static void draw_begin(struct svg *s, const struct timeline_episode *e, double y, struct drawn *d)
{
	double x = svg_x(s, e->from);

	if (!svg_shown(s, e->from, e->from) || (d->begin && x < d->begin + gap(s, e)))
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
	const struct timeline_event *last = e->last == TIMELINE_NONE ? NULL : svg_event(s, e->last);
	double x = svg_x(s, e->to);
	uint32_t lane;

	if (e->ended && svg_shown(s, e->ended, e->ended))
		fprintf(s->out, "<path class=\"e\" d=\"M%.1f %.1fv9h2v-9z\"/>", svg_x(s, e->ended) - 1,
		        y + 3);
	if (!svg_shown(s, e->to, e->to) || (d->taken && x < d->taken + gap(s, e)))
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

void svg_draw_row(struct svg *s, uint32_t r)
{
	const struct timeline_row *row = &s->m->rows.all[r];
	struct drawn d = { 0 };
	double y = s->y;
	char text[300];

	timeline_identity(s->m, row, text, sizeof(text));
	if (row->label)
		svg_words(s, 20, y + 11, "n", 14, "%s", row->label);
	if (row->episodes > MANY) {
		snprintf(text, sizeof(text), "%" PRIu32 " times, ", row->episodes);
		timeline_identity(s->m, row, text + strlen(text), sizeof(text) - strlen(text));
	}
	cut_words(text, row->label ? 25 : 39);
	svg_words(s, row->label ? 20 + SVG_CHAR * 15 : 20, y + 11, "d", 60, "%s", text);
	fprintf(s->out, "<path class=\"h\" d=\"M%d %.1fH%.1f\"/>\n", SVG_LEFT, y + 7.5, s->width - SVG_RIGHT);
	for (size_t i = 0; i < s->m->episodes.count; i++) {
		const struct timeline_episode *e = &s->m->episodes.all[i];

		if (e->row == r && svg_shown(s, e->from, e->ended > e->to ? e->ended : e->to)) {
			draw_bar(s, e, y, &d);
			draw_begin(s, e, y, &d);
			draw_end(s, e, y, &d);
		}
	}
	s->y += SVG_ROW;
}

static bool is_wanted(const struct svg *s, const struct timeline_row *row)
{
	const char *type = timeline_text(s->m->trace, svg_event(s, row->event), "type");
	const char *irq = s->m->wish.irq;

	return !irq || (row->label && !strcmp(row->label, irq)) || (type && !strcmp(type, irq));
}

size_t svg_find_rows(struct svg *s, const char *vm, size_t *left_out)
{
	size_t count = 0;

	*left_out = 0;
	memset(s->seen, 0, s->m->rows.count);
	for (size_t i = 0; i < s->m->episodes.count; i++) {
		const struct timeline_episode *e = &s->m->episodes.all[i];
		const struct timeline_row *row = &s->m->rows.all[e->row];

		if (row->vm != vm || s->seen[e->row] || !is_wanted(s, row) ||
		    !svg_shown(s, e->from, e->ended > e->to ? e->ended : e->to))
			continue;
		s->seen[e->row] = true;
		if (count < SVG_ROWS)
			s->rows[count++] = e->row;
		else
			++*left_out;
	}
	return count;
}
