/* SPDX-License-Identifier: BSD-2-Clause */
/* interrupt.c: see interrupt.h. Pure. */
#include "interrupt.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "vmm/sandbox.h"

#define END_MS 1000 /* for the output to be read when a signal ends zpvm */

struct interrupt {
	struct editor *editor;
	const struct consoles *consoles;
	sigset_t before;
	int signals, wake;
	pthread_t thread;
	bool seen; /* atomic */
};

/* Ends the process as the signal does by default. */
static void end_by(const struct interrupt *i, int sig)
{
	sigset_t set;

	editor_restore(i->editor);
	consoles_flush(i->consoles, END_MS);
	sigemptyset(&set);
	sigaddset(&set, sig);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
}

static void *interrupt_thread(void *arg)
{
	struct interrupt *i = arg;

	sandbox_thread(SANDBOX_INPUT);
	for (;;) {
		struct pollfd fds[] = { { .fd = i->wake, .events = POLLIN },
			                { .fd = i->signals, .events = POLLIN } };
		struct signalfd_siginfo info;

		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents)
			return NULL;
		if (read(i->signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo != SIGINT)
			end_by(i, (int)info.ssi_signo);
		__atomic_store_n(&i->seen, true, __ATOMIC_RELAXED);
	}
}

int interrupt_open(struct interrupt **out, struct editor *e, const struct consoles *consoles,
                   struct error *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct interrupt *i = *out = calloc(1, sizeof(*i));
	sigset_t set;
	int rc;

	if (!i)
		return error_set(err, -ENOMEM, "out of memory");
	i->editor = e;
	i->consoles = consoles;
	sigemptyset(&set);
	for (unsigned n = 0; n < sizeof(signals) / sizeof(signals[0]); n++)
		sigaddset(&set, signals[n]);
	pthread_sigmask(SIG_BLOCK, &set, &i->before);
	i->signals = signalfd(-1, &set, SFD_CLOEXEC);
	i->wake = eventfd(0, EFD_CLOEXEC);
	rc = i->signals < 0 || i->wake < 0 ? errno : pthread_create(&i->thread, NULL, interrupt_thread, i);
	if (!rc)
		return 0;
	close(i->signals);
	close(i->wake);
	free(i);
	*out = NULL;
	return error_set(err, -rc, "cannot wait for signals: %s", strerror(rc));
}

void interrupt_close(struct interrupt *i)
{
	uint64_t one = 1;

	if (!i)
		return;
	if (write(i->wake, &one, sizeof(one)) == sizeof(one))
		pthread_join(i->thread, NULL);
	close(i->signals);
	close(i->wake);
	pthread_sigmask(SIG_SETMASK, &i->before, NULL);
	free(i);
}

bool interrupt_seen(const struct interrupt *i)
{
	return i && __atomic_load_n(&i->seen, __ATOMIC_RELAXED);
}

void interrupt_clear(struct interrupt *i)
{
	if (i)
		__atomic_store_n(&i->seen, false, __ATOMIC_RELAXED);
}
