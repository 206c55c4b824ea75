/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_read.c: see timeline_read.h. Pure. */
#include "timeline_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_read.h"

struct reader {
	struct timeline_trace *trace;
	char *text;          /* the line, up to a NUL */
	struct json_doc doc; /* what it is */
	uint32_t line;
	uint32_t first;  /* the index of this process's first event */
	uint64_t offset; /* when this process's trace began */
	struct error *err;
};

#define LINE_SIZE_MAX (1 << 20)
#define ARGS_MAX      64
#define VCPUS_MAX     65535
/* 146 years: no sum of two times is too large. */
#define TIME_MAX      ((uint64_t)1 << 62)

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

/* --- values ------------------------------------------------------------------ */

/*
 * A string of the line that outlives the nodes. It is written over the line, where it was among the nodes'
 * strings: they have been decoded one after the other, none is longer than what it was written as. As in what
 * zpvm writes, a character that is no ASCII becomes "?".
 */
static const char *keep(const struct reader *r, const char *text)
{
	char *begin = r->text + (text - r->doc.pool), *to = begin;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x80 || c >= 0xc0)
			*to++ = c < ' ' || c > '~' ? '?' : (char)c;
	}
	*to = 0;
	return begin;
}

static int string(struct reader *r, const struct json_node *node, const char **text)
{
	if (!json_text(node))
		return wrong(r, "a string is missing");
	*text = keep(r, node->text);
	return 0;
}

static int number(struct reader *r, const struct json_node *node, uint64_t max, uint64_t *value)
{
	if (node->type != JSON_NUMBER || node->text[strspn(node->text, "0123456789")])
		return wrong(r, "a number is missing, whole and not negative");
	errno = 0;
	*value = strtoull(node->text, NULL, 10);
	return errno || *value > max ? wrong(r, "a number is too large") : 0;
}

/* --- the first line of a process -------------------------------------------- */

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
	const char *schema = "", *arch = NULL;
	uint64_t version = 0, start = UINT64_MAX;
	const struct json_node *m = json_first(&r->doc, json_root(&r->doc));
	int rc = 0;

	for (; m && !rc; m = json_next(&r->doc, m))
		if (!strcmp(m->key, "schema"))
			rc = string(r, m, &schema);
		else if (!strcmp(m->key, "arch"))
			rc = string(r, m, &arch);
		else if (!strcmp(m->key, "version"))
			rc = number(r, m, UINT64_MAX, &version);
		else if (!strcmp(m->key, "start"))
			rc = number(r, m, TIME_MAX, &start);
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

static int read_kind(struct reader *r, const struct json_node *node, struct timeline_event *e)
{
	const char *text;
	int rc = string(r, node, &text);

	for (e->kind = 0; !rc && e->kind < TRACE_KINDS; e->kind++)
		if (!strcmp(text, timeline_kinds[e->kind]))
			return 0;
	return rc ? rc : wrong(r, "there is no such kind of event");
}

/* Equal names are one string. */
static int read_vm(struct reader *r, const struct json_node *node, struct timeline_event *e)
{
	struct timeline_trace *trace = r->trace;
	int rc = string(r, node, &e->vm);

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

static int read_arg(struct reader *r, const struct json_node *node, struct timeline_event *e)
{
	struct timeline_trace *trace = r->trace;
	struct timeline_arg arg = { keep(r, node->key), NULL, 0 };
	int rc = json_text(node) ? string(r, node, &arg.text) : number(r, node, UINT64_MAX, &arg.number);

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

static int read_args(struct reader *r, const struct json_node *node, struct timeline_event *e)
{
	int rc = node->type == JSON_OBJECT ? 0 : wrong(r, "its arguments are no object");

	e->args = (uint32_t)r->trace->arg_count;
	for (node = json_first(&r->doc, node); node && !rc; node = json_next(&r->doc, node))
		rc = read_arg(r, node, e);
	return rc;
}

static int read_member(struct reader *r, const struct json_node *node, struct timeline_event *e,
                       enum what what)
{
	uint64_t value = 0;
	int rc;

	switch (what) {
	case ID: return number(r, node, UINT64_MAX, &e->id);
	case PARENT: return number(r, node, UINT64_MAX, &e->parent_id);
	case TS: return number(r, node, TIME_MAX, &e->ts);
	case DUR: return number(r, node, TIME_MAX, &e->dur);
	case KIND: return read_kind(r, node, e);
	case VM: return read_vm(r, node, e);
	case NAME: return string(r, node, &e->name);
	case RESULT: return string(r, node, &e->result);
	case BY: return string(r, node, &e->by);
	case ARGS: return read_args(r, node, e);
	case VCPU:
		rc = number(r, node, VCPUS_MAX, &value);
		e->vcpu = (int)value;
		return rc;
	default: return 0; /* a later zpvm has added it */
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
	const struct json_node *m = json_first(&r->doc, json_root(&r->doc));
	unsigned seen = 0;
	int rc = 0;

	for (; m && !rc; m = json_next(&r->doc, m)) {
		enum what what = find_member(m->key);

		/* A name and a phase, for example. */
		if (what < WHATS && seen >> what & 1)
			return wrong(r, "a member is there twice");
		seen |= 1u << what;
		rc = read_member(r, m, &e, what);
	}
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

/* --- all lines ---------------------------------------------------------------- */

static int read_line(struct reader *r, size_t len)
{
	bool schema = is_schema(r->text);
	int rc;

	if (!schema && r->line == 1)
		return wrong(r, "not a trace: the first line is not {\"schema\":\"zpvm-trace\",...}");
	if (r->text[strspn(r->text, " \t\r")] != '{')
		return wrong(r, "no object: is this a trace of zpvm run --trace=json?");
	if (len > LINE_SIZE_MAX)
		return wrong(r, "a line of more than 1 MiB");
	rc = schema && r->line > 1 ? timeline_link(r->trace, r->first, r->err) : 0;
	if (rc)
		return rc;
	rc = json_read(&r->doc, r->text, len, r->err);
	if (rc)
		return error_prefix(r->err, rc, "%s:%" PRIu32, r->trace->file, r->line);
	rc = schema ? read_schema(r) : read_event(r);
	json_free(&r->doc);
	return rc;
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
		r.text = at;
		rc = read_line(&r, (size_t)(newline - at));
		at = newline + 1;
	}
	if (!rc && !trace->processes) {
		r.line = 1;
		rc = wrong(&r, len ? "not a trace: the first line is cut"
		                   : "empty: not even the first line of a trace");
	}
	if (!rc)
		rc = timeline_link(trace, r.first, err);
	if (rc)
		timeline_free(trace);
	return rc;
}
