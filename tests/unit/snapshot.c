/* SPDX-License-Identifier: BSD-2-Clause */
/* snapshot.c: the container: what comes back, and what is refused. */
#include "vmm/snapshot/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "allocation.h"
#include "tap.h"

#define SUMS    16
#define HEADER  (32 + SUMS) /* bytes of the container's header */
#define SECTION (20 + SUMS) /* of a section's, with the sums behind the body */

#define TAG_A SNAP_TAG('A', 'A', 'A', 'A')
#define TAG_B SNAP_TAG('B', 'B', ' ', ' ')
#define TAG_C SNAP_TAG('C', 'C', 'C', 'C')

static struct error err;

static void put(uint8_t *p, size_t len, uint64_t v)
{
	while (len--) {
		p[len] = (uint8_t)v;
		v >>= 8;
	}
}

/* The container's sums of these bytes, byte by byte: each weighs as much as its word has words from it on. */
static void sums(const uint8_t *p, size_t len, uint8_t out[SUMS])
{
	uint64_t a = 0, b = 0, words = (len + 3) / 4;

	for (size_t i = 0; i < len; i++) {
		uint64_t v = (uint64_t)p[i] << (24 - i % 4 * 8);

		a += v;
		b += v * (words - i / 4);
	}
	put(out, 8, a);
	put(out + 8, 8, b);
}

/* Makes the header's sums right again. */
static void seal_header(uint8_t *bytes)
{
	sums(bytes, HEADER - SUMS, bytes + HEADER - SUMS);
}

/* From a copy of just that length, so that the address sanitizer sees every step beyond. */
static int try_decode(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len);
	struct snapshot snap;
	int rc;

	memcpy(copy, bytes, len);
	rc = snap_decode(&snap, copy, len, true, &err);
	snap_free(&snap);
	free(copy);
	return rc;
}

static void build(struct snapshot *snap)
{
	struct snap_section *s;

	snap_init(snap, "s390x");
	s = snap_add(snap, TAG_A, 7, 3);
	snap_put8(s, 0x11);
	snap_put16(s, 0x2233);
	snap_put32(s, 0x44556677);
	snap_put64(s, 0x8899aabbccddeeff);
	snap_put(s, "bytes", 5);
	snap_add(snap, TAG_B, 0, 1);
	for (int i = 0; i < 3; i++)
		snap_put64(snap_add(snap, TAG_C, (uint32_t)i, 1), (uint64_t)i << 40);
}

static void round_trip(void)
{
	struct snapshot snap, back;
	struct snap_reader r;
	uint8_t *bytes, *again;
	size_t len, again_len;

	build(&snap);
	is(snap_encode(&snap, &bytes, &len, &err), 0, "encode");
	is(len, HEADER + 5 * SECTION + 20 + 3 * 8, "its length");
	ok(snap_decode(&back, bytes, len, true, &err) == -EBADMSG, "not sealed: its checksums are wrong");
	snap_free(&back);
	is(snap_decode(&back, bytes, len, false, &err), 0, "but nobody need look at them");
	snap_free(&back);
	snap_seal(bytes);
	is(snap_decode(&back, bytes, len, true, &err), 0, "decode");
	ok(!strcmp(back.arch, "s390x") && back.count == 5, "architecture and number of sections");
	ok(snap_find(&back, TAG_A, 7) && snap_find(&back, TAG_B, 0), "the sections are found");
	ok(!snap_find(&back, TAG_A, 0) && !snap_find(&back, TAG_B, 7), "by tag and id");
	is(snap_find(&back, TAG_A, 7)->version, 3, "with the version");
	r = snap_reader(snap_find(&back, TAG_A, 7));
	is(snap_get8(&r), 0x11, "8 bits");
	is(snap_get16(&r), 0x2233, "16 bits");
	is(snap_get32(&r), 0x44556677, "32 bits");
	is(snap_get64(&r), 0x8899aabbccddeeff, "64 bits");
	is(snap_left(&r), 5, "what is left");
	ok(!memcmp(snap_get(&r, 5), "bytes", 5) && !r.bad, "bytes");
	ok(!snap_get(&r, 1) && r.bad, "no byte beyond");
	is(snap_get64(&r), 0, "and then zeros");
	snap_put8(&back.sections[0], 1);
	ok(back.sections[0].bad && back.sections[0].len == 20, "what was decoded cannot be put to");
	is(snap_encode(&back, &again, &again_len, &err), -ENOMEM,
	   "a section that got no memory is not encoded");
	back.sections[0].bad = false;
	is(snap_encode(&back, &again, &again_len, &err), 0, "encode again");
	snap_seal(again);
	ok(again_len == len && !memcmp(bytes, again, len), "the same bytes");
	free(again);
	snap_free(&back);
	free(bytes);
	snap_free(&snap);
	r = (struct snap_reader){ (const uint8_t *)"abc", (const uint8_t *)"abc", false, false };
	r.end += 3;
	ok(snap_get32(&r) == 0 && r.bad && !snap_left(&r), "a number cut short is zero, and all is read");
}

