/* SPDX-License-Identifier: BSD-2-Clause */
/* hvterm_section.c: the virtual terminal's section of a snapshot. Pure. */
#include "hvterm.h"
#include "vmm/snapshot/device_section.h"

static void put(struct snap_section *s, const void *state)
{
	fifo_encode(state, s);
}

static bool get(struct snap_reader *r, void *state, uint64_t memory)
{
	(void)memory;
	return fifo_decode(state, r);
}

static void describe(const void *state, unsigned id, struct outline *out)
{
	const struct fifo *typed = state;

	(void)id;
	outline_at(out, "terminal");
	outline_bytes(out, "typed", typed->bytes, typed->len);
}

const struct device_section hvterm_section = {
	.tag = HVTERM_TAG,
	.version = 1,
	.name = "terminal",
	.size = sizeof(struct fifo),
	.put = put,
	.get = get,
	.describe = describe,
};
