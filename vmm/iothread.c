/* SPDX-License-Identifier: BSD-2-Clause */
/* iothread.c: see iothread.h. Pure. */
#include "iothread.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* --- the thread ------------------------------------------------------------ */

/* stale: what poll(2) returned is about another time. */
static void work(struct iothread *io, bool stale)
{
	for (unsigned i = 0; i < io->count; i++) {
		struct iothread_slot *slot = &io->devices[i];
		bool due = __atomic_exchange_n(&slot->kicked, false, __ATOMIC_ACQ_REL);
		struct error why;
		int rc = 0;

		for (unsigned j = 0; j < slot->count && !stale; j++)
			due |= slot->fds[j].revents != 0;
		if (due)
			rc = slot->device.work(slot->device.arg, slot->fds, stale ? 0 : slot->count, &why);
		if (rc)
			io->failed(io->arg, rc, &why);
	}
}

/* Asks every device what it waits for. Returns the number of descriptors. */
static nfds_t gather(struct iothread *io)
{
	nfds_t n = 1;

	io->fds[0] = (struct pollfd){ .fd = io->wake, .events = POLLIN };
	for (unsigned i = 0; i < io->count; i++) {
		struct iothread_slot *slot = &io->devices[i];

		slot->fds = io->fds + n;
		slot->count = slot->device.poll(slot->device.arg, slot->fds);
		n += slot->count;
	}
	return n;
}

static void *run(void *arg)
{
	struct iothread *io = arg;

	pthread_mutex_lock(&io->lock);
	for (;;) {
		uint64_t ignored;
		bool stale;
		nfds_t n;

		while (!io->quit && !io->go)
			pthread_cond_wait(&io->change, &io->lock);
		if (io->quit)
			break;
		stale = io->held;
		io->held = false;
		io->busy = true;
		pthread_mutex_unlock(&io->lock);
		work(io, stale);
		n = gather(io);
		pthread_mutex_lock(&io->lock);
		io->busy = false;
		pthread_cond_broadcast(&io->change);
		pthread_mutex_unlock(&io->lock);
		if (poll(io->fds, n, -1) > 0 && io->fds[0].revents &&
		    read(io->wake, &ignored, sizeof(ignored)) < 0)
			return NULL;
		pthread_mutex_lock(&io->lock);
	}
	pthread_mutex_unlock(&io->lock);
	return NULL;
}

/* --- other threads ----------------------------------------------------------- */

static void wake(struct iothread *io)
{
	uint64_t one = 1;

	if (io->wake >= 0 && write(io->wake, &one, sizeof(one)) < 0)
		return; /* its count cannot overflow */
}

void iothread_init(struct iothread *io, void (*failed)(void *arg, int rc, const struct error *why), void *arg)
{
	*io = (struct iothread){ .failed = failed, .arg = arg, .wake = -1, .held = true };
	pthread_mutex_init(&io->lock, NULL);
	pthread_cond_init(&io->change, NULL);
}

void iothread_destroy(struct iothread *io)
{
	pthread_mutex_lock(&io->lock);
	io->quit = true;
	pthread_cond_broadcast(&io->change);
	pthread_mutex_unlock(&io->lock);
	wake(io);
	if (io->started)
		pthread_join(io->thread, NULL);
	if (io->wake >= 0)
		close(io->wake);
	pthread_cond_destroy(&io->change);
	pthread_mutex_destroy(&io->lock);
}

static int start(struct iothread *io, struct error *err)
{
	int rc;

	if (io->wake < 0)
		io->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (io->wake < 0)
		return error_set(err, -errno, "cannot create an eventfd: %s", strerror(errno));
	rc = pthread_create(&io->thread, NULL, run, io);
	io->started = !rc;
	return rc ? error_set(err, -rc, "cannot start the thread that does I/O: %s", strerror(rc)) : 0;
}

int iothread_add(struct iothread *io, const struct iothread_device *device, struct error *err)
{
	int rc;

	if (io->count == IOTHREAD_DEVICES)
		return error_set(err, -ENOSPC, "more than %d devices that wait for I/O", IOTHREAD_DEVICES);
	pthread_mutex_lock(&io->lock);
	io->devices[io->count++] = (struct iothread_slot){ .device = *device };
	io->held = true;
	pthread_mutex_unlock(&io->lock);
	rc = io->started ? 0 : start(io, err);
	if (rc)
		io->count--;
	return rc ? rc : (int)io->count - 1;
}

void iothread_kick(struct iothread *io, unsigned number)
{
	if (!__atomic_exchange_n(&io->devices[number].kicked, true, __ATOMIC_ACQ_REL))
		wake(io);
}

void iothread_go(struct iothread *io)
{
	pthread_mutex_lock(&io->lock);
	io->go = true;
	pthread_cond_broadcast(&io->change);
	pthread_mutex_unlock(&io->lock);
	/* It may wait for what devices wanted before the pause. */
	wake(io);
}

void iothread_hold(struct iothread *io)
{
	pthread_mutex_lock(&io->lock);
	io->go = false;
	io->held = true;
	while (io->busy)
		pthread_cond_wait(&io->change, &io->lock);
	pthread_mutex_unlock(&io->lock);
}
