/* SPDX-License-Identifier: BSD-2-Clause */
/* dat.c: see dat.h. Pure. */
#include "dat.h"

#include <endian.h>
#include <string.h>

#define ORIGIN       0xfffffffffffff000ULL
#define REAL         0x20ULL /* ASCE: a real space */
#define TYPE         0x0cULL /* of a table: 3 is region first ... 0 is segment */
#define LENGTH       0x03ULL /* so many blocks of 512 entries, less one */
#define OFFSET       6       /* bits 56 and 57: how many blocks at the beginning are missing */
#define INVALID      0x20ULL
#define LARGE        0x400ULL /* FC: the entry has no further table (enhanced DAT) */
#define PAGE_INVALID 0x400ULL
#define TABLE        0xfffffffffffff800ULL /* of a segment-table entry */

static bool fetch(const struct ram *ram, uint64_t at, uint64_t *entry)
{
	const void *bytes = ram_see(ram, at, sizeof(*entry));

	if (bytes)
		memcpy(entry, bytes, sizeof(*entry));
	*entry = be64toh(*entry);
	return bytes;
}

/* A large page of 1 << bits bytes. */
static bool found(uint64_t entry, uint64_t address, unsigned bits, gpa_t *real, uint64_t *left)
{
	uint64_t size = 1ULL << bits;

	*real = (entry & ~(size - 1)) | (address & (size - 1));
	*left = size - (address & (size - 1));
	return true;
}

bool dat_translate(const struct ram *ram, uint64_t asce, uint64_t address, gpa_t *real, uint64_t *left)
{
	unsigned level = (asce & TYPE) >> 2;
	uint64_t table = asce, entry = 0;

	if (asce & REAL)
		return found(address, address, 12, real, left);
	/* Above what the topmost table has, all is zero. */
	if (level < 3 && address >> (31 + 11 * level))
		return false;
	for (;; level--) {
		unsigned shift = 20 + 11 * level, index = address >> shift & 0x7ff, block = index >> 9;

		if (block > (table & LENGTH) || (table != asce && block < (table >> OFFSET & 3)) ||
		    !fetch(ram, (table & ORIGIN) + 8 * (uint64_t)index, &entry) || entry & INVALID ||
		    (entry & TYPE) >> 2 != level)
			return false;
		if (entry & LARGE && level < 2)
			return found(entry, address, level ? 31 : 20, real, left);
		if (!level)
			break;
		table = entry;
	}
	if (!fetch(ram, (entry & TABLE) + 8 * (address >> 12 & 0xff), &entry) || entry & PAGE_INVALID)
		return false;
	return found(entry, address, 12, real, left);
}

gpa_t dat_absolute(uint64_t prefix, gpa_t real)
{
	uint64_t area = real & ~0x1fffULL;

	return area && area != prefix ? real : real ^ prefix;
}
