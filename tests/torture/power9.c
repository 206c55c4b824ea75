/* SPDX-License-Identifier: BSD-2-Clause */
/* torture.c: what random programs are made of on power9. Pure. See vmm/torture_words.h. */
#include <stdio.h>
#include <string.h>

#include "torture_words.h"

/* Message sources; 0x1000 is the terminal's. */
#define WAKE    0x1010 /* and up: one of each vCPU */
#define OTHERS  0x1020 /* PER_CPU of each */
#define PER_CPU 4
#define IRQFDS  2 /* of them: with an irqfd, too */

#define DEPTH 2 /* P, one on its way, and Q, one more */

static struct torture_group *add_source(struct torture_words *w, unsigned source, unsigned cpu,
                                        unsigned server, unsigned priority)
{
	struct torture_group *g = torture_add_group(w, 1u << cpu, DEPTH);

	g->maskable = true;
	snprintf(g->setup, sizeof(g->setup), "guest route source=0x%x server=%u priority=%u\nrun cpu=0\n",
	         source, server, priority);
	return g;
}

/* One source, however it is triggered. */
static void add_message(struct torture_words *w, unsigned source, unsigned cpu, unsigned server,
                        unsigned priority, bool irqfd)
{
	struct torture_group *g = add_source(w, source, cpu, server, priority);
	size_t len = strlen(g->setup);

	torture_add_irq(w, "source 0x%x", source);
	torture_add_irq(w, "line gsi=0x%x", source);
	if (!irqfd)
		return;
	snprintf(g->setup + len, sizeof(g->setup) - len, "irqchip irqfd gsi=0x%x\n", source);
	g->kept = DEPTH;
	g->gsi = source;
	torture_add_irq(w, "irqfd gsi=0x%x", source);
}

/* XIVE has a source for it, XICS a hypercall that says nothing to zpvm. */
static void add_ipi(struct torture_words *w, unsigned cpu, unsigned server, unsigned priority, unsigned all)
{
	struct torture_group *g =
		add_source(w, cpu, cpu, server, priority); /* the guest's IPIs are the first sources */
	struct torture_send *s = &w->sends[w->send_count++];

	*s = (struct torture_send){ .group = (uint8_t)(w->group_count - 1), .from = (uint8_t)all };
	if (!w->xics) {
		torture_add_irq(w, "source %u", cpu);
		snprintf(s->guest, sizeof(s->guest), "ipi vcpu=%u", cpu);
		return;
	}
	g->depth = 1;
	g->setup[0] = 0;
	snprintf(s->due, sizeof(s->due), "name ipi cpu=%u due=1 as=ipi%u", cpu, cpu);
	snprintf(s->guest, sizeof(s->guest), "hcall nr=0x6c r4=%u r5=%u", server, priority);
}

void arch_torture_words(struct torture_words *w, unsigned cpus, const char *irqchip, struct prng *r)
{
	/* To turn an irqfd off and on, as a save does, takes longer than all else of a save. */
	unsigned stride = prng_below(r, 4) ? 1 : 8, irqfds = prng_below(r, 4) ? 0 : IRQFDS,
		 all = (1u << cpus) - 1;

	*w = (struct torture_words){ .timers = 1, .xics = irqchip && !strcmp(irqchip, "xics") };
	snprintf(w->head, sizeof(w->head), "arch power9\nvcpu-stride %u\n", stride);
	for (unsigned n = 0; n < cpus; n++) {
		/* KVM on a host with single escalation has one priority for a vCPU. */
		unsigned server = n * stride, priority = prng_below(r, 7);

		for (unsigned i = 0; i < PER_CPU; i++)
			add_message(w, OTHERS + n * PER_CPU + i, n, server, priority, i < irqfds);
		add_ipi(w, n, server, priority, all);
		add_source(w, WAKE + n, n, server, priority);
		w->wake_group[n] = (uint8_t)(w->group_count - 1);
		for (unsigned i = 0; i < TORTURE_WAKES; i++)
			snprintf(w->wake[n][i], sizeof(w->wake[n][i]), "source 0x%x", WAKE + n);
	}
}

enum torture_masked arch_torture_mask(const struct torture_words *w, bool only_open, struct prng *r,
                                      char *text, unsigned size)
{
	bool open = only_open || w->xics || prng_below(r, 2);

	/* What is pending with XICS and then masked is no more what KVM's documents say. */
	if (w->xics)
		snprintf(text, size, "enable");
	else
		snprintf(text, size, "cppr value=%s", open ? "0xff" : "0");
	return open ? MASKED_NONE : MASKED_ALL;
}

bool arch_torture_operation(const struct torture_words *w, struct prng *r, char *text, unsigned size,
                            unsigned *group)
{
	(void)r, (void)group;
	snprintf(text, size, "eq-sync");
	return !w->xics;
}
