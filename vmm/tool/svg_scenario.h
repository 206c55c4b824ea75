/* SPDX-License-Identifier: BSD-2-Clause */
/* svg_scenario.h: the lines of the scenario above the axis, and the sentences that it says. Pure. */
#ifndef VMM_TOOL_SVG_SCENARIO_H
#define VMM_TOOL_SVG_SCENARIO_H

#include "svg.h"

/* The lines. Below them is room for the sentences, whose number svg_draw_says() has found before. */
void svg_draw_scenario(struct svg *s);

void svg_draw_says(struct svg *s);

#endif
