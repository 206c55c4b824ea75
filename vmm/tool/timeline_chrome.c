/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timeline_chrome.c: see timeline_draw.h. A VM is a process, a vCPU and an interrupt are threads in it; what
 * raises and what takes an interrupt is a flow, which Perfetto draws as an arrow. Pure.
 */
#include <inttypes.h>
#include <string.h>

#include "timeline_draw.h"

/* Threads of a VM: vCPUs have their numbers, interrupts and snapshots others. */
#define SCENARIO 1
#define MOVES    65999
#define ROWS     66000

struct chrome {
	FILE *out;
	const struct timeline_model *m;
	uint64_t flows;
	bool more;
};

static void quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

/* VMs are the processes 2 and up; 1 is the scenario. */
static size_t pid_of(const struct chrome *c, const char *vm)
{
	for (size_t i = 0; vm && i < c->m->vms.count; i++)
		if (c->m->vms.all[i] == vm)
			return i + 2;
	return 1;
}

/* Begins an event: the caller adds what is special, and a bracket. */
static void begin(struct chrome *c, const char *ph, size_t pid, uint32_t tid, uint64_t ts, const char *name)
{
	fprintf(c->out,
	        "%s\n{\"ph\":\"%s\",\"pid\":%zu,\"tid\":%" PRIu32 ",\"ts\":%" PRIu64 ".%03u,\"name\":",
	        c->more ? "," : "", ph, pid, tid, ts / 1000, (unsigned)(ts % 1000));
	quoted(c->out, name);
	c->more = true;
}

static void duration(struct chrome *c, uint64_t ns)
{
	fprintf(c->out, ",\"dur\":%" PRIu64 ".%03u", ns / 1000, (unsigned)(ns % 1000));
}

static void meta(struct chrome *c, const char *what, size_t pid, uint32_t tid, const char *name)
{
	begin(c, "M", pid, tid, 0, what);
	fputs(",\"args\":{\"name\":", c->out);
	quoted(c->out, name);
	fputs("}}", c->out);
}

static void sort_index(struct chrome *c, size_t pid, uint32_t tid, uint32_t index)
{
	begin(c, "M", pid, tid, 0, "thread_sort_index");
	fprintf(c->out, ",\"args\":{\"sort_index\":%" PRIu32 "}}", index);
}

static void names(struct chrome *c)
{
	const struct timeline_model *m = c->m;
	char text[400], identity[300];

	meta(c, "process_name", 1, SCENARIO, "zpvm");
	meta(c, "thread_name", 1, SCENARIO, "scenario");
	for (size_t i = 0; i < m->vms.count; i++) {
		snprintf(text, sizeof(text), "VM %s", m->vms.all[i]);
		meta(c, "process_name", i + 2, 0, text);
		meta(c, "thread_name", i + 2, MOVES, "snapshots");
		sort_index(c, i + 2, MOVES, MOVES);
	}
	for (size_t i = 0; i < m->lanes.count; i++) {
		uint32_t tid = (uint32_t)m->lanes.all[i].vcpu;

		snprintf(text, sizeof(text), "vcpu %" PRIu32, tid);
		meta(c, "thread_name", pid_of(c, m->lanes.all[i].vm), tid, text);
		sort_index(c, pid_of(c, m->lanes.all[i].vm), tid, tid);
	}
	for (uint32_t i = 0; i < m->rows.count; i++) {
		const struct timeline_row *row = &m->rows.all[i];

		timeline_identity(m, row, identity, sizeof(identity));
		snprintf(text, sizeof(text), "irq %s%s%s", row->label ? row->label : "",
		         row->label ? ": " : "", identity);
		meta(c, "thread_name", pid_of(c, row->vm), ROWS + i, text);
		sort_index(c, pid_of(c, row->vm), ROWS + i, ROWS + i);
	}
}

static void arguments(struct chrome *c, const struct timeline_event *e)
{
	fputs(",\"args\":{\"kind\":", c->out);
	quoted(c->out, timeline_kinds[e->kind]);
	for (uint32_t i = 0; i < e->count; i++) {
		const struct timeline_arg *arg = &c->m->trace->args[e->args + i];

		putc(',', c->out);
		quoted(c->out, arg->name);
		putc(':', c->out);
		if (arg->text)
			quoted(c->out, arg->text);
		else
			fprintf(c->out, "%" PRIu64, arg->number);
	}
	if (e->result) {
		fputs(",\"result\":", c->out);
		quoted(c->out, e->result);
	}
	putc('}', c->out);
}

static bool shown(const struct chrome *c, uint64_t from, uint64_t to)
{
	return to >= c->m->from && from <= c->m->to;
}

