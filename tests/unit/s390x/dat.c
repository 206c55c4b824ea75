/* SPDX-License-Identifier: BSD-2-Clause */
/* dat.c: dynamic address translation: tables of all levels, large pages, and addresses that lead nowhere. */
#include "arch/s390x/debug/dat.h"

#include <endian.h>
#include <string.h>

#include "tests/unit/tap.h"

#define REGION1 0x10000ULL
#define REGION2 0x14000ULL
#define REGION3 0x18000ULL
#define SEGMENT 0x1c000ULL
#define PAGES   0x20000ULL
#define LENGTH  3ULL

static struct ram ram;

static void put(uint64_t table, unsigned index, uint64_t entry)
{
	uint64_t *at = ram_at(&ram, table + 8 * (uint64_t)index, 8);

	*at = htobe64(entry);
}

/* UINT64_MAX: an exception. */
static uint64_t real(uint64_t asce, uint64_t address, uint64_t *left)
{
	gpa_t to = 0;

	return dat_translate(&ram, asce, address, &to, left) ? to : UINT64_MAX;
}

int main(void)
{
	uint64_t first = REGION1 | 0xc | LENGTH, third = REGION3 | 4 | LENGTH, segment = SEGMENT | LENGTH,
		 left;
	struct error err;

	if (ram_create(&ram, 1 << 20, 4096, &err))
		return 1;
	for (unsigned i = 0; i < 2048; i++) {
		put(REGION1, i, 0x20 | 0xc);
		put(REGION2, i, 0x20 | 8);
		put(REGION3, i, 0x20 | 4);
		put(SEGMENT, i, 0x20);
	}
	for (unsigned i = 0; i < 256; i++)
		put(PAGES, i, 0x400);
	put(REGION1, 5, REGION2 | 0xc | LENGTH);
	put(REGION2, 6, REGION3 | 8 | LENGTH);
	put(REGION3, 7, SEGMENT | 4 | LENGTH);
	put(REGION3, 8, 0x180000000ULL | 0x400 | 4);
	put(REGION3, 9, SEGMENT | 4 | 1 << 6 | 1); /* its table has the second block alone */
	put(SEGMENT, 3, PAGES);
	put(SEGMENT, 600, 0x500000 | 0x400);
	put(PAGES, 4, 0x77000);

	is(real(first, 5ULL << 53 | 6ULL << 42 | 7ULL << 31 | 3 << 20 | 4 << 12 | 0x123, &left), 0x77123,
	   "five levels");
	is(left, 0x1000 - 0x123, "up to the end of the page");
	is(real(third, 7ULL << 31 | 3 << 20 | 4 << 12, &left), 0x77000, "three levels");
	is(real(segment, 3 << 20 | 4 << 12, &left), 0x77000, "two levels");
	is(real(segment, 600 << 20 | 0x12345, &left), 0x512345, "a page of 1 MiB");
	is(left, 0x100000 - 0x12345, "up to its end");
	is(real(third, 8ULL << 31 | 0x123, &left), 0x180000123, "a page of 2 GiB");
	is(real(third, 9ULL << 31 | 600 << 20, &left), 0x500000, "a table without its first block");
	is(real(third, 9ULL << 31 | 3 << 20 | 4 << 12, &left), UINT64_MAX, "nothing in that");
	is(real(third, 9ULL << 31 | 1025ULL << 20, &left), UINT64_MAX, "nor behind it");
	is(real(segment, 3 << 20 | 5 << 12, &left), UINT64_MAX, "a page that is invalid");
	is(real(segment, 4 << 20, &left), UINT64_MAX, "a segment");
	is(real(third, 6ULL << 31, &left), UINT64_MAX, "a region");
	is(real(SEGMENT | 0, 600 << 20, &left), UINT64_MAX, "behind the end of the table");
	is(real(segment, 1ULL << 31, &left), UINT64_MAX, "above the space");
	is(real(first, UINT64_MAX, &left), UINT64_MAX, "the highest address");
	is(real(0x40000000 | LENGTH, 0, &left), UINT64_MAX, "a table that is not in memory");
	is(real(0x20, 0x1234, &left), 0x1234, "a real space");
	ok(dat_absolute(0x8000, 0x10) == 0x8010 && dat_absolute(0x8000, 0x9fff) == 0x1fff &&
	           dat_absolute(0x8000, 0xa000) == 0xa000 && dat_absolute(0, 0x10) == 0x10,
	   "prefixing");
	ram_destroy(&ram);
	return tap_done();
}
