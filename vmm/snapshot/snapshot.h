/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot.h: the container of a VM's state. A header (magic, version,
 * architecture, length, checksum) and tagged sections, all big-endian, field
 * by field, never a raw kernel struct. Pure, so that a snapshot of either
 * architecture can be read on any machine.
 *
 * The bytes (zpvm-snapshot(5) is the full account):
 *   header    8  "ZPVMSNAP"        sections   4  tag (four characters)
 *             4  format version               4  id (a vCPU, else 0)
 *             8  architecture, NUL padded     4  version of the section
 *             4  number of sections           8  length of the body
 *             8  bytes after the header       n  body
 *            16  sums of the header above    16  sums of the section above
 *
 * The sums are Fletcher's: the bytes are 32-bit words, the last one filled up
 * with zeros; a is the sum of the words, b the sum of all values that a goes
 * through, both modulo 2^64. No one or two words can change unnoticed. They are
 * for bytes that leave the process: snap_seal() makes them, all zero is none.
 *
 * A tag that begins with a small letter is of an optional section: who does not
 * know it can leave it alone. Any other that is unknown is refused.
 *
 * A writer fills sections through snap_put*(), a reader takes them back with
 * snap_get*() in the same order. Neither checks at each step: a failed
 * allocation, or a read past the end, is kept in `bad` and asked for once.
 */
#ifndef VMM_SNAPSHOT_SNAPSHOT_H
#define VMM_SNAPSHOT_SNAPSHOT_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vmm/error.h"
#include "vmm/file.h"

#define SNAP_TAG(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

#define SNAP_VERSION      2
#define SNAP_MAX_SECTIONS 8192
/* Of a file: more than the largest guest's RAM, or all that a machine of 32 bits can hold. */
#define SNAP_MAX_BYTES    (1ULL << 36 < SIZE_MAX ? (size_t)(1ULL << 36) : SIZE_MAX / 2)

struct snap_section {
	uint32_t tag;
	uint32_t id;
	uint32_t version;
	uint8_t *bytes;
	size_t len;
	size_t room;
	size_t offset; /* of the bytes in those of snap_decode() */
	bool borrowed; /* the bytes are those of snap_decode(), not the section's own */
	bool bad;      /* out of memory while it was filled */
};

struct snapshot {
	char arch[9];
	struct snap_section *sections;
	size_t count;
	size_t room;
	uint32_t *order; /* the sections by tag and id, after snap_decode(); NULL: they have changed since */
	bool bad;
	struct snap_section none; /* takes the puts when there is no memory for a section */
};

void snap_init(struct snapshot *snap, const char *arch);
void snap_free(struct snapshot *snap);

/* A new, empty section; it stays valid until the next snap_add(). Never NULL. */
struct snap_section *snap_add(struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version);
/* Takes out the section with this tag and id, if there is one. */
void snap_remove(struct snapshot *snap, uint32_t tag, uint32_t id);
void snap_put(struct snap_section *s, const void *bytes, size_t len);
/* len more bytes at the end of the section, for the caller to fill; NULL when there is no memory. */
uint8_t *snap_grow(struct snap_section *s, size_t len);

/* The bytes of the whole, allocated for the caller to free(), not sealed. -ENOMEM; -E2BIG beyond
 * SNAP_MAX_SECTIONS. */
int snap_encode(const struct snapshot *snap, uint8_t **bytes, size_t *len, struct error *err);

/* Writes the sums into the bytes of snap_encode(). */
void snap_seal(uint8_t *bytes);

/*
 * All of a file, as file_read() gives it. What does not begin like a snapshot is
 * -EBADMSG before more of it is read, and no more is than the snapshot is to have, and a byte.
 */
int snap_read(const char *path, uint8_t **bytes, size_t *len, struct error *err);

/*
 * Takes bytes apart. Wrong magic, version, length or, if they must be sealed,
 * checksum: -EBADMSG, with the offset. The sections are parts of bytes, which
 * must outlive the snapshot, and cannot be put to; free it with snap_free(),
 * also after an error.
 */
int snap_decode(struct snapshot *snap, const uint8_t *bytes, size_t len, bool sealed, struct error *err);

/* Whether who does not know a section with this tag may leave it alone. */
bool snap_optional(uint32_t tag);

/* "LIRQ", "CPU": the tag as text; what cannot be printed is '?'. */
void snap_tag_text(uint32_t tag, char text[5]);

/* The sums of bytes, to compare them with others: a and b, 16 digits each. Returns text. */
#define SNAP_SUM_TEXT 33
const char *snap_sum_text(const uint8_t *bytes, size_t len, char text[SNAP_SUM_TEXT]);

/* The section with this tag and id, or NULL. */
const struct snap_section *snap_find(const struct snapshot *snap, uint32_t tag, uint32_t id);

struct snap_reader {
	const uint8_t *at, *end;
	bool bad; /* a read went past the end; it and all after it gave zeros */
};

struct snap_reader snap_reader(const struct snap_section *s);
/* Of the section with this tag, id and version; when there is none the reader is empty and bad. */
struct snap_reader snap_open(const struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version);

/* What is wrong with a section, r being where that was seen: -EBADMSG, with the offset. */
int snap_wrong(const struct snap_section *s, const struct snap_reader *r, struct error *err);

/* --- numbers; inline, for there can be hundreds of thousands ------------ */

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

static inline size_t snap_left(const struct snap_reader *r)
{
	return (size_t)(r->end - r->at);
}

/* NULL when there are fewer than len bytes. */
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

#endif
