/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * deliverable.c: what is pending on s390x, and why it is not delivered. The rules are a table, in the order
 * in which KVM delivers. Pure. Source: z/Architecture Principles of Operation, ch. 4 (PSW, control
 * registers), 6 (masks and priority); HACKING.md for what KVM does otherwise.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "vmm/snapshot/pending.h"

#define PSW_IO       0x0200000000000000ULL
#define PSW_EXTERNAL 0x0100000000000000ULL
#define PSW_MCHECK   0x0004000000000000ULL
#define PSW_WAIT     0x0002000000000000ULL
#define PSW_PROBLEM  0x0001000000000000ULL

#define MCIC_EXIGENT 0xc000000000000000ULL /* system damage, instruction-processing damage */

/* What masks a type: a bit of the PSW, and one of a control register. */
static const struct rule {
	uint32_t type;
	const char *word; /* as in a scenario */
	uint64_t psw;     /* 0: nothing masks it */
	uint8_t cr;
	uint32_t bit; /* 0: no subclass mask */
	const char *subclass;
} rules[] = {
	{ S390_PROGRAM, "program", 0, 0, 0, NULL },
	{ S390_MCHK, "mchk", PSW_MCHECK, 14, 0,
	  NULL }, /* the bit is that of its CR14; none if it is exigent */
	{ S390_EMERGENCY, "emergency", PSW_EXTERNAL, 0, 0x4000, "emergency signal" },
	{ S390_EXTERNAL_CALL, "extcall", PSW_EXTERNAL, 0, 0x2000, "external call" },
	{ S390_CLOCK_COMP, "clock-comp", PSW_EXTERNAL, 0, 0x800, "clock comparator" },
	{ S390_CPU_TIMER, "cpu-timer", PSW_EXTERNAL, 0, 0x400, "CPU timer" },
	{ S390_SERVICE, "service", PSW_EXTERNAL, 0, 0x200, "service signal" },
	{ S390_PFAULT_INIT, "pfault-init", PSW_EXTERNAL, 0, 0, NULL },
	{ S390_PFAULT_DONE, "pfault-done", PSW_EXTERNAL, 0, 0, NULL },
	{ S390_VIRTIO, "virtio", PSW_EXTERNAL, 0, 0, NULL },
	{ S390_IO_MAX, "io", PSW_IO, 6, 0, NULL }, /* the bit is that of its ISC */
	{ S390_RESTART, "restart", 0, 0, 0, NULL },
	{ S390_SET_PREFIX, "prefix", 0, 0, 0, NULL },
	{ S390_STOP, "stop", 0, 0, 0, NULL },
};
#define RULES (sizeof(rules) / sizeof(rules[0]))

/* An I/O interrupt has a turn for each ISC, and an exigent machine check comes before all others. */
#define TURNS (1 + RULES + 7)

static const struct {
	uint32_t bit;
	const char *name;
} cr14_names[] = { { 0x10000000, "channel report" },
	           { 0x08000000, "recovery" },
	           { 0x04000000, "degradation" },
	           { 0x02000000, "external damage" },
	           { 0x01000000, "warning" } };
#define CR14_NAMES (sizeof(cr14_names) / sizeof(cr14_names[0]))

static const struct rule *rule_of(const struct s390_irq *irq)
{
	const struct rule *r = rules;

	while (r < rules + RULES - 1 && r->type != irq->type &&
	       !(r->type == S390_IO_MAX && irq->type <= S390_IO_MAX))
		r++;
	return r;
}

static bool is_exigent(const struct s390_irq *irq)
{
	return irq->type == S390_MCHK && irq->mchk.mcic & MCIC_EXIGENT;
}

const char *s390_irq_word(const struct s390_irq *irq)
{
	return irq->type == S390_ADAPTER ? "adapter" : rule_of(irq)->word;
}

