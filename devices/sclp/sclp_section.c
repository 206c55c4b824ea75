/* SPDX-License-Identifier: BSD-2-Clause */
/* sclp_section.c: the SCLP's sections of a snapshot. Pure. */
#include <inttypes.h>

#include "sclp.h"
#include "vmm/snapshot/device_section.h"

static void put(struct snap_section *s, const void *of)
{
	const struct sclp_state *state = of;

	snap_put64(s, state->receive);
	snap_put16(s, state->mask_length);
	snap_put8(s, state->quiesce);
	fifo_encode(&state->ascii, s);
	fifo_encode(&state->line, s);
}

static bool get(struct snap_reader *r, void *to, uint64_t memory)
{
	struct sclp_state *state = to;
	uint8_t quiesce;

	(void)memory;
	state->receive = snap_get64(r);
	state->mask_length = snap_get16(r);
	quiesce = snap_get8(r);
	if (r->bad || state->mask_length > SCLP_MASK_LENGTH_MAX || quiesce > 1)
		return false;
	state->quiesce = quiesce;
	return fifo_decode(&state->ascii, r) && fifo_decode(&state->line, r);
}

static bool has_waiting(const void *of)
{
	const struct sclp_state *state = of;

	return state->waiting_count;
}

static void put_waiting(struct snap_section *s, const void *of)
{
	const struct sclp_state *state = of;

	snap_put8(s, state->waiting_count);
	for (unsigned i = 0; i < state->waiting_count; i++)
		snap_put32(s, state->waiting[i]);
}

static bool get_waiting(struct snap_reader *r, void *to, uint64_t memory)
{
	struct sclp_state *state = to;
	unsigned count = snap_get8(r);

	(void)memory;
	if (r->bad || !count || count > SCLP_WAITING_MAX)
		return false;
	for (unsigned i = 0; i < count; i++) {
		uint32_t sccb = snap_get32(r);

		if (r->bad || !(sccb & SCLP_SCCB) || sccb & ~SCLP_SCCB || sclp_waits(state, sccb))
			return false;
		state->waiting[state->waiting_count++] = sccb;
	}
	return true;
}

static bool has_line_mode(const void *of)
{
	const struct sclp_state *state = of;

	return state->line_mode;
}

/* The section has no bytes: it is enough that it is there. */
static void put_line_mode(struct snap_section *s, const void *of)
{
	(void)s, (void)of;
}

static bool get_line_mode(struct snap_reader *r, void *to, uint64_t memory)
{
	struct sclp_state *state = to;

	(void)r, (void)memory;
	state->line_mode = true;
	return true;
}

static void describe(const void *of, unsigned id, struct outline *out)
{
	const struct sclp_state *sclp = of;

	(void)id;
	outline_at(out, "sclp");
	if (sclp->line_mode)
		outline_text(out, "console", "line");
	outline_hex(out, "receive-mask", sclp->receive);
	outline_number(out, "mask-length", sclp->mask_length);
	outline_flag(out, "quiesce", sclp->quiesce);
	outline_bytes(out, "typed", sclp->ascii.bytes, sclp->ascii.len);
	outline_bytes(out, "typed-line", sclp->line.bytes, sclp->line.len);
	for (unsigned i = 0; i < sclp->waiting_count; i++)
		outline_item(out, "signal-waits", "SCCB %08" PRIx32, sclp->waiting[i]);
}

static const struct device_section line_section = {
	.tag = SCLP_LINE_TAG,
	.version = 1,
	.put = put_line_mode,
	.get = get_line_mode,
	.has = has_line_mode,
};

const struct device_section sclp_waiting_section = {
	.tag = SCLP_WAITING_TAG,
	.version = 1,
	.put = put_waiting,
	.get = get_waiting,
	.more = &line_section,
	.has = has_waiting,
};

const struct device_section sclp_section = {
	.tag = SCLP_TAG,
	.version = 1,
	.name = "SCLP",
	.size = sizeof(struct sclp_state),
	.put = put,
	.get = get,
	.describe = describe,
	.more = &sclp_waiting_section,
};
