/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * svg.h: what the parts of a timeline's picture have in common: where they are, and the SVG elements that
 * they consist of. What is narrower than a pixel is drawn together with what is beside it, so that the size
 * depends on the picture's width, not on the number of events. Pure. Drawn by timeline_svg.c.
 */
#ifndef VMM_TOOL_SVG_H
#define VMM_TOOL_SVG_H

#include <stdio.h>

#include "timeline_axis.h"

/* All small text is of one width: 10 px of a monospaced font. */
#define SVG_CHAR   6.03
#define SVG_LEFT   272
#define SVG_RIGHT  24
#define SVG_ROW    17
#define SVG_ROWS   40  /* of a VM; more are left out */
#define SVG_NARROW 1.5 /* spans of this width are drawn together */

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

/* How many characters fit into this width. */
static inline int svg_fits(double width)
{
	return width > 0 ? (int)(width / SVG_CHAR) : 0;
}

static inline double svg_x(const struct svg *s, uint64_t ts)
{
	return timeline_x(&s->axis, ts);
}

static inline bool svg_shown(const struct svg *s, uint64_t from, uint64_t to)
{
	return to >= s->m->from && from <= s->m->to;
}

static inline const struct timeline_event *svg_event(const struct svg *s, uint32_t i)
{
	return &s->m->trace->events[i];
}

/* Text within an element. */
void svg_put(struct svg *s, const char *text);

/* At most so many characters of it. */
void svg_put_cut(struct svg *s, const char *text, int most);

/* An element of text, cut in the same way; class "": of none. */
__attribute__((format(printf, 6, 7))) void svg_words(struct svg *s, double x, double y, const char *class,
                                                     int most, const char *fmt, ...);

/* What a pointer over an event shows. */
void svg_put_title(struct svg *s, uint32_t event);

/* Marks what is drawn: text is left out where something else is. */
void svg_cover(struct svg *s, double from, double to);
bool svg_is_free(const struct svg *s, double from, double to);

/* Spans side by side that are so narrow that they are drawn as one; 0: none yet. */
struct svg_together {
	double from, to;
	unsigned count;
	uint32_t first;
};

struct svg_look {
	const char *class, *many; /* what several of them are called */
	double above, height;     /* within the lane */
};

/* Adds an event in the order of time; draws those before it if it is apart from them. */
void svg_add_span(struct svg *s, struct svg_together *t, const struct svg_look *look, double y,
                  uint32_t event);

/* Draws what has been added since. */
void svg_draw_span(struct svg *s, struct svg_together *t, const struct svg_look *look, double y);

#endif
