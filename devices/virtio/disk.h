/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk.h: what a virtual disk is kept in: a raw file or a block device. With cow, nothing is written to it:
 * changed blocks are kept in memory. Pure.
 */
#ifndef DEVICES_VIRTIO_DISK_H
#define DEVICES_VIRTIO_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "virtqueue.h"
#include "vmm/error.h"

#define DISK_SECTOR 512
#define DISK_BLOCK  4096 /* the unit of what cow keeps */

struct disk {
	int fd;
	bool ro, cow;
	bool regular;     /* a file, not a block device */
	uint64_t size;    /* bytes: a multiple of DISK_SECTOR */
	char name[21];    /* the beginning of the file's name */
	int memory;       /* cow: a file in memory with the changed blocks, at their places */
	uint8_t *changed; /* cow: a bit for each block, the lowest first */
};

/* What tells a disk from another one, or from itself after a change. Of a block device only the size is
 * known. */
struct disk_mark {
	uint64_t size;
	uint64_t inode;
	uint64_t changed; /* nanoseconds since 1970 */
};

/* -EINVAL: not a file or block device, or not a multiple of sectors long; else the error of open(). */
int disk_open(struct disk *disk, const char *path, bool ro, bool cow, struct error *err);
void disk_close(struct disk *disk);

/* len bytes, within the disk, to or from the first bytes of b (which has that many). A negative errno value.
 */
int disk_io(struct disk *disk, bool write, uint64_t offset, struct virtqueue_bytes *b, size_t len);

/* Within the disk: writes zeros; discards, which is a hint; makes the disk keep what was written. */
int disk_zero(struct disk *disk, uint64_t offset, uint64_t len, bool may_unmap);
int disk_discard(struct disk *disk, uint64_t offset, uint64_t len);
int disk_flush(struct disk *disk);

int disk_mark(const struct disk *disk, struct disk_mark *mark, struct error *err);

/* --- the blocks of cow ------------------------------------------------------ */

static inline uint64_t disk_blocks(uint64_t size)
{
	return (size + DISK_BLOCK - 1) / DISK_BLOCK;
}

/* The length of a block: the last one may be shorter. */
static inline size_t disk_block_len(uint64_t size, uint64_t block)
{
	uint64_t left = size - block * DISK_BLOCK;

	return left < DISK_BLOCK ? (size_t)left : DISK_BLOCK;
}

/* The first block from `block` on that was changed, or disk_blocks(). */
uint64_t disk_next_changed(const struct disk *disk, uint64_t block);
int disk_get_block(const struct disk *disk, uint64_t block, uint8_t bytes[DISK_BLOCK]);
int disk_set_block(struct disk *disk, uint64_t block, const uint8_t bytes[DISK_BLOCK]);

/* All blocks are those of the file again. */
int disk_forget(struct disk *disk);

#endif
