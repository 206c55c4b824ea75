/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot.h: the container of a VM's state. A header (magic, version,
 * architecture, length, checksum) and tagged sections, all big-endian, field
 * by field, never a raw kernel struct. Pure, so that a snapshot of either
 * architecture can be read on any machine.
 *
 * The bytes:
 *   header    8  "ZPVMSNAP"        sections   4  tag (four characters)
 *             4  format version               4  id (a vCPU, else 0)
 *             8  architecture, NUL padded     4  version of the section
 *             4  number of sections           8  length of the body
 *             8  bytes after the header       n  body
 *             4  zero                         4  CRC-32 of the section above
 *             4  CRC-32 of the header above
 *
 * A writer fills sections through snap_put*(), a reader takes them back with
 * snap_get*() in the same order. Neither checks at each step: a failed
 * allocation, or a read past the end, is kept in `bad` and asked for once.
 */
#ifndef VMM_SNAPSHOT_H
#define VMM_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define SNAP_TAG(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

#define SNAP_VERSION      1
#define SNAP_MAX_SECTIONS 8192

struct snap_section {
	uint32_t tag;
	uint32_t id;
	uint32_t version;
	uint8_t *bytes;
	size_t len;
	size_t room;
	bool bad; /* out of memory while it was filled */
};

struct snapshot {
	char arch[9];
	struct snap_section *sections;
	size_t count;
	size_t room;
	bool bad;
	struct snap_section none; /* takes the puts when there is no memory for a section */
};

void snap_init(struct snapshot *snap, const char *arch);
void snap_free(struct snapshot *snap);

/* A new, empty section; it stays valid until the next snap_add(). Never NULL. */
struct snap_section *snap_add(struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version);
void snap_put(struct snap_section *s, const void *bytes, size_t len);
void snap_put8(struct snap_section *s, uint8_t v);
void snap_put16(struct snap_section *s, uint16_t v);
void snap_put32(struct snap_section *s, uint32_t v);
void snap_put64(struct snap_section *s, uint64_t v);

/* The bytes of the whole, allocated for the caller to free(). -ENOMEM; -E2BIG beyond SNAP_MAX_SECTIONS. */
int snap_encode(const struct snapshot *snap, uint8_t **bytes, size_t *len, struct error *err);

/*
 * Takes bytes apart. Wrong magic, version, length or checksum: -EBADMSG, with
 * the offset. The snapshot owns copies; free it with snap_free(), also after
 * an error.
 */
int snap_decode(struct snapshot *snap, const uint8_t *bytes, size_t len, struct error *err);

/* The section with this tag and id, or NULL. */
const struct snap_section *snap_find(const struct snapshot *snap, uint32_t tag, uint32_t id);

struct snap_reader {
	const uint8_t *at, *end;
	bool bad; /* a read went past the end; it and all after it gave zeros */
};

struct snap_reader snap_reader(const struct snap_section *s);
/* Of the section with this tag, id and version; when there is none the reader is empty and bad. */
struct snap_reader snap_open(const struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version);
size_t snap_left(const struct snap_reader *r);
/* NULL when there are fewer than len bytes. */
const void *snap_get(struct snap_reader *r, size_t len);
uint8_t snap_get8(struct snap_reader *r);
uint16_t snap_get16(struct snap_reader *r);
uint32_t snap_get32(struct snap_reader *r);
uint64_t snap_get64(struct snap_reader *r);

#endif
