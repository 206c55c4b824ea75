/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * deliverable.c: what is pending on power9, and why it is not delivered. What holds a vCPU's interrupt back
 * is a table of rules. Pure. Source: POWER9 Processor User's Manual, interrupts (PQ, event queues, thread
 * context); LoPAR (XICS: CPPR, MFRR, XISR); Power ISA, MSR; kernel devices/xive.rst, devices/xics.rst.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "queue.h"
#include "vmm/snapshot/pending.h"

#define MSR_EE 0x8000ULL

#define ICP_CPPR(icp)    ((unsigned)((icp) >> 56))
#define ICP_PENDING(icp) ((unsigned)((icp) >> 16 & 0xff))

struct answer {
	const struct arch_state *state;
	const struct codec_scope *scope;
	struct pending_list *list;
	struct p9_index index;
	unsigned *taken; /* how many each vCPU takes before the next one that is listed */
};

/* An interrupt on its way to a vCPU. */
struct delivery {
	unsigned cpu; /* its index; cpu_count: none has this server number */
	uint32_t source;
	unsigned priority;
	bool unseen; /* XIVE: the vCPU is not notified of its event */
	bool timer;  /* the decrementer: no controller decides */
};

static unsigned cpu_of(const struct arch_state *state, uint32_t server)
{
	unsigned i = 0;

	while (i < state->cpu_count && state->cpus[i].server != server)
		i++;
	return i;
}

/* --- the rules ---------------------------------------------------------- */

static bool is_off(const struct answer *a, const struct delivery *d)
{
	return a->scope->kind == SNAP_VM && !(a->scope->flags[d->cpu] & SECTION_ONLINE);
}

static unsigned cppr(const struct answer *a, unsigned cpu)
{
	const struct p9_cpu *c = &a->state->cpus[cpu];

	return a->state->model == &p9_xics ? ICP_CPPR(c->icp) : P9_VP_CPPR(c);
}

static bool is_less_favored(const struct answer *a, const struct delivery *d)
{
	return !d->timer && d->priority >= cppr(a, d->cpu);
}

/* XICS: the server presents another one already, which is not less favored. */
static bool presents_another(const struct answer *a, const struct delivery *d)
{
	uint64_t icp = a->state->cpus[d->cpu].icp;

	return !d->timer && a->state->model == &p9_xics && P9_ICP_XISR(icp) &&
	       P9_ICP_XISR(icp) != d->source && ICP_PENDING(icp) <= d->priority;
}

static bool has_no_notice(const struct answer *a, const struct delivery *d)
{
	(void)a;
	return d->unseen;
}

static bool is_closed(const struct answer *a, const struct delivery *d)
{
	return a->scope->kind == SNAP_VM && !(a->state->cpus[d->cpu].msr & MSR_EE);
}

static void say_off(const struct answer *a, const struct delivery *d, struct words *w)
{
	(void)a;
	words_add(w, "vCPU %u has not been started", d->cpu);
}

static void say_less_favored(const struct answer *a, const struct delivery *d, struct words *w)
{
	words_add(w, "vCPU %u CPPR is %u, which lets only more favored priorities than %u through", d->cpu,
	          cppr(a, d->cpu), cppr(a, d->cpu));
}

static void say_another(const struct answer *a, const struct delivery *d, struct words *w)
{
	uint64_t icp = a->state->cpus[d->cpu].icp;

	words_add(w, "server %" PRIu32 " presents source 0x%" PRIx32 " of priority %u (XISR)",
	          a->state->cpus[d->cpu].server, P9_ICP_XISR(icp), ICP_PENDING(icp));
}

static void say_no_notice(const struct answer *a, const struct delivery *d, struct words *w)
{
	(void)a;
	words_add(w, "vCPU %u is not notified of priority %u (IPB)", d->cpu, d->priority);
}

static void say_closed(const struct answer *a, const struct delivery *d, struct words *w)
{
	(void)a;
	words_add(w, "vCPU %u MSR[EE] is 0", d->cpu);
}

/* What holds an interrupt back on its way to a vCPU, in the order of that way. */
static const struct rule {
	bool (*holds)(const struct answer *a, const struct delivery *d);
	void (*say)(const struct answer *a, const struct delivery *d, struct words *w);
} rules[] = {
	{ has_no_notice, say_no_notice },
	{ presents_another, say_another },
	{ is_less_favored, say_less_favored },
	{ is_off, say_off },
	{ is_closed, say_closed },
};