static unsigned turn_of(const struct s390_irq *irq)
{
	unsigned at = (unsigned)(rule_of(irq) - rules);

	if (is_exigent(irq))
		return 0;
	if (irq->type <= S390_IO_MAX)
		return 1 + at + s390_isc(irq->io.word);
	return 1 + at +
	       (irq->type == S390_RESTART || irq->type == S390_SET_PREFIX || irq->type == S390_STOP ? 7 : 0);
}

/* The subclass mask's bit in the rule's control register, and its name; 0: it has none. */
static uint32_t subclass_of(const struct s390_irq *irq, char name[64])
{
	const struct rule *rule = rule_of(irq);
	const char *text = rule->subclass ? rule->subclass : "";

	if (irq->type <= S390_IO_MAX) {
		snprintf(name, 64, "ISC %u", s390_isc(irq->io.word));
		return 0x80000000u >> s390_isc(irq->io.word);
	}
	if (irq->type == S390_MCHK) {
		for (unsigned i = 0; i < CR14_NAMES && !*text; i++)
			text = irq->mchk.cr14 & cr14_names[i].bit ? cr14_names[i].name : "";
		snprintf(name, 64, "the subclass %s", *text ? text : "of this machine check");
		return is_exigent(irq) ? 0 : (uint32_t)irq->mchk.cr14;
	}
	snprintf(name, 64, "%s", text);
	return rule->bit;
}

/* --- one vCPU and one interrupt ---------------------------------------- */

static bool has_subclass(const struct s390_cpu *cpu, const struct s390_irq *irq)
{
	char name[64];
	uint32_t bit = subclass_of(irq, name);

	return irq->type == S390_MCHK ? is_exigent(irq) || cpu->cr[14] & bit
	                              : !bit || cpu->cr[rule_of(irq)->cr] & bit;
}

static bool takes(const struct s390_cpu *cpu, const struct s390_irq *irq)
{
	const struct rule *rule = rule_of(irq);

	return cpu->mp_state != S390_MP_STOPPED && cpu->mp_state != S390_MP_CHECK_STOP &&
	       (!rule->psw || cpu->psw_mask & rule->psw) && has_subclass(cpu, irq);
}

/* Why the vCPU does not take it: all reasons; or, brief, no other than that it is stopped. */
static void reasons(const struct s390_cpu *cpu, const struct s390_irq *irq, bool brief, struct words *w)
{
	const struct rule *rule = rule_of(irq);
	const char *comma = "";
	char name[64];

	if (cpu->mp_state == S390_MP_STOPPED || cpu->mp_state == S390_MP_CHECK_STOP) {
		words_add(w, "%s", cpu->mp_state == S390_MP_STOPPED ? "stopped" : "in the check-stop state");
		if (brief)
			return;
		comma = ", ";
	}
	if (rule->psw && !(cpu->psw_mask & rule->psw)) {
		words_add(w, "%sPSW %s mask is 0", comma,
		          rule->psw == PSW_IO         ? "I/O"
		          : rule->psw == PSW_EXTERNAL ? "external"
		                                      : "machine-check");
		comma = ", ";
	}
	if (!has_subclass(cpu, irq)) {
		subclass_of(irq, name);
		words_add(w, "%sCR%u has %s closed", comma, rule->cr, name);
	}
}

/* --- all of them ------------------------------------------------------- */

/* What a vCPU can take, by turn: how many there are, and how many of them have been listed. */
struct queue {
	unsigned count[TURNS], listed[TURNS];
};

struct answer {
	const struct arch_state *state;
	struct pending_list *list;
	struct queue *queues; /* of each vCPU; NULL: no registers are known */
};

static void count_irqs(struct answer *a, const struct s390_irq *irqs, size_t count, unsigned cpu)
{
	for (size_t i = 0; i < count; i++)
		if (takes(&a->state->cpus[cpu], &irqs[i]))
			a->queues[cpu].count[turn_of(&irqs[i])]++;
}

/* How many the vCPU takes before the one that is listed next. */
static unsigned before(const struct queue *q, unsigned turn)
{
	unsigned n = q->listed[turn];

	for (unsigned i = 0; i < turn; i++)
		n += q->count[i];
	return n;
}

