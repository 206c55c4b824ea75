/* SPDX-License-Identifier: BSD-2-Clause */
/* count.c: interrupts of the ledger in a machine's state: how many, one more, one less. Pure. See
 * vmm/lab/irq.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/s390x/snapshot/codec.h"
#include "irq.h"
#include "vmm/snapshot/codec.h"

/* As KVM has it when it is pending: of a floating machine check the code and that it is a channel report are
 * left. */
static struct s390_irq held(const struct irq *irq)
{
	struct s390_irq s = irq_to_s390(irq);

	if (irq->cpu == IRQ_ANY_CPU && s.type == S390_MCHK) {
		s.mchk.cr14 &= S390_CR14_CHANNEL_REPORT;
		s.mchk.ext_damage_code = 0;
		s.mchk.failing_storage_address = 0;
	}
	return s;
}

/* Whether a, as KVM holds it, is b of the account: by what the guest's log shows of it, for another one may
 * have replaced the rest. */
static bool same_irq(const struct s390_irq *a, const struct s390_irq *b)
{
	const struct s390_irq_type *t = s390_irq_type(a->type);

	if (a->type != b->type)
		return false;
	if (a->type == S390_SERVICE) /* two, if it has event bits: see irq_parts() */
		return b->ext.parm & 3 ? a->ext.parm & 3 : (a->ext.parm & ~3u) == b->ext.parm;
	for (const struct s390_irq_field *f = s390_irq_first(t->payload); f->payload == t->payload; f++)
		if (f->flags & S390_SEEN && s390_irq_get(a, f) != s390_irq_get(b, f))
			return false;
	return true;
}

static unsigned count_in(const struct s390_irq *irqs, size_t count, const struct s390_irq *like)
{
	unsigned n = 0;

	for (size_t i = 0; i < count; i++)
		n += same_irq(&irqs[i], like);
	return n;
}

/* What an eventfd holds becomes one interrupt, however often it was signalled. */
static unsigned count_signalled(const struct arch_state *state, const struct s390_irq *like)
{
	unsigned n = 0;

	for (size_t i = 0; i < state->routing.route_count; i++) {
		const struct s390_route *at = &state->routing.routes[i];

		for (size_t a = 0; a < state->adapter_count && at->signals && like->type == S390_ADAPTER; a++)
			n += state->adapters[a].id == at->adapter &&
			     s390_adapter_word(state->adapters[a].isc) == like->io.word;
	}
	return n;
}

unsigned arch_state_count(const struct arch_state *state, const struct irq *irq)
{
	struct s390_irq like = held(irq);

	/* KVM's list of what is pending has one now and then: it looks at the timers when the vCPU runs. */
	if (irq->code == KIND_TIMER)
		return 0;
	if (irq->cpu == IRQ_ANY_CPU)
		return count_in(state->floating, state->floating_count, &like) +
		       count_signalled(state, &like);
	if (irq->cpu >= state->cpu_count)
		return 0;
	return count_in(state->cpus[irq->cpu].irqs, state->cpus[irq->cpu].irq_count, &like);
}

/* No interrupt comes of a signal when the summary bit is on. */
unsigned arch_state_unsure(const struct arch_state *state, const struct irq *irq)
{
	struct s390_irq like = held(irq);

	return irq->cpu == IRQ_ANY_CPU ? count_signalled(state, &like) : 0;
}

#define UNITS_PER_MICROSECOND 4096 /* of TOD clock, clock comparator, CPU timer (PoP ch. 4, "Timing") */

enum timer_state arch_state_timer(const struct arch_state *state, const struct irq *irq, uint64_t within)
{
	const struct s390_cpu *cpu = irq->cpu < state->cpu_count ? &state->cpus[irq->cpu] : NULL;
	uint64_t left;

