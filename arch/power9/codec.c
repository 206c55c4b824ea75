/* SPDX-License-Identifier: BSD-2-Clause */
/* codec.c: the sections of a power9 snapshot. Pure. Read next: state.c. */
#include "codec.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "irq.h"
#include "vmm/arch_state.h"

#define TAG_CPU     SNAP_TAG('C', 'P', 'U', ' ') /* id = vCPU: registers */
#define TAG_VP      SNAP_TAG('V', 'P', ' ', ' ') /* id = vCPU: its thread context in the controller */
#define TAG_ICP     SNAP_TAG('I', 'C', 'P', ' ') /* id = vCPU: the same with XICS */
#define TAG_SOURCES SNAP_TAG('X', 'S', 'R', 'C')
#define TAG_LINES   SNAP_TAG('X', 'L', 'I', 'N')
#define TAG_QUEUES  SNAP_TAG('X', 'E', 'Q', ' ')
#define TAG_TYPED   SNAP_TAG('V', 'T', 'Y', ' ')
#define TAG_MODES   SNAP_TAG('M', 'O', 'D', 'E')

#define QUEUE_SHIFT_MAX 24 /* of PAPR's; KVM takes 16 */

struct arch_state *arch_state_new(void)
{
	return calloc(1, sizeof(struct arch_state));
}

void arch_state_free(struct arch_state *state)
{
	if (!state)
		return;
	for (size_t i = 0; i < state->queue_count; i++)
		free(state->queues[i].entries);
	free(state->queues);
	free(state->lines);
	free(state->sources);
	free(state->cpus);
	free(state);
}

unsigned p9_reg_size(uint64_t id)
{
	unsigned log = id >> 52 & 15; /* KVM_REG_SIZE_SHIFT */

	return log >= 2 && log <= 4 ? 1u << log : 0;
}

/* --- encode ----------------------------------------------------------- */

static void put_cpu(struct snap_section *s, const struct p9_cpu *cpu)
{
	snap_put32(s, cpu->server);
	snap_put64(s, cpu->pc);
	snap_put64(s, cpu->msr);
	snap_put64(s, cpu->cr);
	snap_put64(s, cpu->ctr);
	snap_put64(s, cpu->lr);
	snap_put64(s, cpu->xer);
	snap_put64(s, cpu->srr0);
	snap_put64(s, cpu->srr1);
	snap_put64(s, cpu->pid);
	for (int i = 0; i < 8; i++)
		snap_put64(s, cpu->sprg[i]);
	for (int i = 0; i < 32; i++)
		snap_put64(s, cpu->gpr[i]);
	snap_put32(s, cpu->reg_count);
	for (unsigned i = 0; i < cpu->reg_count; i++) {
		unsigned size = p9_reg_size(cpu->regs[i].id);

		snap_put64(s, cpu->regs[i].id);
		if (size == 4)
			snap_put32(s, (uint32_t)cpu->regs[i].value[0]);
		for (unsigned k = 0; k < size / 8; k++)
			snap_put64(s, cpu->regs[i].value[k]);
	}
}

static void put_source(struct snap_section *s, const struct p9_source *source)
{
	snap_put32(s, source->lisn);
	snap_put8(s, source->lsi);
	snap_put8(s, source->asserted);
	snap_put8(s, source->target.masked);
	snap_put32(s, source->target.server);
	snap_put8(s, source->target.priority);
	snap_put32(s, source->target.eisn);
	snap_put8(s, source->pq);
	snap_put8(s, source->pending);
}

static void put_queue(struct snap_section *s, const struct p9_queue *q)
{
	snap_put32(s, q->server);
	snap_put8(s, q->priority);
	snap_put32(s, q->flags);
	snap_put32(s, q->shift);
	snap_put64(s, q->addr);
	snap_put32(s, q->toggle);
	snap_put32(s, q->index);
	snap_put32(s, q->len);
	snap_put(s, q->entries, q->len);
}

static void put_line(struct snap_section *s, const struct p9_line *line)
{
	snap_put32(s, line->source);
	snap_put8(s, line->on);
	snap_put64(s, line->count);
}

