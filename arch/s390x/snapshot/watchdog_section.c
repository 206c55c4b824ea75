/* SPDX-License-Identifier: BSD-2-Clause */
/* watchdog_section.c: the watchdog's section of a snapshot. Pure. */
#include <inttypes.h>

#include "arch/s390x/watchdog_state.h"
#include "vmm/snapshot/device_section.h"

static bool has(const void *of)
{
	const struct watchdog_state *state = of;

	return state->left;
}

static void put(struct snap_section *s, const void *of)
{
	const struct watchdog_state *state = of;

	snap_put64(s, state->left);
}

/* At most as much as a guest can set. */
static bool get(struct snap_reader *r, void *to, uint64_t memory)
{
	struct watchdog_state *state = to;

	(void)memory;
	state->left = snap_get64(r);
	return state->left && state->left <= WATCHDOG_MAX;
}

static void describe(const void *of, unsigned id, struct outline *out)
{
	const struct watchdog_state *state = of;

	(void)id;
	if (!state->left)
		return;
	outline_at(out, "watchdog");
	outline_text(out, "left", "%" PRIu64 " ns", state->left);
}

const struct device_section watchdog_section = {
	.tag = WATCHDOG_TAG,
	.version = 1,
	.name = "watchdog",
	.size = sizeof(struct watchdog_state),
	.put = put,
	.get = get,
	.describe = describe,
	.has = has,
};
