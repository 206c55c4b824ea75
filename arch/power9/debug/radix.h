/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * radix.h: the guest's own translation of its effective addresses to its real ones, by the trees in its
 * memory. Source: Power ISA 3.0 B Book III, 5.7.10 (radix tree translation). Pure.
 */
#ifndef ARCH_POWER9_DEBUG_RADIX_H
#define ARCH_POWER9_DEBUG_RADIX_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/ram.h"

/* What an entry for a page allows. */
#define RADIX_PRIVILEGED 0x8 /* only outside of problem state */
#define RADIX_READ       0x4
#define RADIX_WRITE      0x2 /* and to read */
#define RADIX_EXECUTE    0x1

struct radix_page {
	uint64_t real; /* of the address itself */
	unsigned may;
};

/* table: as the guest has registered it: its address, and log2 of its size less 12. False: there is no page.
 */
bool radix_walk(const struct ram *ram, uint64_t table, uint64_t pid, uint64_t address,
                struct radix_page *page);

#endif
