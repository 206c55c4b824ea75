/* SPDX-License-Identifier: BSD-2-Clause */
/* snapshot.c: see snapshot.h. Pure. */
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[8] = "ZPVMSNAP";
#define SUMS_LEN    16
#define HEADER_LEN  (32 + SUMS_LEN)
#define SECTION_LEN (20 + SUMS_LEN)

struct sums {
	uint64_t a, b;
};

/* See snapshot.h. A CRC by table takes six times as long, which was most of a save's time. */
static struct sums sums_on(struct sums s, const uint8_t *p, size_t len)
{
	uint32_t word;

#pragma GCC unroll 8
	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		s.a += be32toh(word);
		s.b += s.a;
	}
	if (len) {
		word = 0;
		memcpy(&word, p, len);
		s.a += be32toh(word);
		s.b += s.a;
	}
	return s;
}

static struct sums sums(const uint8_t *p, size_t len)
{
	return sums_on((struct sums){ 0, 0 }, p, len);
}

static void put_sums(uint8_t *at, struct sums s)
{
	s.a = htobe64(s.a);
	s.b = htobe64(s.b);
	memcpy(at, &s.a, sizeof(s.a));
	memcpy(at + sizeof(s.a), &s.b, sizeof(s.b));
}

/* Over the len bytes at p, behind which they stand. Returns what follows. */
static uint8_t *seal(uint8_t *p, size_t len)
{
	put_sums(p + len, sums(p, len));
	return p + len + SUMS_LEN;
}

/* Of the bytes from `from` up to where the reader stands; they follow there. */
static bool get_sums(struct snap_reader *r, const uint8_t *from, bool sealed)
{
	struct sums s = { 0, 0 };
	bool a, b;

	if (sealed)
		s = sums(from, (size_t)(r->at - from));
	a = snap_get64(r) == s.a || !sealed;
	b = snap_get64(r) == s.b || !sealed;
	return a && b && !r->bad;
}

void snap_init(struct snapshot *snap, const char *arch)
{
	*snap = (struct snapshot){ .none.bad = true };
	strncpy(snap->arch, arch, sizeof(snap->arch) - 1);
}

void snap_free(struct snapshot *snap)
{
	for (size_t i = 0; i < snap->count; i++)
		if (!snap->sections[i].borrowed)
			free(snap->sections[i].bytes);
	free(snap->sections);
	free(snap->order);
	*snap = (struct snapshot){ .none.bad = true };
}

static void forget_order(struct snapshot *snap)
{
	free(snap->order);
	snap->order = NULL;
}

