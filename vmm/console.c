/* SPDX-License-Identifier: BSD-2-Clause */
/* console.c: see console.h. Pure. */
#include "console.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"
#include "trace.h"

#define LAZY_MS 2
#define PIECE   4096 /* bytes in a write(), few enough that a slow reader makes progress */

struct console {
	const char *name;
	int fd;
	FILE *file;
	pthread_mutex_t lock; /* for all below */
	pthread_cond_t change;
	pthread_t thread;
	bool started;   /* when the first bytes came, or before */
	uint8_t *bytes; /* the bytes that the thread has not taken yet */
	size_t len, room;
	size_t pending; /* these, and the bytes that the thread has not written yet; atomic: also read without
	                 * the lock
	                 */
	size_t lost;    /* bytes that found no room, or could not be written */
	size_t lines;   /* of the pending ones, and of the lost ones */
	size_t lines_lost;
	uint64_t moved; /* time_now() when bytes were last written, or when the queue was last empty and got
	                   its first byte */
	int failed;     /* write()'s errno */
	bool lazy; /* the thread waits for more bytes before it writes: to wake it costs more than to add a
	              line */
	bool quit;
	console_around *around; /* NULL: none */
	void *around_arg;
};

static size_t pending(const struct console *c)
{
	return __atomic_load_n(&c->pending, __ATOMIC_SEQ_CST);
}

/* --- out of the queue: the thread ------------------------------------------ */

static size_t count_lines(const uint8_t *bytes, size_t len)
{
	size_t lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += bytes[i] == '\n';
	return lines;
}

/* Waits without a limit. Bytes that cannot be written are lost. */
static void write_all(struct console *c, const uint8_t *bytes, size_t len)
{
	while (len) {
		struct pollfd fd = { .fd = c->fd, .events = POLLOUT };
		ssize_t n = write(c->fd, bytes, len < PIECE ? len : PIECE);
		int code = n < 0 ? errno : 0;
		size_t done = n < 0 ? len : (size_t)n, lines;

		if (code == EAGAIN)
			poll(&fd, 1, -1);
		if (code == EAGAIN || code == EINTR)
			continue;
		lines = count_lines(bytes, done);
		pthread_mutex_lock(&c->lock);
		if (code) {
			c->failed = code;
			c->lost += done;
			c->lines_lost += lines;
		}
		c->lines -= lines;
		__atomic_sub_fetch(&c->pending, done, __ATOMIC_SEQ_CST);
		c->moved = time_now();
		pthread_cond_broadcast(&c->change);
		pthread_mutex_unlock(&c->lock);
		bytes += done;
		len -= done;
	}
}

static void write_out(struct console *c, const uint8_t *bytes, size_t len)
{
	console_around *around = __atomic_load_n(&c->around, __ATOMIC_ACQUIRE);

	if (around)
		around(c->around_arg, false, NULL, 0);
	write_all(c, bytes, len);
	if (around)
		around(c->around_arg, true, bytes, len);
}

