/* SPDX-License-Identifier: BSD-2-Clause */
/* inspect_ram.c: see inspect_ram.h. Pure. */
#include "inspect_ram.h"

#include <inttypes.h>
#include <string.h>

#define PAGE 4096

/* A position in the runs of a snapshot. `now` is the rest of the current run. */
struct walk {
	struct snap_reader r;
	uint64_t size; /* of RAM */
	struct ram_run now;
};

static uint64_t left(const struct walk *w)
{
	return w->now.end - w->now.start;
}

/* Goes to the next run that has bytes; false: there is none. */
static bool next_run(struct walk *w)
{
	struct error none;

	do
		if (!snap_left(&w->r) || ram_next_run(&w->r, w->size, &w->now, &none))
			return false;
	while (!left(w));
	return true;
}

static struct walk walk(const struct snapshot *snap, uint64_t size)
{
	return (struct walk){ .r = snap_open(snap, TAG_RAM, 0, 1), .size = size };
}

void ram_describe_runs(const struct snapshot *snap, uint64_t size, struct outline *out)
{
	struct walk w = walk(snap, size);
	char sum[SNAP_SUM_TEXT];

	outline_at(out, "ram");
	while (next_run(&w)) {
		snap_sum_text(w.now.bytes, (size_t)left(&w), sum);
		outline_item(out, "run", "0x%" PRIx64 ", %" PRIu64 " bytes, sum %s", w.now.start, left(&w),
		             sum);
		outline_member(out, "address", "0x%" PRIx64, w.now.start);
		outline_member_number(out, "bytes", left(&w));
		outline_member(out, "sum", "%s", sum);
	}
}

/* --- two of them ------------------------------------------------------ */

static gpa_t next_page(const struct walk *w)
{
	return left(w) ? w->now.start / PAGE * PAGE : UINT64_MAX;
}

/* Copies the page at this address from the runs. Pages must be requested in ascending order. */
static void fill_page(struct walk *w, gpa_t page, uint8_t bytes[PAGE])
{
	memset(bytes, 0, PAGE);
	while (left(w) && w->now.start - page < PAGE) {
		uint64_t room = PAGE - (w->now.start - page), len = left(w) < room ? left(w) : room;

		memcpy(bytes + (w->now.start - page), w->now.bytes, len);
		w->now.start += len;
		w->now.bytes += len;
		if (!left(w))
			next_run(w);
	}
}

/* The pages differ, so the lines must differ too, even if the sums are equal. */
static void describe_pages(struct outline *a_out, const uint8_t a[PAGE], struct outline *b_out,
                           const uint8_t b[PAGE], gpa_t page)
{
	char path[32], x[SNAP_SUM_TEXT], y[SNAP_SUM_TEXT];

	snprintf(path, sizeof(path), "page.0x%" PRIx64, page);
	outline_text(a_out, path, "sum %s", snap_sum_text(a, PAGE, x));
	outline_text(b_out, path, "sum %s%s", snap_sum_text(b, PAGE, y), strcmp(x, y) ? "" : ", other bytes");
}

void ram_describe_difference(const struct snapshot *a, uint64_t a_size, struct outline *a_out,
                             const struct snapshot *b, uint64_t b_size, struct outline *b_out)
{
	struct walk x = walk(a, a_size), y = walk(b, b_size);
	uint8_t of_a[PAGE], of_b[PAGE];

	outline_at(a_out, "ram");
	outline_at(b_out, "ram");
	next_run(&x);
	next_run(&y);
	while (left(&x) || left(&y)) {
		gpa_t p = next_page(&x), q = next_page(&y), page = p < q ? p : q;

		fill_page(&x, page, of_a);
		fill_page(&y, page, of_b);
		if (memcmp(of_a, of_b, PAGE))
			describe_pages(a_out, of_a, b_out, of_b, page);
	}
}
