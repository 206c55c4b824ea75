/* SPDX-License-Identifier: BSD-2-Clause */
/* console.c: the queue of what is printed, before a reader that reads, does not, or is gone. */
#include "vmm/console.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "vmm/trace.h"

#define MANY (1 << 20)

static int ends[2];
static struct console *c;
static struct error err;

static void fresh(void)
{
	if (pipe(ends) || !(c = console_open(ends[1], "the pipe", &err)))
		abort();
}

static void done(void)
{
	close(ends[0]);
	close(ends[1]);
}

/* Byte i of what is printed here. */
static char nth(size_t i)
{
	return (char)('a' + i % 23);
}

static void print(size_t from, size_t len)
{
	for (size_t i = from; i < from + len; i++)
		putc(nth(i), console_file(c));
	fflush(console_file(c));
}

/* Reads so many bytes. Whether they are those that were printed, from that one on. */
static bool reads(size_t from, size_t len)
{
	char bytes[4096];

	while (len) {
		ssize_t n = read(ends[0], bytes, len < sizeof(bytes) ? len : sizeof(bytes));

		if (n <= 0)
			return false;
		for (ssize_t i = 0; i < n; i++)
			if (bytes[i] != nth(from++))
				return false;
		len -= (size_t)n;
	}
	return true;
}

static void *read_many(void *arg)
{
	*(bool *)arg = reads(0, MANY);
	return NULL;
}

static void a_reader(void)
{
	pthread_t thread;
	bool good = false;

	fresh();
	pthread_create(&thread, NULL, read_many, &good);
	for (size_t i = 0; i < MANY; i += 1000)
		print(i, i + 1000 > MANY ? MANY - i : 1000);
	is(console_close(c, 10000, &err), 0, "all of it is written");
	pthread_join(thread, NULL);
	ok(good, "and is what was printed");
	done();
}

static void no_reader(void)
{
	uint64_t start = time_now();
	size_t left;

	fresh();
	print(0, 10 * CONSOLE_FULL);
	ok(time_now() - start < 5000000000, "printing does not wait for the reader");
	left = console_drain(c, 100, true);
	ok(left > 0 && left < 10 * CONSOLE_FULL, "what the pipe has no room for stays");
	ok(reads(0, 10 * CONSOLE_FULL), "it comes when it is read");
	is(console_drain(c, 10000, true), 0, "and the queue is empty");
	is(console_close(c, 100, &err), 0, "and ends");
	done();
}

/* As vCPUs do. */
static struct consoles all;
static uint8_t stop;
static int state;

static void *wait_for_room(void *arg)
{
	(void)arg;
	__atomic_store_n(&state, 1, __ATOMIC_SEQ_CST);
	consoles_wait(&all, &stop);
	__atomic_store_n(&state, 2, __ATOMIC_SEQ_CST);
	return NULL;
}

static bool comes_to(int wanted, unsigned ms)
{
	for (; ms && __atomic_load_n(&state, __ATOMIC_SEQ_CST) != wanted; ms--)
		usleep(1000);
	return __atomic_load_n(&state, __ATOMIC_SEQ_CST) == wanted;
}

static void who_waits(void)
{
	pthread_t thread;

	fresh();
	all.queue[CONSOLE_OUT] = c;
	print(0, 4 * CONSOLE_FULL);
	console_drain(c, 100, true);
	state = 0;
	pthread_create(&thread, NULL, wait_for_room, NULL);
	ok(comes_to(1, 10000) && !comes_to(2, 100), "who prints more waits until there is room");
	ok(reads(0, 4 * CONSOLE_FULL) && comes_to(2, 10000), "and goes on when it was read");
	pthread_join(thread, NULL);

	print(0, 4 * CONSOLE_FULL);
	console_drain(c, 100, true);
	state = 0;
	pthread_create(&thread, NULL, wait_for_room, NULL);
	ok(comes_to(1, 10000) && !comes_to(2, 100), "waits again");
	is(consoles_room(&all, 10000, &err), 0, "the controller does not");
	__atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
	consoles_wake(&all);
	ok(comes_to(2, 10000), "a kick ends the wait");
	pthread_join(thread, NULL);
	ok(reads(0, 4 * CONSOLE_FULL), "nothing is lost by it");
	print(0, 2 * CONSOLE_LONG);
	console_drain(c, 100, true);
	is(consoles_room(&all, 50, &err), -ETIMEDOUT, "but there is an end to that");
	has(err.text, "nobody has read", "which says why");
	ok(reads(0, 2 * CONSOLE_LONG), "it is read");
	is(consoles_room(&all, 10000, &err), 0, "there is room");
	is(console_close(c, 10000, &err), 0, "all is written");
	all.queue[CONSOLE_OUT] = NULL;
	done();
}

static void errors(void)
{
	int full = open("/dev/full", O_WRONLY);

	c = console_open(full, "a full device", &err);
	print(0, 10);
	is(console_close(c, 10000, &err), -ENOSPC, "a device that is full");
	has(err.text, "10 bytes are not written", "how much is lost");
	close(full);

	fresh();
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	print(0, 4 * CONSOLE_FULL);
	console_drain(c, 50, true);
	ok(reads(0, 4 * CONSOLE_FULL), "a pipe that cannot block");
	is(console_close(c, 10000, &err), 0, "is no error");
	done();

	fresh();
	for (size_t i = 0; i < CONSOLE_MOST / 4096 + 64; i++)
		print(0, 4096);
	close(ends[0]);
	/* Printing so much may take longer than console_close() would wait since the last byte was written.
	 */
	for (unsigned ms = 0; console_drain(c, 0, false) && ms < 60000; ms++)
		usleep(1000);
	is(console_close(c, 10000, &err), -EPIPE, "more than may be kept, and a reader that goes away");
	close(ends[1]);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	a_reader();
	no_reader();
	who_waits();
	errors();
	return tap_done();
}
