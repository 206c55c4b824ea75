/* SPDX-License-Identifier: BSD-2-Clause */
/* iothread.c: the threads that wait for devices' descriptors work while the VM runs, and only then. */
#include "vmm/iothread.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static struct iothread io[2];
static struct error err;

/* A device that takes bytes from a pipe when it wants them. */
static struct fake {
	int ends[2];
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool wants, fails;
	unsigned asked, worked, taken, unknown; /* calls; bytes; calls that know nothing of descriptors */
} fakes[2] = { { .lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER, .wants = true },
	       { .lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER, .wants = true } };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t change;
	unsigned count;
	struct error why;
} failure = { .lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER };

static unsigned ask(void *arg, struct pollfd *fds)
{
	struct fake *f = arg;

	pthread_mutex_lock(&f->lock);
	f->asked++;
	fds[0] = (struct pollfd){ .fd = f->ends[0], .events = f->wants ? POLLIN : 0 };
	pthread_cond_broadcast(&f->change);
	pthread_mutex_unlock(&f->lock);
	return 1;
}

static int work(void *arg, const struct pollfd *fds, unsigned count, struct error *why)
{
	struct fake *f = arg;
	char byte;
	int rc;

	pthread_mutex_lock(&f->lock);
	f->worked++;
	f->unknown += !count;
	if (count && fds[0].revents & POLLIN && read(f->ends[0], &byte, 1) == 1)
		f->taken++;
	rc = f->fails ? error_set(why, -EIO, "it failed") : 0;
	f->fails = false;
	pthread_cond_broadcast(&f->change);
	pthread_mutex_unlock(&f->lock);
	return rc;
}

static void failed(void *arg, int rc, const struct error *why)
{
	(void)rc;
	pthread_mutex_lock(&failure.lock);
	failure.count += arg == &fakes[1] && rc == -EIO;
	failure.why = *why;
	pthread_cond_broadcast(&failure.change);
	pthread_mutex_unlock(&failure.lock);
}

static struct timespec in_ten_seconds(void)
{
	struct timespec then;

	clock_gettime(CLOCK_REALTIME, &then);
	then.tv_sec += 10;
	return then;
}

/* Waits until *value is at least n: false after ten seconds. */
static bool reaches(struct fake *f, const unsigned *value, unsigned n)
{
	struct timespec then = in_ten_seconds();
	bool good;

	pthread_mutex_lock(&f->lock);
	while (*value < n && !pthread_cond_timedwait(&f->change, &f->lock, &then))
		;
	good = *value >= n;
	pthread_mutex_unlock(&f->lock);
	return good;
}

static void put(struct fake *f, const char *bytes)
{
	if (write(f->ends[1], bytes, strlen(bytes)) < 0)
		perror("write");
}

static void go(void)
{
	for (int i = 0; i < 2; i++)
		iothread_go(&io[i]);
}

static struct timespec after(unsigned ms)
{
	struct timespec then;

	clock_gettime(CLOCK_MONOTONIC, &then);
	then.tv_sec += ms / 1000;
	then.tv_nsec += ms % 1000 * 1000000;
	then.tv_sec += then.tv_nsec / 1000000000;
	then.tv_nsec %= 1000000000;
	return then;
}

static void hold(void)
{
	const struct timespec then = after(10000);

	for (int i = 0; i < 2; i++)
		if (!iothread_hold(&io[i], &then))
			ok(false, "device %d has stopped", i);
}

/* One device's work takes long: it blocks on its lock. */
static void slow(void)
{
	struct timespec soon;
	unsigned before;

	go();
	before = fakes[1].taken;
	pthread_mutex_lock(&fakes[0].lock);
	iothread_kick(&io[0]);
	put(&fakes[1], "y");
	ok(reaches(&fakes[1], &fakes[1].taken, before + 1), "a device does not wait for a slow one");
	usleep(20000); /* so that the slow one has begun */
	soon = after(50);
	ok(!iothread_hold(&io[0], &soon), "a pause does not wait for ever");
	ok(iothread_hold(&io[1], &soon), "the other one has stopped");
	pthread_mutex_unlock(&fakes[0].lock);
	soon = after(10000);
	ok(iothread_hold(&io[0], &soon), "and so does the slow one, when it can");
}

