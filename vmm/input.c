/* SPDX-License-Identifier: BSD-2-Clause */
/* input.c: see input.h. */
#include "input.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "escape.h"
#include "hook.h"
#include "sandbox.h"
#include "vm_virtio.h"

#define RETRY_MS 10   /* while the console has no room */
#define END_MS   1000 /* for the output to be read when a signal ends zpvm */

struct input {
	const char *console;
	const struct consoles *consoles;
	bool terminal;
	struct termios before;
	sigset_t mask_before;
	int signals, wake; /* file descriptors: a signal has come; a field below has changed */
	pthread_t thread;
	/* Used by the thread alone. */
	struct escape escape;
	bool eof, quiesced, resized; /* resized: the terminal's size, which the guest does not know yet */
	uint8_t bytes[256];          /* read and not typed yet */
	size_t len;
	/* Under the lock. */
	pthread_mutex_t lock;
	struct vm *vm; /* NULL: do not type */
	bool quit;
	int failed; /* arch_input()'s error, with why */
	struct error why;
};

/* --- the terminal ----------------------------------------------------- */

/* Output processing stays on, so that \n still ends a line of output. */
static void terminal_raw(struct input *in)
{
	struct termios raw;

	in->terminal = isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp() &&
	               !tcgetattr(STDIN_FILENO, &in->before);
	if (!in->terminal)
		return;
	raw = in->before;
	cfmakeraw(&raw);
	raw.c_oflag = in->before.c_oflag;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void terminal_restore(const struct input *in)
{
	if (in->terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &in->before);
}

/* Ends the process as the signal does by default. */
static void end_by(const struct input *in, int sig)
{
	sigset_t set;

	terminal_restore(in);
	consoles_flush(in->consoles, END_MS);
	sigemptyset(&set);
	sigaddset(&set, sig);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
}

/* --- the thread ------------------------------------------------------- */

/* Types as many bytes as there is room for, and says how large the terminal is now. Returns how long poll()
 * waits before the next try; -1: for an event. */
static int deliver(struct input *in)
{
	int n;

	if (!in->vm || (!in->len && !in->resized) || in->failed)
		return -1;
	if (!vm_enter(in->vm))
		return RETRY_MS;
	if (in->resized)
		vm_virtio_resize(in->vm);
	in->resized = false;
	n = !in->len ? 0 : hook_type(in->vm, in->console, in->bytes, in->len, &in->why);
	vm_leave(in->vm);
	if (n < 0) {
		in->failed = n;
		return -1;
	}
	in->len -= (size_t)n;
	memmove(in->bytes, in->bytes + n, in->len);
	return in->len ? RETRY_MS : -1;
}

static void read_input(struct input *in)
{
	ssize_t n = read(STDIN_FILENO, in->bytes, sizeof(in->bytes));

	if (n <= 0) {
		in->eof = n == 0 || (errno != EINTR && errno != EAGAIN);
		return;
	}
	in->len = in->terminal ? escape_filter(&in->escape, in->bytes, (size_t)n) : (size_t)n;
	if (in->escape.end)
		end_by(in, SIGINT);
}

static void take_signal(struct input *in)
{
	struct signalfd_siginfo info;
	struct error ignored;

	if (read(in->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH) {
		in->resized = true;
		return;
	}
	if (info.ssi_signo == SIGTERM && !in->quiesced) {
		pthread_mutex_lock(&in->lock);
		in->quiesced = in->vm && !hook_quiesce(in->vm, &ignored);
		pthread_mutex_unlock(&in->lock);
		if (in->quiesced)
			return;
	}
	end_by(in, (int)info.ssi_signo);
}

static void *input_thread(void *arg)
{
	struct input *in = arg;

	sandbox_thread(SANDBOX_INPUT);
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = in->wake, .events = POLLIN },
			{ .fd = in->signals, .events = POLLIN },
			{ .fd = STDIN_FILENO, .events = POLLIN },
		};
		uint64_t count;
		int wait;
		bool quit, more;

		pthread_mutex_lock(&in->lock);
		wait = deliver(in);
		quit = in->quit;
		/* What was not typed yet is all that is taken from standard input. A person can end zpvm at
		 * any time. */
		more = !in->len && !in->eof && (in->vm || in->terminal);
		pthread_mutex_unlock(&in->lock);
		if (quit)
			return NULL;
		if (poll(fds, more ? 3 : 2, wait) <= 0)
			continue;
		if (fds[0].revents && read(in->wake, &count, sizeof(count)) < 0)
			continue;
		if (fds[1].revents)
			take_signal(in);
		if (fds[2].revents)
			read_input(in);
	}
}

