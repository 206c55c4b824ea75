/* SPDX-License-Identifier: BSD-2-Clause */
/* precopy.h: copies RAM that is being changed, until few pages are left that have changed since. Pure. */
#ifndef VMM_SNAPSHOT_PRECOPY_H
#define VMM_SNAPSHOT_PRECOPY_H

#include "vmm/ram.h"

/* At most so many rounds after the first one, for a guest that writes faster than we copy. */
#define PRECOPY_ROUNDS 6
#define PRECOPY_ENOUGH (256 << 10) /* so few bytes are copied in no time */

/* Who knows which pages have changed. */
struct precopy_log {
	void *arg;
	/* Moves what has changed since the last time to the bitmap. */
	int (*read)(void *arg, struct error *err);
	void (*copied)(void *arg, uint64_t bytes); /* a round is over */
	const uint8_t *changed;
};

/* Copies what was ever touched, then what has changed meanwhile, and so on. Errors: read()'s, the host's. */
int precopy(const struct ram *ram, const struct ram *copy, const struct precopy_log *log, struct error *err);

#endif
