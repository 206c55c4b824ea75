/* SPDX-License-Identifier: BSD-2-Clause */
/* css_section.c: a channel subsystem with its devices as one section of a snapshot. Pure. */
#include <inttypes.h>
#include <string.h>

#include "channel_state.h"
#include "vmm/snapshot/device_section.h"

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

static void put_css(struct snap_section *s, const struct css_state *state)
{
	snap_put8(s, state->mss);
	snap_put8(s, state->crw_unannounced);
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

static bool get_css(struct snap_reader *r, struct css_state *state)
{
	state->mss = get_flag(r);
	state->crw_unannounced = get_flag(r);
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

static void put_3215(struct snap_section *s, const struct con3215_state *state)
{
	snap_put8(s, state->attention);
	snap_put16(s, state->len);
	snap_put(s, state->typed, state->len);
}

static bool get_3215(struct snap_reader *r, struct con3215_state *state)
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

static void put(struct snap_section *s, const void *state)
{
	const struct channel_state *channel = state;

	put_css(s, &channel->css);
	put_3215(s, &channel->console);
}

static bool get(struct snap_reader *r, void *state, uint64_t memory)
{
	struct channel_state *channel = state;

	(void)memory;
	return get_css(r, &channel->css) && get_3215(r, &channel->console);
}

/* --- for people ------------------------------------------------------- */

static void hex_if(struct outline *out, const char *path, uint64_t value)
{
	if (value)
		outline_hex(out, path, value);
}

/* The bits of the subchannel-status word's first word that say what goes on. */
static void describe_activity(uint32_t ctrl, struct outline *out)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = {
		{ SCSW_START, "start function" },
		{ SCSW_HALT, "halt function" },
		{ SCSW_CLEAR, "clear function" },
		{ SCSW_RESUME_PENDING, "resume pending" },
		{ SCSW_SUBCHANNEL_ACTIVE, "subchannel active" },
		{ SCSW_DEVICE_ACTIVE, "device active" },
		{ SCSW_SUSPENDED, "suspended" },
		{ SCSW_ALERT, "alert status" },
		{ SCSW_INTERMEDIATE, "intermediate status" },
		{ SCSW_PRIMARY, "primary status" },
		{ SCSW_SECONDARY, "secondary status" },
		{ SCSW_PENDING, "status pending" },
	};

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (ctrl & bits[i].bit)
			outline_item(out, "status.meaning", "%s", bits[i].name);
}

/* Only what is set: most of an idle subchannel is zero. */
static void describe_program(const struct ccw_program *p, struct outline *out)
{
	static const char *const phases[CCW_PHASES] = { "idle", "chaining", "command", "suspended" };

	outline_text(out, "program.phase", "%s", phases[p->phase]);
	hex_if(out, "program.key", p->key);
	hex_if(out, "program.orb", p->orb);
	if (p->first)
		outline_flag(out, "program.first", true);
	if (p->resume)
		outline_flag(out, "program.resume", true);
	if (p->data)
		outline_flag(out, "program.data", true);
	if (p->begun)
		outline_flag(out, "program.begun", true);
	hex_if(out, "program.command", p->command);
	hex_if(out, "program.flags", p->flags);
	if (p->count)
		outline_number(out, "program.count", p->count);
	hex_if(out, "program.address", p->address);
	if (p->moved)
		outline_number(out, "program.moved", p->moved);
	hex_if(out, "program.next", p->next);
	hex_if(out, "program.device-status", p->dstat);
	hex_if(out, "program.subchannel-status", p->cstat);
}

/* Up to the last byte that is not zero. */
static void describe_sense(const char *path, const uint8_t *bytes, size_t len, struct outline *out)
{
	char text[2 * CCW_SENSE_BYTES + 1];

	while (len && !bytes[len - 1])
		len--;
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	if (len)
		outline_text(out, path, "%s", text);
}

static void describe_subchannel(const struct subchannel *sch, struct outline *out)
{
	outline_hex(out, "device-number", sch->devno);
	outline_flag(out, "device", sch->valid);
	outline_flag(out, "enabled", sch->flags & PMCW_ENABLED);
	outline_number(out, "isc", (sch->flags & PMCW_ISC) >> PMCW_ISC_SHIFT);
	outline_hex(out, "parameter", sch->intparm);
	outline_hex(out, "flags", sch->flags);
	outline_text(out, "paths", "LPM %02x PNOM %02x LPUM %02x POM %02x", sch->lpm, sch->pnom, sch->lpum,
	             sch->pom);
	hex_if(out, "measurement-block", sch->mbi);
	if (sch->block_1)
		outline_hex(out, "measurement-block-address", sch->mba);
	if (sch->connected)
		outline_text(out, "connected", "%" PRIu64 " ns", sch->connected);
	hex_if(out, "status.connect-time", sch->dcti);
	if (sch->concurrent_sense)
		outline_flag(out, "concurrent-sense", true);
	outline_hex(out, "status.control", sch->ctrl);
	describe_activity(sch->ctrl, out);
	hex_if(out, "status.ccw-address", sch->cpa);
	hex_if(out, "status.device-status", sch->dstat);
	hex_if(out, "status.subchannel-status", sch->cstat);
	if (sch->count)
		outline_number(out, "status.count", sch->count);
	if (sch->ecw_bytes)
		outline_number(out, "status.ecw-bytes", sch->ecw_bytes);
	describe_sense("status.ecw", sch->ecw, sizeof(sch->ecw), out);
	describe_program(&sch->program, out);
	describe_sense("program.sense", sch->program.sense, sizeof(sch->program.sense), out);
}

static void describe_measurement(const struct css_state *css, struct outline *out)
{
	if (css->measure || css->measure_key || css->measure_origin) {
		outline_at(out, "channel.measurement");
		outline_hex(out, "modes", css->measure);
		outline_hex(out, "key", css->measure_key);
		outline_hex(out, "origin", css->measure_origin);
	}
}

static void describe(const void *state, unsigned id, struct outline *out)
{
	const struct channel_state *channel = state;
	const struct css_state *css = &channel->css;

	(void)id;
	outline_at(out, "channel");
	outline_flag(out, "multiple-subchannel-sets", css->mss);
	outline_flag(out, "reports-awaited", css->crw_unannounced);
	for (unsigned i = 0; i < css->crw_count; i++)
		outline_item(out, "report", "0x%x", css->crw[i]);
	describe_measurement(css, out);
	for (unsigned i = 0; i < css->count; i++) {
		outline_at(out, "subchannel.%u", i);
		describe_subchannel(&css->subchannels[i], out);
	}
	outline_at(out, "console-3215");
	outline_flag(out, "attention", channel->console.attention);
	outline_bytes(out, "typed", channel->console.typed, channel->console.len);
}

/* --- measurement ------------------------------------------------------ */

static bool is_measured(const struct subchannel *sch)
{
	return sch->block_1 || sch->connected || sch->dcti;
}

/* A guest that measures nothing needs none of it. */
static bool has_measurement(const void *state)
{
	const struct css_state *css = &((const struct channel_state *)state)->css;
	bool any = css->measure || css->measure_key || css->measure_origin;

	for (unsigned i = 0; i < css->count; i++)
		any |= is_measured(&css->subchannels[i]);
	return any;
}

static void put_measurement(struct snap_section *s, const void *state)
{
	const struct css_state *css = &((const struct channel_state *)state)->css;

	snap_put8(s, css->measure);
	snap_put8(s, css->measure_key);
	snap_put64(s, css->measure_origin);
	for (unsigned i = 0; i < css->count; i++) {
		const struct subchannel *sch = &css->subchannels[i];

		snap_put8(s, sch->block_1);
		snap_put64(s, sch->mba);
		snap_put64(s, sch->connected);
		snap_put16(s, sch->dcti);
	}
}

static bool get_measurement(struct snap_reader *r, void *state, uint64_t memory)
{
	struct css_state *css = &((struct channel_state *)state)->css;
	bool good;

	(void)memory;
	css->measure = snap_get8(r);
	css->measure_key = snap_get8(r);
	css->measure_origin = snap_get64(r);
	good = css->measure <= 3 && css->measure_key < 16 && css->measure_origin % MBO_ALIGN == 0;
	for (unsigned i = 0; i < css->count && good; i++) {
		struct subchannel *sch = &css->subchannels[i];

		sch->block_1 = get_flag(r);
		sch->mba = snap_get64(r);
		sch->connected = snap_get64(r);
		sch->dcti = snap_get16(r);
		good = sch->mba % MBA_ALIGN == 0 && (sch->block_1 || !sch->mba) &&
		       (sch->valid || !is_measured(sch));
	}
	return good;
}

static const struct device_section measurement = {
	.tag = SNAP_TAG('M', 'E', 'A', 'S'),
	.version = 1,
	.put = put_measurement,
	.get = get_measurement,
	.has = has_measurement,
};

const struct device_section css_section = {
	.tag = CSS_TAG,
	.version = 1,
	.name = "channel subsystem",
	.size = sizeof(struct channel_state),
	.put = put,
	.get = get,
	.describe = describe,
	.more = &measurement,
};
