/* SPDX-License-Identifier: BSD-2-Clause */
/* interrupt.c: see interrupt.h. Pure. */
#include "interrupt.h"

unsigned p9_free_bits(const struct p9_source *s)
{
	return s->pq == PQ_OFF ? 2 : 2 - (s->pq >> 1) - (s->pq & 1);
}

/* What irqfds hold back fires when they go on; a source takes two. */
static unsigned held(const struct p9_lines *lines, uint32_t source)
{
	uint64_t count = 0;

	for (size_t i = 0; i < lines->count; i++)
		if (lines->all[i].source == source)
			count += lines->all[i].count < 2 ? lines->all[i].count : 2;
	return count < 2 ? (unsigned)count : 2;
}

unsigned p9_source_room(bool xics, const struct p9_lines *lines, const struct p9_source *s)
{
	unsigned taken = 2 - p9_free_bits(s) + (s->pending && !xics) + held(lines, s->lisn);

	return taken < 2 ? 2 - taken : 0;
}
