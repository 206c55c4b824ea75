/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sink.h: where the events of the core go (vmm/trace.h): it decodes them and writes them, for a reader or as
 * JSON lines. Read next: decode.h, print.h.
 */
#ifndef VMM_TRACE_SINK_H
#define VMM_TRACE_SINK_H

#include "print.h"
#include "wish.h"

struct trace_sink {
	struct trace trace; /* what a VM's configuration is given, if sink_on() */
	struct trace_print print;
	bool owned; /* print.out is a file of its own */
	bool json;
	uint64_t ids; /* atomic */
};

/* go_on: the file is not truncated: another process has written to it. -errno: it cannot be written. */
int sink_open(struct trace_sink *sink, const struct trace_wish *wish, bool go_on, struct error *err);

/* print.out is final, and nothing has been written: writes the first line. */
void sink_begin(const struct trace_sink *sink);
void sink_close(struct trace_sink *sink);

static inline bool sink_on(const struct trace_sink *sink)
{
	return sink->print.out;
}

/* What --trace=help prints. */
void sink_help(FILE *out);

#endif
