/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_blk.c: see virtio_blk.h. Pure. */
#include "virtio_blk.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 5.2.3 */
#define F_SIZE_MAX     (1ull << 1)
#define F_SEG_MAX      (1ull << 2)
#define F_RO           (1ull << 5)
#define F_BLK_SIZE     (1ull << 6)
#define F_FLUSH        (1ull << 9)
#define F_DISCARD      (1ull << 13)
#define F_WRITE_ZEROES (1ull << 14)

/* 5.2.4: offsets in the configuration space. */
#define CONFIG_CAPACITY         0
#define CONFIG_SIZE_MAX         8
#define CONFIG_SEG_MAX          12
#define CONFIG_BLK_SIZE         20
#define CONFIG_DISCARD_SECTORS  36
#define CONFIG_DISCARD_SEG      40
#define CONFIG_DISCARD_ALIGN    44
#define CONFIG_ZEROES_SECTORS   48
#define CONFIG_ZEROES_SEG       52
#define CONFIG_ZEROES_MAY_UNMAP 56
#define CONFIG_BYTES            60

/* 5.2.6 */
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8, T_DISCARD = 11, T_WRITE_ZEROES = 13 };
enum { S_OK, S_IOERR, S_UNSUPP };
#define HEADER_BYTES 16
#define RANGE_BYTES  16 /* of a discard, or write-zeroes */
#define RANGE_UNMAP  1  /* its flags */
#define ID_BYTES     20

/* A header, a status and the data: no driver that keeps to these makes a request that a queue refuses. */
#define SEG_MAX       (VIRTQUEUE_SIZE_MAX - 2)
#define SEG_BYTES_MAX (256u << 10)
_Static_assert((uint64_t)SEG_MAX *SEG_BYTES_MAX + HEADER_BYTES + 1 <= VIRTQUEUE_BYTES_MAX, "a request");

/* Zeros may have to be written. */
#define ZEROES_SECTORS_MAX  (16384u * 4)
#define DISCARD_SECTORS_MAX (4u << 20)

static void config(struct virtio_device *dev, uint8_t *c)
{
	const struct virtio_blk *blk = dev->device;

	virtio_put64(c + CONFIG_CAPACITY, blk->disk.size / DISK_SECTOR);
	virtio_put32(c + CONFIG_SIZE_MAX, SEG_BYTES_MAX);
	virtio_put32(c + CONFIG_SEG_MAX, SEG_MAX);
	virtio_put32(c + CONFIG_BLK_SIZE, DISK_SECTOR);
	if (blk->disk.ro)
		return;
	virtio_put32(c + CONFIG_DISCARD_SECTORS, DISCARD_SECTORS_MAX);
	virtio_put32(c + CONFIG_DISCARD_SEG, 1);
	virtio_put32(c + CONFIG_DISCARD_ALIGN, DISK_BLOCK / DISK_SECTOR);
	virtio_put32(c + CONFIG_ZEROES_SECTORS, ZEROES_SECTORS_MAX);
	virtio_put32(c + CONFIG_ZEROES_SEG, 1);
	c[CONFIG_ZEROES_MAY_UNMAP] = 1;
}

/* --- requests ---------------------------------------------------------------- */

static bool in_disk(const struct virtio_blk *blk, uint64_t sector, uint64_t sectors)
{
	uint64_t size = blk->disk.size / DISK_SECTOR;

	return sector <= size && sectors <= size - sector;
}

/* The request's status, of what the file's function has returned. */
static uint8_t status_of(struct virtio_blk *blk, const char *what, int rc)
{
	if (!rc)
		return S_OK;
	if (!blk->trouble.text[0]) {
		error_set(&blk->trouble, rc, "disk %s: cannot %s: %s; the guest gets an I/O error",
		          blk->disk.name, what, strerror(-rc));
		blk->dev.host.work(blk->dev.host.arg);
	}
	return S_IOERR;
}

const struct error *virtio_blk_trouble(struct virtio_blk *blk)
{
	if (!blk->trouble.text[0] || blk->reported)
		return NULL;
	blk->reported = true;
	return &blk->trouble;
}

/* Without F_FLUSH a driver expects that what was written is kept (5.2.6.2). */
static uint8_t written(struct virtio_blk *blk, int rc)
{
	if (!rc && !virtio_has(&blk->dev, F_FLUSH))
		rc = disk_flush(&blk->disk);
	return status_of(blk, "write", rc);
}

