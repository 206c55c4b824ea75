/* SPDX-License-Identifier: BSD-2-Clause */
/* json.c: the trace as lines of JSON: see print.h, zpvm-trace(5). Pure. */
#include <inttypes.h>
#include <string.h>

#include "print.h"
#include "wish.h"

/* What is no ASCII becomes "?": a line is one event, whatever a file is called. */
static void quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc((unsigned char)*text < ' ' || (unsigned char)*text > '~' ? '?' : *text, out);
	}
	putc('"', out);
}

static void value(FILE *out, const struct trace_arg *arg)
{
	if (arg->type == TRACE_NUMBER)
		fprintf(out, "%" PRIu64, arg->number);
	else if (arg->type == TRACE_HEX)
		fprintf(out, "\"0x%" PRIx64 "\"", arg->number);
	else
		quoted(out, arg->text);
}

/* The argument "by" of an interrupt is not the interrupt's. */
static bool is_by(const struct trace_event *event, const struct trace_arg *arg)
{
	return event->kind == TRACE_IRQ && !strcmp(arg->name, "by");
}

static void arguments(FILE *out, const struct trace_event *event)
{
	const char *comma = "";

	fprintf(out, ",\"%s\":{", event->kind == TRACE_IRQ ? "irq" : "args");
	for (unsigned i = 0; i < event->args; i++) {
		if (is_by(event, &event->arg[i]))
			continue;
		fputs(comma, out);
		quoted(out, event->arg[i].name);
		putc(':', out);
		value(out, &event->arg[i]);
		comma = ",";
	}
	putc('}', out);
	for (unsigned i = 0; i < event->args; i++)
		if (is_by(event, &event->arg[i])) {
			fputs(",\"by\":", out);
			value(out, &event->arg[i]);
		}
}

void trace_print_schema(const struct trace_print *p, const char *arch, uint64_t start)
{
	fprintf(p->out, "{\"schema\":\"zpvm-trace\",\"version\":%d,\"arch\":\"%s\",\"start\":%" PRIu64 "}\n",
	        TRACE_SCHEMA_VERSION, arch, start);
	fflush(p->out);
}

void trace_print_json(const struct trace_print *p, const struct trace_event *event)
{
	FILE *out = p->out;

	/* Lines of two threads do not mix. */
	flockfile(out);
	fprintf(out,
	        "{\"id\":%" PRIu64 ",\"parent\":%" PRIu64 ",\"ts\":%" PRIu64 ",\"dur\":%" PRIu64
	        ",\"kind\":\"%s\"",
	        event->id, event->parent ? event->parent->id : 0, event->ns - p->start, event->duration,
	        trace_words[event->kind].name);
	if (event->vm) {
		fputs(",\"vm\":", out);
		quoted(out, event->vm);
	}
	if (event->vcpu >= 0)
		fprintf(out, ",\"vcpu\":%d", event->vcpu);
	fputs(event->kind == TRACE_IRQ ? ",\"phase\":" : ",\"name\":", out);
	quoted(out, event->name);
	if (event->args)
		arguments(out, event);
	if (event->result) {
		fputs(",\"result\":", out);
		quoted(out, event->result);
	}
	fputs("}\n", out);
	funlockfile(out);
}
