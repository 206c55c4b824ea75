/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iothread.h: a VM's thread that waits for file descriptors of devices (a network's, an eventfd that stands
 * for a queue) and does work that devices have asked for. It is started when the first device is added, and
 * works only while the VM runs: a pause waits until it has stopped, as it waits for vCPUs. Pure.
 *
 * The functions of a device are called by this thread, without any lock: each takes the lock of its device.
 */
#ifndef VMM_IOTHREAD_H
#define VMM_IOTHREAD_H

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>

#include "error.h"

#define IOTHREAD_DEVICES 16
#define IOTHREAD_FDS     8 /* of a device */

struct iothread_device {
	/* Fills in what the device waits for, at most IOTHREAD_FDS, and returns the number. */
	unsigned (*poll)(void *arg, struct pollfd *fds);
	/*
	 * One of them is ready, or iothread_kick() was called. fds is what poll(2) returned, and count may be
	 * 0: nothing is known of descriptors. Returns soon. An error ends the VM.
	 */
	int (*work)(void *arg, const struct pollfd *fds, unsigned count, struct error *err);
	void *arg;
};

struct iothread {
	/* Called by the thread when work() has failed. */
	void (*failed)(void *arg, int rc, const struct error *why);
	void *arg;
	struct iothread_slot {
		struct iothread_device device;
		bool kicked; /* atomic */
		/* The thread's own. */
		struct pollfd *fds;
		unsigned count;
	} devices[IOTHREAD_DEVICES];
	unsigned count;
	struct pollfd fds[1 + IOTHREAD_DEVICES * IOTHREAD_FDS]; /* the thread's own: first `wake` */
	int wake;                                               /* an eventfd */
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool go, busy, quit; /* under the lock */
	bool held;           /* under the lock: since the thread last asked what devices wait for */
};

void iothread_init(struct iothread *io, void (*failed)(void *arg, int rc, const struct error *why),
                   void *arg);

/* The VM is paused. */
void iothread_destroy(struct iothread *io);

/*
 * The VM is paused. Returns the device's number, for iothread_kick(). -ENOSPC: there are IOTHREAD_DEVICES; or
 * the error of a call that starts the thread.
 */
int iothread_add(struct iothread *io, const struct iothread_device *device, struct error *err);

/* work() will be called soon, and poll() again after it. Any thread may call it, with any lock held. */
void iothread_kick(struct iothread *io, unsigned number);

/* The VM runs now; it stops: no function of a device is being called when iothread_hold() returns. */
void iothread_go(struct iothread *io);
void iothread_hold(struct iothread *io);

#endif
