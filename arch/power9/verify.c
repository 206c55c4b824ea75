/* SPDX-License-Identifier: BSD-2-Clause */
/* verify.c: see describe.h. A rule stands here if no guest and no scenario can make KVM break it. */
#include <inttypes.h>

#include "describe.h"
#include "irq.h"
#include "queue.h"
#include "regs.h"
#include "vmm/outline.h"

/* What a rule looks at, and where it says what is wrong. */
struct checked {
	const struct arch_state *state;
	const struct snapshot *snap;
	struct outline *wrong;
};

#define SAY(c, tag, id, ...) codec_wrong((c)->wrong, (c)->snap, tag, id, __VA_ARGS__)

/* Where the register stands in the table, likely at hint; as many as there are: nowhere. */
static size_t place_of(uint64_t id, size_t hint)
{
	size_t n = 0;

	if (hint < p9_reg_count() && p9_reg_nth(hint).id == id)
		return hint;
	while (n < p9_reg_count() && p9_reg_nth(n).id != id)
		n++;
	return n;
}

/* Each register once, and none that KVM would not know. */
static void check_registers(const struct checked *c, unsigned vcpu)
{
	const struct p9_cpu *cpu = &c->state->cpus[vcpu];
	bool seen[P9_REGS_MAX] = { false };

	for (unsigned i = 0; i < cpu->reg_count; i++) {
		size_t n = place_of(cpu->regs[i].id, i);

		if (n == p9_reg_count())
			SAY(c, P9_TAG_CPU, vcpu, "no register has the id %" PRIx64, cpu->regs[i].id);
		else if (seen[n])
			SAY(c, P9_TAG_CPU, vcpu, "register %" PRIx64 " stands twice", cpu->regs[i].id);
		else
			seen[n] = true;
	}
}

static const struct p9_queue *queue_at(const struct arch_state *state, const struct p9_target *t)
{
	size_t low = 0, high = state->queue_count;
	uint64_t key = (uint64_t)t->server << 8 | t->priority;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct p9_queue *q = &state->queues[middle];

		if (((uint64_t)q->server << 8 | q->priority) == key)
			return q;
		if (((uint64_t)q->server << 8 | q->priority) < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/*
 * PQ and the entries of queues follow no rule: a guest sets PQ as it likes, gives a source another EISN while
 * an event of it waits, masks it while it triggers (P, and no entry anywhere), and writes to its queues.
 */
static void check_sources(const struct checked *c)
{
	for (size_t i = 0; i < c->state->source_count; i++) {
		const struct p9_source *s = &c->state->sources[i];

		if (!s->target.masked && !queue_at(c->state, &s->target))
			SAY(c, P9_TAG_SOURCES, 0,
			    "source %x points at server %u, priority %u, where there is no queue", s->lisn,
			    s->target.server, s->target.priority);
	}
}

static void check_lines(const struct checked *c)
{
	const struct p9_line *lines = c->state->lines;

	for (size_t i = 0; i < c->state->line_count; i++) {
		const struct p9_source *s = p9_source_at(c->state, lines[i].source);

		if (!s || s->lsi)
			SAY(c, P9_TAG_LINES, 0, "an irqfd of %x, which is no message source",
			    lines[i].source);
		for (size_t k = 0; k < i; k++)
			if (lines[k].source == lines[i].source)
				SAY(c, P9_TAG_LINES, 0, "source %x has two irqfds", lines[i].source);
	}
}

void p9_check(const struct arch_state *state, const struct codec_scope *scope, const struct snapshot *snap,
              struct outline *wrong)
{
	struct checked c = { .state = state, .snap = snap, .wrong = wrong };

	for (unsigned i = 0; i < state->cpu_count && scope->kind == SNAP_VM; i++)
		check_registers(&c, i);
	check_lines(&c);
	if (!state->xics)
		check_sources(&c);
}

/* An entry of an account: a source, however it is triggered, XICS' IPI, or the decrementer. */
bool p9_irq_possible(const struct irq *irq)
{
	switch (irq->code) {
	case KIND_SOURCE:
	case KIND_LINE:
	case KIND_IRQFD:
		return !strcmp(irq->kind, "source") && irq->cpu == IRQ_ANY_CPU &&
		       irq->number < P9_SOURCES_MAX && irq->want.kind == ABI_XIVE &&
		       irq->want.number == irq->number;
	case KIND_IPI:
		return !strcmp(irq->kind, "ipi") && irq->cpu != IRQ_ANY_CPU && irq->want.kind == ABI_XIVE &&
		       irq->want.number == XICS_IPI;
	case KIND_TIMER:
		return !strcmp(irq->kind, "timer") && irq->cpu != IRQ_ANY_CPU && irq->want.kind == ABI_DEC;
	default: return false;
	}
}
