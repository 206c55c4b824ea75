/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_read.c: see timeline_read.h. Pure. */
#include "timeline_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND_NAME(kind, name, what) [TRACE_##kind] = name,
const char *const timeline_kinds[TRACE_KINDS] = { TRACE_KINDS_LIST(KIND_NAME)[TRACE_NOTE] = "note" };
#undef KIND_NAME

/* A line: what is left of it, up to a NUL. */
struct reader {
	struct timeline_trace *trace;
	char *at;
	uint32_t line;
	uint32_t first;  /* the index of this process's first event */
	uint64_t offset; /* when this process's trace began */
	struct error *err;
};

#define DEPTH     16
#define ARGS_MAX  64
#define VCPUS_MAX 65535
/* 146 years: no sum of two times is too large. */
#define TIME_MAX  ((uint64_t)1 << 62)

static int wrong(const struct reader *r, const char *what)
{
	return error_set(r->err, -EBADMSG, "%s:%" PRIu32 ": %s", r->trace->file, r->line, what);
}

/* *list has room for another element. */
static int grow(void *list, size_t count, size_t *room, size_t size, struct error *err)
{
	void **elements = list, *more;

	if (count < *room)
		return 0;
	more = realloc(*elements, (*room * 2 + 64) * size);
	if (!more)
		return error_set(err, -ENOMEM, "out of memory");
	*elements = more;
	*room = *room * 2 + 64;
	return 0;
}

/* --- JSON -------------------------------------------------------------------- */

static void blank(struct reader *r)
{
	r->at += strspn(r->at, " \t\r");
}

/* Whether c comes next; then it is behind us. */
static bool next(struct reader *r, char c)
{
	blank(r);
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

static int hex4(struct reader *r, unsigned *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		const char *digits = "0123456789abcdef0123456789ABCDEF";
		const char *digit = *r->at ? strchr(digits, *r->at) : NULL;

		if (!digit)
			return wrong(r, "\\u wants four hexadecimal digits");
		*value = *value << 4 | ((unsigned)(digit - digits) & 15);
	}
	return 0;
}

/* What follows a backslash. */
static int escape(struct reader *r, char *to)
{
	static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/?????";
	const char *letter = *r->at ? strchr(letters, *r->at) : NULL;
	unsigned value;
	int rc;

	if (letter) {
		*to = values[letter - letters];
		r->at++;
		return 0;
	}
	if (*r->at++ != 'u')
		return wrong(r, "a backslash before what is no escape");
	rc = hex4(r, &value);
	*to = value < ' ' || value > '~' ? '?' : (char)value;
	return rc;
}

/* A string, in its own place, without the escapes. As in what zpvm writes, what is no ASCII becomes "?". */
static int string(struct reader *r, const char **text)
{
	char *to;
	int rc = 0;

	if (!next(r, '"'))
		return wrong(r, "a string is missing");
	*text = to = r->at;
	while (*r->at != '"' && !rc) {
		unsigned char c = (unsigned char)*r->at;

		if (c < ' ')
			return wrong(r, c ? "a control character in a string" : "a string without an end");
		r->at++;
		if (c == '\\')
			rc = escape(r, to);
		else
			*to = c > '~' ? '?' : (char)c;
		to++;
	}
	r->at += !rc;
	*to = 0;
	return rc;
}

static int number(struct reader *r, uint64_t max, uint64_t *value)
{
	size_t digits;

	blank(r);
	digits = strspn(r->at, "0123456789");
	if (!digits || (*r->at == '0' && digits > 1) || (r->at[digits] && strchr(".eE", r->at[digits])))
		return wrong(r, "a number is missing, whole and not negative");
	for (*value = 0; digits; digits--, r->at++) {
		unsigned digit = (unsigned)(*r->at - '0');

		if (*value > (max - digit) / 10)
			return wrong(r, "a number is too large");
		*value = *value * 10 + digit;
	}
	return 0;
}

static int skip(struct reader *r, unsigned depth);

static int skip_inside(struct reader *r, char close, unsigned depth)
{
	const char *name;
	int rc = 0;

	if (next(r, close))
		return 0;
	do {
		if (close == '}')
			rc = string(r, &name);
		if (!rc && close == '}' && !next(r, ':'))
			rc = wrong(r, "a colon is missing");
		if (!rc)
			rc = skip(r, depth + 1);
	} while (!rc && next(r, ','));
	return rc || next(r, close) ? rc : wrong(r, "a bracket is not closed");
}

