/* SPDX-License-Identifier: BSD-2-Clause */
/* ram_image.c: see ram_image.h. */
#include "ram_image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define SMALL   (512 << 10) /* bytes that are written sooner than KVM has told which of them have changed */
#define EXTENTS 32          /* of touched pages, in a small guest */
#define PIECE   (1 << 20)   /* bytes that are freed at once */
#define GRAIN   4096        /* bytes that are zero are left out of a snapshot in such pieces */

/* --- save ------------------------------------------------------------- */

static bool is_zero(const uint8_t *p, uint64_t len)
{
	const uint64_t *words = (const uint64_t *)p;

	for (uint64_t i = 0; i < len / sizeof(*words); i++)
		if (words[i])
			return false;
	return true;
}

/* What is not zero of the bytes from start to end, which are whole pages, as runs. */
static void save_range(const struct ram *ram, uint64_t start, uint64_t end, struct snap_section *s)
{
	while (start < end) {
		uint64_t stop;

		while (start < end && is_zero(ram->host + start, GRAIN))
			start += GRAIN;
		for (stop = start; stop < end && !is_zero(ram->host + stop, GRAIN);)
			stop += GRAIN;
		if (stop == start)
			return;
		snap_put64(s, start);
		snap_put64(s, stop - start);
		snap_put(s, ram->host + start, (size_t)(stop - start));
		start = stop;
	}
}

/* The touched pages from *end on: 1, 0 when only a hole is left, or an error. */
static int next_touched(const struct ram *ram, gpa_t *start, gpa_t *end, struct error *err)
{
	off_t from = lseek(ram->fd, (off_t)*end, SEEK_DATA), to;

	if (from < 0 && errno == ENXIO)
		return 0;
	to = from < 0 ? -1 : lseek(ram->fd, from, SEEK_HOLE);
	if (to < 0)
		return error_set(err, -errno, "guest memory: finding the touched pages: %s", strerror(errno));
	*start = (gpa_t)from;
	*end = (gpa_t)to;
	return 1;
}

int ram_save(const struct ram *ram, struct snapshot *snap, struct error *err)
{
	struct snap_section *s = snap_add(snap, TAG_RAM, 0, 1);
	gpa_t start, end = 0;
	int rc;

	while ((rc = next_touched(ram, &start, &end, err)) > 0)
		save_range(ram, start, end, s);
	return rc;
}

static int punch(const struct ram *ram, gpa_t start, gpa_t end, struct error *err)
{
	if (fallocate(ram->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)start,
	              (off_t)(end - start)) < 0)
		return error_set(err, -errno, "guest memory: clearing it: %s", strerror(errno));
	return 0;
}

int ram_move(const struct ram *ram, struct snapshot *snap, struct error *err)
{
	struct snap_section *s = snap_add(snap, TAG_RAM, 0, 1);
	gpa_t start, end = 0;
	int rc;

	while ((rc = next_touched(ram, &start, &end, err)) > 0) {
		if (end - start > PIECE)
			end = start + PIECE;
		save_range(ram, start, end, s);
		rc = punch(ram, start, end, err);
		if (rc)
			break;
	}
	return rc;
}

/* --- load ------------------------------------------------------------- */

int ram_next_run(struct snap_reader *r, uint64_t size, struct ram_run *run, struct error *err)
{
	gpa_t behind = run->end;
	uint64_t len;

	run->start = snap_get64(r);
	len = snap_get64(r);
	run->bytes = len <= snap_left(r) ? snap_get(r, (size_t)len) : NULL;
	run->end = run->start + len;
	if (r->bad || !run->bytes)
		return error_set(err, -EBADMSG, "section RAM: cut short");
	if (run->start > size || len > size - run->start)
		return error_set(err, -EBADMSG,
		                 "section RAM: 0x%" PRIx64 " bytes at 0x%" PRIx64
		                 " do not fit into 0x%" PRIx64,
		                 len, run->start, size);
	if (run->start < behind)
		return error_set(err, -EBADMSG, "section RAM: 0x%" PRIx64 " is not in order", run->start);
	return 0;
}

