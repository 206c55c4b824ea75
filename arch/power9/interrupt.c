/* SPDX-License-Identifier: BSD-2-Clause */
/* interrupt.c: see interrupt.h. Pure. */
#include "interrupt.h"

unsigned p9_free_bits(const struct p9_source *s)
{
	return s->pq == PQ_OFF ? 2 : 2 - (s->pq >> 1) - (s->pq & 1);
}

/* The signals in eventfds whose irqfds are off: they fire when the irqfd is on again. A source takes two. */
static unsigned held(const struct p9_lines *lines, uint32_t source)
{
	uint64_t count = 0;

	for (size_t i = 0; i < lines->count; i++)
		if (lines->all[i].source == source)
			count += lines->all[i].count < 2 ? lines->all[i].count : 2;
	return count < 2 ? (unsigned)count : 2;
}

unsigned p9_source_room(const struct p9_model *m, const struct p9_lines *lines, const struct p9_source *s)
{
	unsigned taken = 2 - p9_free_bits(s) + (s->pending && m->pending_fills) + held(lines, s->lisn);

	return taken < 2 ? 2 - taken : 0;
}

/* --- the models ---------------------------------------------------- */

static unsigned xive_due(const struct p9_source *s)
{
	return s->unread + (s->pq == (PQ_P | PQ_Q)) + (s->pending && p9_free_bits(s));
}

/*
 * A source that is presented and not pending was taken by the guest. Queued means one more event, except for
 * a source that was never presented because it is masked: for that one KVM sets queued, pending, or both.
 */
static unsigned xics_due(const struct p9_source *s)
{
	return s->pending + (s->pq & PQ_Q && (s->pq & PQ_P || !s->pending));
}

const struct p9_model p9_xive = { .name = "xive",
	                          .title = "XIVE",
	                          .has_ipis = true,
	                          .queues = P9_PRIORITIES,
	                          .priorities = P9_PRIORITIES,
	                          .pending_fills = true,
	                          .due = xive_due };

/* A new source has the least favored priority, which means none. */
const struct p9_model p9_xics = {
	.name = "xics", .title = "XICS", .priorities = 0x100, .new_priority = 0xff, .due = xics_due
};

const struct p9_model p9_none = { .name = "none", .title = "no interrupt controller" };