int main(void)
{
	struct timespec then;
	unsigned before;

	for (int i = 0; i < 2; i++) {
		if (pipe(fakes[i].ends))
			perror("pipe");
		is(iothread_create(&io[i], &(struct iothread_device){ ask, work, failed, &fakes[i] }, &err),
		   0, "device %d", i);
	}
	put(&fakes[0], "a");
	iothread_kick(&io[1]);
	usleep(20000); /* for what must not happen: time to happen in */
	ok(!fakes[0].asked && !fakes[0].worked && !fakes[1].worked, "nothing is done before the VM runs");
	go();
	ok(reaches(&fakes[0], &fakes[0].taken, 1), "then a byte is taken");
	ok(reaches(&fakes[1], &fakes[1].worked, 1), "and the work that was asked for is done");
	put(&fakes[1], "bcd");
	ok(reaches(&fakes[1], &fakes[1].taken, 3), "bytes for the other device");
	is(fakes[0].taken, 1, "are not the first one's");

	hold();
	before = fakes[0].worked + fakes[1].worked + fakes[0].asked + fakes[1].asked;
	put(&fakes[0], "e");
	iothread_kick(&io[1]);
	usleep(20000);
	is(fakes[0].worked + fakes[1].worked + fakes[0].asked + fakes[1].asked, before,
	   "nothing while it is paused");
	fakes[0].unknown = fakes[1].unknown = 0;
	go();
	ok(reaches(&fakes[0], &fakes[0].taken, 2) && reaches(&fakes[1], &fakes[1].unknown, 1),
	   "and all of it after");
	is(fakes[0].unknown, 0, "what poll(2) said before the pause is forgotten");

	/* A device changes its mind. */
	pthread_mutex_lock(&fakes[0].lock);
	fakes[0].wants = false;
	pthread_mutex_unlock(&fakes[0].lock);
	before = fakes[0].worked;
	iothread_kick(&io[0]);
	reaches(&fakes[0], &fakes[0].worked, before + 1);
	put(&fakes[0], "f");
	usleep(20000);
	is(fakes[0].taken, 2, "a device that wants nothing gets nothing");
	pthread_mutex_lock(&fakes[0].lock);
	fakes[0].wants = true;
	pthread_mutex_unlock(&fakes[0].lock);
	iothread_kick(&io[0]);
	ok(reaches(&fakes[0], &fakes[0].taken, 3), "until it wants something");

	/* It changes its mind while nobody works, as a restore does. */
	pthread_mutex_lock(&fakes[0].lock);
	fakes[0].wants = false;
	before = fakes[0].asked;
	pthread_mutex_unlock(&fakes[0].lock);
	iothread_kick(&io[0]);
	reaches(&fakes[0], &fakes[0].asked, before + 1);
	usleep(20000); /* so that it waits in poll(2), for nothing */
	hold();
	fakes[0].wants = true;
	put(&fakes[0], "g");
	go();
	ok(reaches(&fakes[0], &fakes[0].taken, 4), "or wants something after a pause");

	pthread_mutex_lock(&fakes[1].lock);
	fakes[1].fails = true;
	pthread_mutex_unlock(&fakes[1].lock);
	then = in_ten_seconds();
	iothread_kick(&io[1]);
	pthread_mutex_lock(&failure.lock);
	while (!failure.count && !pthread_cond_timedwait(&failure.change, &failure.lock, &then))
		;
	is(failure.count, 1, "what fails is reported");
	has(failure.why.text, "it failed", "as it was said");
	pthread_mutex_unlock(&failure.lock);

	for (int i = 0; i < 1000; i++) {
		put(&fakes[1], "x");
		hold();
		go();
	}
	ok(reaches(&fakes[1], &fakes[1].taken, 1003), "a thousand pauses lose nothing");
	hold();
	slow();
	for (int i = 0; i < 2; i++)
		iothread_destroy(&io[i]);
	return tap_done();
}