/* Any value: of a member that a later zpvm has added. */
static int skip(struct reader *r, unsigned depth)
{
	const char *text;
	size_t len;

	if (depth > DEPTH)
		return wrong(r, "too many brackets within others");
	blank(r);
	if (*r->at == '"')
		return string(r, &text);
	if (next(r, '{'))
		return skip_inside(r, '}', depth);
	if (next(r, '['))
		return skip_inside(r, ']', depth);
	for (size_t i = 0; i < 3; i++) {
		static const char *const words[] = { "true", "false", "null" };

		len = strlen(words[i]);
		if (!strncmp(r->at, words[i], len)) {
			r->at += len;
			return 0;
		}
	}
	len = strspn(r->at, "-+.0123456789eE");
	r->at += len;
	return len ? 0 : wrong(r, "a value is missing");
}

/* --- the first line of a process -------------------------------------------- */

static int end_of_line(struct reader *r)
{
	blank(r);
	return *r->at ? wrong(r, "there is something behind the object") : 0;
}

/* Begins an object, and goes on to its first member; *done: it has none. */
static int open_object(struct reader *r, bool *done)
{
	if (!next(r, '{'))
		return wrong(r, "no object: is this a trace of zpvm run --trace=json?");
	*done = next(r, '}');
	return 0;
}

static int member(struct reader *r, const char **name)
{
	int rc = string(r, name);

	return rc || next(r, ':') ? rc : wrong(r, "a colon is missing");
}

/* Behind a member: another one follows, or the object ends. */
static int more(struct reader *r, bool *done)
{
	*done = next(r, '}');
	return *done || next(r, ',') ? 0 : wrong(r, "a comma is missing, or a bracket is not closed");
}

static bool is_schema(const char *line)
{
	return !strncmp(line, "{\"schema\":", 10);
}

/* The times of a process are counted from its own start. */
static int begin_process(struct reader *r, const char *arch, uint64_t start)
{
	struct timeline_trace *trace = r->trace;
	uint64_t last = 0;

	for (size_t i = 0; i < trace->count; i++)
		last = timeline_end(&trace->events[i]) > last ? timeline_end(&trace->events[i]) : last;
	if (!trace->processes) {
		trace->arch = arch;
		trace->start = start;
	} else if (strcmp(arch, trace->arch)) {
		return wrong(r, "another architecture goes on");
	}
	r->offset = start - trace->start;
	if (start < trace->start || r->offset < last) {
		r->offset = last;
		snprintf(trace->note, sizeof(trace->note),
		         "%s:%" PRIu32
		         ": the host's clock went back: this process is shown behind the one before it",
		         trace->file, r->line);
	}
	r->first = (uint32_t)trace->count;
	trace->processes++;
	return 0;
}

static int read_schema(struct reader *r)
{
	const char *name, *schema = "", *arch = NULL;
	uint64_t version = 0, start = UINT64_MAX;
	bool done;
	int rc = open_object(r, &done);

	while (!rc && !done) {
		rc = member(r, &name);
		if (!rc && !strcmp(name, "schema"))
			rc = string(r, &schema);
		else if (!rc && !strcmp(name, "arch"))
			rc = string(r, &arch);
		else if (!rc && !strcmp(name, "version"))
			rc = number(r, UINT64_MAX, &version);
		else if (!rc && !strcmp(name, "start"))
			rc = number(r, TIME_MAX, &start);
		else if (!rc)
			rc = skip(r, 0);
		if (!rc)
			rc = more(r, &done);
	}
	if (!rc)
		rc = end_of_line(r);
	if (rc)
		return rc;
	if (strcmp(schema, "zpvm-trace"))
		return wrong(r, "the schema is not zpvm-trace");
	if (version != 1)
		return error_set(r->err, -EBADMSG,
		                 "%s:%" PRIu32 ": version %" PRIu64 " of the schema: this zpvm reads 1",
		                 r->trace->file, r->line, version);
	if (!arch || start == UINT64_MAX)
		return wrong(r, "arch or start is missing");
	return begin_process(r, arch, start);
}

/* --- events ------------------------------------------------------------------ */

enum what { ID, PARENT, TS, DUR, KIND, VM, VCPU, NAME, RESULT, BY, ARGS, WHATS };
#define REQUIRED (1u << ID | 1u << PARENT | 1u << TS | 1u << DUR | 1u << KIND | 1u << NAME)

static const struct {
	const char *name;
	enum what what;
} members[] = {
	{ "id", ID },    { "parent", PARENT }, { "ts", TS },         { "dur", DUR },    { "kind", KIND },
	{ "vm", VM },    { "vcpu", VCPU },     { "name", NAME },     { "phase", NAME }, { "args", ARGS },
	{ "irq", ARGS }, { "by", BY },         { "result", RESULT },
};

static int read_kind(struct reader *r, struct timeline_event *e)
{
	const char *text;
	int rc = string(r, &text);

	for (e->kind = 0; !rc && e->kind < TRACE_KINDS; e->kind++)
		if (!strcmp(text, timeline_kinds[e->kind]))
			return 0;
	return rc ? rc : wrong(r, "there is no such kind of event");
}