/* --- the controller --------------------------------------------------- */

static void set_vm(struct input *in, struct vm *vm, bool quit)
{
	uint64_t one = 1;
	ssize_t rc;

	pthread_mutex_lock(&in->lock);
	in->vm = vm;
	in->quit = quit;
	pthread_mutex_unlock(&in->lock);
	rc = write(in->wake, &one, sizeof(one));
	(void)rc; /* the counter cannot overflow */
}

void input_allow(struct input *in, struct vm *vm)
{
	if (in)
		set_vm(in, vm, false);
}

int input_hold(struct input *in, struct error *err)
{
	if (!in)
		return 0;
	set_vm(in, NULL, false);
	if (in->failed)
		*err = in->why;
	return in->failed;
}

bool input_is_terminal(const struct input *in)
{
	return in && in->terminal;
}

/* What one process passes to the next: whether Ctrl-A was the last key, and the bytes. */
static int put_rest(const struct input *in, int *left)
{
	uint8_t bytes[1 + sizeof(in->bytes)] = { in->escape.seen };
	int ends[2], rc;
	ssize_t n;

	memcpy(bytes + 1, in->bytes, in->len);
	if (pipe(ends))
		return -errno;
	n = write(ends[1], bytes, 1 + in->len); /* a pipe has room for them */
	rc = n < 0 ? -errno : n == (ssize_t)(1 + in->len) ? 0 : -EIO;
	close(ends[1]);
	*left = ends[0];
	return rc;
}

static void get_rest(struct input *in, int before)
{
	uint8_t bytes[1 + sizeof(in->bytes)];
	ssize_t n = before < 0 ? 0 : read(before, bytes, sizeof(bytes));

	if (n > 0) {
		in->escape.seen = bytes[0];
		in->len = (size_t)n - 1;
		memcpy(in->bytes, bytes + 1, in->len);
	}
	if (before >= 0)
		close(before);
}

static void dispose(struct input *in)
{
	terminal_restore(in);
	if (in->signals >= 0)
		close(in->signals);
	if (in->wake >= 0)
		close(in->wake);
	pthread_sigmask(SIG_SETMASK, &in->mask_before, NULL);
	pthread_mutex_destroy(&in->lock);
	free(in);
}

int input_open(struct input **opened, const char *console, const struct consoles *consoles, int before,
               struct error *err)
{
	struct input *in = calloc(1, sizeof(*in));
	sigset_t set;
	int rc;

	*opened = NULL;
	if (!in)
		return error_set(err, -ENOMEM, "out of memory");
	in->console = console;
	in->consoles = consoles;
	get_rest(in, before);
	pthread_mutex_init(&in->lock, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGWINCH);
	pthread_sigmask(SIG_BLOCK, &set, &in->mask_before);
	in->signals = signalfd(-1, &set, SFD_CLOEXEC);
	in->wake = eventfd(0, EFD_CLOEXEC);
	rc = in->signals < 0 || in->wake < 0 ? errno : 0;
	terminal_raw(in);
	if (!rc)
		rc = pthread_create(&in->thread, NULL, input_thread, in);
	if (rc) {
		dispose(in);
		return error_set(err, -rc, "cannot wait for standard input: %s", strerror(rc));
	}
	*opened = in;
	return 0;
}

int input_close(struct input *in, int *left)
{
	int rc = 0;

	if (left)
		*left = -1;
	if (!in)
		return 0;
	set_vm(in, NULL, true);
	pthread_join(in->thread, NULL);
	if (left && (in->len || in->escape.seen))
		rc = put_rest(in, left);
	dispose(in);
	return rc;
}
