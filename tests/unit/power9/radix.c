/* SPDX-License-Identifier: BSD-2-Clause */
/* radix.c: effective addresses that a guest's tables translate, and those that they do not. */
#include "arch/power9/debug/radix.h"

#include <endian.h>

#include "tests/unit/tap.h"

#define MIB    (1ULL << 20)
#define TABLE  0x10000ULL
#define KERNEL 0x20000ULL /* the tree of process 0 */
#define USER   0x40000ULL /* that of process 5 */
#define VALID  (1ULL << 63)
#define LEAF   (VALID | 1ULL << 62)
#define LEFT   0xc000000000000000ULL /* of the addresses of process 0 */

static struct ram ram;

static void put(uint64_t at, uint64_t entry)
{
	*(uint64_t *)ram_at(&ram, at, 8) = htobe64(entry);
}

/* As Linux has it: 52 bits: 13, 9, 9, and 9 for pages of 4 KiB or 5 for those of 64. */
#define ROOT(at) (1ULL << 62 | 5ULL << 5 | (at) | 13)

static void build(void)
{
	put(TABLE, ROOT(KERNEL));
	put(KERNEL, VALID | (KERNEL + 0x10000) | 9);
	put(KERNEL + 0x10000, LEAF | RADIX_PRIVILEGED | RADIX_READ | RADIX_EXECUTE |
	                              0x40123000); /* what is inside of the page does not count */
	put(KERNEL + 0x10008, VALID | (KERNEL + 0x11000) | 9);
	put(KERNEL + 0x11000 + 3 * 8, LEAF | RADIX_PRIVILEGED | RADIX_WRITE | 0x600000);
	put(TABLE + 5 * 16, ROOT(USER));
	put(USER + 8 * 8191, VALID | (USER + 0x10000) | 9);
	put(USER + 0x10000, VALID | (USER + 0x11000) | 9);
	put(USER + 0x11000, VALID | (USER + 0x12000) | 5);
	put(USER + 0x12000 + 8 * 31, LEAF | RADIX_READ | RADIX_EXECUTE | 0x70000);
	put(USER + 0x11008, VALID | (USER + 0x13000) | 9);
	put(USER + 0x13000 + 8 * 2, LEAF | RADIX_READ | 0x0123456789000ULL);
	put(USER + 0x13000, LEAF | RADIX_READ | 0x80000);
	put(USER + 0x11010, VALID | (USER + 0x13000) | 10);
	put(USER + 0x11018, VALID | (USER + 0x13000));
	put(USER + 0x11020, VALID | (64 * MIB) | 9);
}

#define NONE UINT64_MAX

static void walk(void)
{
	static const uint64_t user = 8191ULL << 39;
	static const struct {
		const char *text;
		uint64_t pid, address, real;
		unsigned may;
	} table[] = {
		{ "a page of 1 GiB", 5, LEFT | 0x12345678, 0x52345678, 0xd },
		{ "the same in any process", 77, LEFT | 0x12345678, 0x52345678, 0xd },
		{ "a page of 2 MiB", 0, LEFT | 0x40654321, 0x654321, 0xa },
		{ "beside it", 0, LEFT | 0x40854321, NONE, 0 },
		{ "a page of 64 KiB, at the tree's end", 5, user | 0x1ffffc, 0x7fffc, 5 },
		{ "before it", 5, user | 0x1efffc, NONE, 0 },
		{ "a page of 4 KiB", 5, user | 0x202fff, 0x123456789fff, 4 },
		{ "behind it", 5, user | 0x203000, NONE, 0 },
		{ "a level that is deeper than a page", 5, user | 0x400000, NONE, 0 },
		{ "a level of no bits", 5, user | 0x600000, NONE, 0 },
		{ "a table outside of memory", 5, user | 0x800000, NONE, 0 },
		{ "an address that the tree does not have", 5, 1ULL << 52 | 31ULL << 25, NONE, 0 },
		{ "a process without a tree", 6, user | 0x1ffffc, NONE, 0 },
		{ "the last process of the table", 255, user | 0x1ffffc, NONE, 0 },
		{ "a process behind the table", 256, user | 0x1ffffc, NONE, 0 },
		{ "the hypervisor's addresses", 0, 1ULL << 62, NONE, 0 },
		{ "... and others", 0, 2ULL << 62, NONE, 0 },
	};

	put(TABLE + 256 * 16, ROOT(USER)); /* is no part of it */
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct radix_page page = { NONE, 0 };
		bool found = radix_walk(&ram, TABLE, table[i].pid, table[i].address, &page);

		is(found, table[i].real != NONE, "%s%s", table[i].text, found ? "" : ": not there");
		if (found) {
			is(page.real, table[i].real, "%s: its place", table[i].text);
			is(page.may, table[i].may, "%s: what it allows", table[i].text);
		}
	}
}

int main(void)
{
	struct radix_page page;
	struct error err;

	is(ram_create(&ram, 16 * MIB, 65536, &err), 0, "memory");
	build();
	walk();
	ok(radix_walk(&ram, TABLE | 1, 256, 8191ULL << 39 | 0x1ffffc, &page), "a larger table has it");
	ok(!radix_walk(&ram, 16 * MIB, 0, LEFT, &page), "a table outside of memory");
	ram_destroy(&ram);
	return tap_done();
}