int arch_state_encode(const struct arch_state *state, struct snapshot *snap, struct error *err)
{
	struct snap_section *s;

	for (unsigned i = 0; i < state->cpu_count; i++) {
		put_cpu(snap_add(snap, TAG_CPU, i, 2), &state->cpus[i]);
		if (state->xics)
			snap_put64(snap_add(snap, TAG_ICP, i, 1), state->cpus[i].icp);
		else /* in the order of memory: it is a piece of the controller's own */
			snap_put(snap_add(snap, TAG_VP, i, 1), &state->cpus[i].vp_state, sizeof(uint64_t));
	}
	s = snap_add(snap, TAG_SOURCES, 0, 2);
	snap_put32(s, (uint32_t)state->source_count);
	for (size_t i = 0; i < state->source_count; i++)
		put_source(s, &state->sources[i]);
	s = snap_add(snap, TAG_QUEUES, 0, 1);
	snap_put32(s, (uint32_t)state->queue_count);
	for (size_t i = 0; i < state->queue_count; i++)
		put_queue(s, &state->queues[i]);
	s = snap_add(snap, TAG_LINES, 0, 1);
	snap_put32(s, (uint32_t)state->line_count);
	for (size_t i = 0; i < state->line_count; i++)
		put_line(s, &state->lines[i]);
	fifo_encode(&state->typed, snap_add(snap, TAG_TYPED, 0, 1));
	s = snap_add(snap, TAG_MODES, 0, 1);
	snap_put64(s, state->modes.process_table);
	snap_put8(s, state->modes.gtse);
	snap_put8(s, state->modes.vty_signals);
	return snap->bad ? error_set(err, -ENOMEM, "snapshot: out of memory") : 0;
}

size_t arch_state_sections(const struct arch_state *state)
{
	/* Registers and thread context of each vCPU; sources; queues; lines; what was typed; modes. */
	return 2 * (size_t)state->cpu_count + 5;
}

/* --- decode ----------------------------------------------------------- */

static bool get_bool(struct snap_reader *r)
{
	uint8_t v = snap_get8(r);

	r->bad |= v > 1;
	return v;
}

static bool get_cpu(struct snap_reader *r, struct p9_cpu *cpu)
{
	cpu->server = snap_get32(r);
	cpu->pc = snap_get64(r);
	cpu->msr = snap_get64(r);
	cpu->cr = snap_get64(r);
	cpu->ctr = snap_get64(r);
	cpu->lr = snap_get64(r);
	cpu->xer = snap_get64(r);
	cpu->srr0 = snap_get64(r);
	cpu->srr1 = snap_get64(r);
	cpu->pid = snap_get64(r);
	for (int i = 0; i < 8; i++)
		cpu->sprg[i] = snap_get64(r);
	for (int i = 0; i < 32; i++)
		cpu->gpr[i] = snap_get64(r);
	cpu->reg_count = snap_get32(r);
	if (cpu->reg_count > P9_REGS_MAX)
		return false;
	for (unsigned i = 0; i < cpu->reg_count; i++) {
		struct p9_reg *reg = &cpu->regs[i];
		unsigned size;

		reg->id = snap_get64(r);
		size = p9_reg_size(reg->id);
		if (!size)
			return false;
		if (size == 4)
			reg->value[0] = snap_get32(r);
		for (unsigned k = 0; k < size / 8; k++)
			reg->value[k] = snap_get64(r);
	}
	return !r->bad && !snap_left(r);
}

static bool has_server(const struct arch_state *state, uint32_t server)
{
	for (unsigned i = 0; i < state->cpu_count; i++)
		if (state->cpus[i].server == server)
			return true;
	return false;
}

static bool get_source(struct snap_reader *r, struct p9_source *source, const struct arch_state *state)
{
	source->lisn = snap_get32(r);
	source->lsi = get_bool(r);
	source->asserted = get_bool(r);
	source->target.masked = get_bool(r);
	source->target.server = snap_get32(r);
	source->target.priority = snap_get8(r);
	source->target.eisn = snap_get32(r);
	source->pq = snap_get8(r);
	source->pending = get_bool(r);
	if (r->bad || source->lisn >= P9_SOURCES_MAX || source->pq > 3 || (source->asserted && !source->lsi))
		return false;
	if (source->target.masked)
		return true;
	/* XICS has more priorities, 0xff is none. */
	return has_server(state, source->target.server) &&
	       (state->xics || source->target.priority < P9_PRIORITIES);
}

static bool get_queue(struct snap_reader *r, struct p9_queue *q, const struct arch_state *state,
                      uint64_t memory)
{
	const void *entries;

	q->server = snap_get32(r);
	q->priority = snap_get8(r);
	q->flags = snap_get32(r);
	q->shift = snap_get32(r);
	q->addr = snap_get64(r);
	q->toggle = snap_get32(r);
	q->index = snap_get32(r);
	q->len = snap_get32(r);
	if (r->bad || !has_server(state, q->server) || q->priority >= P9_PRIORITIES || q->shift < 2 ||
	    q->shift > QUEUE_SHIFT_MAX || q->addr > memory || 1ULL << q->shift > memory - q->addr ||
	    q->addr & ((1ULL << q->shift) - 1) || q->len > 1u << q->shift || q->toggle > 1 ||
	    q->index >= 1u << (q->shift - 2))
		return false;
	entries = snap_get(r, q->len);
	if (!entries || !q->len)
		return entries != NULL;
	q->entries = malloc(q->len);
	if (q->entries)
		memcpy(q->entries, entries, q->len);
	return q->entries;
}

