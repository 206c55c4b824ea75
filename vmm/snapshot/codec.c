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
		for (unsigned i = 0; i < (of->per_vcpu ? vcpus : 1); i++)
			of->put(snap_add(snap, of->tag, i, of->version), state, i);
	}
	return snap->bad ? error_set(err, -ENOMEM, "snapshot: out of memory") : 0;
}

static int decode_section(const struct codec_section *of, struct arch_state *state,
                          const struct snapshot *snap, unsigned id, uint64_t memory, struct error *err)
{
	const struct snap_section *s = snap_find(snap, of->tag, id);
	struct snap_reader r;
	char tag[5];

	snap_tag_text(of->tag, tag);
	if (!s && of->has && !of->has(state))
		return 0;
	if (!s)
		return error_set(err, -EBADMSG, "snapshot: section %s %u is missing", tag, id);
	if (s->version != of->version)
		return error_set(err, -EBADMSG,
		                 "snapshot: offset %zu: section %s %u has version %u, this zpvm reads %u",
		                 s->offset, tag, id, s->version, of->version);
	r = snap_reader(s);
	return of->get(&r, state, id, memory) && !r.bad && !snap_left(&r) ? 0 : snap_wrong(s, &r, err);
}

int codec_decode(const struct state_codec *codec, struct arch_state *state, const struct snapshot *snap,
                 const struct codec_scope *scope, struct error *err)
{
	int rc = 0;

	if (!codec->begin(state, snap, scope))
		return error_set(err, -ENOMEM, "snapshot: out of memory");
	for (const struct codec_section *of = codec->sections; of->tag && !rc; of++)
		for (unsigned i = 0; i < (of->per_vcpu ? scope->vcpus : 1) && belongs(of, scope->kind) && !rc;
		     i++)
			rc = decode_section(of, state, snap, i, scope->memory, err);
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
	return of->tag && belongs(of, scope->kind) && s->id < (of->per_vcpu ? scope->vcpus : 1);
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
