/* SPDX-License-Identifier: BSD-2-Clause */
/* describe_channel.c: see describe.h: the channel subsystem and its console. */
#include <string.h>

#include "describe.h"
#include "devices/css/subchannel.h"
#include "vmm/snapshot/outline.h"

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

void s390_describe_channel(const struct channel_state *channel, struct outline *out)
{
	const struct css_state *css = &channel->css;

	outline_at(out, "channel");
	outline_flag(out, "multiple-subchannel-sets", css->mss);
	outline_flag(out, "reports-awaited", css->awaited);
	for (unsigned i = 0; i < css->crw_count; i++)
		outline_item(out, "report", "0x%x", css->crw[i]);
	for (unsigned i = 0; i < css->count; i++) {
		outline_at(out, "subchannel.%u", i);
		describe_subchannel(&css->subchannels[i], out);
	}
	outline_at(out, "console-3215");
	outline_flag(out, "attention", channel->console.attention);
	outline_bytes(out, "typed", channel->console.typed, channel->console.len);
}