/* A list's length is believed only as far as there are bytes for it. */
static bool get_count(struct snap_reader *r, size_t entry, size_t max, size_t *count)
{
	*count = snap_get32(r);
	return !r->bad && *count <= max && *count <= snap_left(r) / entry;
}

static bool get_sources(struct snap_reader *r, struct arch_state *state)
{
	size_t count;

	if (!get_count(r, 18, P9_SOURCES_MAX, &count))
		return false;
	state->sources = calloc(count + 1, sizeof(*state->sources));
	if (!state->sources)
		return false;
	for (; state->source_count < count; state->source_count++) {
		struct p9_source *s = &state->sources[state->source_count];

		/* In ascending order, so none stands twice. */
		if (!get_source(r, s, state) || (state->source_count && s->lisn <= s[-1].lisn))
			return false;
	}
	return !snap_left(r);
}

/* Queues stand by server, then priority, each once. */
static uint64_t queue_order(const struct p9_queue *q)
{
	return (uint64_t)q->server * P9_PRIORITIES + q->priority;
}

static bool get_queues(struct snap_reader *r, struct arch_state *state, uint64_t memory)
{
	size_t count;

	if (!get_count(r, 33, state->xics ? 0 : (size_t)state->cpu_count * P9_PRIORITIES, &count))
		return false;
	state->queues = calloc(count + 1, sizeof(*state->queues));
	if (!state->queues)
		return false;
	for (; state->queue_count < count; state->queue_count++) {
		struct p9_queue *q = &state->queues[state->queue_count];

		if (!get_queue(r, q, state, memory) ||
		    (state->queue_count && queue_order(q) <= queue_order(q - 1)))
			return false;
	}
	return !snap_left(r);
}

/* A process table lies in memory: 4 KiB, times two to the power of what stands in its last five bits. */
static bool get_modes(struct snap_reader *r, struct p9_modes *m, uint64_t memory)
{
	uint64_t addr, size;

	m->process_table = snap_get64(r);
	m->gtse = get_bool(r);
	m->vty_signals = get_bool(r);
	addr = m->process_table & ~0xfffULL;
	size = m->process_table & 0xfff;
	return !r->bad && !snap_left(r) &&
	       (!m->process_table || (size <= 24 && addr < memory && 1ULL << (12 + size) <= memory - addr));
}

static bool get_lines(struct snap_reader *r, struct arch_state *state)
{
	size_t count;

	if (!get_count(r, 13, P9_LINES_MAX, &count))
		return false;
	state->lines = calloc(count + 1, sizeof(*state->lines));
	if (!state->lines)
		return false;
	for (; state->line_count < count; state->line_count++) {
		struct p9_line *line = &state->lines[state->line_count];

		line->source = snap_get32(r);
		line->on = get_bool(r);
		line->count = snap_get64(r);
		/* An eventfd holds less than its largest number. */
		if (r->bad || line->source >= P9_SOURCES_MAX || line->count == UINT64_MAX)
			return false;
	}
	return !snap_left(r);
}

/* Registers and, by its controller, the vCPU's part of that. */
static int get_vcpu(struct arch_state *state, const struct snapshot *snap, unsigned i, struct error *err)
{
	struct p9_cpu *cpu = &state->cpus[i];
	struct snap_reader r = snap_open(snap, TAG_CPU, i, 2);
	const void *vp;

	if (!get_cpu(&r, cpu) || (i && cpu->server <= cpu[-1].server))
		return error_set(err, -EBADMSG, "section CPU of vCPU %u is wrong", i);
	r = snap_open(snap, state->xics ? TAG_ICP : TAG_VP, i, 1);
	vp = snap_get(&r, sizeof(uint64_t));
	if (!vp || snap_left(&r))
		return error_set(err, -EBADMSG, "section %s of vCPU %u is wrong", state->xics ? "ICP" : "VP",
		                 i);
	memcpy(&cpu->vp_state, vp, sizeof(uint64_t));
	if (state->xics) {
		cpu->icp = be64toh(cpu->vp_state);
		cpu->vp_state = 0;
	}
	return 0;
}

