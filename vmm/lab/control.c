/* SPDX-License-Identifier: BSD-2-Clause */
/* control.c: see control.h. Pure. */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "vmm/sandbox.h"
#include "vmm/trace.h"

struct client {
	int fd; /* -1: none */
	uint64_t serial;
	char in[CONTROL_LINE];
	size_t have;
	uint64_t since;                 /* which line this is of all clients' */
	bool line, busy, stop, hung_up; /* a line waits; it is being executed; see control_stopped() */
	bool ended;                     /* it sends no more */
	bool skipping;                  /* the rest of a line that was too long */
	char *out;                      /* not sent yet */
	size_t len, room;
	uint64_t moved; /* time_now() when it last read something, or out was empty */
};

struct control {
	int socket, wake, ready; /* wake: for the thread; ready: a line waits */
	struct sockaddr_un name;
	struct stat made;
	uid_t owner;
	pthread_t thread;
	pthread_mutex_t lock; /* for what follows */
	struct client clients[CONTROL_CLIENTS];
	uint64_t serial, lines;
	bool quit;
};

/* --- answers, under the lock ---------------------------------------------------- */

static void hang_up(struct client *k)
{
	if (k->fd >= 0)
		close(k->fd);
	free(k->out);
	k->fd = -1;
	k->hung_up = true;
	k->out = NULL;
	k->len = k->room = k->have = 0;
	k->line = false;
}

/* What can be sent at once. */
static void send_out(struct client *k)
{
	size_t sent = 0;

	while (k->fd >= 0 && sent < k->len) {
		ssize_t n = send(k->fd, k->out + sent, k->len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno != EINTR) {
			hang_up(k);
			return;
		}
		sent += n > 0 ? (size_t)n : 0;
	}
	if (!sent)
		return;
	k->len -= sent;
	memmove(k->out, k->out + sent, k->len);
	k->moved = time_now();
}

static void queue(struct client *k, const char *text, size_t len)
{
	size_t room = k->room;
	char *out = k->out;

	if (k->fd < 0)
		return;
	if (len > CONTROL_MOST - k->len) {
		hang_up(k);
		return;
	}
	while (room < k->len + len)
		room = room ? 2 * room : sizeof(k->in);
	if (room > k->room)
		out = realloc(k->out, room);
	if (!out) {
		hang_up(k);
		return;
	}
	if (!k->len)
		k->moved = time_now();
	k->out = out;
	k->room = room;
	memcpy(out + k->len, text, len);
	k->len += len;
}

/* Lines, with this before each. */
static void queue_lines(struct client *k, char mark, const char *text, size_t len)
{
	while (k->fd >= 0 && len) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;

		queue(k, &mark, 1);
		queue(k, text, line);
		queue(k, "\n", 1);
		line += !!end;
		text += line;
		len -= line;
	}
}

static void finish(struct client *k, const char *last)
{
	queue(k, "=", 1);
	queue(k, last, strlen(last));
	queue(k, "\n", 1);
	send_out(k);
}

static void refuse(struct client *k, const char *wrong, const char *last)
{
	queue_lines(k, '!', wrong, strlen(wrong));
	finish(k, last);
}

/* --- lines, under the lock -------------------------------------------------------- */

/* Looks whether there is a whole line. */
static void find_line(struct control *c, struct client *k)
{
	uint64_t one = 1;
	char *end = k->busy || k->line ? NULL : memchr(k->in, '\n', k->have);
	ssize_t rc = 0;

	if (end && k->skipping) {
		k->skipping = false;
		k->have -= (size_t)(end + 1 - k->in);
		memmove(k->in, end + 1, k->have);
		find_line(c, k);
	} else if (end) {
		k->line = true;
		k->since = c->lines++;
		rc = write(c->ready, &one, sizeof(one));
	} else if (!k->busy && !k->line && (k->skipping || k->have == sizeof(k->in))) {
		if (!k->skipping)
			refuse(k, "a line of more than 4095 bytes", "65");
		k->skipping = true;
		k->have = 0;
	}
	(void)rc; /* the counter cannot overflow */
}

/* Bytes that ask for an end count at once, wherever they stand. */
static void take_stops(struct client *k, size_t from)
{
	size_t to = from;

	for (size_t i = from; i < k->have; i++) {
		if (k->in[i] != CONTROL_STOP)
			k->in[to++] = k->in[i];
		else if (k->busy || k->line)
			k->stop = true;
	}
	k->have = to;
}