struct snap_section *snap_add(struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version)
{
	forget_order(snap);
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

void snap_remove(struct snapshot *snap, uint32_t tag, uint32_t id)
{
	const struct snap_section *s = snap_find(snap, tag, id);
	size_t i = s ? (size_t)(s - snap->sections) : snap->count;

	if (!s)
		return;
	forget_order(snap);
	if (!s->borrowed)
		free(s->bytes);
	memmove(&snap->sections[i], &snap->sections[i + 1], (--snap->count - i) * sizeof(*snap->sections));
}

/* *total: the bytes behind the header. */
static int check_whole(const struct snapshot *snap, size_t *total, struct error *err)
{
	bool bad = snap->bad;

	if (snap->count > SNAP_MAX_SECTIONS)
		return error_set(err, -E2BIG, "snapshot: %zu sections, only %d can be read back", snap->count,
		                 SNAP_MAX_SECTIONS);
	*total = 0;
	for (size_t i = 0; i < snap->count; i++) {
		*total += SECTION_LEN + snap->sections[i].len;
		bad |= snap->sections[i].bad;
	}
	return bad ? error_set(err, -ENOMEM, "snapshot: out of memory (%zu bytes)", *total) : 0;
}

/* The header, then for each section what stands before its bytes, and the room of the sums behind them. */
static void put_header(struct snap_section *out, const struct snapshot *snap, size_t total)
{
	snap_put(out, magic, sizeof(magic));
	snap_put32(out, SNAP_VERSION);
	snap_put(out, snap->arch, 8);
	snap_put32(out, (uint32_t)snap->count);
	snap_put64(out, total);
}

static void put_head(struct snap_section *out, const struct snap_section *s)
{
	snap_put32(out, s->tag);
	snap_put32(out, s->id);
	snap_put32(out, s->version);
	snap_put64(out, s->len);
}

static void put_no_sums(struct snap_section *out)
{
	snap_put64(out, 0);
	snap_put64(out, 0);
}

int snap_encode(const struct snapshot *snap, uint8_t **bytes, size_t *len, struct error *err)
{
	struct snap_section out = { 0 };
	size_t total;
	int rc = check_whole(snap, &total, err);

	if (rc)
		return rc;
	out.room = HEADER_LEN + total;
	out.bytes = malloc(out.room);
	if (!out.bytes)
		return error_set(err, -ENOMEM, "snapshot: out of memory (%zu bytes)", total);
	put_header(&out, snap, total);
	put_no_sums(&out);
	for (size_t i = 0; i < snap->count; i++) {
		const struct snap_section *s = &snap->sections[i];

		put_head(&out, s);
		snap_put(&out, s->bytes, s->len);
		put_no_sums(&out);
	}
	*bytes = out.bytes;
	*len = out.len;
	return 0;
}

/* The parts of the file: what frames the sections' bytes is in `frames`, with the room that it needs. */
static void frame(const struct snapshot *snap, size_t total, struct snap_section *frames, struct iovec *parts)
{
	uint8_t *from = frames->bytes;

	put_header(frames, snap, total);
	put_no_sums(frames);
	seal(from, HEADER_LEN - SUMS_LEN);
	for (size_t i = 0; i < snap->count; i++) {
		const struct snap_section *s = &snap->sections[i];
		uint8_t *head = frames->bytes + frames->len;

		put_head(frames, s);
		*parts++ = (struct iovec){ from, (size_t)(head - from) + SECTION_LEN - SUMS_LEN };
		*parts++ = (struct iovec){ s->bytes, s->len };
		from = frames->bytes + frames->len;
		put_no_sums(frames);
		put_sums(from, sums_on(sums(head, SECTION_LEN - SUMS_LEN), s->bytes, s->len));
	}
	*parts = (struct iovec){ from, (size_t)(frames->bytes + frames->len - from) };
}

int snap_write(const struct snapshot *snap, const char *path, struct error *err)
{
	struct snap_section frames = { .room = HEADER_LEN + snap->count * SECTION_LEN };
	size_t total, count = 2 * snap->count + 1;
	struct iovec *parts;
	int rc = check_whole(snap, &total, err);

	if (rc)
		return rc;
	frames.bytes = malloc(frames.room);
	parts = calloc(count, sizeof(*parts));
	if (frames.bytes && parts) {
		frame(snap, total, &frames, parts);
		rc = file_write(path, parts, count, err);
	} else {
		rc = error_set(err, -ENOMEM, "snapshot: out of memory");
	}
	free(parts);
	free(frames.bytes);
	return rc;
}

void snap_seal(uint8_t *bytes)
{
	uint8_t *p = seal(bytes, HEADER_LEN - SUMS_LEN);
	uint32_t count;

	memcpy(&count, bytes + 20, sizeof(count));
	for (count = be32toh(count); count; count--) {
		uint64_t len;

		memcpy(&len, p + 12, sizeof(len));
		p = seal(p, SECTION_LEN - SUMS_LEN + (size_t)be64toh(len));
	}
}

static int decode_section(struct snapshot *snap, struct snap_reader *r, size_t offset, bool sealed,
                          struct error *err)
{
	const uint8_t *start = r->at;
	uint32_t tag = snap_get32(r), id = snap_get32(r), version = snap_get32(r);
	uint64_t len = snap_get64(r);
	struct snap_section *s;
	size_t body = (size_t)(r->at - start);

