/* SPDX-License-Identifier: BSD-2-Clause */
/* text.c: the trace for a reader: see print.h. Pure. */
#include <inttypes.h>
#include <string.h>

#include "print.h"

#define WIDTH 12 /* of the times */

/* Escape sequences of a terminal (ECMA-48, SGR). */
static const char *const colours[TRACE_KINDS] = {
	[TRACE_KVM] = "\033[2m",       [TRACE_EXIT] = "\033[36m",   [TRACE_IRQ] = "\033[1;33m",
	[TRACE_SNAPSHOT] = "\033[35m", [TRACE_STEP] = "\033[1m",    [TRACE_GUEST] = "\033[32m",
	[TRACE_VCPU] = "\033[34m",     [TRACE_SANDBOX] = "\033[2m", [TRACE_NOTE] = "",
};
#define PLAIN "\033[0m"

struct text {
	char *at;
	size_t size, len;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(t->at + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	t->len += len < 0 ? 0 : (size_t)len < t->size - t->len ? (size_t)len : t->size - t->len - 1;
}

/* Nobody may control a terminal by the name of a file, or by what a guest says. */
static void add_plain(struct text *t, const char *text)
{
	for (; *text && t->len + 1 < t->size; text++)
		t->at[t->len++] = (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text;
	t->at[t->len] = 0;
}

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names;
}

/* What is clear without its name has none: "KVM_ENABLE_CAP S390_AIS", "disk: io isc=3 by line 12". */
static void add_arg(struct text *t, enum trace_kind kind, const struct trace_arg *arg)
{
	static const char *const calls[] = { "cap", "device", "attr", "reg", NULL }, *const irqs[] = {
		"label", "type", NULL
	};
	bool by = kind == TRACE_IRQ && !strcmp(arg->name, "by");
	bool bare = by || (kind == TRACE_KVM && is_one_of(arg->name, calls)) ||
	            (kind == TRACE_IRQ && is_one_of(arg->name, irqs));

	if (bare)
		add(t, by ? " by " : " ");
	else
		add(t, " %s=", arg->name);
	if (arg->type == TRACE_NUMBER)
		add(t, "%" PRIu64, arg->number);
	else if (arg->type == TRACE_HEX)
		add(t, "0x%" PRIx64, arg->number);
	else if (!bare && strpbrk(arg->text, " ="))
		add(t, "\""), add_plain(t, arg->text), add(t, "\"");
	else
		add_plain(t, arg->text);
	if (bare && !strcmp(arg->name, "label"))
		add(t, ":");
}

/* A scenario's line reads as it was written; a note is a sentence. */
static const char *verb(enum trace_kind kind)
{
	switch (kind) {
	case TRACE_IRQ: return "irq ";
	case TRACE_GUEST: return "guest: ";
	case TRACE_VCPU: return "-- ";
	default: return "";
	}
}

size_t trace_text_of(const struct trace_event *event, char *text, size_t size)
{
	struct text t = { text, size, 0 };
	const struct trace_arg *first = event->args ? event->arg : NULL;
	unsigned i = 1;

	add(&t, "%s", verb(event->kind));
	if (first && event->kind == TRACE_STEP && !strcmp(first->name, "line"))
		add(&t, "line %" PRIu64 ": ", first->number);
	else if (first && event->kind == TRACE_SNAPSHOT && !strcmp(first->name, "of"))
		add(&t, "%s: ", first->text);
	else if (!first || event->kind != TRACE_GUEST || strcmp(first->name, "command"))
		i = 0;
	add_plain(&t, i && event->kind == TRACE_GUEST ? first->text : event->name);
	for (; i < (event->raw && event->asked ? event->asked : event->args); i++)
		add_arg(&t, event->kind, &event->arg[i]);
	return t.len;
}

static void add_span(struct text *t, uint64_t ns)
{
	if (ns < 10000)
		add(t, "%" PRIu64 ".%" PRIu64 " us", ns / 1000, ns / 100 % 10);
	else if (ns < 10000000)
		add(t, "%" PRIu64 " us", ns / 1000);
	else
		add(t, "%" PRIu64 ".%" PRIu64 " ms", ns / 1000000, ns / 100000 % 10);
}

/* Since the start; of an event within another one, since that one. */
static void add_time(struct text *t, const struct trace_print *p, const struct trace_event *event,
                     uint64_t ns)
{
	uint64_t since = event->parent ? ns - event->parent->ns : ns - p->start;
	char time[32];
	struct text small = { time, sizeof(time), 0 };

	if (event->parent) {
		add(&small, "+");
		add_span(&small, since);
	} else {
		add(&small, "%" PRIu64 ".%06" PRIu64, since / 1000000000, since / 1000 % 1000000);
	}
	add(t, "%*s ", WIDTH, time);
}

static unsigned depth_of(const struct trace_event *event)
{
	unsigned depth = 0;

	for (; event->parent; event = event->parent)
		depth++;
	return depth;
}

/* The thread's vCPU, if the event itself is of none: what its exit does to a controller is still its doing.
 */
static int vcpu_of(const struct trace_event *event)
{
	while (event->vcpu < 0 && event->parent)
		event = event->parent;
	return event->vcpu;
}

static void add_who(struct text *t, const struct trace_event *event)
{
	char who[40] = "";
	int vcpu = vcpu_of(event);
	const char *of = event->vm;
	bool one = !of || !strcmp(of, "first");

	if (vcpu >= 0)
		snprintf(who, sizeof(who), "%s%svcpu %d", one ? "" : of, one ? "" : "/", vcpu);
	else
		snprintf(who, sizeof(who), "%s", of ? of : "zpvm");
	add(t, "%-8s ", who);
}

static void begin(struct text *t, const struct trace_print *p, const struct trace_event *event, uint64_t ns)
{
	if (p->colour)
		add(t, "%s", colours[event->kind]);
	add_time(t, p, event, ns);
	add_who(t, event);
	add(t, "%*s", 2 * (int)depth_of(event), "");
}

/* One call, so that lines of two threads do not mix. */
static void end(struct text *t, const struct trace_print *p)
{
	if (t->len + 8 > t->size)
		t->len = t->size - 8;
	t->at[t->len] = 0;
	add(t, "%s\n", p->colour ? PLAIN : "");
	fwrite(t->at, 1, t->len, p->out);
}

/* The lines of the spans around it. */
static void print_causes(const struct trace_print *p, struct trace_event *event)
{
	char line[1200];
	struct text t = { line, sizeof(line), 0 };

	if (!event || event->shown)
		return;
	print_causes(p, event->parent);
	event->shown = true;
	begin(&t, p, event, event->ns);
	t.len += trace_text_of(event, line + t.len, sizeof(line) - t.len);
	add(&t, " {");
	end(&t, p);
}

/* A register that is 0 is not worth a line: POWER has many. */
static bool is_zero_register(const struct trace_event *event)
{
	const struct trace_arg *value = event->args == 2 ? &event->arg[1] : NULL;

	return event->kind == TRACE_KVM && event->parent && value && !strcmp(event->arg[0].name, "reg") &&
	       value->type == TRACE_HEX && !value->number && event->result && !strcmp(event->result, "0");
}

/* The line that counts those before this time, within the span. */
static void print_zeros(const struct trace_print *p, struct trace_event *span, uint64_t ns)
{
	struct trace_event count = { .parent = span, .kind = TRACE_KVM, .vcpu = -1, .vm = span->vm };
	char line[200];
	struct text t = { line, sizeof(line), 0 };

	if (!span->zeros)
		return;
	begin(&t, p, &count, ns);
	add(&t, "... %u register%s that %s 0", span->zeros, span->zeros == 1 ? "" : "s",
	    span->zeros == 1 ? "is" : "are");
	end(&t, p);
	span->zeros = 0;
}

static void add_result(struct text *t, const struct trace_event *event)
{
	if (event->result) {
		add(t, " = ");
		add_plain(t, event->result);
	}
	for (unsigned i = event->raw && event->asked ? event->asked : event->args; i < event->args; i++)
		add_arg(t, event->kind, &event->arg[i]);
	if (event->duration) {
		add(t, "  ");
		add_span(t, event->duration);
	}
}

void trace_print_text(const struct trace_print *p, struct trace_event *event)
{
	char line[1200];
	struct text t = { line, sizeof(line), 0 };

	print_causes(p, event->parent);
	if (is_zero_register(event)) {
		event->parent->zeros++;
		return;
	}
	if (event->parent)
		print_zeros(p, event->parent, event->ns);
	print_zeros(p, event, event->ns + event->duration);
	if (event->shown) {
		begin(&t, p, event, event->ns + event->duration);
		add(&t, "}");
	} else {
		begin(&t, p, event, event->ns);
		t.len += trace_text_of(event, line + t.len, sizeof(line) - t.len);
	}
	add_result(&t, event);
	end(&t, p);
}
