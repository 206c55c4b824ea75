/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.c: see trace.h. Pure. Read next: trace/sink.h. */
#include "trace.h"

#include <stdio.h>
#include <string.h>

/* The innermost span that this thread is in. */
static _Thread_local struct trace_event *innermost;

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

/* --- events --------------------------------------------------------------- */

void trace_init(struct trace_event *event, enum trace_kind kind, int vcpu, const char *name)
{
	event->id = 0;
	event->parent = innermost;
	event->kind = kind;
	event->name = name;
	event->vcpu = vcpu;
	event->ns = time_now();
	event->duration = 0;
	event->raw = NULL;
	event->args = event->asked = event->used = 0;
	event->result = NULL;
	event->shown = false;
	event->zeros = 0;
}

void trace_start(const struct trace *trace, struct trace_event *event, enum trace_kind kind, int vcpu,
                 const char *name, const void *raw)
{
	trace_init(event, kind, vcpu, name);
	event->raw = raw;
	event->vm = trace->vm;
	trace->sink(trace, event, true);
	innermost = event;
}

void trace_stop(const struct trace *trace, struct trace_event *event)
{
	event->duration = time_now() - event->ns;
	innermost = event->parent;
	trace->sink(trace, event, false);
}

void trace_point(const struct trace *trace, struct trace_event *event)
{
	event->vm = trace->vm;
	trace->sink(trace, event, false);
}

struct trace_event *trace_within(const struct trace *trace, enum trace_kind kind)
{
	struct trace_event *event = trace ? innermost : NULL;

	while (event && event->kind != kind)
		event = event->parent;
	return event;
}

static const char *store(struct trace_event *event, const char *fmt, va_list ap)
{
	char *at = event->room + event->used;
	size_t room = sizeof(event->room) - event->used;
	int len = vsnprintf(at, room, fmt, ap);

	if (len < 0 || !room)
		return "";
	event->used += (size_t)len < room ? (unsigned)len + 1 : (unsigned)room;
	return at;
}

static struct trace_arg *add(struct trace_event *event, const char *name, enum trace_type type)
{
	static _Thread_local struct trace_arg none;
	struct trace_arg *arg = event->args < TRACE_ARGS ? &event->arg[event->args++] : &none;

	*arg = (struct trace_arg){ .name = name, .type = type };
	return arg;
}

void trace_number(struct trace_event *event, const char *name, uint64_t value)
{
	add(event, name, TRACE_NUMBER)->number = value;
}

void trace_hex(struct trace_event *event, const char *name, uint64_t value)
{
	add(event, name, TRACE_HEX)->number = value;
}

void trace_text(struct trace_event *event, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(event, name, TRACE_TEXT)->text = store(event, fmt, ap);
	va_end(ap);
}

void trace_name(struct trace_event *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	event->name = store(event, fmt, ap);
	va_end(ap);
}

void trace_replace(struct trace_event *event, const char *name, const char *text)
{
	for (unsigned i = 0; event && i < event->args; i++)
		if (!strcmp(event->arg[i].name, name))
			event->arg[i] = (struct trace_arg){ .name = name, .type = TRACE_TEXT, .text = text };
}

void trace_result(struct trace_event *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	event->result = store(event, fmt, ap);
	va_end(ap);
}

void trace_code(struct trace_event *event, long code)
{
	if (code < 0)
		event->result = error_name((int)code);
	else
		trace_result(event, "%ld", code);
}

void trace_note(const struct trace *trace, const char *fmt, ...)
{
	struct trace_event event;
	char text[400];
	va_list ap;

	if (!trace_wants(trace, TRACE_NOTE))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trace_init(&event, TRACE_NOTE, -1, text);
	trace_point(trace, &event);
}
