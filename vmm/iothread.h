/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iothread.h: a device's thread: it waits for file descriptors (a network's, an eventfd that stands for a
 * queue) and does work that the device has asked for. Each device has its own, so that none waits for another
 * one's disk. It works only while the VM runs: a pause waits until it has stopped, as it waits for vCPUs.
 * Pure.
 *
 * The functions of the device are called by this thread, without any lock: each takes the lock of the device.
 */
#ifndef VMM_IOTHREAD_H
#define VMM_IOTHREAD_H

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "error.h"

#define IOTHREAD_FDS 8 /* of a device */

struct iothread_device {
	/* Fills in what the device waits for, at most IOTHREAD_FDS, and returns the number. */
	unsigned (*poll)(void *arg, struct pollfd *fds);
	/*
	 * One of them is ready, or iothread_kick() was called. fds is what poll(2) returned, and count may be
	 * 0: nothing is known of descriptors. A pause waits for it.
	 */
	int (*work)(void *arg, const struct pollfd *fds, unsigned count, struct error *err);
	/* It has returned an error. */
	void (*failed)(void *arg, int rc, const struct error *why);
	void *arg;
};

struct iothread {
	struct iothread_device device;
	bool kicked; /* atomic */
	/* The thread's own: first `wake`, then the device's. */
	struct pollfd fds[1 + IOTHREAD_FDS];
	unsigned count; /* of the device's */
	int wake;       /* an eventfd */
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool go, busy, quit; /* under the lock */
	bool held;           /* under the lock: since the thread last asked what the device waits for */
};

/* Starts the thread; the VM is paused. After an error there is none, and only iothread_destroy() may be
 * called.
 */
int iothread_create(struct iothread *io, const struct iothread_device *device, struct error *err);

/* The VM is paused, or there is no thread. */
void iothread_destroy(struct iothread *io);

/* work() will be called soon, and poll() again after it. Any thread may call it, with any lock held. */
void iothread_kick(struct iothread *io);

/*
 * The VM runs now; it stops: no function of the device is being called when iothread_hold() returns true.
 * False: one still is, at this time of CLOCK_MONOTONIC.
 */
void iothread_go(struct iothread *io);
bool iothread_hold(struct iothread *io, const struct timespec *deadline);

#endif