	if (irq->code != KIND_TIMER)
		return TIMER_NONE;
	if (!cpu)
		return TIMER_OFF;
	if (irq->number == EXT_CPU_TIMER ? cpu->reg[S390_REG_CPU_TIMER] >> 63
	                                 : cpu->reg[S390_REG_CLOCK_COMP] < state->tod)
		return TIMER_DUE;
	left = cpu->reg[S390_REG_CPU_TIMER];
	if (irq->number != EXT_CPU_TIMER)
		left = cpu->reg[S390_REG_CLOCK_COMP] - state->tod;
	left /= UNITS_PER_MICROSECOND;
	return left > TIMER_SLACK && left - TIMER_SLACK > within ? TIMER_OFF : TIMER_ARMED;
}

/* --- one more, one less ----------------------------------------------- */

/* The list that such an interrupt is in; NULL: there is no such vCPU. */
static struct s390_irq **list_of(struct arch_state *state, const struct irq *irq, size_t **count)
{
	if (irq->cpu == IRQ_ANY_CPU) {
		*count = &state->floating_count;
		return &state->floating;
	}
	if (irq->cpu >= state->cpu_count)
		return NULL;
	*count = &state->cpus[irq->cpu].irq_count;
	return &state->cpus[irq->cpu].irqs;
}

/* As if it had come while a save was under way, which keeps the irqfds off: it is in the eventfd. */
static int add_signal(struct arch_state *state, uint32_t gsi, struct error *err)
{
	for (size_t i = 0; i < state->routing.route_count; i++)
		if (state->routing.routes[i].gsi == gsi &&
		    state->routing.routes[i].irqfd != S390_IRQFD_NONE) {
			state->routing.routes[i].signals++;
			return 0;
		}
	return error_set(err, -EOPNOTSUPP, "GSI %u has no irqfd", gsi);
}

int arch_state_add(struct arch_state *state, const struct irq *irq, struct error *err)
{
	struct s390_irq more = held(irq), *p;
	size_t *count;
	struct s390_irq **list = list_of(state, irq, &count);

	if (irq->code == KIND_TIMER)
		return error_set(err, -EOPNOTSUPP, "%s: a guest makes it", irq->kind);
	if (irq->code == KIND_IRQFD)
		return add_signal(state, irq->number, err);
	if (!list)
		return error_set(err, -EOPNOTSUPP, "there is no vCPU %u", irq->cpu);
	for (size_t i = 0; i < *count; i++)
		if (s390_irq_excludes(&(*list)[i], &more))
			return error_set(err, -EEXIST, "%s: it would merge with one that is pending",
			                 irq->kind);
	p = reallocarray(*list, *count + 1, sizeof(*p));
	if (!p)
		return error_set(err, -ENOMEM, "out of memory");
	p[(*count)++] = more;
	*list = p;
	return 0;
}

/* A signal in an eventfd is as good as its interrupt. */
static bool drop_signal(struct arch_state *state, const struct s390_irq *like)
{
	for (size_t i = 0; i < state->routing.route_count; i++) {
		uint64_t signals = state->routing.routes[i].signals;
		unsigned before = count_signalled(state, like);

		state->routing.routes[i].signals = 0;
		if (count_signalled(state, like) < before)
			return true;
		state->routing.routes[i].signals = signals;
	}
	return false;
}

int arch_state_drop(struct arch_state *state, const struct irq *irq, struct error *err)
{
	struct s390_irq like = held(irq);
	size_t *count = NULL, i = 0;
	struct s390_irq **list = list_of(state, irq, &count);

	while (list && i < *count && !same_irq(&(*list)[i], &like))
		i++;
	if (!list || i == *count)
		return list && drop_signal(state, &like) ? 0
		                                         : error_set(err, -ENOENT, "none is pending there");
	if (like.type == S390_SERVICE) { /* the other half stays */
		(*list)[i].ext.parm &= like.ext.parm & 3 ? ~3u : 3;
		if ((*list)[i].ext.parm)
			return 0;
	}
	memmove(&(*list)[i], &(*list)[i + 1], (--*count - i) * sizeof(**list));
	return 0;
}
