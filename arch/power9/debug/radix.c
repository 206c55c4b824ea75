/* SPDX-License-Identifier: BSD-2-Clause */
/* radix.c: see radix.h. */
#include "radix.h"

#include <endian.h>
#include <stddef.h>

#define TABLE_SIZE 0x1fULL
#define ENTRY_SIZE 16 /* of the process table */

/* An entry of a tree, and the first half of one of the process table. */
#define VALID     (1ULL << 63)
#define LEAF      (1ULL << 62)
#define NEXT      0x0fffffffffffff00ULL
#define NEXT_BITS 0x1fULL
#define PAGE      0x01fffffffffff000ULL
#define MAY       0xfULL

#define PAGE_BITS 12 /* of the smallest page */

/* What the whole tree translates: so many bits of the address. */
static unsigned size_of_tree(uint64_t entry)
{
	return 31 + (unsigned)((entry >> 58 & 0x18) | (entry >> 5 & 7));
}

static bool read_entry(const struct ram *ram, uint64_t address, uint64_t *entry)
{
	const uint64_t *at = ram_see(ram, address, sizeof(*at));

	if (at)
		*entry = be64toh(*at);
	return at;
}

/* The root of the process to which the address belongs: those that begin with two ones have process 0. */
static bool find_root(const struct ram *ram, uint64_t table, uint64_t pid, uint64_t address, uint64_t *root)
{
	uint64_t quadrant = address >> 62, at = (quadrant ? 0 : pid) * ENTRY_SIZE;

	return (quadrant == 0 || quadrant == 3) && at >> PAGE_BITS < 1ULL << (table & TABLE_SIZE) &&
	       read_entry(ram, (table & ~TABLE_SIZE) + at, root);
}

bool radix_walk(const struct ram *ram, uint64_t table, uint64_t pid, uint64_t address,
                struct radix_page *page)
{
	uint64_t entry = 0, offset = address & ~(3ULL << 62);
	unsigned left, bits;

	if (!find_root(ram, table, pid, address, &entry))
		return false;
	left = size_of_tree(entry);
	if (left > 62 || offset >> left)
		return false;
	do {
		bits = entry & NEXT_BITS;
		if (!bits || bits + PAGE_BITS > left)
			return false;
		left -= bits;
		if (!read_entry(ram, (entry & NEXT) + 8 * (offset >> left), &entry) || !(entry & VALID))
			return false;
		offset &= (1ULL << left) - 1;
	} while (!(entry & LEAF));
	page->real = (entry & PAGE & -(1ULL << left)) | offset;
	page->may = entry & MAY;
	return true;
}