int ram_check(const struct snapshot *snap, uint64_t size, struct error *err)
{
	struct snap_reader r = snap_open(snap, TAG_RAM, 0, 1);
	struct ram_run run = { 0 };

	if (r.bad)
		return error_set(err, -EBADMSG, "no section RAM of version 1");
	while (snap_left(&r))
		if (ram_next_run(&r, size, &run, err))
			return -EBADMSG;
	return 0;
}

int ram_load(struct ram *ram, const struct snapshot *snap, struct error *err)
{
	int rc = ram_check(snap, ram->size, err);
	struct snap_reader r = snap_open(snap, TAG_RAM, 0, 1);
	struct ram_run run = { 0 };

	if (rc)
		return rc;
	rc = punch(ram, 0, ram->size, err);
	if (rc)
		return rc;
	while (snap_left(&r) && !ram_next_run(&r, ram->size, &run, err))
		memcpy(ram->host + run.start, run.bytes, (size_t)(run.end - run.start));
	return 0;
}

/*
 * bytes NULL: zeros. By way of the file, not of our mapping: on s390x KVM takes a page for changed that
 * any program has written to through its own.
 */
static int put_bytes(const struct ram *ram, gpa_t at, const uint8_t *bytes, uint64_t len, struct error *err)
{
	while (len) {
		uint64_t some = bytes || len < RAM_ZEROS ? len : RAM_ZEROS;
		ssize_t n = pwrite(ram->fd, bytes ? bytes : ram->zeros, (size_t)some, (off_t)at);

		if (n <= 0)
			return error_set(err, n ? -errno : -EIO, "guest memory: writing 0x%" PRIx64 ": %s",
			                 at, strerror(errno));
		at += (uint64_t)n;
		bytes = bytes ? bytes + n : NULL;
		len -= (uint64_t)n;
	}
	return 0;
}

/* What the snapshot has from start to end, or of that the zeros alone; *run is the first run that may reach
 * beyond start. */
static int revert_range(const struct ram *ram, struct snap_reader *r, struct ram_run *run, gpa_t start,
                        gpa_t end, bool zeros, struct error *err)
{
	int rc = 0;

	while (start < end && !rc) {
		gpa_t stop = end;
		const uint8_t *bytes = NULL;

		while (run->end <= start && snap_left(r) && !rc)
			rc = ram_next_run(r, ram->size, run, err);
		if (rc)
			break;
		if (run->start > start && run->end > start) {
			stop = run->start < end ? run->start : end;
		} else if (run->end > start) {
			stop = run->end < end ? run->end : end;
			bytes = run->bytes + (start - run->start);
		}
		if (!bytes || !zeros)
			rc = put_bytes(ram, start, bytes, stop - start, err);
		start = stop;
	}
	return rc;
}

/* The first page from `page` on that counts as changed, or has not; pages when there is none. */
static uint64_t next_page(const struct ram *ram, const uint8_t *changed, uint64_t page, bool has)
{
	for (; page < ram->pages; page++) {
		uint64_t words[3];

		if (page % 64 == 0 && has) { /* most are unchanged */
			memcpy(&words[0], &changed[page / 8], 8);
			memcpy(&words[1], &ram->asked[page / 8], 8);
			memcpy(&words[2], &ram->always[page / 8], 8);
			if (!(words[0] | words[1] | words[2])) {
				page += 63;
				continue;
			}
		}
		if (((changed[page / 8] | ram->asked[page / 8] | ram->always[page / 8]) >> page % 8 & 1) ==
		    has)
			return page;
	}
	return ram->pages;
}

