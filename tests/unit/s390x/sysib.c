/* SPDX-License-Identifier: BSD-2-Clause */
/* sysib.c: the names in block 3.2.2, also of the machines below. */
#include "arch/s390x/sysib.h"

#include "tests/unit/tap.h"

static uint8_t block[SYSIB_SIZE];

/* As KVM leaves it: n machines, this one first; the long names of those below begin where ours goes. */
static void make(unsigned n)
{
	memset(block, 0, sizeof(block));
	block[31] = (uint8_t)n;
	for (unsigned i = 0; i + 1 < n; i++)
		snprintf((char *)block + 2048 + 256 * i, 256, "below %u", i);
}

static bool long_name(unsigned i, const char *name)
{
	return !strcmp((char *)block + 2048 + 256 * i, name);
}

int main(void)
{
	static const uint8_t zpvm[8] = { 0xa9, 0x97, 0xa5, 0x94, 0x40, 0x40, 0x40, 0x40 },
			     ab1[8] = { 0xc1, 0x82, 0xf1, 0x60, 0x60, 0x60, 0x60, 0x60 }, zeros[16];
	struct identity id = { .name = "Ab1------and more", .uuid = { 1, [15] = 16 } };

	make(1);
	sysib_name(block, NULL);
	ok(!memcmp(block + 44, zpvm, 8), "zpvm, if it was given no name");
	ok(block[75] == 2 && long_name(0, "zpvm"), "and as the long name, in UTF-8");
	ok(!memcmp(block + 80, zeros, 16), "no UUID");
	make(1);
	sysib_name(block, &id);
	ok(!memcmp(block + 44, ab1, 8), "the beginning of a name, in EBCDIC");
	ok(block[75] == 2 && long_name(0, id.name), "all of it");
	ok(!memcmp(block + 80, id.uuid, 16), "the UUID");
	ok(long_name(1, ""), "nothing behind it");
	make(8);
	sysib_name(block, &id);
	ok(long_name(0, id.name) && long_name(1, "below 0") && long_name(7, "below 6"),
	   "the long names of the machines below make room");
	make(3);
	memset(block + 2048 + 2 * 256, 0x55, 256);
	sysib_name(block, &id);
	ok(long_name(1, "below 0") && long_name(2, "below 1"), "so many as there are");
	make(1);
	block[31] = 0xff;
	memset(block + 2048, 0x55, 2048);
	sysib_name(block, &id);
	ok(long_name(0, id.name) && block[2048 + 256] == 0x55, "a number of machines that cannot be");
	memset(id.name, 'n', IDENTITY_NAME_MAX);
	make(1);
	sysib_name(block, &id);
	ok(long_name(0, id.name), "the longest name has its end");
	return tap_done();
}