static const char *const unknown = "the registers are not in this snapshot";

static void decide_local(struct answer *a, unsigned cpu, const struct s390_irq *irq, struct pending_irq *p)
{
	struct words w;
	char turn[32];
	bool open = a->queues && takes(&a->state->cpus[cpu], irq);

	words_begin(&w);
	if (!a->queues) {
		words_add(&w, "%s", unknown);
	} else if (open) {
		unsigned n = before(&a->queues[cpu], turn_of(irq));

		a->queues[cpu].listed[turn_of(irq)]++;
		words_add(&w, "%s", pending_turn(n, turn));
		if (p)
			p->after = n;
	} else {
		reasons(&a->state->cpus[cpu], irq, false, &w);
	}
	pending_decide(a->list, p,
	               !a->queues ? PENDING_UNKNOWN
	               : open     ? PENDING_OPEN
	                          : PENDING_HELD,
	               words_end(&w));
}

static void name_cpus(struct words *w, unsigned first, unsigned last)
{
	if (first == last)
		words_add(w, "vCPU %u ", first);
	else
		words_add(w, "vCPUs %u%s%u ", first, last == first + 1 ? ", " : "-", last);
}

/* Of those that do not take it; neighbours with the same reasons stand together. */
static void all_reasons(struct answer *a, const struct s390_irq *irq, struct words *w)
{
	char *last = NULL;
	unsigned first = 0;

	for (unsigned i = 0; i <= a->state->cpu_count; i++) {
		char *why = NULL;

		if (i < a->state->cpu_count) {
			struct words one;

			words_begin(&one);
			reasons(&a->state->cpus[i], irq, true, &one);
			why = words_end(&one);
		}
		if (last && (!why || strcmp(why, last))) {
			words_add(w, "%s", first ? "; " : "");
			name_cpus(w, first, i - 1);
			words_add(w, "%s", last);
			first = i;
		}
		free(last);
		last = why;
	}
}

/* Returns whether one takes it. *after: how many it takes before, of those the least. */
static bool all_takers(struct answer *a, const struct s390_irq *irq, struct words *w, unsigned *after)
{
	unsigned takers = 0;
	char turn[32];

	*after = UINT32_MAX;
	for (unsigned i = 0; i < a->state->cpu_count; i++) {
		unsigned n = before(&a->queues[i], turn_of(irq));

		if (!takes(&a->state->cpus[i], irq))
			continue;
		a->queues[i].listed[turn_of(irq)]++;
		*after = n < *after ? n : *after;
		words_add(w, "%svCPU %u takes it %s", takers++ ? "; " : "", i, pending_turn(n, turn));
	}
	return takers;
}

static void decide_floating(struct answer *a, const struct s390_irq *irq, struct pending_irq *p)
{
	struct words w;
	unsigned after = 0;
	bool open = false;

	words_begin(&w);
	if (!a->queues) {
		words_add(&w, "%s", unknown);
	} else {
		open = all_takers(a, irq, &w, &after);
		if (!open)
			all_reasons(a, irq, &w);
	}
	if (p && open)
		p->after = after;
	pending_decide(a->list, p,
	               !a->queues ? PENDING_UNKNOWN
	               : open     ? PENDING_OPEN
	                          : PENDING_HELD,
	               words_end(&w));
}

/* --- what each of them is ---------------------------------------------- */

static void io_text(const struct s390_irq *irq, char text[S390_IRQ_ALL])
{
	char schid[S390_SCHID];

	if (irq->type == S390_ADAPTER)
		s390_irq_text(irq, text, S390_IRQ_ALL);
	else
		snprintf(text, S390_IRQ_ALL, "I/O subchannel %s ISC %u parameter 0x%08" PRIx32,
		         s390_schid(irq, schid), s390_isc(irq->io.word), irq->io.parm);
	s390_irq_text_rest(irq, text, S390_IRQ_ALL);
}

