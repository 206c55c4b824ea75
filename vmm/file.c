/* SPDX-License-Identifier: BSD-2-Clause */
/* file.c: see file.h. Pure. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM (64 << 10) /* at first, where the size is not known */

static int failed(const char *path, int code, struct error *err)
{
	return error_set(err, -code, "%s: %s", path, strerror(code));
}

/* What fstat() says of the size is a hint: one byte more shows the end. */
static size_t first_room(int fd, size_t max)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return ROOM;
	return (uint64_t)st.st_size < max ? (size_t)st.st_size + 1 : max + 1;
}

int file_read(const char *path, size_t max, uint8_t **bytes, size_t *len, struct error *err)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	size_t room = 0, next;
	uint8_t *p = NULL, *more;
	ssize_t n = 1;
	int code = 0;

	if (fd < 0)
		return failed(path, errno, err);
	next = first_room(fd, max);
	for (*len = 0; n > 0 && !code; *len += (size_t)n) {
		if (*len == room) {
			more = room > max ? NULL : realloc(p, next);
			if (!more) {
				code = room > max ? EFBIG : ENOMEM;
				break;
			}
			p = more;
			room = next;
			next = 2 * room < max ? 2 * room : max + 1;
		}
		do
			n = read(fd, p + *len, room - *len);
		while (n < 0 && errno == EINTR);
		if (n < 0) {
			code = errno;
			n = 0;
		}
	}
	close(fd);
	if (!code) {
		*bytes = p;
		return 0;
	}
	free(p);
	return failed(path, code, err);
}

int file_put(int fd, const uint8_t *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int write_here(const char *path, const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), code;

	if (fd < 0)
		return errno;
	code = -file_put(fd, bytes, len);
	return close(fd) && !code ? errno : code;
}

/* The new name is on the disk when its directory is, which need not be one that we may read. */
static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int code = fd >= 0 && fsync(fd) ? errno : 0;

	if (fd >= 0)
		close(fd);
	free(copy);
	return code;
}

static int write_beside(const char *path, const uint8_t *bytes, size_t len)
{
	char *beside;
	int fd, code;

	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		return ENOMEM;
	fd = mkostemp(beside, O_CLOEXEC);
	code = fd < 0 ? errno : -file_put(fd, bytes, len);
	if (!code && fsync(fd))
		code = errno;
	if (fd >= 0 && close(fd) && !code)
		code = errno;
	if (!code && rename(beside, path))
		code = errno;
	if (code && fd >= 0)
		unlink(beside);
	free(beside);
	return code ? code : sync_directory(path);
}

int file_write(const char *path, const uint8_t *bytes, size_t len, struct error *err)
{
	struct stat st;
	bool special = !stat(path, &st) && !S_ISREG(st.st_mode);
	char *target = special ? NULL : realpath(path, NULL); /* a link to a file stays one */
	int code = special ? write_here(path, bytes, len) : write_beside(target ? target : path, bytes, len);

	free(target);
	return code ? failed(path, code, err) : 0;
}