static uint8_t transfer(struct virtio_blk *blk, bool write, uint64_t sector, struct virtqueue_bytes *data)
{
	size_t len = data->len;

	if (len % DISK_SECTOR || !in_disk(blk, sector, len / DISK_SECTOR))
		return S_IOERR;
	if (write)
		return written(blk, disk_io(&blk->disk, true, sector * DISK_SECTOR, data, len));
	return status_of(blk, "read", disk_io(&blk->disk, false, sector * DISK_SECTOR, data, len));
}

/* 5.2.6.2: a reserved flag is unsupported, and so is unmap in a discard. */
static uint8_t change_range(struct virtio_blk *blk, bool zero, struct virtqueue_bytes *data)
{
	uint8_t range[RANGE_BYTES];
	uint64_t sector, sectors;
	uint32_t flags;

	if (data->len != RANGE_BYTES)
		return S_IOERR; /* more than one */
	virtqueue_read(data, range, sizeof(range));
	sector = virtio_get64(range);
	sectors = virtio_get32(range + 8);
	flags = virtio_get32(range + 12);
	if (flags & ~(uint32_t)(zero ? RANGE_UNMAP : 0))
		return S_UNSUPP;
	if (sectors > (zero ? ZEROES_SECTORS_MAX : DISCARD_SECTORS_MAX) || !in_disk(blk, sector, sectors))
		return S_IOERR;
	blk->dev.bytes += zero ? sectors * DISK_SECTOR : 0; /* work, for the slice */
	sector *= DISK_SECTOR;
	sectors *= DISK_SECTOR;
	return written(blk, zero ? disk_zero(&blk->disk, sector, sectors, flags & RANGE_UNMAP)
	                         : disk_discard(&blk->disk, sector, sectors));
}

static uint8_t get_id(const struct virtio_blk *blk, struct virtqueue_bytes *in)
{
	return virtqueue_write(in, blk->disk.name, ID_BYTES) == ID_BYTES ? S_OK : S_IOERR;
}

/* in: without the status. */
static uint8_t execute(struct virtio_blk *blk, struct virtqueue_bytes *out, struct virtqueue_bytes *in)
{
	uint8_t header[HEADER_BYTES];
	uint32_t type;

	if (virtqueue_read(out, header, sizeof(header)) != sizeof(header))
		return S_IOERR;
	type = virtio_get32(header);
	if (blk->disk.ro && (type == T_OUT || type == T_DISCARD || type == T_WRITE_ZEROES))
		return S_IOERR;
	switch (type) {
	case T_IN: return transfer(blk, false, virtio_get64(header + 8), in);
	case T_OUT: return transfer(blk, true, virtio_get64(header + 8), out);
	case T_FLUSH: return status_of(blk, "write", disk_flush(&blk->disk));
	case T_GET_ID: return get_id(blk, in);
	case T_DISCARD: return change_range(blk, false, out);
	case T_WRITE_ZEROES: return change_range(blk, true, out);
	default: return S_UNSUPP;
	}
}

static void run(struct virtio_device *dev, unsigned queue)
{
	struct virtio_blk *blk = dev->device;
	struct virtqueue_chain chain;

	while (virtio_next(dev, queue, &chain)) {
		/* The last byte, which need not be a part of its own (2.7.4). */
		uint8_t *status = virtqueue_last(&chain.in);
		uint32_t len = (uint32_t)chain.in.len;

		if (!status) {
			virtio_broken(dev, queue, "a request has no room for its status");
			return;
		}
		virtio_unlock(dev); /* the disk may be slow */
		*status = execute(blk, &chain.out, &chain.in);
		virtio_lock(dev);
		/* What was not filled does not count, nor what may have been filled in part. */
		len = *status == S_OK ? len - (uint32_t)chain.in.len : 0;
		virtio_done(dev, queue, &chain, len + 1);
	}
}

static const struct virtio_type type = {
	.name = "virtio-blk",
	.id = VIRTIO_ID_BLK,
	.queues = 1,
	.queue_size = VIRTQUEUE_SIZE_MAX,
	.config_size = CONFIG_BYTES,
	.run = run,
	.config = config,
};

/* --- open --------------------------------------------------------------------- */

/* Takes the words behind the file's name, which comes first. */
static int parse(char *words, bool *ro, bool *cow, struct error *err)
{
	char *path = strsep(&words, ","), *word;

	while ((word = strsep(&words, ",")))
		if (!strcmp(word, "ro"))
			*ro = true;
		else if (!strcmp(word, "cow"))
			*cow = true;
		else
			return error_set(err, -EINVAL, "disk %s: unknown word '%s'; FILE[,ro][,cow]", path,
			                 word);
	return *path ? 0 : error_set(err, -EINVAL, "a disk needs a file: FILE[,ro][,cow]");
}