/* Decides by the rules. Without registers, what no rule holds back is open to question. */
static void decide(struct answer *a, const struct delivery *d, struct pending_irq *p)
{
	const char *comma = "";
	enum verdict verdict = a->scope->kind == SNAP_VM ? PENDING_OPEN : PENDING_UNKNOWN;
	struct words w;
	char turn[32];

	words_begin(&w);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!rules[i].holds(a, d))
			continue;
		words_add(&w, "%s", comma);
		rules[i].say(a, d, &w);
		comma = ", ";
		verdict = PENDING_HELD;
	}
	if (verdict == PENDING_OPEN) {
		if (p)
			p->after = a->taken[d->cpu];
		words_add(&w, "vCPU %u takes it %s", d->cpu, pending_turn(a->taken[d->cpu]++, turn));
	} else if (verdict == PENDING_UNKNOWN) {
		words_add(&w, "the registers are not in this snapshot");
	}
	pending_decide(a->list, p, verdict, words_end(&w));
}

/* Of one that is on no way to a vCPU. */
static void hold(struct answer *a, struct pending_irq *p, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void hold(struct answer *a, struct pending_irq *p, const char *fmt, ...)
{
	char *why;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&why, fmt, ap) < 0)
		why = NULL;
	va_end(ap);
	pending_decide(a->list, p, PENDING_HELD, why);
}

/* --- sources -------------------------------------------------------------- */

static const char *pq_text(const struct p9_source *s)
{
	static const char *const texts[] = { "00", "01", "10", "11" };

	return texts[s->pq & 3];
}

/* An interrupt of the source: "source 0x1002 priority 3 PQ 11", and after it what is special. */
static struct pending_irq *add_source(struct answer *a, const struct p9_source *s, uint32_t cpu,
                                      const char *where, unsigned priority, const char *rest)
{
	struct pending_irq *p =
		pending_add(a->list, "source", cpu, where, "source 0x%" PRIx32 " priority %u PQ %s%s%s",
	                    s->lisn, priority, pq_text(s),
	                    !s->lsi       ? ""
	                    : s->asserted ? ", level 1"
	                                  : ", level 0",
	                    rest);

	pending_hex(p, "source", s->lisn);
	if (a->state->model == &p9_xive)
		pending_hex(p, "eisn", s->target.eisn);
	pending_number(p, "server",
	               cpu < a->state->cpu_count ? a->state->cpus[cpu].server : s->target.server);
	pending_number(p, "priority", priority);
	pending_text(a->list, p, "pq", "%s", pq_text(s));
	if (s->lsi)
		pending_number(p, "level", s->asserted);
	return p;
}

static bool has_queue(const struct arch_state *state, const struct p9_target *t)
{
	for (size_t i = 0; i < state->queue_count; i++)
		if (state->queues[i].server == t->server && state->queues[i].priority == t->priority)
			return true;
	return false;
}

/* Why a trigger of the source would lead nowhere; NULL: it would not. */
static const char *why_nowhere(const struct arch_state *state, const struct p9_source *s)
{
	if (s->pq == PQ_OFF && state->model == &p9_xive)
		return "the source is off (PQ 01)";
	if (s->target.masked || (state->model == &p9_xics && s->target.priority == 0xff))
		return "the source is masked";
	if (state->model->queues && !has_queue(state, &s->target))
		return "its target has no event queue of this priority";
	return NULL;
}

/* What irqfds hold of it. */
static void add_signals(struct answer *a, const struct p9_source *s)
{
	const char *nowhere = why_nowhere(a->state, s);

	for (size_t i = 0; i < a->state->lines.count; i++) {
		const struct p9_line *line = &a->state->lines.all[i];
		struct pending_irq *p;

		if (line->source != s->lisn || !line->count)
			continue;
		p = pending_add(a->list, "irqfd", PENDING_FLOATING, "eventfd",
		                "signal of source 0x%" PRIx32 " (%" PRIu64 "x)", line->source, line->count);
		pending_hex(p, "source", line->source);
		pending_number(p, "signals", line->count);
		hold(a, p, "%s%s%s", line->on ? "KVM triggers it when the VM goes on" : "its irqfd is off",
		     nowhere ? ", " : "", nowhere ? nowhere : "");
	}
}

/* XIVE: what has not come to a queue. */
static void add_unqueued(struct answer *a, const struct p9_source *s)
{
	const char *nowhere = why_nowhere(a->state, s);

	if (s->pq == (PQ_P | PQ_Q))
		hold(a, add_source(a, s, PENDING_FLOATING, "source", s->target.priority, ", once more"),
		     "Q is 1: it comes again after the EOI");
	if (s->pending && p9_free_bits(s))
		hold(a, add_source(a, s, PENDING_FLOATING, "source", s->target.priority, ", was added"),
		     "%s%s%s", "it is triggered when it is restored", nowhere ? ", " : "",
		     nowhere ? nowhere : "");
	/* A line that is up at a source that is off: it fires when it is on. */
	if (s->lsi && s->asserted && s->pq == PQ_OFF && !s->unread && !s->pending)
		hold(a, add_source(a, s, PENDING_FLOATING, "source", s->target.priority, ""), "%s", nowhere);
	add_signals(a, s);
}

