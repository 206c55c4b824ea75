/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timeline_read.h: reads a trace of JSON lines, as zpvm-trace(5) says: any bytes lead to events or to an
 * error with file and line. Pure.
 */
#ifndef VMM_TOOL_TIMELINE_READ_H
#define VMM_TOOL_TIMELINE_READ_H

#include "timeline_trace.h"

/*
 * The strings of the trace are in bytes, which are changed, and must outlive it. -EBADMSG with a sentence, or
 * -ENOMEM. A last line that is cut is left out, and note says so.
 */
int timeline_read(struct timeline_trace *trace, const char *file, char *bytes, size_t len, struct error *err);

#endif
