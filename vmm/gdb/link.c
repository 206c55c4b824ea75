/* SPDX-License-Identifier: BSD-2-Clause */
/* link.c: see link.h. Pure. */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "vmm/number.h"

#define PATIENCE_S 10 /* for a gdb that does not read */

/* --- the socket -------------------------------------------------------------- */

static int listen_at(int fd, const struct sockaddr *to, socklen_t size)
{
	return bind(fd, to, size) || listen(fd, 1) ? -errno : 0;
}

static int open_port(int fd, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_port = htons(port),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return listen_at(fd, (const struct sockaddr *)&to, sizeof(to));
}

/* Nobody else may connect at any moment: so the mode is there from the beginning. */
static int open_path(int fd, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	mode_t before;
	int rc;

	if (strlen(path) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	strcpy(to.sun_path, path);
	before = umask(0177);
	rc = listen_at(fd, (const struct sockaddr *)&to, sizeof(to));
	umask(before);
	return rc;
}

int link_open(struct link *l, const char *where, struct error *err)
{
	uint64_t port = 0;
	bool is_port = !number_parse(where, UINT16_MAX, &port);
	int rc;

	*l = (struct link){ .listener = -1, .gdb = -1, .acks = true };
	l->listener = socket(is_port ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	rc = l->listener < 0 ? -errno
	     : is_port       ? open_port(l->listener, (uint16_t)port)
	                     : open_path(l->listener, where);
	if (!rc) {
		l->path = is_port ? NULL : where;
		return 0;
	}
	if (rc == -EADDRINUSE && !is_port)
		error_set(err, rc, "--gdb=%s: it is there already; zpvm makes the socket itself", where);
	else
		error_set(err, rc, "--gdb=%s: %s", where, strerror(-rc));
	link_close(l);
	return rc;
}

void link_close(struct link *l)
{
	link_hang_up(l);
	if (l->listener >= 0)
		close(l->listener);
	if (l->path)
		unlink(l->path);
	l->listener = -1;
	l->path = NULL;
}

/* --- a gdb --------------------------------------------------------------------- */

void link_hang_up(struct link *l)
{
	if (l->gdb >= 0)
		close(l->gdb);
	l->gdb = -1;
}

bool link_connected(struct link *l)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int on = 1;

	if (l->gdb >= 0 || l->listener < 0)
		return l->gdb >= 0;
	l->gdb = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC);
	if (l->gdb < 0)
		return false;
	setsockopt(l->gdb, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* not for a path */
	setsockopt(l->gdb, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	l->acks = true;
	l->at = l->len = l->sent = 0;
	l->in.at = GDB_OUTSIDE;
	return true;
}

/* Gets bytes into the buffer, which is empty. False: none came, or gdb has left. */
static bool get(struct link *l, int ms)
{
	struct pollfd fd = { .fd = l->gdb, .events = POLLIN };
	ssize_t n;

	if (l->gdb < 0 || poll(&fd, 1, ms) <= 0)
		return false;
	n = recv(l->gdb, l->buffer, sizeof(l->buffer), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0)
		link_hang_up(l);
	l->at = 0;
	l->len = n > 0 ? (size_t)n : 0;
	return l->len;
}

static void put(struct link *l, const char *bytes, size_t len)
{
	while (len && l->gdb >= 0) {
		ssize_t n = send(l->gdb, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			link_hang_up(l);
			return;
		}
		bytes += n;
		len -= (size_t)n;
	}
}

enum gdb_input link_wait(struct link *l, int ms, struct gdb_request *request)
{
	while (l->at < l->len || get(l, ms)) {
		enum gdb_input what = gdb_input(&l->in, l->buffer[l->at++]);

		if (what == GDB_DAMAGED && l->acks)
			put(l, "-", 1);
		if (what == GDB_REFUSED && l->acks)
			put(l, l->frame, l->sent);
		if (what == GDB_INTERRUPT)
			return what;
		if (what != GDB_PACKET)
			continue;
		if (l->acks)
			put(l, "+", 1);
		gdb_request(l->in.data, l->in.len, request);
		return what;
	}
	return GDB_NOTHING;
}

bool link_wants_stop(struct link *l, bool *interrupted)
{
	*interrupted = false;
	/* Acknowledgements of earlier answers want nothing. */
	while (l->at < l->len || get(l, 0)) {
		if (l->buffer[l->at] != '+' || l->in.at != GDB_OUTSIDE)
			break;
		l->at++;
	}
	if (l->at == l->len)
		return l->gdb < 0;
	*interrupted = l->in.at == GDB_OUTSIDE && l->buffer[l->at] == 0x03;
	l->at += *interrupted;
	return true;
}

void link_send(struct link *l, const struct gdb_reply *reply)
{
	l->sent = gdb_frame(reply, l->frame);
	put(l, l->frame, l->sent);
}
