/* SPDX-License-Identifier: BSD-2-Clause */
/* measure.h: what the channel subsystem measures of start functions, if the guest has asked for it. Pure. */
#ifndef DEVICES_CSS_MEASURE_H
#define DEVICES_CSS_MEASURE_H

#include "css.h"

/* The host's time in nanoseconds; 0 if this subchannel is not measured. */
uint64_t measure_now(const struct css *css, const struct subchannel *sch);

/* START or RESUME SUBCHANNEL has been accepted. */
void measure_start(const struct css *css, struct subchannel *sch);

/* The start function has ended, or is suspended: it has been connected for sch->connected nanoseconds. */
void measure_end(const struct css *css, struct subchannel *sch);

#endif
