/* SPDX-License-Identifier: BSD-2-Clause */
/* ram_image.h: guest memory in a snapshot: what is not zero of it. Pure. */
#ifndef VMM_SNAPSHOT_RAM_IMAGE_H
#define VMM_SNAPSHOT_RAM_IMAGE_H

#include "snapshot.h"
#include "vmm/ram.h"

#define TAG_RAM SNAP_TAG('R', 'A', 'M', ' ') /* runs of bytes: address, length, bytes */

/* Adds what is not zero to a snapshot. */
int ram_save(const struct ram *ram, struct snapshot *snap, struct error *err);

/* Whether that section is there, in order, and fits into size bytes of RAM; -EBADMSG with the reason if not.
 */
int ram_check(const struct snapshot *snap, uint64_t size, struct error *err);

/* A run of bytes in that section. */
struct ram_run {
	gpa_t start, end;
	const uint8_t *bytes;
};

/*
 * The next one, of RAM of this size, or -EBADMSG when it is wrong. They are in
 * order; run is the one before, at first all zeros.
 */
int ram_next_run(struct snap_reader *r, uint64_t size, struct ram_run *run, struct error *err);

/* Makes RAM what it was: pages that are not in the snapshot read as zero. -EBADMSG before anything is
 * touched. */
int ram_load(struct ram *ram, const struct snapshot *snap, struct error *err);

/*
 * The same for RAM that was like the snapshot at the last ram_forget(), and of which vCPUs have changed the
 * pages in the bitmap: only those are written, what ram_at() gave away, and what always counts.
 */
int ram_revert(struct ram *ram, const struct snapshot *snap, const uint8_t *changed, struct error *err);

/*
 * The same, whatever is there now, by writing all that is in the snapshot or was touched: 1. 0: that is more
 * than is written sooner than KVM has told what has changed, and nothing is done.
 */
int ram_rewrite(struct ram *ram, const struct snapshot *snap, struct error *err);

#endif
