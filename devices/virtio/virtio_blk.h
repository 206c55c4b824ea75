/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio_blk.h: a disk. A snapshot contains what cow keeps in memory, and the mark of the file: a restore
 * refuses a file that is another one, or was changed after the save. Pure.
 *
 * Source: virtio 1.2, 5.2.
 */
#ifndef DEVICES_VIRTIO_VIRTIO_BLK_H
#define DEVICES_VIRTIO_VIRTIO_BLK_H

#include "disk.h"
#include "virtio.h"

struct virtio_blk {
	struct virtio_device dev;
	struct disk disk;
	struct error trouble; /* the file's first error; no text: there was none */
	bool reported;        /* virtio_blk_trouble() has returned it */
};

/*
 * text is FILE[,ro][,cow]. ro: the guest cannot write. cow: what it writes is kept in memory, and goes back
 * with a restore. -EINVAL for other words, or what disk_open() returns.
 */
int virtio_blk_open(struct virtio_blk *blk, const char *text, struct error *err);
void virtio_blk_close(struct virtio_blk *blk);

/*
 * The file's first error, once; NULL: nothing is new. The guest has seen it, and each later one, as an I/O
 * error. The device asks for work when there is one.
 */
const struct error *virtio_blk_trouble(struct virtio_blk *blk);

/* Data of a snapshot. */
struct virtio_blk_state {
	struct virtio_state virtio;
	bool ro, cow;
	struct disk_mark mark;
	uint64_t count; /* of changed blocks */
	/* Each is its number (8 bytes, big-endian, ascending) and DISK_BLOCK bytes: the section's, or owned.
	 */
	const uint8_t *blocks;
	uint8_t *owned; /* freed with the state (virtio_blk_section) */
};

#define VIRTIO_BLK_TAG       SNAP_TAG('V', 'B', 'L', 'K')
#define VIRTIO_BLK_BLOCK_LEN (8 + DISK_BLOCK)
struct device_section;
extern const struct device_section virtio_blk_section;

/*
 * As in struct device_ops, of a struct virtio_blk and a struct virtio_blk_state. fits: -EINVAL for another
 * disk or other options, -ESTALE for a disk that was changed after the save.
 */
int virtio_blk_save(void *self, void *state, struct error *err);
int virtio_blk_load(void *self, const void *state, struct error *err);
int virtio_blk_fits(const void *self, const void *state, struct error *err);

#endif
