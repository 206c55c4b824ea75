/* SPDX-License-Identifier: BSD-2-Clause */
/* svg_axis.h: the axis of time as it is drawn; timeline_axis.h has its scale. Pure. */
#ifndef VMM_TOOL_SVG_AXIS_H
#define VMM_TOOL_SVG_AXIS_H

#include "svg.h"

/* Its lines, which are below everything, or its text, which is above. */
void svg_draw_axis(struct svg *s, bool text);

#endif
