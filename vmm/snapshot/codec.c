/* SPDX-License-Identifier: BSD-2-Clause */
/* codec.c: see codec.h. Pure. */
#include "codec.h"

#include <errno.h>
#include <stdarg.h>

#include "outline.h"

#define WRONG_MAX 1000 /* lines of what is wrong */

const char *const snap_kind_names[SNAP_KINDS] = { [SNAP_VM] = "vm", [SNAP_IRQ] = "irq" };

static bool belongs(const struct codec_section *of, enum snap_kind kind)
{
	return kind == SNAP_VM || of->irq;
}

int codec_encode(const struct state_codec *codec, const struct arch_state *state, enum snap_kind kind,
                 unsigned vcpus, struct snapshot *snap, struct error *err)
{
	for (const struct codec_section *of = codec->sections; of->tag; of++) {
		if (!belongs(of, kind) || (of->has && !of->has(state)))
			continue;
		if (of->tag == SECTIONS_OF_DEVICES)
			device_states_encode(codec_devices(codec, state), snap);
		for (unsigned i = 0; of->put && i < (of->per_vcpu ? vcpus : 1); i++)
			of->put(snap_add(snap, of->tag, i, of->version), state, i);
	}
	return snap->bad ? error_set(err, -ENOMEM, "snapshot: out of memory") : 0;
}

static int decode_section(const struct codec_section *of, struct arch_state *state,
                          const struct snapshot *snap, unsigned id, uint64_t memory, struct error *err)
{
	const struct snap_section *s;
	struct snap_reader r;

	if (of->has && !of->has(state) && !snap_find(snap, of->tag, id))
		return 0;
	s = snap_need(snap, of->tag, id, of->version, err);
	if (!s)
		return -EBADMSG;
	r = snap_reader(s);
	return of->get(&r, state, id, memory) && !r.bad && !snap_left(&r) ? 0 : snap_wrong(s, &r, err);
}

int codec_decode(const struct state_codec *codec, struct arch_state *state, const struct snapshot *snap,
                 const struct codec_scope *scope, struct error *err)
{
	int rc = 0;

	if (!codec->room(state, scope->vcpus))
		return error_set(err, -ENOMEM, "snapshot: out of memory");
	if (codec->begin)
		codec->begin(state, snap, scope);
	for (const struct codec_section *of = codec->sections; of->tag && !rc; of++) {
		if (!belongs(of, scope->kind))
			continue;
		if (of->tag == SECTIONS_OF_DEVICES)
			rc = device_states_decode(codec_devices(codec, state), codec->devices, snap,
			                          scope->memory, err);
		for (unsigned i = 0; of->get && i < (of->per_vcpu ? scope->vcpus : 1) && !rc; i++)
			rc = decode_section(of, state, snap, i, scope->memory, err);
	}
	if (!rc && codec->finish && !codec->finish(state))
		return error_set(err, -ENOMEM, "snapshot: out of memory");
	return rc;
}

bool codec_knows(const struct state_codec *codec, const struct snap_section *s,
                 const struct codec_scope *scope)
{
	const struct codec_section *of = codec->sections;

	while (of->tag && of->tag != s->tag)
		of++;
	if (!of->tag || of->tag == SECTIONS_OF_DEVICES)
		return scope->kind == SNAP_VM && device_section_known(codec->devices, s);
	return belongs(of, scope->kind) && s->id < (of->per_vcpu ? scope->vcpus : 1);
}

void codec_wrong(struct outline *wrong, const struct snapshot *snap, uint32_t tag, uint32_t id,
                 const char *fmt, ...)
{
	const struct snap_section *s = snap_find(snap, tag, id);
	char what[256], name[5];
	va_list ap;

	if (wrong->count >= WRONG_MAX) {
		if (wrong->count == WRONG_MAX)
			outline_item(wrong, "wrong", "and more");
		return;
	}
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snap_tag_text(tag, name);
	outline_item(wrong, "wrong", "offset %zu: section %s %u: %s", s ? s->offset : 0, name, id, what);
}