	if (r->bad || len > snap_left(r))
		return error_set(err, -EBADMSG, "snapshot: offset %zu: section cut short", offset);
	snap_get(r, (size_t)len);
	if (!get_sums(r, start, sealed))
		return error_set(err, -EBADMSG, "snapshot: offset %zu: wrong checksum of a section", offset);
	s = snap_add(snap, tag, id, version);
	if (snap->bad)
		return error_set(err, -ENOMEM, "snapshot: out of memory at offset %zu", offset);
	s->bytes = (uint8_t *)start + body; /* nobody writes to it: see snap_grow() */
	s->len = s->room = (size_t)len;
	s->offset = offset + body;
	s->borrowed = true;
	return 0;
}

static uint64_t name_of(const struct snap_section *s)
{
	return (uint64_t)s->tag << 32 | s->id;
}

/* By tag and id; of the same ones the first in the file comes first. */
static int by_name(const void *a, const void *b, void *sections)
{
	const struct snap_section *x = (struct snap_section *)sections + *(const uint32_t *)a;
	const struct snap_section *y = (struct snap_section *)sections + *(const uint32_t *)b;

	return name_of(x) != name_of(y) ? (name_of(x) > name_of(y)) - (name_of(x) < name_of(y))
	                                : (x > y) - (x < y);
}

/* So that looking for each of very many sections takes no time; and none stands twice. */
static int make_order(struct snapshot *snap, struct error *err)
{
	snap->order = calloc(snap->count + 1, sizeof(*snap->order));
	if (!snap->order)
		return error_set(err, -ENOMEM, "snapshot: out of memory");
	for (size_t i = 0; i < snap->count; i++)
		snap->order[i] = (uint32_t)i;
	if (snap->count)
		qsort_r(snap->order, snap->count, sizeof(*snap->order), by_name, snap->sections);
	for (size_t i = 1; i < snap->count; i++) {
		const struct snap_section *s = &snap->sections[snap->order[i]];

		if (name_of(s) == name_of(&snap->sections[snap->order[i - 1]]))
			return error_set(err, -EBADMSG, "snapshot: offset %zu: section stands twice",
			                 s->offset - (SECTION_LEN - SUMS_LEN));
	}
	return 0;
}

/* What it may be instead: snapshots are often kept so. */
static const char *packed(const uint8_t *bytes, size_t len)
{
	static const struct {
		char magic[5], *what;
	} packers[] = { { "\x1f\x8b", ", but packed by gzip" },
		        { "\x28\xb5\x2f\xfd", ", but packed by zstd" },
		        { "\xfd"
		          "7zX",
		          ", but packed by xz" } };

	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		size_t n = strlen(packers[i].magic);

		if (len >= n && !memcmp(bytes, packers[i].magic, n))
			return packers[i].what;
	}
	return "";
}

/* Magic and version. */
static int check_head(struct snap_reader *r, struct error *err)
{
	const uint8_t *bytes = r->at;
	uint32_t version;

	if (snap_left(r) < HEADER_LEN || memcmp(bytes, magic, sizeof(magic)))
		return error_set(err, -EBADMSG, "snapshot: offset 0: not a snapshot of zpvm%s",
		                 packed(bytes, snap_left(r)));
	snap_get(r, sizeof(magic));
	version = snap_get32(r);
	if (version != SNAP_VERSION)
		return error_set(err, -EBADMSG, "snapshot: offset 8: format version %u, this zpvm reads %u",
		                 version, SNAP_VERSION);
	return 0;
}

static int look(const uint8_t *bytes, size_t len, size_t *most, struct error *err)
{
	struct snap_reader r = { .at = bytes, .end = bytes + len };
	int rc = check_head(&r, err);
	uint64_t total;

	if (rc)
		return rc;
	snap_get(&r, 8 + 4); /* architecture, number of sections */
	total = snap_get64(&r);
	if (total < *most - HEADER_LEN - 1)
		*most = (size_t)total + HEADER_LEN + 1;
	return 0;
}

int snap_read(const char *path, uint8_t **bytes, size_t *len, struct error *err)
{
	return file_read_head(path, HEADER_LEN, look, SNAP_MAX_BYTES, bytes, len, err);
}

