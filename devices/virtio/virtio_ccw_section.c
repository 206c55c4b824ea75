/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_ccw_section.c: struct virtio_ccw_state in a snapshot (virtio_ccw.h). Pure. */
#include "virtio_ccw.h"

#include "vmm/snapshot/device_section.h"

static void put(struct snap_section *s, const void *from)
{
	const struct virtio_ccw_state *state = from;

	snap_put8(s, state->revision);
	snap_put8(s, state->indicators);
	snap_put8(s, state->isc);
	snap_put8(s, state->attention);
	snap_put64(s, state->at);
	snap_put64(s, state->bit);
	snap_put64(s, state->summary);
	snap_put64(s, state->configuration);
}

static bool get(struct snap_reader *r, void *to, uint64_t memory)
{
	struct virtio_ccw_state *state = to;
	uint8_t attention;

	state->revision = snap_get8(r);
	state->indicators = snap_get8(r);
	state->isc = snap_get8(r);
	attention = snap_get8(r);
	state->attention = attention;
	state->at = snap_get64(r);
	state->bit = snap_get64(r);
	state->summary = snap_get64(r);
	state->configuration = snap_get64(r);
	return !r->bad && attention <= 1 && virtio_ccw_valid(state, memory);
}

static void describe(const void *from, unsigned id, struct outline *out)
{
	static const char *const kinds[VIRTIO_CCW_INDICATORS] = { "none", "classic", "adapter" };
	const struct virtio_ccw_state *s = from;

	outline_at(out, "virtio-ccw.%u", id);
	outline_number(out, "revision", s->revision);
	outline_text(out, "indicators", "%s", kinds[s->indicators]);
	if (s->indicators)
		outline_hex(out, "indicators-address", s->at);
	if (s->indicators == VIRTIO_CCW_ADAPTER) {
		outline_number(out, "first-bit", s->bit);
		outline_hex(out, "summary-address", s->summary);
		outline_number(out, "isc", s->isc);
	}
	if (s->configuration)
		outline_hex(out, "configuration-address", s->configuration);
	outline_flag(out, "attention", s->attention);
}

const struct device_section virtio_ccw_section = {
	.tag = VIRTIO_CCW_TAG,
	.version = 1,
	.name = "virtio-ccw device",
	.size = sizeof(struct virtio_ccw_state),
	.put = put,
	.get = get,
	.describe = describe,
};