/* --- XIVE: events in queues ------------------------------------------------- */

static void add_event(struct answer *a, const struct p9_queue *q, const struct p9_source *s, uint32_t at,
                      bool full)
{
	struct delivery d = { .cpu = cpu_of(a->state, q->server),
		              .source = s->lisn,
		              .priority = q->priority };
	char rest[80];
	struct pending_irq *p;

	snprintf(rest, sizeof(rest), ", entry %" PRIu32 " of its queue%s", at,
	         full ? ", which is full: the next event overwrites the oldest" : "");
	p = add_source(a, s, d.cpu, NULL, q->priority, rest);
	pending_number(p, "entry", at);
	if (d.cpu == a->state->cpu_count) {
		hold(a, p, "no vCPU has server number %" PRIu32, q->server);
		return;
	}
	d.unseen = !(P9_VP_IPB(&a->state->cpus[d.cpu]) & 0x80 >> q->priority);
	if (d.unseen && cppr(a, d.cpu) == q->priority)
		hold(a, p, "vCPU %u has acknowledged priority %u, and its handler reads the queue next",
		     d.cpu, q->priority);
	else
		decide(a, &d, p);
}

/* The queues stand by server and priority, so what is listed first is taken first. */
static void add_queue(struct answer *a, const struct p9_queue *q, uint32_t *listed)
{
	uint32_t begin = p9_index_place(&a->index, q), place = begin, at, eisn, count = 0;

	if (!p9_index_waits(&a->index, q))
		return;
	while (count < p9_queue_room(q) && p9_queue_read(q, &place, &at, &eisn))
		count++;
	place = begin;
	for (uint32_t n = 0; n < count && p9_queue_read(q, &place, &at, &eisn); n++) {
		const struct p9_source *s = p9_index_event(&a->index, q, eisn);

		if (!s)
			continue;
		listed[s - a->state->sources]++;
		add_event(a, q, s, at, count == p9_queue_room(q));
	}
}

/* Events of which it is known only that they are somewhere in a queue. */
static void add_guessed(struct answer *a, const struct p9_source *s)
{
	struct delivery d = { .cpu = cpu_of(a->state, s->target.server),
		              .source = s->lisn,
		              .priority = s->target.priority };
	struct pending_irq *p = add_source(a, s, d.cpu, NULL, s->target.priority, ", perhaps read already");

	if (d.cpu == a->state->cpu_count)
		hold(a, p, "no vCPU has server number %" PRIu32, s->target.server);
	else
		decide(a, &d, p);
}

static void add_xive(struct answer *a)
{
	uint32_t *listed = calloc(a->state->source_count + 1, sizeof(*listed));

	if (!listed || !p9_index_make(&a->index, a->state)) {
		a->list->bad = true;
	} else {
		for (size_t i = 0; i < a->state->queue_count; i++)
			add_queue(a, &a->state->queues[i], listed);
		for (size_t i = 0; i < a->state->source_count; i++) {
			for (uint32_t n = listed[i]; n < a->state->sources[i].unread; n++)
				add_guessed(a, &a->state->sources[i]);
			add_unqueued(a, &a->state->sources[i]);
		}
	}
	if (listed)
		p9_index_free(&a->index);
	free(listed);
}

/* --- XICS --------------------------------------------------------------------- */

static void add_xics_source(struct answer *a, const struct p9_source *s)
{
	struct delivery d = { .cpu = cpu_of(a->state, s->target.server),
		              .source = s->lisn,
		              .priority = s->target.priority };
	const char *nowhere = why_nowhere(a->state, s);
	struct pending_irq *p;

	if (s->pending) {
		p = add_source(a, s, d.cpu, NULL, s->target.priority, "");
		if (nowhere || d.cpu == a->state->cpu_count)
			hold(a, p, "%s", nowhere ? nowhere : "no vCPU has this server number");
		else
			decide(a, &d, p);
	}
	if (s->pq & PQ_Q && (s->pq & PQ_P || !s->pending))
		hold(a, add_source(a, s, PENDING_FLOATING, "source", s->target.priority, ", once more"), "%s",
		     s->pq & PQ_P ? "it is queued: it comes again after the EOI"
		     : nowhere    ? nowhere
		                  : "it is queued");
	add_signals(a, s);
}

static void add_ipi(struct answer *a, unsigned cpu)
{
	struct delivery d = { .cpu = cpu,
		              .source = XICS_IPI,
		              .priority = P9_ICP_MFRR(a->state->cpus[cpu].icp) };
	struct pending_irq *p = pending_add(a->list, "ipi", cpu, NULL, "IPI priority %u (MFRR)", d.priority);

	pending_number(p, "server", a->state->cpus[cpu].server);
	pending_number(p, "priority", d.priority);
	decide(a, &d, p);
}