/* A file with more behind the snapshot, a disk for example: no more is read than shows that. */
static void read_head(void)
{
	char path[] = "/tmp/zpvm-snapshot-XXXXXX";
	struct snapshot snap;
	uint8_t *bytes = NULL;
	size_t len;
	int fd = mkstemp(path);

	build(&snap);
	is(snap_write(&snap, path, &err), 0, "written");
	ok(!snap_read(path, &bytes, &len, &err), "and read");
	free(bytes);
	ok(fd >= 0 && !truncate(path, 1 << 20), "more behind it");
	is(snap_read(path, &bytes, &len, &err), 0, "is no error yet");
	is(len, HEADER + 5 * SECTION + 20 + 3 * 8 + 1, "one byte of that is read");
	snap_free(&snap);
	is(snap_decode(&snap, bytes, len, true, &err), -EBADMSG, "which shows it");
	free(bytes);
	close(fd);
	unlink(path);
	snap_free(&snap);
}

/* The format is a promise: these are the bytes that the comment in snapshot.h describes. */
static void known_bytes(void)
{
	static const uint8_t head[32] = "ZPVMSNAP\0\0\0\2power9\0\0\0\0\0\1\0\0\0\0\0\0\0\x26";
	struct snapshot snap;
	uint8_t *bytes, sum[SUMS];
	size_t len;

	snap_init(&snap, "power9");
	snap_put16(snap_add(&snap, TAG_B, 5, 2), 0xabcd);
	snap_encode(&snap, &bytes, &len, &err);
	snap_seal(bytes);
	is(len, HEADER + SECTION + 2, "length of a small snapshot");
	sums(bytes, 32, sum);
	ok(!memcmp(bytes, head, 32) && !memcmp(bytes + 32, sum, SUMS), "its header");
	sums(bytes + HEADER, 22, sum);
	ok(!memcmp(bytes + HEADER, "BB  \0\0\0\5\0\0\0\2\0\0\0\0\0\0\0\2\xab\xcd", 22) &&
	           !memcmp(bytes + HEADER + 22, sum, SUMS),
	   "its section");
	free(bytes);
	snap_free(&snap);
}

static void damage(void)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	struct snapshot snap;
	uint8_t *bytes, *longer;
	unsigned wrong = 0;
	size_t len;

	build(&snap);
	snap_encode(&snap, &bytes, &len, &err);
	snap_seal(bytes);
	for (size_t i = 0; i < len; i++)
		wrong += try_decode(bytes, i) != -EBADMSG;
	is(wrong, 0, "cut at each byte: refused");
	wrong = 0;
	for (size_t i = 0; i < 3 * len; i++) {
		bytes[i / 3] ^= flips[i % 3];
		if (try_decode(bytes, len) != -EBADMSG && !wrong++)
			printf("# byte %zu changed by 0x%02x is not noticed\n", i / 3, flips[i % 3]);
		bytes[i / 3] ^= flips[i % 3];
	}
	is(wrong, 0, "each byte changed: refused");
	ok(try_decode((const uint8_t *)"\x1f\x8b\x08", 3) &&
	           strstr(err.text, "snapshot of zpvm, but packed by gzip"),
	   "packed by gzip: says so");
	is(try_decode(bytes, len), 0, "unchanged it is good");
	longer = calloc(1, len + 9);
	memcpy(longer, bytes, len);
	is(try_decode(longer, len + 1), -EBADMSG, "a byte behind it");
	put(longer + 24, 8, len + 9 - HEADER);
	seal_header(longer);
	is(try_decode(longer, len + 9), -EBADMSG, "bytes behind the last section");
	has(err.text, "bytes after the last section", "it says so");
	free(longer);
	free(bytes);
	snap_free(&snap);
}

