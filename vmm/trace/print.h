/* SPDX-License-Identifier: BSD-2-Clause */
/* print.h: an event as a line for a reader, and as a line of JSON (zpvm-trace(5)). Pure. */
#ifndef VMM_TRACE_PRINT_H
#define VMM_TRACE_PRINT_H

#include <stdio.h>

#include "vmm/trace.h"

#define TRACE_SCHEMA_VERSION 1

/* Where lines go, and how they look. */
struct trace_print {
	FILE *out;
	uint64_t start; /* time_now() of time 0 */
	bool colour;
};

/*
 * What a reader sees of an event that is over: its line; if the lines of events within it were written
 * already, only how it ended. First come the lines of the spans that it is in, unless they are there.
 */
void trace_print_text(const struct trace_print *p, struct trace_event *event);

/* What an event says, without times: "kvm KVM_ENABLE_CAP cap=PPC_PAPR". Returns the text's length. */
size_t trace_text_of(const struct trace_event *event, char *text, size_t size);

/* The first line; start: nanoseconds since 1970. Then a line for each event, when it is over. */
void trace_print_schema(const struct trace_print *p, const char *arch, uint64_t start);
void trace_print_json(const struct trace_print *p, const struct trace_event *event);

#endif
