/* SPDX-License-Identifier: BSD-2-Clause */
/* svg.c: see svg.h. Pure. */
#include "svg.h"

#include <stdarg.h>
#include <string.h>

void svg_put(struct svg *s, const char *text)
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

void svg_put_cut(struct svg *s, const char *text, int most)
{
	char part[256];
	int len = (int)strlen(text);

	if (most > 250)
		most = 250;
	snprintf(part, sizeof(part), "%.*s", len > most ? most - 1 : most, text);
	svg_put(s, part);
	if (len > most)
		fputs("&#8230;", s->out);
}

__attribute__((format(printf, 6, 7))) void svg_words(struct svg *s, double x, double y, const char *class,
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
	svg_put_cut(s, text, most);
	fputs("</text>\n", s->out);
}

/* --- what a pointer over it shows ------------------------------------------ */

#define CALLS 8

static void put_event(struct svg *s, const struct timeline_event *e)
{
	char text[600], time[24];

	svg_put(s, e->name);
	timeline_arguments(s->m->trace, e, text, sizeof(text));
	if (*text) {
		putc(' ', s->out);
		svg_put_cut(s, text, 240);
	}
	if (e->result) {
		fputs(" = ", s->out);
		svg_put(s, e->result);
	}
	timeline_time(e->dur, time);
	if (e->dur)
		fprintf(s->out, " (%s)", time);
}

void svg_put_title(struct svg *s, uint32_t i)
{
	const struct timeline_event *e = svg_event(s, i);
	unsigned n = 0;

	fprintf(s->out, "<title>%.6f s: ", (double)e->ts / 1e9);
	put_event(s, e);
	for (uint32_t c = s->child[i]; c != TIMELINE_NONE; c = s->next[c])
		if (svg_event(s, c)->kind == TRACE_KVM && n++ < CALLS) {
			putc('\n', s->out);
			put_event(s, svg_event(s, c));
		}
	if (n > CALLS)
		fprintf(s->out, "\nand %u more calls of KVM", n - CALLS);
	fputs("</title>", s->out);
}

/* --- spans ----------------------------------------------------------------- */

void svg_cover(struct svg *s, double from, double to)
{
	for (size_t x = from > 0 ? (size_t)from : 0; x <= (size_t)to && x < (size_t)s->width; x++)
		s->covered[x] = true;
}

bool svg_is_free(const struct svg *s, double from, double to)
{
	size_t x = (size_t)from;

	while (x <= (size_t)to && x < (size_t)s->width && !s->covered[x])
		x++;
	return x > (size_t)to;
}

void svg_draw_span(struct svg *s, struct svg_together *t, const struct svg_look *look, double y)
{
	double width = t->to - t->from < 0.8 ? 0.8 : t->to - t->from;

	if (!t->count)
		return;
	svg_cover(s, t->from, t->from + width);
	fprintf(s->out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\">",
	        look->class, t->from, y + look->above, width, look->height);
	if (t->count == 1)
		svg_put_title(s, t->first);
	else
		fprintf(s->out, "<title>%u %s within %.6f s</title>", t->count, look->many,
		        (double)(timeline_at(&s->axis, t->to) - timeline_at(&s->axis, t->from)) / 1e9);
	fputs("</rect>\n", s->out);
	if (t->count == 1 && look->height > 10 &&
	    svg_fits(width - 4) >= (int)strlen(svg_event(s, t->first)->name))
		svg_words(s, t->from + 2, y + look->above + look->height / 2 + 3.5, "in", 60, "%s",
		          svg_event(s, t->first)->name);
	t->count = 0;
}

void svg_add_span(struct svg *s, struct svg_together *t, const struct svg_look *look, double y, uint32_t i)
{
	double from = svg_x(s, svg_event(s, i)->ts), to = svg_x(s, timeline_end(svg_event(s, i)));

	if (!svg_shown(s, svg_event(s, i)->ts, timeline_end(svg_event(s, i))))
		return;
	if (t->count && (from > t->to + 0.5 || to - from > SVG_NARROW || t->to - t->from > 4))
		svg_draw_span(s, t, look, y);
	if (!t->count)
		*t = (struct svg_together){ from, to, 0, i };
	t->to = to > t->to ? to : t->to;
	t->count++;
}