/* Equal names are one string. */
static int read_vm(struct reader *r, struct timeline_event *e)
{
	struct timeline_trace *trace = r->trace;
	int rc = string(r, &e->vm);

	for (size_t i = 0; !rc && i < trace->name_count; i++)
		if (!strcmp(e->vm, trace->names[i])) {
			e->vm = trace->names[i];
			return 0;
		}
	if (!rc && trace->name_count == 1024)
		return wrong(r, "more than 1024 VMs");
	if (!rc)
		rc = grow(&trace->names, trace->name_count, &trace->name_room, sizeof(*trace->names), r->err);
	if (!rc)
		trace->names[trace->name_count++] = e->vm;
	return rc;
}

static int read_arg(struct reader *r, struct timeline_event *e)
{
	struct timeline_trace *trace = r->trace;
	struct timeline_arg arg = { NULL, NULL, 0 };
	int rc = member(r, &arg.name);

	blank(r);
	if (!rc)
		rc = *r->at == '"' ? string(r, &arg.text) : number(r, UINT64_MAX, &arg.number);
	for (uint32_t i = 0; !rc && i < e->count; i++)
		if (!strcmp(trace->args[e->args + i].name, arg.name))
			return wrong(r, "an argument is there twice");
	if (!rc && e->count == ARGS_MAX)
		return wrong(r, "more than 64 arguments");
	if (!rc)
		rc = grow(&trace->args, trace->arg_count, &trace->arg_room, sizeof(*trace->args), r->err);
	if (!rc) {
		trace->args[trace->arg_count++] = arg;
		e->count++;
	}
	return rc;
}

static int read_args(struct reader *r, struct timeline_event *e)
{
	bool done;
	int rc = open_object(r, &done);

	e->args = (uint32_t)r->trace->arg_count;
	while (!rc && !done) {
		rc = read_arg(r, e);
		if (!rc)
			rc = more(r, &done);
	}
	return rc;
}

static int read_member(struct reader *r, struct timeline_event *e, enum what what)
{
	uint64_t value = 0;
	int rc;

	switch (what) {
	case ID: return number(r, UINT64_MAX, &e->id);
	case PARENT: return number(r, UINT64_MAX, &e->parent_id);
	case TS: return number(r, TIME_MAX, &e->ts);
	case DUR: return number(r, TIME_MAX, &e->dur);
	case KIND: return read_kind(r, e);
	case VM: return read_vm(r, e);
	case NAME: return string(r, &e->name);
	case RESULT: return string(r, &e->result);
	case BY: return string(r, &e->by);
	case ARGS: return read_args(r, e);
	case VCPU:
		rc = number(r, VCPUS_MAX, &value);
		e->vcpu = (int)value;
		return rc;
	default: return skip(r, 0);
	}
}

static enum what find_member(const char *name)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (!strcmp(name, members[i].name))
			return members[i].what;
	return WHATS;
}

static int read_event(struct reader *r)
{
	struct timeline_trace *trace = r->trace;
	struct timeline_event e = { .line = r->line, .vcpu = -1, .process = trace->processes - 1 };
	unsigned seen = 0;
	const char *name;
	bool done;
	int rc = open_object(r, &done);

	while (!rc && !done) {
		enum what what = WHATS;

		rc = member(r, &name);
		if (!rc)
			what = find_member(name);
		if (!rc && what < WHATS && seen >> what & 1)
			return wrong(r, "a member is there twice");
		seen |= 1u << what;
		if (!rc)
			rc = read_member(r, &e, what);
		if (!rc)
			rc = more(r, &done);
	}
	if (!rc)
		rc = end_of_line(r);
	if (!rc && (seen & REQUIRED) != REQUIRED)
		rc = wrong(r, "id, parent, ts, dur, kind or name is missing");
	if (!rc && !e.id)
		rc = wrong(r, "an id is 0");
	if (!rc && (e.ts + e.dur > TIME_MAX || r->offset > TIME_MAX - e.ts - e.dur))
		rc = wrong(r, "a time is too large");
	e.ts += r->offset;
	if (!rc)
		rc = grow(&trace->events, trace->count, &trace->room, sizeof(e), r->err);
	if (!rc)
		trace->events[trace->count++] = e;
	return rc;
}

/* --- causes ------------------------------------------------------------------ */

/* The events of one process by id: a hash table of indices. */
struct table {
	uint32_t *slots;
	size_t size; /* a power of two */
};

static uint32_t *slot(const struct table *t, const struct timeline_event *events, uint64_t id)
{
	size_t at = (size_t)((id * 0x9e3779b97f4a7c15) >> 20) & (t->size - 1);

	while (t->slots[at] != TIMELINE_NONE && events[t->slots[at]].id != id)
		at = (at + 1) & (t->size - 1);
	return &t->slots[at];
}

