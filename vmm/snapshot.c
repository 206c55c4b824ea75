/* SPDX-License-Identifier: BSD-2-Clause */
/* snapshot.c: see snapshot.h. Pure. */
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char magic[8] = "ZPVMSNAP";
#define HEADER_LEN  40
#define SECTION_LEN 24

/* CRC-32 as in zlib and Ethernet: reflected polynomial 0xedb88320. */
struct crc {
	uint32_t table[256];
};

static void crc_init(struct crc *crc)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t v = i;

		for (int bit = 0; bit < 8; bit++)
			v = v >> 1 ^ (v & 1 ? 0xedb88320 : 0);
		crc->table[i] = v;
	}
}

static uint32_t crc32(const struct crc *crc, const uint8_t *p, size_t len)
{
	uint32_t v = ~0u;

	while (len--)
		v = v >> 8 ^ crc->table[(v ^ *p++) & 0xff];
	return ~v;
}

void snap_init(struct snapshot *snap, const char *arch)
{
	*snap = (struct snapshot){ .none.bad = true };
	strncpy(snap->arch, arch, sizeof(snap->arch) - 1);
}

void snap_free(struct snapshot *snap)
{
	for (size_t i = 0; i < snap->count; i++)
		free(snap->sections[i].bytes);
	free(snap->sections);
	*snap = (struct snapshot){ .none.bad = true };
}

struct snap_section *snap_add(struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version)
{
	if (snap->count == snap->room) {
		size_t room = snap->room ? 2 * snap->room : 16;
		struct snap_section *p = reallocarray(snap->sections, room, sizeof(*p));

		if (!p) {
			snap->bad = true;
			return &snap->none;
		}
		snap->sections = p;
		snap->room = room;
	}
	snap->sections[snap->count] = (struct snap_section){ .tag = tag, .id = id, .version = version };
	return &snap->sections[snap->count++];
}

void snap_put(struct snap_section *s, const void *bytes, size_t len)
{
	if (s->bad || !len)
		return;
	if (len > s->room - s->len) {
		size_t room = s->len + len > 2 * s->room ? s->len + len : 2 * s->room;
		uint8_t *p = realloc(s->bytes, room);

		if (!p) {
			s->bad = true;
			return;
		}
		s->bytes = p;
		s->room = room;
	}
	memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
}

static void put_number(struct snap_section *s, uint64_t v, size_t len)
{
	uint8_t b[8];

	for (size_t i = 0; i < len; i++)
		b[i] = (uint8_t)(v >> 8 * (len - 1 - i));
	snap_put(s, b, len);
}

void snap_put8(struct snap_section *s, uint8_t v)
{
	put_number(s, v, 1);
}

void snap_put16(struct snap_section *s, uint16_t v)
{
	put_number(s, v, 2);
}

void snap_put32(struct snap_section *s, uint32_t v)
{
	put_number(s, v, 4);
}

void snap_put64(struct snap_section *s, uint64_t v)
{
	put_number(s, v, 8);
}

int snap_encode(const struct snapshot *snap, uint8_t **bytes, size_t *len, struct error *err)
{
	struct snap_section out = { 0 };
	size_t total = 0;
	bool bad = snap->bad;
	struct crc crc;

	crc_init(&crc);

	if (snap->count > SNAP_MAX_SECTIONS)
		return error_set(err, -E2BIG, "snapshot: %zu sections, only %d can be read back", snap->count,
		                 SNAP_MAX_SECTIONS);
	for (size_t i = 0; i < snap->count; i++) {
		total += SECTION_LEN + snap->sections[i].len;
		bad |= snap->sections[i].bad;
	}
	out.room = HEADER_LEN + total;
	out.bytes = bad ? NULL : malloc(out.room);
	if (!out.bytes)
		return error_set(err, -ENOMEM, "snapshot: out of memory (%zu bytes)", total);
	snap_put(&out, magic, sizeof(magic));
	snap_put32(&out, SNAP_VERSION);
	snap_put(&out, snap->arch, 8);
	snap_put32(&out, (uint32_t)snap->count);
	snap_put64(&out, total);
	snap_put32(&out, 0);
	snap_put32(&out, crc32(&crc, out.bytes, HEADER_LEN - 4));
	for (size_t i = 0; i < snap->count; i++) {
		const struct snap_section *s = &snap->sections[i];
		size_t start = out.len;

		snap_put32(&out, s->tag);
		snap_put32(&out, s->id);
		snap_put32(&out, s->version);
		snap_put64(&out, s->len);
		snap_put(&out, s->bytes, s->len);
		snap_put32(&out, crc32(&crc, out.bytes + start, out.len - start));
	}
	*bytes = out.bytes;
	*len = out.len;
	return 0;
}

