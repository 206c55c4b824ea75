/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec.h: what must be true of either architecture's state codec. It works
 * on the sections of a good state, and knows nothing of what is in them.
 */
#ifndef TESTS_UNIT_CODEC_H
#define TESTS_UNIT_CODEC_H

#include <errno.h>
#include <stdlib.h>

#include "allocation.h"
#include "tap.h"
#include "vmm/snapshot/codec.h"
#include "vmm/snapshot/pending.h"

#define VCPUS  2
#define MEMORY (1ULL << 20)

#define STRIDE 8

static inline int encode_state(const struct arch_state *state, struct snapshot *snap, struct error *err)
{
	return codec_encode(arch_codec, state, SNAP_VM, VCPUS, snap, err);
}

static inline int decode_state(struct arch_state *state, const struct snapshot *snap, unsigned vcpus,
                               uint64_t memory, struct error *err)
{
	const struct codec_scope scope = { SNAP_VM, vcpus, STRIDE, memory, NULL };

	return codec_decode(arch_codec, state, snap, &scope, err);
}

/* A copy of a snapshot where section `which` has another length (what is new is zero) or is left out. */
static inline void copy_sections(struct snapshot *to, const struct snapshot *from, size_t which, size_t len,
                                 bool leave_out)
{
	snap_init(to, from->arch);
	for (size_t i = 0; i < from->count; i++) {
		const struct snap_section *s = &from->sections[i];
		struct snap_section *copy;

		if (i == which && leave_out)
			continue;
		copy = snap_add(to, s->tag, s->id, s->version);
		snap_put(copy, s->bytes, i == which && len < s->len ? len : s->len);
		for (size_t k = s->len; i == which && k < len; k++)
			snap_put8(copy, 0);
		/* Just its size, so that the address sanitizer sees every read beyond. */
		if (copy->len)
			copy->bytes = realloc(copy->bytes, copy->len);
		copy->room = copy->len;
	}
}

static inline int decode_only(const struct snapshot *snap)
{
	struct arch_state *state = arch_codec->create();
	struct error err;
	int rc = decode_state(state, snap, VCPUS, MEMORY, &err);

	arch_codec->free(state);
	return rc;
}

static inline bool same_sections(const struct snapshot *a, const struct snapshot *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++) {
		const struct snap_section *x = &a->sections[i], *y = &b->sections[i];

		same = x->tag == y->tag && x->id == y->id && x->version == y->version && x->len == y->len &&
		       (!x->len || !memcmp(x->bytes, y->bytes, x->len));
	}
	return same;
}

/* 0: refused; 1: decoded, and encoded to the same; -1: decoded and encoded to something else. */
static inline int decode_encode(const struct snapshot *snap)
{
	struct arch_state *state = arch_codec->create();
	struct snapshot again;
	struct error err;
	int result = 0;

	snap_init(&again, snap->arch);
	if (!decode_state(state, snap, VCPUS, MEMORY, &err))
		result = !encode_state(state, &again, &err) && same_sections(snap, &again) ? 1 : -1;
	snap_free(&again);
	arch_codec->free(state);
	return result;
}

static inline bool has_tag(const uint32_t *tags, uint32_t tag)
{
	while (*tags && *tags != tag)
		tags++;
	return *tags;
}

/* optional: the tags of sections that need not be there, then 0. */
static inline void check_sections(const struct snapshot *good, const uint32_t *optional)
{
	struct snapshot snap;

	is(decode_encode(good), 1, "decoded and encoded again: the same bytes");
	for (size_t i = 0; i < good->count; i++) {
		struct snap_section *s = &good->sections[i];
		unsigned wrong = 0;

		for (size_t len = 0; len <= s->len + 1; len++) {
			copy_sections(&snap, good, i, len, false);
			wrong += decode_only(&snap) != (len == s->len ? 0 : -EBADMSG);
			snap_free(&snap);
		}
		is(wrong, 0, "section %zu cut at each byte or longer: refused", i);
		copy_sections(&snap, good, i, s->len, true);
		is(decode_only(&snap), has_tag(optional, s->tag) || snap_optional(s->tag) ? 0 : -EBADMSG,
		   "section %zu left out", i);
		snap_free(&snap);
		s->version++;
		is(decode_only(good), -EBADMSG, "section %zu in version 2: refused", i);
		s->version--;
		wrong = 0;
		for (size_t at = 0; at < 3 * s->len; at++) {
			uint8_t flip = at % 3 == 0 ? 1 : at % 3 == 1 ? 0x80 : 0xff;

			s->bytes[at / 3] ^= flip;
			wrong += decode_encode(good) < 0;
			s->bytes[at / 3] ^= flip;
		}
		is(wrong, 0, "section %zu with each byte changed: refused, or kept as it is", i);
	}
}

/* The good state as a file, to fuzz from. Returns an exit status. */
static inline int write_seed(const struct snapshot *snap, const char *path)
{
	FILE *f = fopen(path, "w");
	struct error err;
	uint8_t *bytes;
	size_t len;
	bool good = f && !snap_encode(snap, &bytes, &len, &err);

	if (good) {
		snap_seal(bytes);
		good = fwrite(bytes, 1, len, f) == len;
		free(bytes);
	}
	return f && !fclose(f) && good ? 0 : 1;
}

/* What is pending, a line each, of interrupts alone: they must be as many as it says. */
static inline char *pending_lines(const struct arch_state *state, unsigned vcpus, unsigned *count)
{
	const struct codec_scope scope = { SNAP_IRQ, vcpus, 1, 1 << 20, NULL };
	struct pending_list list = { 0 };
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	*count = arch_codec->pending(state);
	arch_codec->answer(state, &scope, &list);
	ok(!list.bad, "an answer");
	for (size_t i = 0; i < list.count; i++)
		fprintf(out, "%-9s %s\n", list.irqs[i].where, list.irqs[i].text);
	fclose(out);
	pending_free(&list);
	return text;
}

static inline unsigned lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

#endif
