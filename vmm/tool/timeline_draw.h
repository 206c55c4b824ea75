/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_draw.h: the forms of a timeline. Each is written to out, whose errors are the caller's. Pure. */
#ifndef VMM_TOOL_TIMELINE_DRAW_H
#define VMM_TOOL_TIMELINE_DRAW_H

#include <stdio.h>

#include "timeline_model.h"

/* -ENOMEM with a sentence. */
int timeline_svg(const struct timeline_model *m, FILE *out, struct error *err);

/* The SVG in a page, with a script to enlarge and to search. */
int timeline_html(const struct timeline_model *m, FILE *out, struct error *err);

/* Chrome's trace format, for Perfetto and chrome://tracing. */
int timeline_chrome(const struct timeline_model *m, FILE *out, struct error *err);

/* Lines of at most 100 characters for a terminal. */
int timeline_print(const struct timeline_model *m, FILE *out, struct error *err);

#endif