/* A span is over after all that it has caused, and its line is behind theirs. */
static int check_cause(struct reader *r, const struct timeline_event *e, const struct timeline_event *cause)
{
	r->line = e->line;
	if (cause == e)
		return wrong(r, "an event is its own cause");
	if (cause->line < e->line)
		return wrong(r, "its cause was over before it");
	if (e->ts < cause->ts || timeline_end(e) > timeline_end(cause))
		return error_set(r->err, -EBADMSG,
		                 "%s:%" PRIu32
		                 ": time runs backwards: it is not within its cause, line %" PRIu32,
		                 r->trace->file, e->line, cause->line);
	return 0;
}

/* Finds the causes of the events since r->first. */
static int link_events(struct reader *r)
{
	struct timeline_event *events = r->trace->events;
	size_t count = r->trace->count;
	struct table t = { .size = 64 };
	uint32_t line = r->line;
	int rc = 0;

	while (t.size < 2 * (count - r->first))
		t.size *= 2;
	t.slots = malloc(t.size * sizeof(*t.slots));
	if (!t.slots)
		return error_set(r->err, -ENOMEM, "out of memory");
	memset(t.slots, 0xff, t.size * sizeof(*t.slots));
	for (uint32_t i = r->first; i < count && !rc; i++) {
		uint32_t *at = slot(&t, events, events[i].id);

		r->line = events[i].line;
		if (*at != TIMELINE_NONE)
			rc = error_set(r->err, -EBADMSG,
			               "%s:%" PRIu32 ": the id %" PRIu64 " is that of line %" PRIu32,
			               r->trace->file, r->line, events[i].id, events[*at].line);
		else
			*at = i;
	}
	for (uint32_t i = r->first; i < count && !rc; i++) {
		struct timeline_event *e = &events[i];

		e->parent = e->parent_id ? *slot(&t, events, e->parent_id) : TIMELINE_NONE;
		if (e->parent != TIMELINE_NONE)
			rc = check_cause(r, e, &events[e->parent]);
	}
	free(t.slots);
	r->line = line;
	return rc;
}

/* --- all lines ---------------------------------------------------------------- */

static int read_line(struct reader *r)
{
	int rc;

	if (!is_schema(r->at))
		return r->line > 1
		               ? read_event(r)
		               : wrong(r,
		                       "not a trace: the first line is not {\"schema\":\"zpvm-trace\",...}");
	rc = r->line > 1 ? link_events(r) : 0;
	return rc ? rc : read_schema(r);
}

int timeline_read(struct timeline_trace *trace, const char *file, char *bytes, size_t len, struct error *err)
{
	struct reader r = { .trace = trace, .err = err };
	char *end = bytes + len;
	int rc = 0;

	*trace = (struct timeline_trace){ .file = file };
	for (char *at = bytes; at < end && !rc;) {
		char *newline = memchr(at, '\n', (size_t)(end - at));

		r.line++;
		if (!newline) {
			snprintf(trace->note, sizeof(trace->note),
			         "%s:%" PRIu32 ": the last line is cut: what is before it is shown", file,
			         r.line);
			break;
		}
		*newline = 0;
		r.at = at;
		rc = strlen(at) < (size_t)(newline - at) ? wrong(&r, "a byte is 0") : read_line(&r);
		at = newline + 1;
	}
	if (!rc && !trace->processes) {
		r.line = 1;
		rc = wrong(&r, len ? "not a trace: the first line is cut"
		                   : "empty: not even the first line of a trace");
	}
	if (!rc)
		rc = link_events(&r);
	if (rc)
		timeline_free(trace);
	return rc;
}

void timeline_free(struct timeline_trace *trace)
{
	free(trace->events);
	free(trace->args);
	free(trace->names);
	*trace = (struct timeline_trace){ .count = 0 };
}

/* --- arguments ---------------------------------------------------------------- */

static const struct timeline_arg *find_arg(const struct timeline_trace *trace, const struct timeline_event *e,
                                           const char *name)
{
	for (uint32_t i = 0; i < e->count; i++)
		if (!strcmp(trace->args[e->args + i].name, name))
			return &trace->args[e->args + i];
	return NULL;
}

const char *timeline_text(const struct timeline_trace *trace, const struct timeline_event *e,
                          const char *name)
{
	const struct timeline_arg *arg = find_arg(trace, e, name);

	return arg ? arg->text : NULL;
}

uint64_t timeline_number(const struct timeline_trace *trace, const struct timeline_event *e, const char *name,
                         uint64_t none)
{
	const struct timeline_arg *arg = find_arg(trace, e, name);

	return arg && !arg->text ? arg->number : none;
}