static void add_member(void *irq, const char *name, uint64_t value, bool decimal)
{
	if (decimal)
		pending_number(irq, name, value);
	else
		pending_hex(irq, name, value);
}

static struct pending_irq *add_irq(struct pending_list *list, const struct s390_irq *irq, uint32_t cpu)
{
	char text[S390_IRQ_ALL], schid[S390_SCHID];
	struct pending_irq *p;

	if (irq->type <= S390_IO_MAX)
		io_text(irq, text);
	else
		s390_irq_all(irq, text);
	p = pending_add(list, s390_irq_word(irq), cpu, cpu == PENDING_FLOATING ? "floating" : NULL, "%s",
	                text);
	if (irq->type <= S390_IO_MAX && irq->type != S390_ADAPTER)
		pending_text(list, p, "schid", "%s", s390_schid(irq, schid));
	s390_irq_members(irq, add_member, p);
	return p;
}

/* --- signals that are in no list of KVM's ------------------------------ */

static const struct s390_adapter *find_adapter(const struct arch_state *state, uint32_t id)
{
	for (size_t i = 0; i < state->adapter_count; i++)
		if (state->adapters[i].id == id)
			return &state->adapters[i];
	return NULL;
}

/* Adapter-interruption suppression: an ISC in SINGLE mode that has had its one. */
static bool is_suppressed(const struct s390_ais *ais, const struct s390_adapter *adapter)
{
	unsigned bit = 0x80 >> (adapter->isc & 7);

	/* KVM's flag of an adapter that can be suppressed (KVM_S390_ADAPTER_SUPPRESSIBLE). */
	return adapter->flags & 1 && ais->simm & bit && ais->nimm & bit;
}

static void add_signal(struct answer *a, const struct s390_route *route)
{
	const struct s390_adapter *adapter = find_adapter(a->state, route->adapter);
	struct pending_irq *p =
		pending_add(a->list, "irqfd", PENDING_FLOATING, "eventfd",
	                    "signal of GSI %" PRIu32 " for adapter %" PRIu32 " (%" PRIu64 "x)", route->gsi,
	                    route->adapter, route->signals);
	struct words w;

	pending_number(p, "gsi", route->gsi);
	pending_number(p, "adapter", route->adapter);
	pending_number(p, "signals", route->signals);
	if (adapter)
		pending_number(p, "isc", adapter->isc);
	words_begin(&w);
	words_add(&w, "%s",
	          route->irqfd == S390_IRQFD_ON ? "KVM injects it when the VM goes on" : "its irqfd is off");
	if (!adapter)
		words_add(&w, ", adapter %" PRIu32 " is not registered", route->adapter);
	else if (adapter->masked)
		words_add(&w, ", adapter %" PRIu32 " is masked", route->adapter);
	if (adapter && is_suppressed(&a->state->ais, adapter))
		words_add(&w, ", suppressed (AIS): ISC %u has had its one interruption in SINGLE mode",
		          adapter->isc);
	pending_decide(a->list, p, PENDING_HELD, words_end(&w));
}

/* A timer whose time has come, which KVM notices when the vCPU runs, if the guest has opened its subclass. */
static void add_timer(struct answer *a, unsigned cpu, uint32_t type, bool due)
{
	const struct s390_cpu *c = &a->state->cpus[cpu];
	const struct s390_irq irq = { .type = type };

	for (size_t i = 0; i < c->irq_count; i++)
		due &= c->irqs[i].type != type;
	if (due && has_subclass(c, &irq))
		decide_local(a, cpu, &irq,
		             pending_add(a->list, rule_of(&irq)->word, cpu, NULL, "%s, its time has come",
		                         rule_of(&irq)->subclass));
}

static bool timer_due(const struct arch_state *state, unsigned cpu, bool cpu_timer)
{
	const struct s390_cpu *c = &state->cpus[cpu];

	return cpu_timer ? c->reg[S390_REG_CPU_TIMER] >> 63
	                 : state->tod && c->reg[S390_REG_CLOCK_COMP] < state->tod;
}

