/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace.h: one line for each ioctl, exit, injection and step of a save or a
 * restore, with the seconds since the start. Off unless --trace asks for it;
 * then it costs a test of one pointer.
 */
#ifndef VMM_TRACE_H
#define VMM_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "error.h"

struct trace {
	FILE *out;  /* NULL: off */
	bool owned; /* a file of its own */
	uint64_t start;
};

/* path NULL: standard error. The file is truncated, unless go_on is set. */
int trace_open(struct trace *trace, const char *path, bool go_on, struct error *err);
void trace_close(struct trace *trace);

static inline int trace_on(const struct trace *trace)
{
	return trace && trace->out;
}

/* who: "vcpu 0", "flic"; the rest is printf's. Safe from any thread. */
void trace_line(const struct trace *trace, const char *who, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t time_now(void);

/* The time ms milliseconds from now, of that clock. */
struct timespec time_in(uint64_t ms);

#endif