static void *console_thread(void *arg)
{
	struct console *c = arg;
	uint8_t *taken = NULL;
	size_t room = 0;

	sandbox_thread(SANDBOX_OUTPUT);
	pthread_mutex_lock(&c->lock);
	while (c->len || !c->quit) {
		uint8_t *bytes = c->bytes;
		size_t len = c->len, size = c->room;

		if (!len) {
			pthread_cond_wait(&c->change, &c->lock);
			continue;
		}
		if (c->lazy && !c->quit && len < CONSOLE_FULL) {
			pthread_mutex_unlock(&c->lock);
			nanosleep(&(struct timespec){ .tv_nsec = LAZY_MS * 1000000 }, NULL);
			pthread_mutex_lock(&c->lock);
			bytes = c->bytes;
			len = c->len;
			size = c->room;
		}
		c->bytes = taken;
		c->room = room;
		c->len = 0;
		taken = bytes;
		room = size;
		pthread_mutex_unlock(&c->lock);
		write_out(c, taken, len);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	free(taken);
	return NULL;
}

/* Under the lock. Signals are for other threads, but for those that a write() makes, which end or stop zpvm
 * as ever. */
static void start(struct console *c)
{
	sigset_t set, before;

	sigfillset(&set);
	sigdelset(&set, SIGPIPE);
	sigdelset(&set, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	c->failed = pthread_create(&c->thread, NULL, console_thread, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	c->started = !c->failed;
}

/* --- into the queue ------------------------------------------------------- */

static bool make_room(struct console *c, size_t len)
{
	size_t room = c->room ? c->room : CONSOLE_FULL;
	uint8_t *more;

	if (c->failed || len > CONSOLE_MOST - c->len)
		return false;
	while (room < c->len + len)
		room *= 2;
	more = room == c->room ? c->bytes : realloc(c->bytes, room);
	if (!more)
		return false;
	c->bytes = more;
	c->room = room;
	return true;
}

/* Of the stream. */
static ssize_t put(void *cookie, const char *bytes, size_t len)
{
	struct console *c = cookie;

	pthread_mutex_lock(&c->lock);
	if (!c->started && !c->failed)
		start(c);
	if (make_room(c, len)) {
		memcpy(c->bytes + c->len, bytes, len);
		c->len += len;
		c->lines += count_lines((const uint8_t *)bytes, len);
		if (!c->pending)
			c->moved = time_now();
		__atomic_add_fetch(&c->pending, len, __ATOMIC_SEQ_CST);
		pthread_cond_broadcast(&c->change);
	} else {
		c->lost += len;
		c->lines_lost += count_lines((const uint8_t *)bytes, len);
	}
	pthread_mutex_unlock(&c->lock);
	return (ssize_t)len;
}

/* --- its life ------------------------------------------------------------- */

static void dispose(struct console *c)
{
	if (c->file)
		fclose(c->file);
	pthread_cond_destroy(&c->change);
	pthread_mutex_destroy(&c->lock);
	free(c->bytes);
	free(c);
}

struct console *console_open(int fd, const char *name, struct error *err)
{
	struct console *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;

	if (c) {
		c->name = name;
		c->fd = fd;
		pthread_mutex_init(&c->lock, NULL);
		pthread_condattr_init(&attr);
		pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
		pthread_cond_init(&c->change, &attr);
		pthread_condattr_destroy(&attr);
		c->file = fopencookie(c, "w", (cookie_io_functions_t){ .write = put });
		if (c->file) {
			setvbuf(c->file, NULL, _IOLBF, 0);
			return c;
		}
		dispose(c);
	}
	error_set(err, -ENOMEM, "no queue for %s: out of memory", name);
	return NULL;
}

FILE *console_file(const struct console *c)
{
	return c->file;
}

/* Under the lock: waits for a change until this time. False: the time has come. */
static bool wait_until(struct console *c, uint64_t until)
{
	struct timespec ts = { .tv_sec = (time_t)(until / 1000000000),
		               .tv_nsec = (long)(until % 1000000000) };

	if (time_now() >= until)
		return false;
	pthread_cond_timedwait(&c->change, &c->lock, &ts);
	return true;
}

size_t console_drain(struct console *c, uint64_t ms, bool patient)
{
	uint64_t from;
	size_t left;

	fflush(c->file);
	pthread_mutex_lock(&c->lock);
	from = c->moved;
	while (c->pending && wait_until(c, from + ms * 1000000))
		from = patient ? c->moved : from;
	left = c->pending;
	pthread_mutex_unlock(&c->lock);
	return left;
}

/* 0 if all bytes have been written, or an error with its sentence. */
static int outcome(struct console *c, uint64_t ms, struct error *err)
{
	int code;
	size_t lost, lines;

	pthread_mutex_lock(&c->lock);
	code = c->failed ? c->failed : c->pending ? ETIMEDOUT : c->lost ? ENOBUFS : 0;
	lost = c->lost + c->pending;
	lines = c->lines_lost + c->lines;
	pthread_mutex_unlock(&c->lock);
	if (code == ETIMEDOUT)
		return error_set(
			err, -code,
			"cannot write to %s: nobody has read it for %llu ms; %zu bytes are not written "
			"(%zu lines)",
			c->name, (unsigned long long)ms, lost, lines);
	return code ? error_set(err, -code, "cannot write to %s: %s; %zu bytes are not written (%zu lines)",
	                        c->name, strerror(code), lost, lines)
	            : 0;
}

int console_close(struct console *c, uint64_t ms, struct error *err)
{
	size_t left = console_drain(c, ms, true);
	int rc = outcome(c, ms, err);
	bool started;

	pthread_mutex_lock(&c->lock);
	started = c->started;
	c->quit = true;
	pthread_cond_broadcast(&c->change);
	pthread_mutex_unlock(&c->lock);
	if (left) {
		pthread_detach(c->thread);
		return rc;
	}
	if (started)
		pthread_join(c->thread, NULL);
	dispose(c);
	return rc;
}

/* --- all of them ---------------------------------------------------------- */

static bool same_file(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Replaces a stream by a queue. stdout and stderr are variables in glibc, so nothing that prints has to
 * change. */
static int replace(struct consoles *cs, unsigned i, FILE **stream, const char *name, struct error *err)
{
	struct console *c = console_open(fileno(*stream), name, err);

	if (!c)
		return -ENOMEM;
	/* That of the guest's output is soon needed, and a busy host lets a new thread wait for its turn. */
	pthread_mutex_lock(&c->lock);
	if (i == CONSOLE_OUT)
		start(c);
	pthread_mutex_unlock(&c->lock);
	c->lazy = i == CONSOLE_TRACE;
	fflush(*stream);
	cs->queue[i] = c;
	cs->stream[i] = stream;
	cs->before[i] = *stream;
	*stream = console_file(c);
	return 0;
}

int consoles_open(struct consoles *cs, struct error *err)
{
	bool shared = same_file(STDOUT_FILENO, STDERR_FILENO);
	int rc = replace(cs, CONSOLE_OUT, &stdout, "standard output", err);

	if (!rc && !shared)
		rc = replace(cs, CONSOLE_ERR, &stderr, "standard error", err);
	if (rc || !shared)
		return rc;
	cs->stream[CONSOLE_ERR] = &stderr;
	cs->before[CONSOLE_ERR] = stderr;
	stderr = stdout;
	return 0;
}

int consoles_trace(struct consoles *cs, FILE **trace, struct error *err)
{
	return replace(cs, CONSOLE_TRACE, trace, "the trace", err);
}

void consoles_wait(const struct consoles *cs, const uint8_t *stop)
{
	/* Not for the trace: it must not change what happens. */
	for (unsigned i = CONSOLE_TRACE + 1; cs && i < CONSOLES; i++) {
		struct console *c = cs->queue[i];

		if (!c || pending(c) < CONSOLE_FULL)
			continue;
		pthread_mutex_lock(&c->lock);
		while (c->pending >= CONSOLE_FULL && !__atomic_load_n(stop, __ATOMIC_SEQ_CST))
			pthread_cond_wait(&c->change, &c->lock);
		pthread_mutex_unlock(&c->lock);
	}
}

void consoles_wake(const struct consoles *cs)
{
	for (unsigned i = 0; cs && i < CONSOLES; i++) {
		struct console *c = cs->queue[i];

		if (!c || pending(c) < CONSOLE_FULL)
			continue;
		pthread_mutex_lock(&c->lock);
		pthread_cond_broadcast(&c->change);
		pthread_mutex_unlock(&c->lock);
	}
}

/* A running guest may fill the queue again, so it is enough that something has been read. */
static bool has_room(struct console *c, uint64_t ms)
{
	uint64_t from;
	bool room;

	pthread_mutex_lock(&c->lock);
	from = c->moved;
	while (c->pending >= CONSOLE_LONG && c->moved == from && wait_until(c, from + ms * 1000000))
		;
	room = c->pending < CONSOLE_LONG || c->moved != from;
	pthread_mutex_unlock(&c->lock);
	return room;
}

int consoles_room(const struct consoles *cs, uint64_t ms, struct error *err)
{
	for (unsigned i = CONSOLE_TRACE + 1; cs && i < CONSOLES; i++)
		if (cs->queue[i] && !has_room(cs->queue[i], ms))
			return outcome(cs->queue[i], ms, err);
	return 0;
}

/* If one is stuck, the others still report their errors. */
void consoles_flush(const struct consoles *cs, uint64_t ms)
{
	struct error err;

	for (unsigned i = 0; i < CONSOLES; i++)
		if (cs->queue[i] && console_drain(cs->queue[i], ms, false) && outcome(cs->queue[i], ms, &err))
			fprintf(stderr, "zpvm: %s\n", err.text);
}

void consoles_settle(const struct consoles *cs, uint64_t ms)
{
	for (unsigned i = 0; i < CONSOLES; i++)
		if (cs->queue[i])
			console_drain(cs->queue[i], ms, false);
}

void consoles_around(const struct consoles *cs, console_around *around, void *arg)
{
	for (unsigned i = CONSOLE_OUT; i < CONSOLES; i++) {
		struct console *c = cs->queue[i];

		if (!c)
			continue;
		pthread_mutex_lock(&c->lock);
		c->around_arg = arg;
		__atomic_store_n(&c->around, around, __ATOMIC_RELEASE);
		pthread_mutex_unlock(&c->lock);
	}
}

static void give_back(struct consoles *cs, unsigned i)
{
	if (cs->stream[i])
		*cs->stream[i] = cs->before[i];
	cs->stream[i] = NULL;
	cs->queue[i] = NULL;
}

int consoles_close(struct consoles *cs, uint64_t ms)
{
	bool shared = !cs->queue[CONSOLE_ERR], say = true;
	struct error err;
	int rc = 0;

	for (unsigned i = 0; i < CONSOLES; i++) {
		int code = cs->queue[i] ? console_close(cs->queue[i], ms, &err) : 0;

		give_back(cs, i);
		if (i == CONSOLE_OUT && shared) {
			give_back(cs, CONSOLE_ERR);
			say = code != -ETIMEDOUT; /* a timeout means that nobody reads this stream */
		}
		if (code && say && i != CONSOLE_ERR)
			fprintf(stderr, "zpvm: %s\n", err.text);
		rc = rc ? rc : code;
	}
	return rc;
}
