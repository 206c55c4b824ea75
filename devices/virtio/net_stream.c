/* SPDX-License-Identifier: BSD-2-Clause */
/* net_stream.c: see net_stream.h. Pure. */
#include "net_stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TRIES 10 /* each one fails only if another program came in between */

static int make_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static int try_connect(const struct sockaddr_un *to)
{
	int fd = make_socket(), rc;

	if (fd < 0 || !connect(fd, (const struct sockaddr *)to, sizeof(*to)))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* The socket listens before it has its name, so nobody who finds it is refused. */
static int try_listen(const struct sockaddr_un *at)
{
	struct sockaddr_un new = { .sun_family = AF_UNIX };
	int fd = make_socket(), rc = 0;
	bool named = false; /* else a file of that name is another's */

	if (fd < 0)
		return fd;
	if (snprintf(new.sun_path, sizeof(new.sun_path), "%s.%d", at->sun_path, (int)getpid()) >=
	    (int)sizeof(new.sun_path))
		rc = -ENAMETOOLONG;
	else if (bind(fd, (const struct sockaddr *)&new, sizeof(new)))
		rc = -errno;
	else
		named = true;
	if (named && (listen(fd, 1) || link(new.sun_path, at->sun_path)))
		rc = -errno;
	if (named)
		unlink(new.sun_path);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

/* Removes the socket of a program that is gone; nothing else that is refused. */
static int remove_socket(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	return unlink(path) ? -errno : 0;
}

int net_stream_open(const char *path, int *connection, int *listener, struct error *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = -ENOENT;

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	for (unsigned i = 0; i < TRIES; i++) {
		fd = try_connect(&name);
		if (fd >= 0) {
			*connection = fd;
			return 0;
		}
		if (fd == -ECONNREFUSED)
			fd = remove_socket(path);
		if (fd && fd != -ENOENT)
			break;
		fd = try_listen(&name);
		if (fd >= 0) {
			*listener = fd;
			return 0;
		}
		if (fd != -EEXIST)
			break;
	}
	return error_set(err, fd, "socket %s: %s", path, strerror(-fd));
}

int net_stream_accept(int listener)
{
	return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
