/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot.h: the container of a VM's state. A header (magic, version, architecture, length, checksum) and
 * tagged sections, all big-endian, field by field, never a raw kernel struct. Pure, so that a snapshot of
 * either architecture can be read on any machine.
 *
 * The bytes (zpvm-snapshot(5) is the full account):
 *   header    8  "ZPVMSNAP"        sections   4  tag (four characters)
 *             4  format version               4  id (a vCPU, else 0)
 *             8  architecture, NUL padded     4  version of the section
 *             4  number of sections           8  length of the body
 *             8  bytes after the header       n  body
 *            16  sums of the header above    16  sums of the section above
 *
 * The sums are Fletcher's: the bytes are 32-bit words, the last one padded with zeros; a is the sum of the
 * words, b the sum of all values that a goes through, both modulo 2^64. A change of one or two words is
 * always detected. The sums are for bytes that leave the process: snap_seal() computes them; all zeros means
 * none.
 *
 * A tag that begins with a lowercase letter is that of an optional section: a reader that does not know it
 * may ignore it. Any other unknown section is refused.
 *
 * The contents of a section: vmm/section.h.
 */
#ifndef VMM_SNAPSHOT_SNAPSHOT_H
#define VMM_SNAPSHOT_SNAPSHOT_H

#include "vmm/error.h"
#include "vmm/file.h"
#include "vmm/section.h"

#define SNAP_VERSION      2
#define SNAP_MAX_SECTIONS 8192
/* The size limit of a file: more than the largest guest's RAM, or what a 32-bit machine can hold. */
#define SNAP_MAX_BYTES    (1ULL << 36 < SIZE_MAX ? (size_t)(1ULL << 36) : SIZE_MAX / 2)

struct snapshot {
	char arch[9];
	struct snap_section *sections;
	size_t count;
	size_t room;
	uint32_t *order; /* the sections by tag and id, after snap_decode(); NULL: they have changed since */
	bool bad;
	struct snap_section none; /* takes the data when there is no memory for a section */
};

void snap_init(struct snapshot *snap, const char *arch);
void snap_free(struct snapshot *snap);

/* A new, empty section; it stays valid until the next snap_add(). Never NULL. */
struct snap_section *snap_add(struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version);
/* Removes the section with this tag and id, if there is one. */
void snap_remove(struct snapshot *snap, uint32_t tag, uint32_t id);
/* The bytes of the whole snapshot, allocated for the caller to free(), not sealed. -ENOMEM; -E2BIG beyond
 * SNAP_MAX_SECTIONS. */
int snap_encode(const struct snapshot *snap, uint8_t **bytes, size_t *len, struct error *err);

/* Writes it to a file, sealed, without another copy of its bytes. -ENOMEM, -E2BIG, and errors of
 * file_write(). */
int snap_write(const struct snapshot *snap, const char *path, struct error *err);

/* Writes the sums into the bytes of snap_encode(). */
void snap_seal(uint8_t *bytes);

/*
 * Reads all of a file, like file_read(). A file that does not begin like a snapshot gives -EBADMSG before
 * more of it is read; at most one byte more is read than the snapshot's header says.
 */
int snap_read(const char *path, uint8_t **bytes, size_t *len, struct error *err);

/*
 * Decodes bytes. Wrong magic, version, length or, if they must be sealed, checksum: -EBADMSG, with the
 * offset. The sections are parts of bytes, which must outlive the snapshot, and cannot be written to; free it
 * with snap_free(), also after an error.
 */
int snap_decode(struct snapshot *snap, const uint8_t *bytes, size_t len, bool sealed, struct error *err);

/* Whether a reader that does not know a section with this tag may ignore it. */
bool snap_optional(uint32_t tag);

/* The tag as text ("LIRQ", "CPU"); an unprintable character is '?'. */
void snap_tag_text(uint32_t tag, char text[5]);

/* The sums of bytes as text, for comparison: a and b, 16 digits each. Returns text. */
#define SNAP_SUM_TEXT 33
const char *snap_sum_text(const uint8_t *bytes, size_t len, char text[SNAP_SUM_TEXT]);

/* The section with this tag and id, or NULL. */
const struct snap_section *snap_find(const struct snapshot *snap, uint32_t tag, uint32_t id);

/* A reader of the section with this tag, id and version; if there is none it is empty and bad. */
struct snap_reader snap_open(const struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version);

/* The section, for reading; NULL, with the reason (-EBADMSG): it is missing, or has another version. */
const struct snap_section *snap_need(const struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version,
                                     struct error *err);

/* Reports an error in a section, found at r: -EBADMSG, with the offset; or -ENOMEM, if that is why. */
int snap_wrong(const struct snap_section *s, const struct snap_reader *r, struct error *err);

#endif
