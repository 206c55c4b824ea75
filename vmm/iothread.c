/* SPDX-License-Identifier: BSD-2-Clause */
/* iothread.c: see iothread.h. Pure. */
#include "iothread.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sandbox.h"

/* --- the thread ------------------------------------------------------------ */

/* stale: what poll(2) returned is about another time. */
static void work(struct iothread *io, bool stale)
{
	const struct iothread_device *device = &io->device;
	bool due = __atomic_exchange_n(&io->kicked, false, __ATOMIC_ACQ_REL);
	unsigned count = stale ? 0 : io->count;
	struct error why;
	int rc = 0;

	for (unsigned i = 1; i <= count; i++)
		due |= io->fds[i].revents != 0;
	if (due)
		rc = device->work(device->arg, io->fds + 1, count, &why);
	if (rc)
		device->failed(device->arg, rc, &why);
}

static void *run(void *arg)
{
	struct iothread *io = arg;

	sandbox_thread(SANDBOX_IO);
	pthread_mutex_lock(&io->lock);
	for (;;) {
		uint64_t ignored;
		bool stale;

		while (!io->quit && !io->go)
			pthread_cond_wait(&io->change, &io->lock);
		if (io->quit)
			break;
		stale = io->held;
		io->held = false;
		io->busy = true;
		pthread_mutex_unlock(&io->lock);
		work(io, stale);
		io->count = io->device.poll(io->device.arg, io->fds + 1);
		pthread_mutex_lock(&io->lock);
		io->busy = false;
		pthread_cond_broadcast(&io->change);
		pthread_mutex_unlock(&io->lock);
		/* A read that finds nothing is no harm: the loop looks at all that others can change. */
		if (poll(io->fds, 1 + io->count, -1) <= 0)
			io->count = 0;
		else if (io->fds[0].revents && read(io->wake, &ignored, sizeof(ignored)) < 0)
			ignored = 0;
		pthread_mutex_lock(&io->lock);
	}
	pthread_mutex_unlock(&io->lock);
	return NULL;
}

/* --- other threads ----------------------------------------------------------- */

static void wake(struct iothread *io)
{
	uint64_t one = 1;

	if (write(io->wake, &one, sizeof(one)) < 0)
		return; /* its count cannot overflow */
}

static void init(struct iothread *io, const struct iothread_device *device)
{
	pthread_condattr_t attr;

	*io = (struct iothread){ .device = *device, .held = true };
	io->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	io->fds[0] = (struct pollfd){ .fd = io->wake, .events = POLLIN };
	pthread_mutex_init(&io->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&io->change, &attr);
	pthread_condattr_destroy(&attr);
}

int iothread_create(struct iothread *io, const struct iothread_device *device, struct error *err)
{
	int rc;

	init(io, device);
	if (io->wake < 0)
		return error_set(err, -errno, "cannot create an eventfd: %s", strerror(errno));
	rc = pthread_create(&io->thread, NULL, run, io);
	io->started = !rc;
	if (rc)
		close(io->wake);
	return rc ? error_set(err, -rc, "cannot start a thread that does I/O: %s", strerror(rc)) : 0;
}

void iothread_destroy(struct iothread *io)
{
	if (io->started) {
		pthread_mutex_lock(&io->lock);
		io->quit = true;
		pthread_cond_broadcast(&io->change);
		pthread_mutex_unlock(&io->lock);
		wake(io);
		pthread_join(io->thread, NULL);
		close(io->wake);
	}
	io->started = false;
}

void iothread_kick(struct iothread *io)
{
	if (!__atomic_exchange_n(&io->kicked, true, __ATOMIC_ACQ_REL) && io->started)
		wake(io);
}

void iothread_go(struct iothread *io)
{
	pthread_mutex_lock(&io->lock);
	io->go = true;
	pthread_cond_broadcast(&io->change);
	pthread_mutex_unlock(&io->lock);
	/* It may wait for what the device wanted before the pause. */
	wake(io);
}

bool iothread_hold(struct iothread *io, const struct timespec *deadline)
{
	bool in_time = true;

	pthread_mutex_lock(&io->lock);
	io->go = false;
	io->held = true;
	while (io->busy && in_time)
		in_time = !pthread_cond_timedwait(&io->change, &io->lock, deadline);
	in_time = !io->busy;
	pthread_mutex_unlock(&io->lock);
	return in_time;
}