/* One priority after the other, as the servers take them. */
static void add_xics(struct answer *a)
{
	for (unsigned priority = 0; priority <= 0xff; priority++) {
		for (unsigned i = 0; i < a->state->cpu_count; i++)
			if (p9_has_ipi(a->state, i) && P9_ICP_MFRR(a->state->cpus[i].icp) == priority)
				add_ipi(a, i);
		for (size_t i = 0; i < a->state->source_count; i++)
			if (a->state->sources[i].target.priority == priority)
				add_xics_source(a, &a->state->sources[i]);
	}
}

/* --- the decrementer, and a vCPU in words ---------------------------------------- */

static uint64_t register_of(const struct p9_cpu *cpu, const char *name)
{
	for (unsigned i = 0; i < cpu->reg_count; i++) {
		struct p9_reg_name reg = p9_reg_find(cpu->regs[i].id);

		if (reg.name && !strcmp(reg.name, name))
			return cpu->regs[i].value[0];
	}
	return 0;
}

/* A look at a VM has read how much time is left, a snapshot has the time base. */
static bool is_expired(const struct arch_state *state, const struct p9_cpu *cpu)
{
	uint64_t expiry = register_of(cpu, "DEC_EXPIRY");

	if (!state->has_time_base)
		return cpu->dec_left < 0;
	return expiry && (int64_t)(expiry - state->time_base) < 0;
}

static void add_decrementer(struct answer *a, unsigned cpu)
{
	struct delivery d = { .cpu = cpu, .timer = true };

	if (!is_off(a, &d) && is_expired(a->state, &a->state->cpus[cpu]))
		decide(a, &d,
		       pending_add(a->list, "decrementer", cpu, NULL, "decrementer, its time has come"));
}

static const struct {
	uint64_t bit;
	const char *name;
} msr_names[] = { { 1ULL << 63, "SF" }, { 1ULL << 60, "HV" }, { 0x8000, "EE" }, { 0x4000, "PR" },
	          { 0x2000, "FP" },     { 0x1000, "ME" },     { 0x20, "IR" },   { 0x10, "DR" },
	          { 2, "RI" },          { 1, "LE" } };

static void controller_words(const struct arch_state *state, const struct p9_cpu *cpu, struct words *w)
{
	unsigned priority = state->model == &p9_xics ? ICP_CPPR(cpu->icp) : P9_VP_CPPR(cpu);
	const char *comma = " ";

	if (state->model == &p9_none)
		return;
	words_add(w, "; CPPR 0x%02x lets ", priority);
	if (priority > 7)
		words_add(w, "any priority through");
	else
		words_add(w, priority ? "priorities below %u through" : "no priority through", priority);
	if (state->model == &p9_xics) {
		if (P9_ICP_XISR(cpu->icp))
			words_add(w, "; presents source 0x%" PRIx32 " (XISR)", P9_ICP_XISR(cpu->icp));
		return;
	}
	if (!P9_VP_IPB(cpu))
		return;
	words_add(w, "; has events of priority");
	for (unsigned i = 0; i < 8; i++)
		if (P9_VP_IPB(cpu) & 0x80 >> i) {
			words_add(w, "%s%u", comma, i);
			comma = ", ";
		}
	words_add(w, " (IPB)");
}

static void add_vcpu(struct answer *a, unsigned i)
{
	const struct p9_cpu *cpu = &a->state->cpus[i];
	const char *comma = " ";
	struct words w;

	words_begin(&w);
	words_add(&w, "server %" PRIu32 "%s; MSR", cpu->server,
	          a->scope->flags[i] & SECTION_ONLINE ? "" : ", not started");
	for (size_t k = 0; k < sizeof(msr_names) / sizeof(msr_names[0]); k++)
		if (cpu->msr & msr_names[k].bit) {
			words_add(&w, "%s%s", comma, msr_names[k].name);
			comma = ", ";
		}
	words_add(&w, cpu->msr & MSR_EE ? " (EE is 1: open)" : " (EE is 0: closed)");
	controller_words(a->state, cpu, &w);
	pending_add_vcpu(a->list, i, words_end(&w));
}

void p9_pending(const struct arch_state *state, const struct codec_scope *scope, struct pending_list *list)
{
	struct answer a = { .state = state, .scope = scope, .list = list };

	a.taken = calloc(state->cpu_count + 1, sizeof(*a.taken));
	if (!a.taken) {
		list->bad = true;
		return;
	}
	if (state->model == &p9_xive)
		add_xive(&a);
	if (state->model == &p9_xics)
		add_xics(&a);
	for (unsigned i = 0; i < state->cpu_count && scope->kind == SNAP_VM; i++)
		add_decrementer(&a, i);
	for (unsigned i = 0; i < state->cpu_count && scope->kind == SNAP_VM; i++)
		add_vcpu(&a, i);
	free(a.taken);
}
