/* SPDX-License-Identifier: BSD-2-Clause */
/* css_bytes.c: see css_bytes.h. Pure. */
#include "css_bytes.h"

#include <string.h>

#include "devices/bytes.h"

/* The last word of the PMCW; its type bits are not for MODIFY SUBCHANNEL. */
#define LAST_CONCURRENT_SENSE 0x00000001u
#define LAST_TYPE             0x00e00000u

/* The extended-report word: concurrent sense, and how many bytes of it. */
#define ERW_CONCURRENT_SENSE 0x01000000u
#define ERW_COUNT_SHIFT      16

static void put_scsw(const struct subchannel *sch, uint8_t *b)
{
	put32(b, sch->ctrl);
	put32(b + 4, sch->cpa);
	b[8] = sch->dstat;
	b[9] = sch->cstat;
	put16(b + 10, sch->count);
}

void css_schib(const struct subchannel *sch, uint8_t schib[SCHIB_SIZE])
{
	memset(schib, 0, SCHIB_SIZE);
	if (!sch->valid)
		return;
	put32(schib, sch->intparm);
	put16(schib + 4, sch->flags | PMCW_VALID);
	put16(schib + 6, sch->devno);
	schib[8] = sch->lpm;
	schib[9] = sch->pnom;
	schib[10] = sch->lpum;
	schib[11] = CSS_PATH; /* installed */
	put16(schib + 12, sch->mbi);
	schib[14] = sch->pom;
	schib[15] = CSS_PATH; /* available */
	schib[16] = CSS_CHPID;
	put32(schib + 24, sch->concurrent_sense ? LAST_CONCURRENT_SENSE : 0);
	put_scsw(sch, schib + 28);
}

bool css_schib_valid(const uint8_t schib[SCHIB_SIZE])
{
	uint16_t flags = get16(schib + 4);

	return !(flags & PMCW_INVALID) && (flags & PMCW_LIMIT) != PMCW_LIMIT &&
	       !(get32(schib + 24) & ~(LAST_CONCURRENT_SENSE | LAST_TYPE));
}

void css_schib_modify(struct subchannel *sch, const uint8_t schib[SCHIB_SIZE])
{
	sch->intparm = get32(schib);
	sch->flags = get16(schib + 4) & PMCW_SETTABLE;
	sch->lpm = schib[8];
	sch->mbi = get16(schib + 12);
	sch->pom = schib[14];
	sch->concurrent_sense = get32(schib + 24) & LAST_CONCURRENT_SENSE;
}

void css_irb(const struct subchannel *sch, uint8_t irb[IRB_SIZE])
{
	memset(irb, 0, IRB_SIZE);
	put_scsw(sch, irb);
	irb[13] = sch->lpum; /* extended status of format 1 */
	if (sch->ecw_bytes)
		put32(irb + 16, ERW_CONCURRENT_SENSE | (uint32_t)sch->ecw_bytes << ERW_COUNT_SHIFT);
	memcpy(irb + 32, sch->ecw, sch->ecw_bytes);
}

/* --- in a snapshot ------------------------------------------------------ */

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
