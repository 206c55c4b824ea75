/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console_state.c: the consoles' sections of a snapshot (sclp.h, con3215.h).
 * By themselves, so that a reader of snapshots needs no console. Pure.
 */
#include <string.h>

#include "devices/css/con3215.h"
#include "devices/sclp/sclp.h"

void sclp_encode(const struct sclp_state *state, struct snap_section *s)
{
	snap_put64(s, state->receive);
	snap_put16(s, state->mask_length);
	snap_put8(s, state->quiesce);
	fifo_encode(&state->ascii, s);
	fifo_encode(&state->line, s);
}

bool sclp_decode(struct sclp_state *state, struct snap_reader *r)
{
	uint8_t quiesce;

	state->receive = snap_get64(r);
	state->mask_length = snap_get16(r);
	quiesce = snap_get8(r);
	if (r->bad || state->mask_length > SCLP_MASK_LENGTH_MAX || quiesce > 1)
		return false;
	state->quiesce = quiesce;
	return fifo_decode(&state->ascii, r) && fifo_decode(&state->line, r);
}

void sclp_encode_waiting(const struct sclp_state *state, struct snap_section *s)
{
	snap_put8(s, state->waiting_count);
	for (unsigned i = 0; i < state->waiting_count; i++)
		snap_put32(s, state->waiting[i]);
}

bool sclp_decode_waiting(struct sclp_state *state, struct snap_reader *r)
{
	unsigned count = snap_get8(r);

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

void con3215_put(struct snap_section *s, const struct con3215_state *state)
{
	snap_put8(s, state->attention);
	snap_put16(s, state->len);
	snap_put(s, state->typed, state->len);
}

bool con3215_get(struct snap_reader *r, struct con3215_state *state)
{
	uint8_t flag = snap_get8(r);
	const uint8_t *typed;

	state->attention = flag;
	state->len = snap_get16(r);
	if (r->bad || flag > 1 || state->len > sizeof(state->typed))
		return false;
	typed = snap_get(r, state->len);
	if (!typed)
		return false;
	memcpy(state->typed, typed, state->len);
	return !flag || memchr(typed, '\n', state->len);
}