int arch_state_decode(struct arch_state *state, const struct snapshot *snap, unsigned vcpus, uint64_t memory,
                      struct error *err)
{
	struct snap_reader r;

	state->cpus = calloc(vcpus, sizeof(*state->cpus));
	if (!state->cpus)
		return error_set(err, -ENOMEM, "out of memory");
	state->cpu_count = vcpus;
	state->xics = snap_find(snap, TAG_ICP, 0);
	for (unsigned i = 0; i < vcpus; i++) {
		int rc = get_vcpu(state, snap, i, err);

		if (rc)
			return rc;
	}
	r = snap_open(snap, TAG_SOURCES, 0, 2);
	if (!get_sources(&r, state))
		return error_set(err, -EBADMSG, "section XSRC is wrong");
	r = snap_open(snap, TAG_QUEUES, 0, 1);
	if (!get_queues(&r, state, memory))
		return error_set(err, -EBADMSG, "section XEQ is wrong");
	r = snap_open(snap, TAG_LINES, 0, 1);
	if (!get_lines(&r, state))
		return error_set(err, -EBADMSG, "section XLIN is wrong");
	r = snap_open(snap, TAG_TYPED, 0, 1);
	if (!fifo_decode(&state->typed, &r) || snap_left(&r))
		return error_set(err, -EBADMSG, "section VTY is wrong");
	r = snap_open(snap, TAG_MODES, 0, 1);
	if (!get_modes(&r, &state->modes, memory))
		return error_set(err, -EBADMSG, "section MODE is wrong");
	return 0;
}

/* --- show ------------------------------------------------------------- */

/* Presentations that are due: P is one on its way or not yet ended, Q one more. */
static unsigned of_source(const struct arch_state *state, const struct p9_source *s)
{
	/*
	 * What is presented and not pending, the guest has taken. Queued is one more, but for one that was
	 * never presented, because it is masked: KVM says queued, or pending, or both.
	 */
	if (state->xics)
		return s->pending + (s->pq & PQ_Q && (s->pq & PQ_P || !s->pending));
	return !(s->pq & PQ_P) ? 0 : s->pq & PQ_Q ? 2 : 1;
}

/* What irqfds hold back fires when they go on; a source takes two. */
static unsigned of_lines(const struct arch_state *state, uint32_t source, unsigned pending)
{
	uint64_t count = pending;

	for (size_t i = 0; i < state->line_count; i++)
		if (state->lines[i].source == source)
			count += state->lines[i].count < 2 ? state->lines[i].count : 2;
	return count < 2 ? (unsigned)count : 2;
}

static bool has_ipi(const struct arch_state *state, unsigned cpu)
{
	return state->xics && P9_ICP_MFRR(state->cpus[cpu].icp) != P9_ICP_NONE;
}

unsigned arch_state_count(const struct arch_state *state, const struct irq *irq)
{
	if (irq->code == KIND_IPI)
		return irq->cpu < state->cpu_count && has_ipi(state, irq->cpu);
	for (size_t i = 0; irq->code != KIND_TIMER && i < state->source_count; i++)
		if (state->sources[i].lisn == irq->number)
			return of_lines(state, irq->number, of_source(state, &state->sources[i]));
	return 0;
}

static void show_source(const struct arch_state *state, const struct p9_source *s, FILE *out)
{
	unsigned count = of_lines(state, s->lisn, of_source(state, s));

	fprintf(out, "      source %-6x ", s->lisn);
	if (!state->xics)
		fprintf(out, "EISN %x ", s->target.eisn);
	fprintf(out, "server %u priority %u  PQ %u%u%s%s%s%s\n", s->target.server, s->target.priority,
	        s->pq >> 1, s->pq & 1, s->lsi ? s->asserted ? " level 1" : " level 0" : "",
	        s->pending ? " pending" : "", state->xics && s->target.masked ? " masked" : "",
	        count == 2 ? " (once more when it is done)" : "");
}

unsigned arch_state_pending(const struct arch_state *state, FILE *out)
{
	unsigned count = 0;

	for (size_t i = 0; i < state->source_count; i++) {
		const struct p9_source *s = &state->sources[i];
		unsigned pending = of_lines(state, s->lisn, of_source(state, s));

		count += pending;
		if (pending && out)
			show_source(state, s, out);
	}
	for (unsigned i = 0; i < state->cpu_count; i++) {
		if (!has_ipi(state, i))
			continue;
		count++;
		if (out)
			fprintf(out, "      IPI of server %u, priority %u\n", state->cpus[i].server,
			        (unsigned)P9_ICP_MFRR(state->cpus[i].icp));
	}
	return count;
}