static void twice(void)
{
	struct snapshot snap;
	uint8_t *bytes;
	size_t len;

	snap_init(&snap, "x");
	snap_add(&snap, TAG_A, 1, 1);
	snap_add(&snap, TAG_A, 2, 1);
	snap_add(&snap, TAG_A, 1, 1);
	snap_encode(&snap, &bytes, &len, &err);
	snap_seal(bytes);
	is(try_decode(bytes, len), -EBADMSG, "a section that stands twice");
	has(err.text, "stands twice", "it says so");
	free(bytes);
	snap_free(&snap);
}

/* Numbers that promise more than there is must not be believed. */
static void huge(void)
{
	static const uint64_t lengths[] = { 25, 1 << 30, 1ULL << 40, INT64_MAX, UINT64_MAX - 8, UINT64_MAX };
	struct snapshot snap;
	uint8_t *bytes;
	size_t len;

	snap_init(&snap, "x");
	snap_put64(snap_add(&snap, TAG_A, 1, 1), 0);
	snap_encode(&snap, &bytes, &len, &err);
	snap_seal(bytes);
	largest = 0;
	put(bytes + 20, 4, UINT32_MAX);
	seal_header(bytes);
	is(try_decode(bytes, len), -EBADMSG, "4294967295 sections");
	put(bytes + 20, 4, SNAP_MAX_SECTIONS);
	seal_header(bytes);
	is(try_decode(bytes, len), -EBADMSG, "65536 sections");
	put(bytes + 20, 4, 0);
	seal_header(bytes);
	is(try_decode(bytes, len), -EBADMSG, "no sections, but bytes");
	put(bytes + 20, 4, 1);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		put(bytes + HEADER + 12, 8, lengths[i]);
		seal_header(bytes);
		is(try_decode(bytes, len), -EBADMSG, "a section of %" PRIu64 " bytes", lengths[i]);
		has(err.text, "offset 48: section cut short", "it says so");
	}
	ok(largest && largest < 1 << 16, "none makes a large allocation (%zu)", largest);
	put(bytes + HEADER + 12, 8, 8);
	seal_header(bytes);
	is(try_decode(bytes, len), 0, "the right length is good");
	put(bytes + 8, 4, 1);
	seal_header(bytes);
	is(try_decode(bytes, len), -EBADMSG, "another format version");
	has(err.text, "format version 1", "it says so");
	free(bytes);
	snap_free(&snap);
}

/* What a save can write, a load can read. */
static void many(void)
{
	struct snapshot snap;
	uint8_t *bytes = NULL;
	size_t len;
	int rc;

	snap_init(&snap, "x");
	for (int i = 0; i <= SNAP_MAX_SECTIONS; i++)
		snap_add(&snap, TAG_C, (uint32_t)i, 1);
	rc = snap_encode(&snap, &bytes, &len, &err);
	ok(rc < 0, "more sections than can be read are not written");
	free(bytes);
	bytes = NULL;
	snap.count--;
	ok(!snap_encode(&snap, &bytes, &len, &err) && (snap_seal(bytes), true) && !try_decode(bytes, len),
	   "as many as can be are");
	free(bytes);
	snap_free(&snap);
}

int main(void)
{
	allocation_watch();
	round_trip();
	read_head();
	known_bytes();
	damage();
	twice();
	huge();
	many();
	return tap_done();
}
