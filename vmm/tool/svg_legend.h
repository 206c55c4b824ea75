/* SPDX-License-Identifier: BSD-2-Clause */
/* svg_legend.h: how the picture looks, and what its signs mean. Pure. */
#ifndef VMM_TOOL_SVG_LEGEND_H
#define VMM_TOOL_SVG_LEGEND_H

#include "svg.h"

/* The picture begins: its size, the style sheet, and the heads of arrows. */
void svg_begin(const struct svg *s, FILE *out);

/* The signs that are in what has been drawn. */
void svg_draw_legend(struct svg *s);

#endif