int snap_decode(struct snapshot *snap, const uint8_t *bytes, size_t len, bool sealed, struct error *err)
{
	struct snap_reader r = { .at = bytes, .end = bytes + len };
	const uint8_t *name;
	uint32_t count;
	uint64_t total;
	int rc = check_head(&r, err);

	snap_init(snap, "");
	if (rc)
		return rc;
	name = snap_get(&r, 8);
	count = snap_get32(&r);
	total = snap_get64(&r);
	if (!get_sums(&r, bytes, sealed))
		return error_set(err, -EBADMSG, "snapshot: offset %d: wrong checksum of the header",
		                 HEADER_LEN - SUMS_LEN);
	if (total != len - HEADER_LEN || count > SNAP_MAX_SECTIONS)
		return error_set(err, -EBADMSG,
		                 "snapshot: offset 20: %u sections in %llu bytes, but %zu bytes follow",
		                 count, (unsigned long long)total, len - HEADER_LEN);
	memcpy(snap->arch, name, 8);
	while (count--) {
		rc = decode_section(snap, &r, (size_t)(r.at - bytes), sealed, err);
		if (rc)
			return rc;
	}
	if (snap_left(&r))
		return error_set(err, -EBADMSG, "snapshot: offset %zu: bytes after the last section",
		                 r.at - bytes);
	return make_order(snap, err);
}

bool snap_optional(uint32_t tag)
{
	uint8_t first = tag >> 24;

	return first >= 'a' && first <= 'z';
}

void snap_tag_text(uint32_t tag, char text[5])
{
	size_t len = 4;

	for (size_t i = 0; i < 4; i++) {
		uint8_t c = (uint8_t)(tag >> (24 - 8 * i));

		text[i] = c >= ' ' && c <= '~' ? (char)c : '?';
	}
	while (len > 1 && text[len - 1] == ' ')
		len--;
	text[len] = 0;
}

int snap_wrong(const struct snap_section *s, const struct snap_reader *r, struct error *err)
{
	char tag[5];

	if (r->no_memory)
		return error_set(err, -ENOMEM, "snapshot: out of memory");
	snap_tag_text(s->tag, tag);
	return error_set(err, -EBADMSG, "snapshot: offset %zu: section %s %u is wrong",
	                 s->offset + s->len - snap_left(r), tag, s->id);
}

const char *snap_sum_text(const uint8_t *bytes, size_t len, char text[SNAP_SUM_TEXT])
{
	struct sums s = sums(bytes, len);

	snprintf(text, SNAP_SUM_TEXT, "%016llx%016llx", (unsigned long long)s.a, (unsigned long long)s.b);
	return text;
}

static const struct snap_section *find_ordered(const struct snapshot *snap, uint64_t name)
{
	size_t low = 0, high = snap->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (name_of(&snap->sections[snap->order[middle]]) < name)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == snap->count || name_of(&snap->sections[snap->order[low]]) != name)
		return NULL;
	return &snap->sections[snap->order[low]];
}

const struct snap_section *snap_find(const struct snapshot *snap, uint32_t tag, uint32_t id)
{
	if (snap->order)
		return find_ordered(snap, (uint64_t)tag << 32 | id);
	for (size_t i = 0; i < snap->count; i++)
		if (snap->sections[i].tag == tag && snap->sections[i].id == id)
			return &snap->sections[i];
	return NULL;
}

struct snap_reader snap_open(const struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version)
{
	const struct snap_section *s = snap_find(snap, tag, id);

	if (!s || s->version != version)
		return (struct snap_reader){ .bad = true };
	return snap_reader(s);
}

const struct snap_section *snap_need(const struct snapshot *snap, uint32_t tag, uint32_t id, uint32_t version,
                                     struct error *err)
{
	const struct snap_section *s = snap_find(snap, tag, id);
	char name[5];

	if (s && s->version == version)
		return s;
	snap_tag_text(tag, name);
	if (s)
		error_set(err, -EBADMSG,
		          "snapshot: offset %zu: section %s %u has version %u, this zpvm reads %u", s->offset,
		          name, id, s->version, version);
	else
		error_set(err, -EBADMSG, "snapshot: section %s %u is missing", name, id);
	return NULL;
}
