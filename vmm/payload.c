/* SPDX-License-Identifier: BSD-2-Clause */
/* payload.c: see payload.h. Pure. */
#include "payload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define PIPE_MAX       (1 << 30)
#define SMALL_PAGE_MAX 16384

static int read_all(struct payload *p, const char *path, struct error *err)
{
	uint8_t *bytes;
	size_t len;
	int rc = file_read(path, PIPE_MAX, &bytes, &len, err);

	if (!rc)
		*p = payload_of(path, bytes, len);
	return rc;
}

int payload_open(struct payload *p, const char *path, struct error *err)
{
	struct stat st;
	off_t size;
	int fd;

	*p = (struct payload){ .fd = -1 };
	if (!strcmp(path, "-") || stat(path, &st) || !S_ISREG(st.st_mode))
		return read_all(p, path, err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END); /* fstat() fails with ThreadSanitizer on power9 */
	if (size < 0) {
		int code = errno;

		if (fd >= 0)
			close(fd);
		return error_set(err, -code, "%s: %s", path, strerror(code));
	}
	*p = (struct payload){ .name = path, .fd = fd, .size = (uint64_t)size };
	return 0;
}

void payload_close(struct payload *p)
{
	if (p->name && p->fd >= 0)
		close(p->fd);
	if (p->name)
		free((void *)p->bytes);
	*p = (struct payload){ .fd = -1 };
}

struct payload payload_of(const char *name, const uint8_t *bytes, uint64_t size)
{
	return (struct payload){ .name = name, .fd = -1, .bytes = bytes, .size = size };
}

int payload_read(const struct payload *p, uint64_t offset, void *to, uint64_t len, struct error *err)
{
	uint64_t done = 0;

	if (p->bytes) {
		memcpy(to, p->bytes + offset, len);
		return 0;
	}
	while (done < len) {
		ssize_t n = pread(p->fd, (uint8_t *)to + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(err, -EIO, "%s: offset %llu: %s", p->name,
			                 (unsigned long long)(offset + done),
			                 n ? strerror(errno) : "the file has become shorter");
		done += (uint64_t)n;
	}
	return 0;
}

/*
 * Maps the whole pages of a range in one call, as page faults cost more. Small ones are allocated before, in
 * another call, which on s390x saves a quarter of the time; with the 64 KiB of power9 it costs some. What the
 * kernel (before 5.14) cannot do here is done by the read.
 */
static void populate(const struct ram *ram, uint8_t *at, uint64_t len)
{
	uintptr_t begin = ((uintptr_t)at + ram->page - 1) & -ram->page;
	uintptr_t end = ((uintptr_t)at + len) & -ram->page;

	if (!ram->page || begin >= end)
		return;
	if (ram->page > SMALL_PAGE_MAX ||
	    !fallocate(ram->fd, 0, (off_t)(begin - (uintptr_t)ram->host), (off_t)(end - begin)))
		madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
}

/*
 * Into the mapping, not into the file (by sendfile(), which is hardly faster): in a page that is not mapped
 * yet, Hercules' first guest after a boot executed zeros.
 */
int payload_load(const struct payload *p, uint64_t offset, const struct ram *ram, gpa_t at, uint64_t len,
                 struct error *err)
{
	void *to = ram_at(ram, at, len);

	if (!to)
		return error_set(err, -EFAULT, "%s: %llu bytes at 0x%llx are outside guest memory", p->name,
		                 (unsigned long long)len, (unsigned long long)at);
	populate(ram, to, len);
	return payload_read(p, offset, to, len, err);
}
