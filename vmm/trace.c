/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.c: see trace.h. Pure. */
#include "trace.h"

#include <errno.h>
#include <string.h>
#include <time.h>

uint64_t time_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

struct timespec time_in(uint64_t ms)
{
	uint64_t ns = time_now() + ms * 1000000;

	return (struct timespec){ .tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000) };
}

int trace_open(struct trace *trace, const char *path, bool go_on, struct error *err)
{
	trace->out = path ? fopen(path, go_on ? "ae" : "we") : stderr;
	if (!trace->out)
		return error_set(err, -errno, "cannot write the trace to %s: %s", path, strerror(errno));
	trace->owned = path;
	setvbuf(trace->out, NULL, _IOLBF, 0);
	trace->start = time_now();
	return 0;
}

void trace_close(struct trace *trace)
{
	if (trace->out && trace->owned)
		fclose(trace->out);
	trace->out = NULL;
}

void trace_line(const struct trace *trace, const char *who, const char *fmt, ...)
{
	uint64_t us;
	char line[400];
	va_list ap;

	if (!trace_on(trace))
		return;
	us = (time_now() - trace->start) / 1000;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* One call, so that lines of two threads do not mix. */
	fprintf(trace->out, "%4u.%06u %-8s %s\n", (unsigned)(us / 1000000), (unsigned)(us % 1000000), who,
	        line);
}
