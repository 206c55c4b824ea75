/* SPDX-License-Identifier: BSD-2-Clause */
/* svg_axis.c: see svg_axis.h. Pure. */
#include "svg_axis.h"

#include <string.h>

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
	double x = svg_x(s, ts);

	for (uint64_t i = digit; i > unit / 5 && digits < 6 && i > 1 && ts % i; i /= 10)
		digits++;
	svg_words(s, x, y, "t", 20, "%.*f %s", digits, (double)ts / (double)digit,
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
		if (svg_fits(wide - 4) >= (int)strlen(text))
			svg_words(s, knot[-1].x + wide / 2, y + 9, "t", 20, "%s", text);
	}
}

void svg_draw_axis(struct svg *s, bool text)
{
	double y = s->time + 10, last = 0;

	if (text)
		svg_words(s, 8, y, "b", 40, "time");
	if (text)
		svg_words(s, 8, y + 14, "d", 40, "not to scale: long pauses are shorter");
	for (double x = SVG_LEFT; x + 40 <= s->width - SVG_RIGHT; x += 4) {
		uint64_t unit, from = timeline_at(&s->axis, x), to = timeline_at(&s->axis, x + 40);
		uint64_t ts = round_time(from, to, &unit);

		if (svg_x(s, ts) < last + 84 && last)
			continue;
		if (text)
			draw_tick(s, ts, unit, y);
		else
			fprintf(s->out, "<path class=\"g\" d=\"M%.1f %.1fV%.1f\"/>", svg_x(s, ts), y + 4,
			        s->foot);
		last = svg_x(s, ts);
	}
	if (text)
		draw_breaks(s, y + 6);
}
