/* SPDX-License-Identifier: BSD-2-Clause */
/* state_hash.h: whether two states of a VM are the same, from their snapshots in this process. */
#ifndef VMM_LAB_STATE_HASH_H
#define VMM_LAB_STATE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/error.h"

struct state_sums {
	uint64_t ram;
	uint64_t cpus; /* the vCPUs' registers */
	uint64_t rest; /* interrupts and devices; the clocks, which always go on, are left out */
};

/* Hashes a snapshot of a whole VM, as snap_decode() takes it. Errors: snap_decode()'s. */
int state_hash(const uint8_t *bytes, size_t len, bool sealed, struct state_sums *sums, struct error *err);

/* Adds bytes to a hash; it begins as 0. Not for an adversary. */
uint64_t state_mix(uint64_t hash, const uint8_t *bytes, size_t len);

#endif
