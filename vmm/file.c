/* SPDX-License-Identifier: BSD-2-Clause */
/* file.c: see file.h. Pure. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "progress.h"

#define ROOM        (64 << 10) /* the first buffer, if the size is not known */
#define PATIENCE_MS 10000
#define PIECE       (64 << 20) /* what is read or written at once */
#define LINKS_MAX   40         /* Linux's limit */

static int failed(const char *path, int code, struct error *err)
{
	return error_set(err, -code, "%s: %s", path, strerror(code));
}

/* The size that fstat() returns is a hint; one more byte is read to find the end. */
static size_t first_room(int fd, size_t max)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return ROOM;
	return (uint64_t)st.st_size < max ? (size_t)st.st_size + 1 : max + 1;
}

/* A file that is being read. */
struct reading {
	int fd;
	uint8_t *bytes;
	size_t len, room;
	const char *path;
	struct progress progress;
};

/* Reads up to `until` bytes, or to the end. Beyond max: EFBIG. Returns an errno value. */
static int read_on(struct reading *r, size_t next, size_t until, size_t max)
{
	ssize_t n = 1;
	size_t some;

	for (; r->len < until; r->len += (size_t)n) {
		if (r->len == r->room) {
			uint8_t *more;

			if (next <= r->room)
				next = 2 * r->room < max ? 2 * r->room : max + 1;
			more = r->room > max ? NULL : realloc(r->bytes, next);
			if (!more)
				return r->room > max ? EFBIG : ENOMEM;
			r->bytes = more;
			r->room = next;
		}
		some = (r->room < until ? r->room : until) - r->len;
		do
			n = read(r->fd, r->bytes + r->len, some < PIECE ? some : PIECE);
		while (n < 0 && errno == EINTR);
		progress_bytes(&r->progress, r->path, r->len, next > ROOM ? next - 1 : 0);
		if (n <= 0)
			return n < 0 ? errno : 0;
	}
	return 0;
}

int file_read_head(const char *path, size_t head, file_look *look, size_t max, uint8_t **bytes, size_t *len,
                   struct error *err)
{
	struct reading r = { .fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO),
		             .path = path };
	size_t most = SIZE_MAX;
	int code, rc = 0;

	if (r.fd < 0)
		return failed(path, errno, err);
	progress_begin(&r.progress);
	code = look ? read_on(&r, ROOM, head, max) : 0;
	if (look && !code) {
		most = max;
		rc = look(r.bytes, r.len, &most, err);
		if (rc)
			error_prefix(err, rc, "%s", path);
	}
	if (!code && !rc)
		code = read_on(&r, first_room(r.fd, max), most, max);
	progress_end(&r.progress);
	close(r.fd);
	if (code)
		rc = failed(path, code, err);
	if (rc) {
		free(r.bytes);
		return rc;
	}
	*bytes = r.bytes;
	*len = r.len;
	return 0;
}

int file_read(const char *path, size_t max, uint8_t **bytes, size_t *len, struct error *err)
{
	return file_read_head(path, 0, NULL, max, bytes, len, err);
}

int file_put(int fd, const uint8_t *bytes, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EAGAIN) {
			if (!poll(&ready, 1, PATIENCE_MS))
				return -ETIMEDOUT;
			continue;
		}
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static size_t bytes_of(const struct iovec *parts, size_t count)
{
	size_t len = 0;

	while (count--)
		len += parts[count].iov_len;
	return len;
}

static int put_parts(int fd, const struct iovec *parts, size_t count, const char *path)
{
	size_t all = bytes_of(parts, count), done = 0;
	struct progress progress;
	int rc = 0;

	progress_begin(&progress);
	for (size_t i = 0; i < count && !rc; i++)
		for (size_t at = 0, some; at < parts[i].iov_len && !rc; at += some, done += some) {
			some = parts[i].iov_len - at < PIECE ? parts[i].iov_len - at : PIECE;
			rc = file_put(fd, (const uint8_t *)parts[i].iov_base + at, some);
			progress_bytes(&progress, path, done + some, all);
		}
	progress_end(&progress);
	return rc;
}

/* Writes to what is no regular file. If the reader of a pipe closes it at any time, that is an error. */
static int write_here(const char *path, const struct iovec *parts, size_t count)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), code;

	if (fd < 0)
		return errno;
	code = -put_parts(fd, parts, count, path);
	return close(fd) && !code ? errno : code;
}

/* The new name is on the disk when its directory has been synced; we may lack the permission to open that. */
static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int code = fd < 0 || fsync(fd) ? errno : 0;

	if (fd < 0 && code == EACCES)
		code = 0;
	if (fd >= 0)
		close(fd);
	free(copy);
	return code;
}

static int write_beside(const char *path, const struct iovec *parts, size_t count)
{
	char *beside;
	int fd, code;

	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		return ENOMEM;
	fd = mkostemp(beside, O_CLOEXEC);
	code = fd < 0 ? errno : -put_parts(fd, parts, count, path);
	if (!code && fsync(fd))
		code = errno;
	if (fd >= 0 && close(fd) && !code)
		code = errno;
	if (!code && rename(beside, path))
		code = errno;
	if (code && fd >= 0)
		unlink(beside);
	free(beside);
	return code;
}

char *file_resolve(const char *path)
{
	char *at = strdup(path), *next, to[PATH_MAX];
	ssize_t n = 0;

	for (unsigned links = 0; at && (n = readlink(at, to, sizeof(to) - 1)) >= 0; links++) {
		const char *slash = strrchr(at, '/');
		int rc;

		to[n] = 0;
		if (links == LINKS_MAX) {
			free(at);
			errno = ELOOP;
			return NULL;
		}
		rc = asprintf(&next, "%.*s%s", *to == '/' || !slash ? 0 : (int)(slash + 1 - at), at, to);
		free(at);
		at = rc < 0 ? NULL : next;
	}
	return at;
}

int file_can_write(const char *path, struct error *err)
{
	struct stat st;
	bool there = !stat(path, &st);
	char *target, *dir;
	int code = 0;

	if (there && S_ISDIR(st.st_mode))
		return failed(path, EISDIR, err);
	if (there && !S_ISREG(st.st_mode))
		return access(path, W_OK) ? failed(path, errno, err) : 0;
	target = there ? realpath(path, NULL) : strdup(path);
	dir = target ? dirname(target) : NULL;
	if (!dir)
		code = ENOMEM;
	else if (stat(dir, &st) || access(dir, W_OK | X_OK))
		code = errno;
	if (dir && !access(dir, F_OK) && !S_ISDIR(st.st_mode))
		code = ENOTDIR;
	free(target);
	return code ? failed(path, code, err) : 0;
}

int file_write(const char *path, const struct iovec *parts, size_t count, struct error *err)
{
	struct stat st;
	char *target;
	int code;

	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		code = write_here(path, parts, count);
		if (code == ENXIO && S_ISFIFO(st.st_mode))
			return error_set(err, -code, "%s: nobody reads this pipe", path);
		return code ? failed(path, code, err) : 0;
	}
	target = file_resolve(path);
	code = target ? write_beside(target, parts, count) : errno;
	if (!code && (code = sync_directory(target))) {
		error_set(err, -EINPROGRESS,
		          "%s: it is written, but may be lost if the host stops now: its directory cannot be "
		          "synced: %s",
		          path, strerror(code));
		code = EINPROGRESS;
	} else if (code == EFBIG) {
		error_set(err, -code, "%s: %zu bytes are more than a file may have (ulimit -f)", path,
		          bytes_of(parts, count));
	} else if (code) {
		failed(path, code, err);
	}
	free(target);
	return -code;
}
