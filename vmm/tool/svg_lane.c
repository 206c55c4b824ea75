/* SPDX-License-Identifier: BSD-2-Clause */
/* svg_lane.c: see svg_lane.h. Pure. */
#include "svg_lane.h"

#include <inttypes.h>
#include <string.h>

#define LANE 24

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
			svg_cover(s, svg_x(s, m->moves.all[i].from), svg_x(s, m->moves.all[i].to));
	for (size_t i = 0; i < m->states.count; i++) {
		const struct timeline_state *state = &m->states.all[i];
		const char *name = svg_event(s, state->event)->name;
		double from = svg_x(s, state->from) + 3, to = svg_x(s, state->to);
		double text = (double)strlen(name) * SVG_CHAR;

		if (state->lane == lane && svg_shown(s, state->from, state->to) && to - from > text + 2 &&
		    strcmp(name, "running") && svg_is_free(s, from, from + text))
			svg_words(s, from, y + 13.5, "in", 20, "%s", name);
	}
}

static void draw_states(struct svg *s, uint32_t lane, double y)
{
	for (size_t i = 0; i < s->m->states.count; i++) {
		const struct timeline_state *state = &s->m->states.all[i];
		const char *name = svg_event(s, state->event)->name;
		double from = svg_x(s, state->from), to = svg_x(s, state->to);

		if (state->lane != lane || !svg_shown(s, state->from, state->to) || to - from < 0.4)
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
		const struct timeline_event *e = svg_event(s, s->m->order[i]);
		double x = svg_x(s, e->ts);

		if (e->kind != TRACE_KVM || e->parent == TIMELINE_NONE ||
		    svg_event(s, e->parent)->kind != TRACE_EXIT ||
		    svg_event(s, e->parent)->vcpu != s->m->lanes.all[lane].vcpu ||
		    e->vm != s->m->lanes.all[lane].vm || !svg_shown(s, e->ts, e->ts) || x < last + 2)
			continue;
		fprintf(s->out, "<rect class=\"k\" x=\"%.1f\" y=\"%.1f\" width=\"1\" height=\"5\">", x,
		        y + 14);
		svg_put_title(s, s->m->order[i]);
		fputs("</rect>\n", s->out);
		last = x;
	}
}

void svg_draw_lane(struct svg *s, uint32_t lane)
{
	static const struct svg_look guest = { "u", "times in the guest", 3, 14 };
	static const struct svg_look exits = { "x", "exits", 1, 18 };
	static const struct svg_look steps = { "u", "times it was stepped", 3, 14 };
	const struct timeline_lane *of = &s->m->lanes.all[lane];
	struct svg_together in = { 0 }, out = { 0 }, by = { 0 };
	double y = s->y;

	s->lane_y[lane] = y;
	memset(s->covered, 0, (size_t)s->width);
	svg_words(s, 20, y + 13, "", 30, "vcpu %d", of->vcpu);
	draw_states(s, lane, y);
	for (size_t i = 0; i < s->m->trace->count; i++) {
		const struct timeline_event *e = svg_event(s, s->m->order[i]);

		if (e->vm != of->vm || e->vcpu != of->vcpu)
			continue;
		if (e->kind == TRACE_VCPU && !strcmp(e->name, "in guest"))
			svg_add_span(s, &in, &guest, y, s->m->order[i]);
		else if (e->kind == TRACE_EXIT)
			svg_add_span(s, &out, &exits, y, s->m->order[i]);
		else if (e->kind == TRACE_STEP)
			svg_add_span(s, &by, &steps, y, s->m->order[i]);
	}
	svg_draw_span(s, &in, &guest, y);
	svg_draw_span(s, &by, &steps, y);
	svg_draw_span(s, &out, &exits, y);
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

void svg_draw_move(struct svg *s, const struct timeline_move *move, double y, double height)
{
	double from = svg_x(s, move->from), to = svg_x(s, move->to);
	const char *what = move->restore ? "restore" : "save";
	int len = (int)(strlen(what) + strlen(move->name) + 1);
	char time[24];

	if (!svg_shown(s, move->from, move->to))
		return;
	if (to - from < SVG_NARROW && s->moved && from < s->moved + 1)
		return;
	timeline_time(move->to - move->from, time);
	to = to < from + 1 ? from + 1 : to;
	s->moved = to;
	fprintf(s->out,
	        "<rect class=\"m%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s %s: "
	        "%" PRIu32 " steps, %s</title></rect>",
	        to - from < 4 ? " thin" : "", from, y, to - from, height, what, move->name, move->steps,
	        time);
	if (svg_fits(to - from - 4) >= len)
		svg_words(s, from + 3, y + 13.5, "w", 40, "%s %s", what, move->name);
	else if (svg_fits(to - from - 4) >= (int)strlen(what))
		svg_words(s, from + 3, y + 13.5, "w", 40, "%s", what);
	else if (*move->name && !move->restore && from - 4 - len * SVG_CHAR > s->said)
		svg_words(s, from - 4, y - 4, "w end", 40, "%s %s", what, move->name);
	else if (*move->name && move->restore && is_last(s, move) && to + 3 + len * SVG_CHAR < s->width)
		svg_words(s, to + 3, y - 4, "w", 40, "%s %s", what, move->name);
	s->said = to;
}
