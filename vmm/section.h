/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * section.h: a section of a snapshot: numbers and bytes, big-endian, field by field, never a raw kernel
 * struct. It belongs to the core, so that a device can encode its state; the container is
 * snapshot/snapshot.h. Pure.
 *
 * A writer fills a section through snap_put*(), a reader reads it with snap_get*() in the same order. Neither
 * checks each step: a failed allocation, or a read past the end, is recorded in `bad`, which is checked once.
 */
#ifndef VMM_SECTION_H
#define VMM_SECTION_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SNAP_TAG(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

struct snap_section {
	uint32_t tag;
	uint32_t id;
	uint32_t version;
	uint8_t *bytes;
	size_t len;
	size_t room;
	size_t offset; /* of the bytes within those of snap_decode() */
	bool borrowed; /* the bytes belong to those of snap_decode(), not to the section */
	bool bad;      /* memory ran out while it was filled */
};

void snap_put(struct snap_section *s, const void *bytes, size_t len);
/* Adds len bytes at the end of the section, for the caller to fill; NULL: out of memory. */
uint8_t *snap_grow(struct snap_section *s, size_t len);

struct snap_reader {
	const uint8_t *at, *end;
	bool bad;       /* a read went past the end; it and all reads after it returned zeros */
	bool no_memory; /* snap_alloc() failed: the section need not be wrong */
};

struct snap_reader snap_reader(const struct snap_section *s);
/* --- numbers; inline, because there can be hundreds of thousands -------- */

static inline uint8_t *snap_room(struct snap_section *s, size_t len)
{
	if (len > s->room - s->len)
		return snap_grow(s, len);
	s->len += len;
	return s->bytes + s->len - len;
}

static inline void snap_put8(struct snap_section *s, uint8_t v)
{
	uint8_t *to = snap_room(s, sizeof(v));

	if (to)
		*to = v;
}

static inline void snap_put16(struct snap_section *s, uint16_t v)
{
	uint8_t *to = snap_room(s, sizeof(v));

	v = htobe16(v);
	if (to)
		memcpy(to, &v, sizeof(v));
}

static inline void snap_put32(struct snap_section *s, uint32_t v)
{
	uint8_t *to = snap_room(s, sizeof(v));

	v = htobe32(v);
	if (to)
		memcpy(to, &v, sizeof(v));
}

static inline void snap_put64(struct snap_section *s, uint64_t v)
{
	uint8_t *to = snap_room(s, sizeof(v));

	v = htobe64(v);
	if (to)
		memcpy(to, &v, sizeof(v));
}

/* The number of 1, 2, 4 or 8 bytes in a struct, as a table of its fields says. */
static inline uint64_t snap_number(const void *at, unsigned size)
{
	switch (size) {
	case 1: return *(const uint8_t *)at;
	case 2: return *(const uint16_t *)at;
	case 4: return *(const uint32_t *)at;
	default: return *(const uint64_t *)at;
	}
}

static inline void snap_set_number(void *at, unsigned size, uint64_t v)
{
	switch (size) {
	case 1: *(uint8_t *)at = (uint8_t)v; break;
	case 2: *(uint16_t *)at = (uint16_t)v; break;
	case 4: *(uint32_t *)at = (uint32_t)v; break;
	default: *(uint64_t *)at = v;
	}
}

static inline void snap_put_number(struct snap_section *s, unsigned size, uint64_t v)
{
	switch (size) {
	case 1: snap_put8(s, (uint8_t)v); break;
	case 2: snap_put16(s, (uint16_t)v); break;
	case 4: snap_put32(s, (uint32_t)v); break;
	default: snap_put64(s, v);
	}
}

static inline size_t snap_left(const struct snap_reader *r)
{
	return (size_t)(r->end - r->at);
}

/* calloc(3) for what is read; if it fails, snap_wrong() says so. */
static inline void *snap_alloc(struct snap_reader *r, size_t count, size_t size)
{
	void *p = calloc(count, size);

	r->no_memory |= !p;
	return p;
}

/* NULL if there are fewer than len bytes. */
static inline const void *snap_get(struct snap_reader *r, size_t len)
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

static inline uint8_t snap_get8(struct snap_reader *r)
{
	const uint8_t *p = snap_get(r, 1);

	return p ? *p : 0;
}

static inline uint16_t snap_get16(struct snap_reader *r)
{
	uint16_t v = 0;
	const void *p = snap_get(r, sizeof(v));

	if (p)
		memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static inline uint32_t snap_get32(struct snap_reader *r)
{
	uint32_t v = 0;
	const void *p = snap_get(r, sizeof(v));

	if (p)
		memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static inline uint64_t snap_get64(struct snap_reader *r)
{
	uint64_t v = 0;
	const void *p = snap_get(r, sizeof(v));

	if (p)
		memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static inline uint64_t snap_get_number(struct snap_reader *r, unsigned size)
{
	switch (size) {
	case 1: return snap_get8(r);
	case 2: return snap_get16(r);
	case 4: return snap_get32(r);
	default: return snap_get64(r);
	}
}

#endif