static int decode_section(struct snapshot *snap, const struct crc *crc, struct snap_reader *r, size_t offset,
                          struct error *err)
{
	const uint8_t *start = r->at, *body;
	uint32_t tag = snap_get32(r), id = snap_get32(r), version = snap_get32(r), sum;
	uint64_t len = snap_get64(r);
	struct snap_section *s;

	if (r->bad || len > snap_left(r))
		return error_set(err, -EBADMSG, "snapshot: offset %zu: section cut short", offset);
	body = snap_get(r, (size_t)len);
	sum = crc32(crc, start, (size_t)(r->at - start));
	if (snap_get32(r) != sum || r->bad)
		return error_set(err, -EBADMSG, "snapshot: offset %zu: wrong checksum of a section", offset);
	if (snap_find(snap, tag, id))
		return error_set(err, -EBADMSG, "snapshot: offset %zu: section stands twice", offset);
	s = snap_add(snap, tag, id, version);
	snap_put(s, body, (size_t)len);
	if (s->bad)
		return error_set(err, -ENOMEM, "snapshot: out of memory at offset %zu", offset);
	return 0;
}

int snap_decode(struct snapshot *snap, const uint8_t *bytes, size_t len, struct error *err)
{
	struct snap_reader r = { bytes, bytes + len, false };
	const uint8_t *name;
	uint32_t version, count, sum;
	uint64_t total;
	struct crc crc;

	snap_init(snap, "");
	crc_init(&crc);
	if (len < HEADER_LEN || memcmp(bytes, magic, sizeof(magic)))
		return error_set(err, -EBADMSG, "snapshot: offset 0: not a snapshot of zpvm");
	snap_get(&r, sizeof(magic));
	version = snap_get32(&r);
	if (version != SNAP_VERSION)
		return error_set(err, -EBADMSG, "snapshot: offset 8: format version %u, this zpvm reads %u",
		                 version, SNAP_VERSION);
	name = snap_get(&r, 8);
	count = snap_get32(&r);
	total = snap_get64(&r);
	snap_get32(&r);
	sum = snap_get32(&r);
	if (crc32(&crc, bytes, HEADER_LEN - 4) != sum)
		return error_set(err, -EBADMSG, "snapshot: offset %d: wrong checksum of the header",
		                 HEADER_LEN - 4);
	if (total != len - HEADER_LEN || count > SNAP_MAX_SECTIONS)
		return error_set(err, -EBADMSG,
		                 "snapshot: offset 20: %u sections in %llu bytes, but %zu bytes follow",
		                 count, (unsigned long long)total, len - HEADER_LEN);
	memcpy(snap->arch, name, 8);
	while (count--) {
		int rc = decode_section(snap, &crc, &r, (size_t)(r.at - bytes), err);

		if (rc)
			return rc;
	}
	if (snap_left(&r))
		return error_set(err, -EBADMSG, "snapshot: offset %zu: bytes after the last section",
		                 r.at - bytes);
	return 0;
}

const struct snap_section *snap_find(const struct snapshot *snap, uint32_t tag, uint32_t id)
{
	for (size_t i = 0; i < snap->count; i++)
		if (snap->sections[i].tag == tag && snap->sections[i].id == id)
			return &snap->sections[i];
	return NULL;
}

struct snap_reader snap_reader(const struct snap_section *s)
{
	/* An empty section has no bytes, and NULL + 0 is not C. */
	const uint8_t *at = s->len ? s->bytes : (const uint8_t *)"";

	return (struct snap_reader){ at, at + s->len, false };
}

struct snap_reader snap_open(const struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version)
{
	const struct snap_section *s = snap_find(snap, tag, id);

	if (!s || s->version != version)
		return (struct snap_reader){ .bad = true };
	return snap_reader(s);
}

size_t snap_left(const struct snap_reader *r)
{
	return (size_t)(r->end - r->at);
}

const void *snap_get(struct snap_reader *r, size_t len)
{
	const uint8_t *p = r->at;

	if (len > snap_left(r)) {
		r->bad = true;
		r->at = r->end;
		return NULL;
	}
	r->at += len;
	return p;
}

static uint64_t get_number(struct snap_reader *r, size_t len)
{
	const uint8_t *p = snap_get(r, len);
	uint64_t v = 0;

	for (size_t i = 0; p && i < len; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t snap_get8(struct snap_reader *r)
{
	return (uint8_t)get_number(r, 1);
}

uint16_t snap_get16(struct snap_reader *r)
{
	return (uint16_t)get_number(r, 2);
}

uint32_t snap_get32(struct snap_reader *r)
{
	return (uint32_t)get_number(r, 4);
}

uint64_t snap_get64(struct snap_reader *r)
{
	return get_number(r, 8);
}