static void receive(struct control *c, struct client *k)
{
	ssize_t n = recv(k->fd, k->in + k->have, sizeof(k->in) - k->have, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		hang_up(k);
		return;
	}
	k->ended |= !n;
	k->have += (size_t)n;
	take_stops(k, k->have - (size_t)n);
	find_line(c, k);
}

/* --- the thread ------------------------------------------------------------------- */

/* Whether the process at the other end is this user's. */
static bool is_owner(const struct control *c, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) && peer.uid == c->owner;
}

static void admit(struct control *c)
{
	int fd = accept4(c->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client none = { .fd = fd }, *k = c->clients;

	if (fd < 0)
		return;
	while (k < c->clients + CONTROL_CLIENTS && (k->fd >= 0 || k->busy))
		k++;
	if (k == c->clients + CONTROL_CLIENTS || !is_owner(c, fd)) {
		refuse(&none, is_owner(c, fd) ? "too many clients" : "this VM belongs to another user", "71");
		if (none.fd >= 0)
			hang_up(&none);
		return;
	}
	*k = (struct client){ .fd = fd, .serial = ++c->serial };
}

/* What a client waits for, and for how long at most. */
static struct pollfd wait_for(struct client *k, uint64_t now, int *ms)
{
	struct pollfd fd = { .fd = k->fd };
	uint64_t waited = (now - k->moved) / 1000000;
	int left = waited < CONTROL_MS ? (int)(CONTROL_MS - waited) + 1 : 0;

	if (k->fd < 0)
		return fd;
	if (k->ended && !k->line && !k->busy && !k->len) {
		hang_up(k);
		fd.fd = -1;
		return fd;
	}
	if (!k->ended && k->have < sizeof(k->in))
		fd.events |= POLLIN;
	if (k->len) {
		fd.events |= POLLOUT;
		*ms = *ms < 0 || left < *ms ? left : *ms;
	}
	return fd;
}

static void serve(struct control *c, struct client *k, int revents)
{
	if (k->fd < 0)
		return;
	if (revents & POLLOUT)
		send_out(k);
	if (k->fd >= 0 && revents & POLLIN)
		receive(c, k);
	/* Both directions are closed: nobody reads an answer. */
	if (k->fd >= 0 && revents & (POLLHUP | POLLERR) && !(revents & POLLIN))
		hang_up(k);
	if (k->fd >= 0 && k->len && time_now() - k->moved >= CONTROL_MS * 1000000ull)
		hang_up(k);
}

static void *control_thread(void *arg)
{
	struct control *c = arg;

	sandbox_thread(SANDBOX_CONTROL);
	pthread_mutex_lock(&c->lock);
	while (!c->quit) {
		struct pollfd fds[2 + CONTROL_CLIENTS] = { { .fd = c->wake, .events = POLLIN },
			                                   { .fd = c->socket, .events = POLLIN } };
		uint64_t now = time_now(), count;
		int ms = -1;

		for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
			fds[2 + i] = wait_for(&c->clients[i], now, &ms);
		pthread_mutex_unlock(&c->lock);
		poll(fds, 2 + CONTROL_CLIENTS, ms);
		if (fds[0].revents && read(c->wake, &count, sizeof(count)) < 0)
			return NULL;
		pthread_mutex_lock(&c->lock);
		for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
			if (c->clients[i].fd == fds[2 + i].fd)
				serve(c, &c->clients[i], fds[2 + i].revents);
		if (fds[1].revents)
			admit(c);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* --- whoever answers ---------------------------------------------------------------- */

int control_fd(const struct control *c)
{
	return c ? c->ready : -1;
}

static void wake(struct control *c)
{
	uint64_t one = 1;
	ssize_t rc = write(c->wake, &one, sizeof(one));

	(void)rc; /* the counter cannot overflow */
}

/* The line of the client becomes the order. */
static void take(struct client *k, struct order *order)
{
	char *end = memchr(k->in, '\n', k->have);

	order->serial = k->serial;
	order->len = (size_t)(end - k->in);
	memcpy(order->text, k->in, order->len);
	order->text[order->len] = 0;
	k->have -= order->len + 1;
	memmove(k->in, end + 1, k->have);
	k->line = false;
	k->busy = true;
}

bool control_take(struct control *c, struct order *order)
{
	struct client *first = NULL;
	uint64_t count;
	ssize_t rc;

	if (!c)
		return false;
	pthread_mutex_lock(&c->lock);
	for (struct client *k = c->clients; k < c->clients + CONTROL_CLIENTS; k++)
		if (k->line && (!first || k->since < first->since))
			first = k;
	if (first) {
		order->client = (unsigned)(first - c->clients);
		take(first, order);
	} else {
		rc = read(c->ready, &count, sizeof(count));
		(void)rc; /* nothing waits */
	}
	pthread_mutex_unlock(&c->lock);
	return first;
}

bool control_stopped(struct control *c, const struct order *order)
{
	struct client *k = &c->clients[order->client];
	bool stopped;

	pthread_mutex_lock(&c->lock);
	stopped = k->serial != order->serial || k->stop || k->hung_up;
	pthread_mutex_unlock(&c->lock);
	return stopped;
}

void control_answer(struct control *c, const struct order *order, const char *printed, size_t len,
                    const char *wrong, const char *last)
{
	struct client *k = &c->clients[order->client];

	pthread_mutex_lock(&c->lock);
	k->busy = k->stop = false;
	if (k->fd >= 0) {
		queue_lines(k, ' ', printed, len);
		if (wrong)
			queue_lines(k, '!', wrong, strlen(wrong));
	}
	if (k->fd >= 0)
		finish(k, last);
	if (k->fd >= 0)
		find_line(c, k);
	pthread_mutex_unlock(&c->lock);
	wake(c);
}

/* --- its life ----------------------------------------------------------------------- */

/* Whether a socket of that name can be replaced: it is one, and nobody listens. */
static int look_at(const struct sockaddr_un *name, struct error *err)
{
	int fd, rc = -EADDRINUSE;
	struct stat st;

	if (lstat(name->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return error_set(err, -EEXIST, "%s: exists, and is no socket", name->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)name, sizeof(*name)) && errno == ECONNREFUSED)
		rc = 0;
	if (fd >= 0)
		close(fd);
	if (rc)
		return error_set(err, rc, "%s: somebody listens there already", name->sun_path);
	return unlink(name->sun_path) ? error_set(err, -errno, "%s: %s", name->sun_path, strerror(errno)) : 0;
}

static int listen_at(struct control *c, struct error *err)
{
	mode_t mask = umask(0177);
	int rc = bind(c->socket, (struct sockaddr *)&c->name, sizeof(c->name)) ? -errno : 0;

	umask(mask);
	if (!rc && (listen(c->socket, CONTROL_CLIENTS) || lstat(c->name.sun_path, &c->made)))
		rc = -errno;
	return rc && rc != -EADDRINUSE ? error_set(err, rc, "%s: %s", c->name.sun_path, strerror(-rc)) : rc;
}

/* Signals are for other threads. */
static int start(struct control *c)
{
	sigset_t set, before;
	int rc;

	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	rc = pthread_create(&c->thread, NULL, control_thread, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -rc;
}

static void dispose(struct control *c)
{
	struct stat st;

	if (c->made.st_ino && !lstat(c->name.sun_path, &st) && st.st_ino == c->made.st_ino &&
	    st.st_dev == c->made.st_dev)
		unlink(c->name.sun_path);
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		hang_up(&c->clients[i]);
	close(c->socket);
	close(c->wake);
	close(c->ready);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

int control_open(struct control **out, const char *path, bool *stale, struct error *err)
{
	struct control *c = *out = calloc(1, sizeof(*c));
	int rc;

	*stale = false;
	if (!c)
		return error_set(err, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		c->clients[i].fd = -1;
	pthread_mutex_init(&c->lock, NULL);
	c->owner = geteuid();
	c->name.sun_family = AF_UNIX;
	c->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	c->wake = eventfd(0, EFD_CLOEXEC);
	c->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (strlen(path) >= sizeof(c->name.sun_path))
		rc = error_set(err, -ENAMETOOLONG, "%s: a socket's name has at most %zu bytes", path,
		               sizeof(c->name.sun_path) - 1);
	else if (c->socket < 0 || c->wake < 0 || c->ready < 0)
		rc = error_set(err, -errno, "%s: %s", path, strerror(errno));
	else
		rc = 0;
	if (!rc) {
		strcpy(c->name.sun_path, path);
		rc = listen_at(c, err);
	}
	if (rc == -EADDRINUSE) {
		rc = look_at(&c->name, err);
		*stale = !rc;
		if (!rc)
			rc = listen_at(c, err);
	}
	if (!rc) {
		rc = start(c);
		if (rc)
			error_set(err, rc, "%s: %s", path, strerror(-rc));
	}
	if (rc) {
		dispose(c);
		*out = NULL;
	}
	return rc;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->quit = true;
	pthread_mutex_unlock(&c->lock);
	wake(c);
	pthread_join(c->thread, NULL);
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		send_out(&c->clients[i]);
	dispose(c);
}
