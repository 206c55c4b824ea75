/* SPDX-License-Identifier: BSD-2-Clause */
/* disk.c: see disk.h. Pure. */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- open ------------------------------------------------------------------ */

static int measure(struct disk *disk, const char *path, struct error *err)
{
	struct stat st;
	off_t end;

	if (fstat(disk->fd, &st))
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return error_set(err, -EINVAL, "%s: a disk is a file or a block device", path);
	disk->regular = S_ISREG(st.st_mode);
	end = lseek(disk->fd, 0, SEEK_END);
	if (end < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!end || end % DISK_SECTOR)
		return error_set(err, -EINVAL,
		                 "%s: a disk of %lld bytes: must be a multiple of %d (truncate -s %%%d)",
		                 path, (long long)end, DISK_SECTOR, DISK_SECTOR);
	disk->size = (uint64_t)end;
	return 0;
}

static int make_memory(struct disk *disk, const char *path, struct error *err)
{
	disk->changed = calloc((size_t)(disk_blocks(disk->size) / 8 + 1), 1);
	disk->memory = memfd_create("changed blocks", MFD_CLOEXEC);
	if (disk->changed && disk->memory >= 0 && !ftruncate(disk->memory, (off_t)disk->size))
		return 0;
	return error_set(err, -ENOMEM, "%s: no memory for changed blocks: %s", path, strerror(errno));
}

/* A disk that is written is for one VM alone. Where files cannot be locked, nothing protects it. */
static int lock(const struct disk *disk, const char *path, struct error *err)
{
	int how = disk->ro || disk->cow ? LOCK_SH : LOCK_EX;

	if (!flock(disk->fd, how | LOCK_NB) || errno != EWOULDBLOCK)
		return 0;
	return error_set(err, -EBUSY, "%s: another VM uses this disk%s", path,
	                 how == LOCK_EX ? "; perhaps both can have it with ,ro or ,cow" : " and writes it");
}

