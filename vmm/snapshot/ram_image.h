/* SPDX-License-Identifier: BSD-2-Clause */
/* ram_image.h: guest memory in a snapshot, without zeros. Pure. */
#ifndef VMM_SNAPSHOT_RAM_IMAGE_H
#define VMM_SNAPSHOT_RAM_IMAGE_H

#include "snapshot.h"
#include "vmm/ram.h"

#define TAG_RAM SNAP_TAG('R', 'A', 'M', ' ') /* runs of bytes: address, length, bytes */

/* Adds the memory that is not zero to a snapshot. */
int ram_save(const struct ram *ram, struct snapshot *snap, struct error *err);

/* The same for a copy of the memory, which is emptied meanwhile, so that both take the space of one. */
int ram_move(const struct ram *copy, struct snapshot *snap, struct error *err);

/*
 * Copies the pages that were ever touched (copy NULL: none); *len: how many bytes there are. copy is
 * ram_create_sparse()'s, of the same size.
 */
int ram_copy_touched(const struct ram *ram, const struct ram *copy, uint64_t *len, struct error *err);

/*
 * Copies the pages in the bitmap, and those which ram_at() and ram_always() have marked in marks: in the
 * memory itself, or in its copy (none) while the VM runs, when more are just being marked.
 */
int ram_copy_changed(const struct ram *ram, const struct ram *copy, const struct ram *marks,
                     const uint8_t *changed, uint64_t *len, struct error *err);

/* Checks that the section is there, valid, and fits into size bytes of RAM; else -EBADMSG with the reason. */
int ram_check(const struct snapshot *snap, uint64_t size, struct error *err);

/* A run of bytes in that section. */
struct ram_run {
	gpa_t start, end;
	const uint8_t *bytes;
};

/*
 * Replaces run, which is the run before (at first all zeros), by the next one, for RAM of this size. Runs are
 * in ascending order. -EBADMSG if it is invalid.
 */
int ram_next_run(struct snap_reader *r, uint64_t size, struct ram_run *run, struct error *err);

/* Restores RAM: pages that are not in the snapshot become zero. -EBADMSG before anything is changed. */
int ram_load(struct ram *ram, const struct snapshot *snap, struct error *err);

/*
 * The same for RAM that was equal to the snapshot at the last ram_forget(), and of which vCPUs have changed
 * the pages in the bitmap. Writes only those, the pages that ram_at() has returned, and those of
 * ram_always().
 */
int ram_revert(struct ram *ram, const struct snapshot *snap, const uint8_t *changed, struct error *err);

/*
 * The same, whatever RAM contains now, by writing all pages that are in the snapshot or were ever touched.
 * Returns 1. Returns 0 and does nothing if there are so many that it is faster to read KVM's log.
 */
int ram_rewrite(struct ram *ram, const struct snapshot *snap, struct error *err);

#endif
