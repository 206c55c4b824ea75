/* SPDX-License-Identifier: BSD-2-Clause */
/* state_hash.c: see state_hash.h. Pure. */
#include "state_hash.h"

#include <string.h>

#include "vmm/snapshot/ram_image.h"
#include "vmm/snapshot/section_vm.h"

/* Words at a time: RAM has many. */
uint64_t state_mix(uint64_t hash, const uint8_t *bytes, size_t len)
{
	while (len) {
		size_t some = len < sizeof(uint64_t) ? len : sizeof(uint64_t);
		uint64_t word = 0;

		memcpy(&word, bytes, some);
		bytes += some;
		len -= some;
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 32;
	}
	return hash;
}

/* In either architecture. */
#define TAG_CPU SNAP_TAG('C', 'P', 'U', ' ')

static bool is_clock(uint32_t tag)
{
	return tag == TAG_WALL || tag == SNAP_TAG('T', 'O', 'D', ' ') || tag == SNAP_TAG('T', 'B', ' ', ' ');
}

int state_hash(const uint8_t *bytes, size_t len, bool sealed, struct state_sums *sums, struct error *err)
{
	struct snapshot snap;
	int rc = snap_decode(&snap, bytes, len, sealed, err);

	*sums = (struct state_sums){ 0 };
	for (size_t i = 0; i < snap.count && !rc; i++) {
		const struct snap_section *s = &snap.sections[i];

		uint64_t *sum = s->tag == TAG_RAM   ? &sums->ram
		                : s->tag == TAG_CPU ? &sums->cpus
		                                    : &sums->rest;

		if (!is_clock(s->tag))
			*sum = state_mix(*sum, s->bytes, s->len);
	}
	snap_free(&snap);
	return rc;
}
