/* SPDX-License-Identifier: BSD-2-Clause */
/* state_hash.c: which sum each section of a snapshot is in, and which is in none. */
#include "vmm/lab/state_hash.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"
#include "vmm/snapshot/ram_image.h"
#include "vmm/snapshot/section_vm.h"

static struct error err;

static const uint32_t tags[] = {
	TAG_RAM,  SNAP_TAG('C', 'P', 'U', ' '), SNAP_TAG('F', 'I', 'R', 'Q'),
	TAG_WALL, SNAP_TAG('T', 'O', 'D', ' '), SNAP_TAG('T', 'B', ' ', ' '),
};
#define TAGS (sizeof(tags) / sizeof(tags[0]))

/* The sums of a snapshot in which section `other` has another byte. */
static struct state_sums sums_with(size_t other)
{
	uint8_t *bytes = NULL;
	size_t len;
	struct state_sums sums;
	struct snapshot snap;

	snap_init(&snap, "s390x");
	for (size_t i = 0; i < TAGS; i++)
		snap_put8(snap_add(&snap, tags[i], 0, 1), i == other);
	ok(!snap_encode(&snap, &bytes, &len, &err) && !state_hash(bytes, len, false, &sums, &err),
	   "a snapshot has sums");
	snap_free(&snap);
	free(bytes);
	return sums;
}

static void test_sections(void)
{
	struct state_sums same = sums_with(TAGS);

	for (size_t i = 0; i < TAGS; i++) {
		struct state_sums with = sums_with(i);

		is(with.ram != same.ram, i == 0, "RAM is in its sum alone");
		is(with.cpus != same.cpus, i == 1, "registers too");
		is(with.rest != same.rest, i == 2, "and the rest, without clocks");
	}
}

static void test_mix(void)
{
	static const uint8_t bytes[20] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	uint64_t all = state_mix(0, bytes, 20), seen[20];

	for (size_t i = 0; i < 20; i++) {
		uint8_t other[20];

		memcpy(other, bytes, sizeof(other));
		other[i] ^= 0x80;
		seen[i] = state_mix(0, other, 20);
		ok(seen[i] != all, "byte %zu counts", i);
		for (size_t k = 0; k < i; k++)
			ok(seen[i] != seen[k], "and where it is");
	}
	is(state_mix(5, bytes, 0), 5, "nothing changes nothing");
	is(state_mix(state_mix(0, bytes, 8), bytes + 8, 12), all,
	   "in two pieces, of whole words, it is the same");
}

static void test_damaged(void)
{
	static uint8_t nonsense[64];
	struct state_sums sums;

	is(state_hash(nonsense, sizeof(nonsense), false, &sums, &err), -EBADMSG,
	   "what is no snapshot has no sums");
}

int main(void)
{
	test_sections();
	test_mix();
	test_damaged();
	return tap_done();
}