static int open_file(struct disk *disk, const char *path, bool ro, bool cow, struct error *err)
{
	const char *name = strrchr(path, '/');
	int rc;

	*disk = (struct disk){ .ro = ro, .cow = cow, .memory = -1 };
	memccpy(disk->name, name ? name + 1 : path, 0, sizeof(disk->name) - 1);
	/* A pipe would wait for its other end. */
	disk->fd = open(path, (ro || cow ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
	if (disk->fd < 0)
		return error_set(err, -errno, "%s: %s%s", path, strerror(errno),
		                 errno == EACCES || errno == EROFS
		                         ? "; perhaps it can be read: with ,ro or ,cow"
		                         : "");
	rc = measure(disk, path, err);
	if (!rc)
		rc = lock(disk, path, err);
	if (!rc && cow)
		rc = make_memory(disk, path, err);
	if (rc)
		disk_close(disk);
	return rc;
}

int disk_open(struct disk *disk, const char *path, bool ro, bool cow, struct error *err)
{
	return error_blame(err, open_file(disk, path, ro, cow, err), FAULT_DATA);
}

void disk_close(struct disk *disk)
{
	if (disk->fd >= 0)
		close(disk->fd);
	if (disk->memory >= 0)
		close(disk->memory);
	free(disk->changed);
	*disk = (struct disk){ .fd = -1, .memory = -1 };
}

int disk_mark(const struct disk *disk, struct disk_mark *mark, struct error *err)
{
	struct stat st;

	*mark = (struct disk_mark){ .size = disk->size };
	if (!disk->regular)
		return 0;
	if (fstat(disk->fd, &st))
		return error_set(err, -errno, "%s: %s", disk->name, strerror(errno));
	mark->inode = st.st_ino;
	mark->changed = (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec;
	return 0;
}

/* --- reading and writing one of the files
 * ----------------------------------------------------------------------- */

/* One system call: as many whole parts of b as there are in len bytes, and a piece of the next one. */
static ssize_t move_some(int fd, bool write, struct virtqueue_bytes *b, size_t len, off_t at)
{
	size_t sum = 0, beyond;
	unsigned n = 0;
	ssize_t got;

	while (sum < len)
		sum += b->at[n++].iov_len;
	beyond = sum - len;
	b->at[n - 1].iov_len -= beyond;
	got = write ? pwritev(fd, b->at, (int)n, at) : preadv(fd, b->at, (int)n, at);
	b->at[n - 1].iov_len += beyond;
	return got;
}

static int move(int fd, bool write, uint64_t at, struct virtqueue_bytes *b, size_t len)
{
	while (len) {
		ssize_t got = move_some(fd, write, b, len, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EIO; /* the file has become shorter */
		virtqueue_skip(b, (size_t)got);
		at += (uint64_t)got;
		len -= (size_t)got;
	}
	return 0;
}

static int move_buffer(int fd, bool write, uint64_t at, void *buffer, size_t len)
{
	struct iovec one = { buffer, len };
	struct virtqueue_bytes b = { &one, 1, len };

	return move(fd, write, at, &b, len);
}

/* --- cow
 * ------------------------------------------------------------------------------------------------------- */

static bool is_changed(const struct disk *disk, uint64_t block)
{
	return disk->changed[block / 8] & 1u << block % 8;
}

static void set_changed(struct disk *disk, uint64_t block)
{
	disk->changed[block / 8] |= (uint8_t)(1u << block % 8);
}

uint64_t disk_next_changed(const struct disk *disk, uint64_t block)
{
	uint64_t end = disk_blocks(disk->size);

	while (block < end && !is_changed(disk, block))
		block += !(block % 8) && !disk->changed[block / 8] ? 8 : 1;
	return block < end ? block : end;
}

int disk_get_block(const struct disk *disk, uint64_t block, uint8_t bytes[DISK_BLOCK])
{
	int fd = disk->cow && is_changed(disk, block) ? disk->memory : disk->fd;
	size_t len = disk_block_len(disk->size, block);

	memset(bytes + len, 0, DISK_BLOCK - len);
	return move_buffer(fd, false, block * DISK_BLOCK, bytes, len);
}

int disk_set_block(struct disk *disk, uint64_t block, const uint8_t bytes[DISK_BLOCK])
{
	size_t len = disk_block_len(disk->size, block);
	int rc = move_buffer(disk->memory, true, block * DISK_BLOCK, (uint8_t *)bytes, len);

	if (!rc)
		set_changed(disk, block);
	return rc;
}

int disk_forget(struct disk *disk)
{
	if (ftruncate(disk->memory, 0) || ftruncate(disk->memory, (off_t)disk->size))
		return -errno;
	memset(disk->changed, 0, (size_t)(disk_blocks(disk->size) / 8 + 1));
	return 0;
}

/* A block of which only a part will be written comes into memory first. */
static int bring(struct disk *disk, uint64_t at)
{
	uint8_t bytes[DISK_BLOCK];
	uint64_t block = at / DISK_BLOCK;
	int rc;

	if (at == disk->size || !(at % DISK_BLOCK) || is_changed(disk, block))
		return 0;
	rc = disk_get_block(disk, block, bytes);
	return rc ? rc : disk_set_block(disk, block, bytes);
}

static int bring_ends(struct disk *disk, uint64_t offset, uint64_t len)
{
	int rc = bring(disk, offset);

	return rc ? rc : bring(disk, offset + len);
}

static void set_changed_range(struct disk *disk, uint64_t offset, uint64_t len)
{
	for (uint64_t block = offset / DISK_BLOCK; block * DISK_BLOCK < offset + len; block++)
		set_changed(disk, block);
}

static int read_cow(struct disk *disk, uint64_t offset, struct virtqueue_bytes *b, size_t len)
{
	int rc = 0;

	while (len && !rc) {
		uint64_t block = offset / DISK_BLOCK, end = offset + len;
		bool changed = is_changed(disk, block);
		size_t n;

		while (block * DISK_BLOCK < end && is_changed(disk, block) == changed)
			block++;
		n = (size_t)((block * DISK_BLOCK < end ? block * DISK_BLOCK : end) - offset);
		rc = move(changed ? disk->memory : disk->fd, false, offset, b, n);
		offset += n;
		len -= n;
	}
	return rc;
}

/* --- the disk
 * -------------------------------------------------------------------------------------------------- */

int disk_io(struct disk *disk, bool write, uint64_t offset, struct virtqueue_bytes *b, size_t len)
{
	int rc;

	if (!len)
		return 0;
	if (!disk->cow)
		return move(disk->fd, write, offset, b, len);
	if (!write)
		return read_cow(disk, offset, b, len);
	rc = bring_ends(disk, offset, len);
	if (!rc)
		rc = move(disk->memory, true, offset, b, len);
	if (!rc)
		set_changed_range(disk, offset, len);
	return rc;
}

static int write_zeros(int fd, uint64_t offset, uint64_t len)
{
	static const uint8_t zeros[65536];
	int rc = 0;

	while (len && !rc) {
		size_t n = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);

		rc = move_buffer(fd, true, offset, (void *)zeros, n);
		offset += n;
		len -= n;
	}
	return rc;
}

int disk_zero(struct disk *disk, uint64_t offset, uint64_t len, bool may_unmap)
{
	int fd = disk->cow ? disk->memory : disk->fd;
	int mode = disk->cow || may_unmap ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE;
	int rc;

	if (!len)
		return 0;
	rc = disk->cow ? bring_ends(disk, offset, len) : 0;
	/* Not every file system can. */
	if (!rc && fallocate(fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)len))
		rc = write_zeros(fd, offset, len);
	if (!rc && disk->cow)
		set_changed_range(disk, offset, len);
	return rc;
}

int disk_discard(struct disk *disk, uint64_t offset, uint64_t len)
{
	if (disk->cow || !len)
		return 0;
	if (!fallocate(disk->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)len))
		return 0;
	return errno == EIO ? -EIO : 0;
}

int disk_flush(struct disk *disk)
{
	return disk->cow || disk->ro || !fdatasync(disk->fd) ? 0 : -errno;
}
