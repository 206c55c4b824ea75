/* SPDX-License-Identifier: BSD-2-Clause */
/* svg_lane.h: the lanes of vCPUs, and the saves and restores of a VM across its lanes. Pure. */
#ifndef VMM_TOOL_SVG_LANE_H
#define VMM_TOOL_SVG_LANE_H

#include "svg.h"

void svg_draw_lane(struct svg *s, uint32_t lane);

/* y and height are those of the VM's lanes. */
void svg_draw_move(struct svg *s, const struct timeline_move *move, double y, double height);

#endif