int ram_revert(struct ram *ram, const struct snapshot *snap, const uint8_t *changed, struct error *err)
{
	struct snap_reader r = snap_open(snap, TAG_RAM, 0, 1);
	struct ram_run run = { 0 };
	uint64_t page = 0, stop;
	int rc = 0;

	while ((page = next_page(ram, changed, page, true)) < ram->pages && !rc) {
		stop = next_page(ram, changed, page, false);
		rc = revert_range(ram, &r, &run, page * ram->page,
		                  stop < ram->pages ? stop * ram->page : ram->size, false, err);
		page = stop;
	}
	return rc;
}

/* --- copy -------------------------------------------------------------- */

/* From file to file: without ESOP, KVM takes a page for changed as soon as a program has read it through its
 * own mapping. */
static int copy_range(const struct ram *ram, const struct ram *copy, gpa_t start, gpa_t end,
                      struct error *err)
{
	off_t from = (off_t)start;

	if (lseek(copy->fd, from, SEEK_SET) < 0)
		return error_set(err, -errno, "guest memory: copying it: %s", strerror(errno));
	while (from < (off_t)end) {
		ssize_t n = sendfile(copy->fd, ram->fd, &from, (size_t)((off_t)end - from));

		if (n <= 0)
			return error_set(err, n ? -errno : -EIO, "guest memory: copying 0x%llx: %s",
			                 (unsigned long long)from, strerror(n ? errno : EIO));
	}
	return 0;
}

int ram_copy_touched(const struct ram *ram, const struct ram *copy, uint64_t *len, struct error *err)
{
	gpa_t start, end = 0;
	int rc;

	*len = 0;
	while ((rc = next_touched(ram, &start, &end, err)) > 0) {
		*len += end - start;
		rc = copy ? copy_range(ram, copy, start, end, err) : 0;
		if (rc)
			break;
	}
	return rc;
}

int ram_copy_changed(const struct ram *ram, const struct ram *copy, const struct ram *marks,
                     const uint8_t *changed, uint64_t *len, struct error *err)
{
	uint64_t page = 0, stop;
	int rc = 0;

	*len = 0;
	for (; (page = next_page(marks, changed, page, true)) < ram->pages && !rc; page = stop) {
		gpa_t start = page * ram->page, end;

		stop = next_page(marks, changed, page, false);
		end = stop < ram->pages ? stop * ram->page : ram->size;
		*len += end - start;
		rc = copy_range(ram, copy, start, end, err);
	}
	return rc;
}

/* --- rewrite ----------------------------------------------------------- */

/* Pages that were touched, one after the other. */
struct extent {
	gpa_t start, end;
};

/* How many there are; EXTENTS: more, or more bytes in them than SMALL. */
static int find_extents(const struct ram *ram, struct extent extents[EXTENTS], struct error *err)
{
	gpa_t sum = 0;
	int n = 0, rc;
	struct extent at = { 0 };

	while ((rc = next_touched(ram, &at.start, &at.end, err)) > 0) {
		extents[n++] = at;
		sum += at.end - at.start;
		if (n == EXTENTS || sum > SMALL)
			return EXTENTS;
	}
	return rc ? rc : n;
}

int ram_rewrite(struct ram *ram, const struct snapshot *snap, struct error *err)
{
	struct snap_reader all = snap_open(snap, TAG_RAM, 0, 1), r = all;
	struct extent extents[EXTENTS];
	struct ram_run run = { 0 };
	int n = snap_left(&all) > SMALL ? EXTENTS : find_extents(ram, extents, err), rc = 0;

	if (n < 0 || n == EXTENTS)
		return n < 0 ? n : 0;
	while (snap_left(&all) && !rc) {
		rc = ram_next_run(&all, ram->size, &run, err);
		if (!rc)
			rc = put_bytes(ram, run.start, run.bytes, run.end - run.start, err);
	}
	run = (struct ram_run){ 0 };
	for (int i = 0; i < n && !rc; i++)
		rc = revert_range(ram, &r, &run, extents[i].start, extents[i].end, true, err);
	return rc ? rc : 1;
}
