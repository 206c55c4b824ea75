/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench.c: zpvm beside the bare system calls, in turns in one run. Prints
 * medians and ratios; judges nothing by the clock.
 *
 *   bench ARCH ROUNDS SECONDS      so many rounds, but the first, and then no new one after so long
 *
 * Beside it are zpvm and state (which is made of zpvm's functions), the floor,
 * and the guests of both: exits, test, and ipi if the architecture has it. What
 * is measured comes from the programs as lines "stopwatch NAME.N ns", where N
 * is how many of them took so long; or from outside, by what a guest says.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define SAMPLES 200
#define SERIES  64
#define SIZES   4

enum side { ZPVM, FLOOR, SIDES };

/* Nanoseconds for each of `count`, or KiB. */
struct series {
	char name[24];
	unsigned long count;
	double sample[SIDES][SAMPLES];
	unsigned samples[SIDES];
};

struct bench {
	struct series series[SERIES];
	unsigned used;
	const char *inject, *prepare; /* steps of a scenario */
	const char *irqfd;            /* a source to be signalled through one; NULL: none */
	unsigned long sizes[SIZES];
	const char *what; /* there are so many of */
};

extern char **environ;

static void fail(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* --- samples ------------------------------------------------------------ */

static struct series *find(struct bench *b, const char *name, unsigned long count)
{
	struct series *s;

	for (unsigned i = 0; i < b->used; i++)
		if (!strcmp(b->series[i].name, name) && b->series[i].count == count)
			return &b->series[i];
	if (b->used == SERIES)
		fail("too many series");
	s = &b->series[b->used++];
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->count = count;
	return s;
}

static void add(struct bench *b, enum side side, const char *name, unsigned long count, double value)
{
	struct series *s = find(b, name, count);

	if (s->samples[side] < SAMPLES)
		s->sample[side][s->samples[side]++] = value / (double)count;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What a series says: the median, and the least, which other work on the machine disturbs least. */
struct figure {
	double median, least;
};

static struct figure figure(struct bench *b, enum side side, const char *name, unsigned long count)
{
	struct series *s = find(b, name, count);

	if (!s->samples[side])
		fail(name);
	qsort(s->sample[side], s->samples[side], sizeof(double), compare);
	return (struct figure){ s->sample[side][s->samples[side] / 2], s->sample[side][0] };
}

/* --- programs ----------------------------------------------------------- */

static pid_t spawn(char *const argv[], int out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ))
		fail(argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	close(out);
	return pid;
}

/* A program that measures itself. To a file: a pipe would wake us up while it does. */
static void told(struct bench *b, enum side side, char *const argv[])
{
	int out = open("out", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), status;
	char line[256], name[24];
	unsigned long count;
	double ns;
	FILE *f;

	if (out < 0)
		fail("out");
	waitpid(spawn(argv, out), &status, 0);
	if (status)
		fail(argv[0]);
	f = fopen("out", "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "stopwatch %23[a-z-].%lu %lf ns", name, &count, &ns) == 3)
			add(b, side, name, count, ns);
	if (f)
		fclose(f);
}

/* From smaps: the sums in status lag behind by up to 64 pages a thread. */
static double resident(pid_t pid)
{
	char path[40], line[512];
	double kib, sum = 0;
	int ram = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (strchr("0123456789abcdef",
		           line[0])) /* a mapping begins; shared memory is the guest's RAM */
			ram = strstr(line, "/memfd:") || strstr(line, "/dev/zero");
		else if (!ram && sscanf(line, "Rss: %lf", &kib) == 1)
			sum += kib;
	}
	if (f)
		fclose(f);
	return sum;
}

static void wait_for(int fd, char what, const char *program)
{
	char c;

	do
		if (read(fd, &c, 1) != 1)
			fail(program);
	while (c != what);
}

/* A guest that says "x", does something `count` times and says "y". */
static void watched(struct bench *b, enum side side, const char *name, unsigned long count,
                    char *const argv[])
{
	double t0, t1;
	char start[32], memory[32];
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		fail("no pipe");
	t0 = now();
	pid = spawn(argv, fds[1]);
	snprintf(start, sizeof(start), "%s-start", name);
	snprintf(memory, sizeof(memory), "%s-memory", name);
	wait_for(fds[0], 'x', argv[0]);
	t1 = now();
	add(b, side, start, 1, t1 - t0);
	wait_for(fds[0], 'y', argv[0]);
	add(b, side, name, count, now() - t1);
	add(b, side, memory, 1, resident(pid));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fds[0]);
}

/* --- what zpvm does, as scenarios --------------------------------------- */

static void write_scenarios(const struct bench *b)
{
	static const char *const commands[] = { "wait", "spin" }, *const names[] = { "asleep", "looping" };
	FILE *f = fopen("inject.scn", "w");

	if (!f)
		fail("inject.scn");
	fprintf(f, "timeout 60\nrun\n%s%s times=%d\nstopwatch start\n", b->prepare, b->inject, BENCH_WARM);
	fprintf(f, "%s times=%d\nstopwatch singly.%d\n", b->inject, BENCH_INJECT, BENCH_INJECT);
	fprintf(f, "%s times=%d batch=%d\nstopwatch batches.%d\n", b->inject, BENCH_BATCHES * BENCH_BATCHES,
	        BENCH_BATCHES, BENCH_BATCHES * BENCH_BATCHES);
	if (b->irqfd)
		fprintf(f,
		        "irqchip irqfd gsi=%s\nstopwatch start\ninject irqfd gsi=%s times=%d\nstopwatch "
		        "irqfd.%d\n",
		        b->irqfd, b->irqfd, BENCH_INJECT, BENCH_INJECT);
	fclose(f);
	f = fopen("latency.scn", "w");
	if (!f)
		fail("latency.scn");
	fprintf(f, "timeout 60\nrun\n%s", b->prepare);
	for (int i = 0; i < 2 * BENCH_ROUNDS; i++)
		fprintf(f, "guest %s count=1\nresume\nsleep %d\nstopwatch start\n%s\nwait\nstopwatch %s.1\n",
		        commands[i / BENCH_ROUNDS], BENCH_SETTLE_MS, b->inject, names[i / BENCH_ROUNDS]);
	fclose(f);
}

static void measure_guests(struct bench *b, int ipi)
{
	watched(b, ZPVM, "exit", BENCH_EXITS, (char *[]){ "./zpvm", "run", "exits.elf", NULL });
	watched(b, FLOOR, "exit", BENCH_EXITS, (char *[]){ "./floor", "exits", "exits.elf", NULL });
	if (!ipi)
		return;
	watched(b, ZPVM, "ipi", BENCH_PINGS, (char *[]){ "./zpvm", "run", "-c", "2", "ipi.elf", NULL });
	watched(b, FLOOR, "ipi", BENCH_PINGS, (char *[]){ "./floor", "exits", "ipi.elf", NULL });
}

static void measure_injections(struct bench *b)
{
	told(b, ZPVM, (char *[]){ "./zpvm", "run", "-q", "-s", "inject.scn", "test.elf", NULL });
	told(b, FLOOR, (char *[]){ "./floor", "inject", NULL });
	told(b, ZPVM, (char *[]){ "./zpvm", "run", "-q", "-s", "latency.scn", "test.elf", NULL });
	told(b, FLOOR, (char *[]){ "./floor", "latency", "test.elf", NULL });
}

static void measure_states(struct bench *b)
{
	for (int i = 0; i < SIZES; i++) {
		char size[24];

		snprintf(size, sizeof(size), "%lu", b->sizes[i]);
		told(b, ZPVM, (char *[]){ "./state", "test.elf", size, NULL });
		told(b, FLOOR, (char *[]){ "./floor", "state", size, NULL });
	}
}

static void measure_reverts(struct bench *b)
{
	told(b, ZPVM, (char *[]){ "./state", "test.elf", "0", NULL });
	told(b, FLOOR, (char *[]){ "./floor", "revert", "test.elf", NULL });
}

/* --- the table ---------------------------------------------------------- */

/* per: the figure's unit, in nanoseconds. */
static void row(const char *what, const char *unit, double per, struct figure zpvm, struct figure floor,
                double goal)
{
	printf("%-47s %11.2f %11.2f %-4s %7.2fx %7.2fx  goal %.1fx\n", what, zpvm.median / per,
	       floor.median / per, unit, zpvm.median / floor.median, zpvm.least / floor.least, goal);
}

static void time_row(struct bench *b, const char *what, const char *name, unsigned long count,
                     const char *unit, double per, double goal)
{
	row(what, unit, per, figure(b, ZPVM, name, count), figure(b, FLOOR, name, count), goal);
}

/* The ratio is that of times, as in the other rows. */
static void rate_row(struct bench *b, const char *what, const char *name, unsigned long count, double goal)
{
	struct figure zpvm = figure(b, ZPVM, name, count), floor = figure(b, FLOOR, name, count);

	printf("%-47s %11.0f %11.0f %-4s %7.2fx %7.2fx  goal %.1fx\n", what, 1e9 / zpvm.median,
	       1e9 / floor.median, "1/s", zpvm.median / floor.median, zpvm.least / floor.least, goal);
}

static void state_rows(struct bench *b)
{
	struct figure both[SIDES][SIZES];
	char what[80];

	for (int i = 0; i < SIZES; i++) {
		unsigned long n = b->sizes[i];
		double ms = 1e6 / (double)n;

		for (int side = 0; side < SIDES; side++) {
			struct figure save = figure(b, (enum side)side, "save", n),
				      restore = figure(b, (enum side)side, "restore", n);

			both[side][i].median = save.median + restore.median;
			both[side][i].least = save.least + restore.least;
		}
		snprintf(what, sizeof(what), "save and restore %lu %s", n, b->what);
		row(what, "ms", ms, both[ZPVM][i], both[FLOOR][i], 1.2);
		time_row(b, "                 save", "save", n, "ms", ms, 1.2);
		time_row(b, "                 restore", "restore", n, "ms", ms, 1.2);
		printf("%-47s %11.2f + %.2f ms\n", "  with RAM and registers: snapshot, restore",
		       figure(b, ZPVM, "whole-save", n).median / ms,
		       figure(b, ZPVM, "whole-restore", n).median / ms);
	}
	for (int side = 0; side < SIDES; side++) {
		printf("%-47s", side == ZPVM ? "microseconds for each of them: zpvm" : "  bare calls");
		for (int i = 0; i < SIZES; i++)
			printf("  %lu: %.2f", b->sizes[i], both[side][i].median / 1e3);
		putchar('\n');
	}
}

static void revert_rows(struct bench *b)
{
	static const unsigned long pages[] = BENCH_REVERTS;
	char what[80];

	for (int i = 0; i < BENCH_REVERT_SIZES; i++) {
		snprintf(what, sizeof(what), "back to a snapshot, %lu pages changed", pages[i]);
		time_row(b, what, "revert", pages[i], "ms", 1e6 / (double)pages[i], 1.3);
	}
}

/* For QEMU's figures, which come next: a snapshot, and back to it with the fewest pages changed. */
static void leave_figures(struct bench *b)
{
	static const unsigned long pages[] = BENCH_REVERTS;
	FILE *f = fopen("zpvm.ns", "w");

	if (!f)
		fail("zpvm.ns");
	fprintf(f, "%.0f %.0f\n", figure(b, ZPVM, "whole-save", b->sizes[0]).median * (double)b->sizes[0],
	        figure(b, ZPVM, "revert", pages[0]).median * (double)pages[0]);
	fclose(f);
}

static void table(struct bench *b, int ipi)
{
	printf("%-47s %11s %11s      %8s %8s\n", "medians of runs in turns", "zpvm", "bare calls", "ratio",
	       "of least");
	time_row(b, "exec to the guest's first exit", "exit-start", 1, "ms", 1e6, 1.3);
	time_row(b, "an exit to user space and back", "exit", BENCH_EXITS, "us", 1e3, 1.1);
	printf("%-47s %11.0f %11.0f %-4s                    goal under 1024 KiB\n",
	       "resident beyond the guest's RAM", figure(b, ZPVM, "exit-memory", 1).median,
	       figure(b, FLOOR, "exit-memory", 1).median, "KiB");
	rate_row(b, "injections one by one", "singly", BENCH_INJECT, 1.2);
	rate_row(b, "injections in batches of 100", "batches", BENCH_BATCHES * BENCH_BATCHES, 1.2);
	if (b->irqfd)
		rate_row(b, "injections through an irqfd", "irqfd", BENCH_INJECT, 1.2);
	time_row(b, "injection to a guest asleep, until it says so", "asleep", 1, "us", 1e3, 1.2);
	time_row(b, "injection to a guest in a loop, the same", "looping", 1, "us", 1e3, 1.2);
	if (ipi)
		time_row(b, "IPI to another vCPU and one back", "ipi", BENCH_PINGS, "us", 1e3, 1.1);
	state_rows(b);
	revert_rows(b);
}

int main(int argc, char **argv)
{
	static struct bench s390x = { .inject = "inject io isc=3 schid=1 parm=1 as=x",
		                      .prepare = "",
		                      .sizes = { 1, 100, 10000, 100000 },
		                      .what = "pending" };
	static struct bench power9 = {
		.inject = "inject source 0x1000 as=x",
		.irqfd = "0x1000",
		.prepare = "guest route source=0x1000 server=0 priority=5\nrun\n",
		.sizes = { 1, 64, 1024, 4096 },
		.what = "sources",
	};
	int runs = argc == 4 ? atoi(argv[2]) : 0, seconds = argc == 4 ? atoi(argv[3]) : 0;
	int ipi = runs && !strcmp(argv[1], "power9");
	double since = now();
	struct bench *b = ipi ? &power9 : &s390x;

	if (runs < 1 || runs > 100) {
		fprintf(stderr, "usage: bench ARCH ROUNDS SECONDS\n");
		return 2;
	}
	write_scenarios(b);
	for (int i = 0; i < runs && (!i || now() - since < seconds * 1e9); i++) {
		for (int k = 0; k < 3; k++)
			measure_guests(b, ipi);
		measure_injections(b);
		measure_states(b);
		measure_reverts(b);
	}
	table(b, ipi);
	leave_figures(b);
	return 0;
}
