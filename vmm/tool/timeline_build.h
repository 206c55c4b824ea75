/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_build.h: makes the model of a trace from its events. Pure. */
#ifndef VMM_TOOL_TIMELINE_BUILD_H
#define VMM_TOOL_TIMELINE_BUILD_H

#include "timeline_model.h"

/* -ENOMEM or -EINVAL. The trace must outlive the model. */
int timeline_build(struct timeline_model *m, const struct timeline_trace *trace,
                   const struct timeline_wish *wish, struct error *err);

#endif
