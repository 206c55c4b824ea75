/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sclp.c: any bytes as what a guest and its operator do to the SCLP: each step
 * is a byte that says what, then typed bytes, or a command word, an SCCB's
 * address and its contents.
 */
#include "devices/sclp/sclp.h"

#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "vmm/snapshot/device_section.h"

#define RAM_SIZE 0x3000

static const uint32_t commands[] = { 0x00010001, 0x00020001, 0x00120001, 0x00760005,
	                             0x00770005, 0x00780005, 0x00100001 };

/* The steps; a read past their end is bad, as that of a snapshot. */
static void take_call(struct sclp *sclp, struct snap_reader *r)
{
	uint8_t which = snap_get8(r);
	struct io io = { .space = IO_SCLP };
	uint16_t len;
	const uint8_t *bytes;
	struct error err;
	bool header;
	int rc;

	io.addr = which < 7 ? commands[which] : snap_get32(r);
	io.arg = snap_get16(r) & ~7u; /* as service_call() has checked */
	len = snap_get16(r) & 0x1fff;
	bytes = snap_get(r, len < snap_left(r) ? len : snap_left(r));
	len = (uint16_t)(r->at - bytes);
	if (io.arg + len > RAM_SIZE)
		len = io.arg < RAM_SIZE ? (uint16_t)(RAM_SIZE - io.arg) : 0;
	if (len)
		memcpy(sclp->ram->host + io.arg, bytes, len);
	header = io.arg + 8 > RAM_SIZE || sclp->ram->host[io.arg] || sclp->ram->host[io.arg + 1] >= 8;
	rc = sclp_io(sclp, &io, &err);
	must(rc == (io.arg + 8 <= RAM_SIZE ? 0 : -EIO));
	must(io.raise == (!rc && header));
	if (!io.raise)
		return;
	must((io.parm & ~1u) == io.arg && (io.parm & 1) == sclp_event_pending(sclp));
	must(sclp->ram->host[io.arg + 6] | sclp->ram->host[io.arg + 7]);
}

static void take_step(struct sclp *sclp, struct snap_reader *r)
{
	uint8_t what = snap_get8(r) & 7;
	size_t len = what < 2 ? snap_get8(r) * 32u : 0, left = snap_left(r);
	const uint8_t *typed = what < 2 ? snap_get(r, len < left ? len : left) : NULL;

	if (what > 2)
		take_call(sclp, r);
	else if (what == 2)
		must(!sclp_quiesce(sclp) || sclp_event_pending(sclp));
	else if (what)
		must(sclp_type_line(sclp, typed, len < left ? len : left) <= len);
	else
		must(sclp_type(sclp, typed, len < left ? len : left) <= len);
}

static void through_codec(const struct sclp_state *state)
{
	struct sclp_state *back = calloc(1, sizeof(*back));
	struct snapshot snap;
	struct snap_reader r;
	struct snap_section *s;

	snap_init(&snap, "any");
	s = snap_add(&snap, 0, 0, 1);
	sclp_section.put(s, state);
	r = snap_reader(s);
	must(sclp_section.get(&r, back, 0) && !snap_left(&r));
	must(back->receive == state->receive && back->mask_length == state->mask_length &&
	     back->quiesce == state->quiesce && back->ascii.len == state->ascii.len &&
	     back->line.len == state->line.len);
	must(!memcmp(back->ascii.bytes, state->ascii.bytes, state->ascii.len));
	must(!memcmp(back->line.bytes, state->line.bytes, state->line.len));
	snap_free(&snap);
	free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snap_reader r = { data, data + size, false, false };
	struct ram ram = { .size = RAM_SIZE, .host = calloc(1, RAM_SIZE), .fd = -1 };
	struct sclp *sclp = calloc(1, sizeof(*sclp));

	sclp->ram = &ram;
	sclp->cpus = size ? data[0] : 1;
	sclp->state.line_mode = size && data[0] & 1;
	sclp->out = fopen("/dev/null", "w");
	while (!r.bad && snap_left(&r))
		take_step(sclp, &r);
	through_codec(&sclp->state);
	fclose(sclp->out);
	free(sclp);
	free(ram.host);
	return 0;
}
