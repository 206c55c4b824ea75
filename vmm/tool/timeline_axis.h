/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timeline_axis.h: where a time is on the picture. Between two instants at which something happens the axis
 * is straight; the longer that is, the more it is compressed (the width is the square root of the time), so
 * that microseconds can be seen beside seconds. Pure.
 */
#ifndef VMM_TOOL_TIMELINE_AXIS_H
#define VMM_TOOL_TIMELINE_AXIS_H

#include "timeline_model.h"

struct timeline_knot {
	uint64_t ts;
	double floor; /* how far it is at least from the one before it */
	double root;  /* of the time between them */
	bool span;    /* it is the end of an exit, or of a time in the guest */
	double x;
};

struct timeline_axis {
	TIMELINE_LIST(struct timeline_knot) knots;
	double left, width;
};

int timeline_axis(struct timeline_axis *axis, const struct timeline_model *m, double left, double width);
void timeline_axis_free(struct timeline_axis *axis);
double timeline_x(const struct timeline_axis *axis, uint64_t ts);
/* The time there. */
uint64_t timeline_at(const struct timeline_axis *axis, double x);

#endif
