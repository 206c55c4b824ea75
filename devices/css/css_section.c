/* SPDX-License-Identifier: BSD-2-Clause */
/* css_section.c: a channel subsystem as one section of a snapshot. Pure. */
#include <string.h>

#include "css.h"

static void put_program(struct snap_section *s, const struct ccw_program *p)
{
	snap_put8(s, p->phase);
	snap_put8(s, p->key);
	snap_put8(s, p->orb);
	snap_put8(s, p->first);
	snap_put8(s, p->resume);
	snap_put8(s, p->data);
	snap_put8(s, p->begun);
	snap_put8(s, p->command);
	snap_put8(s, p->flags);
	snap_put16(s, p->count);
	snap_put32(s, p->address);
	snap_put32(s, p->moved);
	snap_put32(s, p->next);
	snap_put8(s, p->dstat);
	snap_put8(s, p->cstat);
	snap_put(s, p->sense, sizeof(p->sense));
}

static void put_subchannel(struct snap_section *s, const struct subchannel *sch)
{
	snap_put16(s, sch->devno);
	snap_put8(s, sch->valid);
	snap_put32(s, sch->intparm);
	snap_put16(s, sch->flags);
	snap_put16(s, sch->mbi);
	snap_put8(s, sch->lpm);
	snap_put8(s, sch->pnom);
	snap_put8(s, sch->lpum);
	snap_put8(s, sch->pom);
	snap_put8(s, sch->concurrent_sense);
	snap_put32(s, sch->ctrl);
	snap_put32(s, sch->cpa);
	snap_put8(s, sch->dstat);
	snap_put8(s, sch->cstat);
	snap_put16(s, sch->count);
	snap_put8(s, sch->ecw_bytes);
	snap_put(s, sch->ecw, sizeof(sch->ecw));
	put_program(s, &sch->program);
}

void css_put(struct snap_section *s, const struct css_state *state)
{
	snap_put8(s, state->mss);
	snap_put8(s, state->awaited);
	snap_put8(s, state->crw_count);
	for (unsigned i = 0; i < state->crw_count; i++)
		snap_put32(s, state->crw[i]);
	snap_put16(s, state->count);
	for (unsigned i = 0; i < state->count; i++)
		put_subchannel(s, &state->subchannels[i]);
}

static void get_bytes(struct snap_reader *r, uint8_t *to, size_t len)
{
	const void *bytes = snap_get(r, len);

	if (bytes)
		memcpy(to, bytes, len);
}

/* A reader that is bad stays bad: a flag that is none spoils the whole. */
static bool get_flag(struct snap_reader *r)
{
	uint8_t v = snap_get8(r);

	r->bad |= v > 1;
	return v;
}

static bool get_program(struct snap_reader *r, struct ccw_program *p)
{
	p->phase = snap_get8(r);
	p->key = snap_get8(r);
	p->orb = snap_get8(r);
	p->first = get_flag(r);
	p->resume = get_flag(r);
	p->data = get_flag(r);
	p->begun = get_flag(r);
	p->command = snap_get8(r);
	p->flags = snap_get8(r);
	p->count = snap_get16(r);
	p->address = snap_get32(r);
	p->moved = snap_get32(r);
	p->next = snap_get32(r);
	p->dstat = snap_get8(r);
	p->cstat = snap_get8(r);
	get_bytes(r, p->sense, sizeof(p->sense));
	return !r->bad && p->phase < CCW_PHASES && p->key < 16 && !(p->orb & ~CCW_ORB_ALL);
}

/* What the subchannel shows of its program is what the program is; only a device has any of it. */
static bool consistent(const struct subchannel *sch)
{
	uint8_t phase = sch->program.phase;
	bool active = phase == CCW_CHAINING || phase == CCW_COMMAND;

	if (active != !!(sch->ctrl & SCSW_DEVICE_ACTIVE) ||
	    (phase == CCW_SUSPENDED) != !!(sch->ctrl & SCSW_SUSPENDED))
		return false;
	if (phase != CCW_IDLE && !(sch->ctrl & SCSW_START))
		return false;
	if (sch->ctrl & SCSW_STATUS && !(sch->ctrl & SCSW_PENDING))
		return false;
	return sch->valid || (!sch->ctrl && !sch->flags);
}

static bool get_subchannel(struct snap_reader *r, struct subchannel *sch)
{
	sch->devno = snap_get16(r);
	sch->valid = get_flag(r);
	sch->intparm = snap_get32(r);
	sch->flags = snap_get16(r);
	sch->mbi = snap_get16(r);
	sch->lpm = snap_get8(r);
	sch->pnom = snap_get8(r);
	sch->lpum = snap_get8(r);
	sch->pom = snap_get8(r);
	sch->concurrent_sense = get_flag(r);
	sch->ctrl = snap_get32(r);
	sch->cpa = snap_get32(r);
	sch->dstat = snap_get8(r);
	sch->cstat = snap_get8(r);
	sch->count = snap_get16(r);
	sch->ecw_bytes = snap_get8(r);
	get_bytes(r, sch->ecw, sizeof(sch->ecw));
	return get_program(r, &sch->program) && sch->ecw_bytes <= sizeof(sch->ecw) &&
	       !(sch->flags & ~PMCW_SETTABLE) && consistent(sch);
}

bool css_get(struct snap_reader *r, struct css_state *state)
{
	state->mss = get_flag(r);
	state->awaited = get_flag(r);
	state->crw_count = snap_get8(r);
	if (r->bad || state->crw_count > CSS_CRWS)
		return false;
	for (unsigned i = 0; i < state->crw_count; i++)
		state->crw[i] = snap_get32(r);
	state->count = snap_get16(r);
	if (r->bad || state->count > CSS_SUBCHANNELS)
		return false;
	for (unsigned i = 0; i < state->count; i++)
		if (!get_subchannel(r, &state->subchannels[i]))
			return false;
	return !r->bad;
}