/* Interrupts have threads of their own, states are made of two events. */
static void put_event(struct chrome *c, const struct timeline_event *e)
{
	bool of_vcpu = e->vm && e->vcpu >= 0;
	size_t pid = of_vcpu || e->kind == TRACE_SNAPSHOT ? pid_of(c, e->vm) : 1;
	uint32_t tid = of_vcpu ? (uint32_t)e->vcpu : e->kind == TRACE_SNAPSHOT ? MOVES : SCENARIO;

	if (e->kind == TRACE_IRQ || !shown(c, e->ts, timeline_end(e)) || (e->kind == TRACE_VCPU && !e->dur))
		return;
	begin(c, e->dur ? "X" : "i", pid, tid, e->ts, e->name);
	if (e->dur)
		duration(c, e->dur);
	else
		fputs(",\"s\":\"t\"", c->out);
	arguments(c, e);
	putc('}', c->out);
}

static void put_state(struct chrome *c, const struct timeline_state *state)
{
	const struct timeline_lane *lane = &c->m->lanes.all[state->lane];

	if (!shown(c, state->from, state->to))
		return;
	begin(c, "i", pid_of(c, lane->vm), (uint32_t)lane->vcpu, state->from,
	      c->m->trace->events[state->event].name);
	fputs(",\"s\":\"t\",\"args\":{\"kind\":\"vcpu\"", c->out);
	fprintf(c->out, ",\"ns\":%" PRIu64 "}}", state->to - state->from);
}

/* An arrow from one thread to another. */
static void flow(struct chrome *c, const char *name, size_t pid, uint32_t from, uint64_t at, size_t to_pid,
                 uint32_t to, uint64_t then)
{
	uint64_t id = ++c->flows;

	begin(c, "s", pid, from, at, name);
	fprintf(c->out, ",\"cat\":\"irq\",\"id\":%" PRIu64 "}", id);
	begin(c, "f", to_pid, to, then, name);
	fprintf(c->out, ",\"cat\":\"irq\",\"bp\":\"e\",\"id\":%" PRIu64 "}", id);
}

static void put_episode(struct chrome *c, const struct timeline_episode *e)
{
	static const char *const closes[] = { "pending", "taken", "merged", "withdrawn", "replaced" };
	const struct timeline_event *events = c->m->trace->events;
	const struct timeline_row *row = &c->m->rows.all[e->row];
	const char *name = row->label ? row->label : timeline_text(c->m->trace, &events[row->event], "type");
	const char *by = e->first == TIMELINE_NONE ? NULL : events[e->first].by;
	size_t pid = pid_of(c, row->vm);
	int vcpu = timeline_by_vcpu(by);

	name = name ? name : "interrupt";
	if (!shown(c, e->from, e->to))
		return;
	begin(c, "X", pid, ROWS + e->row, e->from, "pending");
	duration(c, e->to > e->from ? e->to - e->from : 1);
	fprintf(c->out, ",\"args\":{\"then\":\"%s\",\"by\":", closes[e->close]);
	quoted(c->out, by ? by : "");
	fputs("}}", c->out);
	if (e->ended > e->to) {
		begin(c, "X", pid, ROWS + e->row, e->to, "handled");
		duration(c, e->ended - e->to);
		putc('}', c->out);
	}
	if (e->begin == TIMELINE_INJECTED && vcpu >= 0)
		flow(c, name, pid, (uint32_t)vcpu, e->from, pid, ROWS + e->row, e->from);
	else if (e->begin == TIMELINE_INJECTED && by && !strncmp(by, "line ", 5))
		flow(c, name, 1, SCENARIO, e->from, pid, ROWS + e->row, e->from);
	if (e->close == TIMELINE_TAKEN && e->last != TIMELINE_NONE) {
		vcpu = timeline_by_vcpu(events[e->last].by);
		if (vcpu >= 0)
			flow(c, name, pid, ROWS + e->row, e->to, pid, (uint32_t)vcpu, e->to);
	}
}

/* From a save to the VM that goes on. */
static void put_fork(struct chrome *c, const struct timeline_move *to)
{
	const struct timeline_move *from;

	if (!to->restore || to->source == TIMELINE_NONE)
		return;
	from = &c->m->moves.all[to->source];
	flow(c, *to->name ? to->name : "snapshot", pid_of(c, from->vm), MOVES, from->from, pid_of(c, to->vm),
	     MOVES, to->from);
}

int timeline_chrome(const struct timeline_model *m, FILE *out, struct error *err)
{
	struct chrome c = { .out = out, .m = m };

	(void)err;
	fprintf(out, "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"arch\":");
	quoted(out, m->trace->arch);
	fprintf(out, ",\"start\":\"%" PRIu64 "\"},\"traceEvents\":[", m->trace->start);
	names(&c);
	for (size_t i = 0; i < m->trace->count; i++)
		put_event(&c, &m->trace->events[m->order[i]]);
	for (size_t i = 0; i < m->states.count; i++)
		put_state(&c, &m->states.all[i]);
	for (size_t i = 0; i < m->episodes.count; i++)
		put_episode(&c, &m->episodes.all[i]);
	for (size_t i = 0; i < m->moves.count; i++)
		put_fork(&c, &m->moves.all[i]);
	fputs("\n]}\n", out);
	return 0;
}