/* --- a vCPU in words ---------------------------------------------------- */

static void add_isc(struct words *w, unsigned mask)
{
	const char *comma = " ";

	words_add(w, mask ? "; CR6 opens ISC" : "; CR6 opens no ISC");
	for (unsigned first = 0, last; first < 8; first = last + 1) {
		for (last = first; last < 8 && mask & 0x80 >> last; last++)
			;
		if (last == first)
			continue;
		words_add(w, last - first > 1 ? "%s%u-%u" : "%s%u", comma, first, last - 1);
		comma = ", ";
	}
}

static char *cpu_words(const struct s390_cpu *cpu)
{
	static const char *const states[] = { "stopped", "check stop", "operating", "load" };
	unsigned state = cpu->mp_state - S390_MP_STOPPED;
	const char *comma = " ";
	struct words w;

	words_begin(&w);
	words_add(&w, "%s; PSW masks I/O %u, external %u, machine check %u; %s state%s; CR0 opens",
	          state < 4 ? states[state] : "in an unknown state", !!(cpu->psw_mask & PSW_IO),
	          !!(cpu->psw_mask & PSW_EXTERNAL), !!(cpu->psw_mask & PSW_MCHECK),
	          cpu->psw_mask & PSW_PROBLEM ? "problem" : "supervisor",
	          cpu->psw_mask & PSW_WAIT ? ", waits" : "");
	for (const struct rule *r = rules; r < rules + RULES; r++)
		if (r->bit && cpu->cr[0] & r->bit) {
			words_add(&w, "%s%s", comma, r->subclass);
			comma = ", ";
		}
	words_add(&w, *comma == ' ' ? " nothing" : "");
	add_isc(&w, cpu->cr[6] >> 24 & 0xff);
	words_add(&w, "; CR14 opens");
	comma = " ";
	for (unsigned i = 0; i < CR14_NAMES; i++)
		if (cpu->cr[14] & cr14_names[i].bit) {
			words_add(&w, "%s%s", comma, cr14_names[i].name);
			comma = ", ";
		}
	words_add(&w, *comma == ' ' ? " nothing" : "");
	return words_end(&w);
}

/* --- the answer --------------------------------------------------------- */

static void count_all(struct answer *a)
{
	for (unsigned i = 0; i < a->state->cpu_count; i++) {
		count_irqs(a, a->state->floating, a->state->floating_count, i);
		count_irqs(a, a->state->cpus[i].irqs, a->state->cpus[i].irq_count, i);
	}
}

void s390_pending(const struct arch_state *state, const struct codec_scope *scope, struct pending_list *list)
{
	struct answer a = { state, list, NULL };

	if (scope->kind == SNAP_VM) {
		a.queues = calloc(state->cpu_count + 1, sizeof(*a.queues));
		if (!a.queues) {
			list->bad = true;
			return;
		}
		count_all(&a);
	}
	for (size_t i = 0; i < state->floating_count; i++)
		decide_floating(&a, &state->floating[i],
		                add_irq(list, &state->floating[i], PENDING_FLOATING));
	for (size_t i = 0; i < state->routing.route_count; i++)
		if (state->routing.routes[i].signals)
			add_signal(&a, &state->routing.routes[i]);
	for (unsigned c = 0; c < state->cpu_count; c++) {
		for (size_t i = 0; i < state->cpus[c].irq_count; i++)
			decide_local(&a, c, &state->cpus[c].irqs[i],
			             add_irq(list, &state->cpus[c].irqs[i], c));
		if (!a.queues)
			continue;
		add_timer(&a, c, S390_CLOCK_COMP, timer_due(state, c, false));
		add_timer(&a, c, S390_CPU_TIMER, timer_due(state, c, true));
		pending_add_vcpu(list, c, cpu_words(&state->cpus[c]));
	}
	free(a.queues);
}