int virtio_blk_open(struct virtio_blk *blk, const char *text, struct error *err)
{
	uint64_t features = F_SIZE_MAX | F_SEG_MAX | F_BLK_SIZE | F_FLUSH;
	char words[4096];
	bool ro = false, cow = false;
	int rc;

	blk->disk = (struct disk){ .fd = -1, .memory = -1 };
	if (memccpy(words, text, 0, sizeof(words)))
		rc = parse(words, &ro, &cow, err);
	else
		rc = error_set(err, -ENAMETOOLONG, "a disk's name is too long");
	if (rc)
		return error_blame(err, rc, FAULT_USAGE);
	rc = disk_open(&blk->disk, words, ro, cow, err);
	features |= ro ? F_RO : F_DISCARD | F_WRITE_ZEROES;
	virtio_init(&blk->dev, &type, blk, features);
	return rc;
}

void virtio_blk_close(struct virtio_blk *blk)
{
	disk_close(&blk->disk);
}

/* --- snapshots ------------------------------------------------------------------ */

static int copy_blocks(const struct disk *disk, struct virtio_blk_state *to, struct error *err)
{
	uint64_t end = disk_blocks(disk->size);
	uint8_t *at;
	int rc = 0;

	for (uint64_t i = 0; (i = disk_next_changed(disk, i)) < end; i++)
		to->count++;
	to->owned = at = malloc((size_t)to->count * VIRTIO_BLK_BLOCK_LEN + 1);
	to->blocks = at;
	if (!at)
		return error_set(err, -ENOMEM, "disk %s: no memory for %llu changed blocks", disk->name,
		                 (unsigned long long)to->count);
	for (uint64_t i = 0; !rc && (i = disk_next_changed(disk, i)) < end; i++, at += VIRTIO_BLK_BLOCK_LEN) {
		uint64_t be = htobe64(i);

		memcpy(at, &be, sizeof(be));
		rc = disk_get_block(disk, i, at + sizeof(be));
	}
	return rc ? error_set(err, rc, "disk %s: a changed block: %s", disk->name, strerror(-rc)) : 0;
}

int virtio_blk_save(void *self, void *state, struct error *err)
{
	const struct virtio_blk *blk = self;
	struct virtio_blk_state *to = state;
	int rc = disk_mark(&blk->disk, &to->mark, err);

	virtio_save(&blk->dev, &to->virtio);
	to->ro = blk->disk.ro;
	to->cow = blk->disk.cow;
	return rc || !to->cow ? rc : copy_blocks(&blk->disk, to, err);
}

int virtio_blk_fits(const void *self, const void *state, struct error *err)
{
	const struct virtio_blk_state *from = state;
	const struct virtio_blk *blk = self;
	const struct disk *disk = &blk->disk;
	struct disk_mark now;
	int rc = disk_mark(disk, &now, err);

	if (rc)
		return rc;
	if (from->ro != disk->ro || from->cow != disk->cow)
		return error_set(err, -EINVAL, "disk %s: the snapshot's is%s ro and%s cow", disk->name,
		                 from->ro ? "" : " not", from->cow ? "" : " not");
	if (from->mark.size != now.size || from->mark.inode != now.inode)
		return error_set(err, -EINVAL,
		                 "disk %s: is not the snapshot's: %llu bytes, not %llu, inode %llu, not %llu",
		                 disk->name, (unsigned long long)now.size,
		                 (unsigned long long)from->mark.size, (unsigned long long)now.inode,
		                 (unsigned long long)from->mark.inode);
	if (from->mark.changed != now.changed)
		return error_set(err, -ESTALE, "disk %s: was changed after the snapshot was taken%s",
		                 disk->name,
		                 disk->ro || disk->cow ? "" : "; with ,cow a snapshot contains the changes");
	return virtio_fits(&blk->dev, &from->virtio, err);
}

int virtio_blk_load(void *self, const void *state, struct error *err)
{
	const struct virtio_blk_state *from = state;
	const uint8_t *at = from->blocks;
	struct virtio_blk *blk = self;
	int rc = blk->disk.cow ? disk_forget(&blk->disk) : 0;

	for (uint64_t i = 0; i < from->count && !rc; i++, at += VIRTIO_BLK_BLOCK_LEN) {
		uint64_t be;

		memcpy(&be, at, sizeof(be));
		rc = disk_set_block(&blk->disk, be64toh(be), at + sizeof(be));
	}
	virtio_load(&blk->dev, &from->virtio);
	return rc ? error_set(err, rc, "disk %s: the snapshot's changed blocks: %s", blk->disk.name,
	                      strerror(-rc))
	          : 0;
}
