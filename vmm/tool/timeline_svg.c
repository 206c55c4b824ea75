/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timeline_svg.c: see timeline_draw.h. From top to bottom: the title and the legend, the scenario, the axis,
 * and for each VM its vCPUs and its interrupts. Pure.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "svg_axis.h"
#include "svg_irq.h"
#include "svg_lane.h"
#include "svg_legend.h"
#include "svg_scenario.h"
#include "timeline_draw.h"

#define VMS  24
#define FORK 10 /* lines of restores are so far apart */

/* --- VMs ------------------------------------------------------------------- */

static void draw_vm(struct svg *s, const char *vm)
{
	size_t left_out, rows = svg_find_rows(s, vm, &left_out);
	double top = s->y, lanes;

	fprintf(s->out, "<g>");
	svg_words(s, 8, s->y + 12, "b", 38, "VM %s", vm);
	s->y += 18;
	lanes = s->y;
	s->moved = 0;
	s->said = SVG_LEFT;
	for (uint32_t i = 0; i < s->m->lanes.count; i++)
		if (s->m->lanes.all[i].vm == vm)
			svg_draw_lane(s, i);
	for (size_t i = 0; i < s->m->moves.count && s->y > lanes; i++)
		if (s->m->moves.all[i].vm == vm)
			svg_draw_move(s, &s->m->moves.all[i], lanes, s->y - lanes - 4);
	s->y += 4;
	for (size_t i = 0; i < rows; i++)
		svg_draw_row(s, s->rows[i]);
	if (left_out) {
		svg_words(s, 20, s->y + 11, "d", 100,
		          "%zu more interrupts are left out: --irq=LABEL shows one", left_out);
		s->y += SVG_ROW;
	}
	s->y += 12;
	fprintf(s->out, "</g><path class=\"v\" d=\"M8 %.1fH%.1f\"/>\n", top - 2, s->width - SVG_RIGHT);
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
		x1 = svg_x(s, from->to), x2 = svg_x(s, to->from);
		y1 = first_lane(s, from->vm), y2 = first_lane(s, to->vm);
		if (!y1 || !y2 || (y1 == y2 && x2 - x1 < 6) || !svg_shown(s, from->to, from->to) ||
		    !svg_shown(s, to->from, to->from))
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
		svg_words(s, 8, s->y + 10, "d", 100, "%u restores more have no line", left_out);
		s->y += 20;
	}
}

/* --- all of it ------------------------------------------------------------- */

static void draw_title(struct svg *s)
{
	const struct timeline_trace *trace = s->m->trace;
	const char *name = strrchr(trace->file, '/');
	char time[24];

	timeline_time(s->m->to - s->m->from, time);
	fprintf(s->out, "<text class=\"title\" x=\"8\" y=\"20\">");
	svg_put_cut(s, name ? name + 1 : trace->file, 60);
	fprintf(s->out, " on %s: %zu events%s %s</text>\n", trace->arch, trace->count,
	        s->m->wish.from || s->m->wish.to ? ", a part of" : " in", time);
	s->y = 36;
	if (*trace->note) {
		svg_words(s, 8, s->y + 4, "b", svg_fits(s->width - 16), "%s", trace->note);
		s->y += 18;
	}
	svg_draw_legend(s);
	if (!trace->count)
		svg_words(s, 8, s->y + 12, "", 100, "There are no events in this trace.");
}

static void draw_all(struct svg *s)
{
	size_t left_out = s->m->vms.count > VMS ? s->m->vms.count - VMS : 0;

	draw_title(s);
	if (!s->m->trace->count) {
		s->y += 30;
		return;
	}
	svg_draw_scenario(s);
	s->time = s->y;
	s->y += 36;
	svg_draw_axis(s, false);
	for (size_t i = 0; i < s->m->vms.count && i < VMS; i++)
		draw_vm(s, s->m->vms.all[i]);
	if (left_out) {
		svg_words(s, 8, s->y + 10, "d", 100, "%zu more VMs are left out", left_out);
		s->y += 20;
	}
	draw_forks(s);
	svg_draw_axis(s, true);
	svg_draw_says(s);
}

static void link_children(struct svg *s)
{
	size_t count = s->m->trace->count;

	memset(s->child, 0xff, count * sizeof(*s->child));
	/* From the last one, so that they are in order. */
	for (size_t i = count; i-- > 0;) {
		uint32_t e = s->m->order[i], parent = svg_event(s, e)->parent;

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
	svg_begin(s, out);
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
	int rc = timeline_axis(&s.axis, m, SVG_LEFT, s.width - SVG_LEFT - SVG_RIGHT);

	s.child = malloc(count * sizeof(*s.child));
	s.next = malloc(count * sizeof(*s.next));
	s.lane_y = malloc((m->lanes.count + 1) * sizeof(*s.lane_y));
	s.rows = malloc(SVG_ROWS * sizeof(*s.rows));
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
