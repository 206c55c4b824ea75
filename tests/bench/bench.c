/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench.c: zpvm beside the bare system calls, in turns in one run, with the
 * same guest. Prints medians and ratios; judges nothing by the clock.
 *
 *   bench RUNS ZPVM GUEST.elf FLOOR GUEST.bin
 */
#include <errno.h>
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

#define RUNS_MAX 100

extern char **environ;

/* What one run shows: nanoseconds, KiB. */
struct run {
	double start;  /* exec to the guest's first exit */
	double exits;  /* one exit and back */
	double memory; /* resident, without the guest's RAM */
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
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

/* Until the guest has said this; false when it never does. */
static int wait_for(int fd, char what)
{
	char c;

	while (read(fd, &c, 1) == 1)
		if (c == what)
			return 1;
	return 0;
}

static int measure(char *const argv[], struct run *run)
{
	posix_spawn_file_actions_t actions;
	double t0, t1;
	int fds[2], ok;
	pid_t pid;

	if (pipe(fds))
		return 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	posix_spawn_file_actions_addclose(&actions, fds[0]);
	t0 = now();
	if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ))
		return 0;
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	ok = wait_for(fds[0], 'x');
	t1 = now();
	run->start = t1 - t0;
	ok = ok && wait_for(fds[0], 'y');
	run->exits = (now() - t1) / BENCH_EXITS;
	run->memory = resident(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fds[0]);
	return ok;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const struct run *runs, int count, size_t offset)
{
	double v[RUNS_MAX];

	for (int i = 0; i < count; i++)
		v[i] = *(const double *)((const char *)&runs[i] + offset);
	qsort(v, (size_t)count, sizeof(v[0]), compare);
	return v[count / 2];
}

static void row(const char *what, const char *unit, double zpvm, double floor, double goal)
{
	printf("%-44s %10.2f %10.2f %-4s %7.2fx  goal %.1fx\n", what, zpvm, floor, unit, zpvm / floor, goal);
}

int main(int argc, char **argv)
{
	static struct run zpvm[RUNS_MAX], bare[RUNS_MAX];
	int runs = argc == 6 ? atoi(argv[1]) : 0;

	if (runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: bench RUNS ZPVM GUEST.elf FLOOR GUEST.bin\n");
		return 2;
	}
	for (int i = 0; i < runs; i++) {
		char *with[] = { argv[2], (char *)"run", argv[3], NULL },
		     *without[] = { argv[4], argv[5], NULL };

		if (!measure(with, &zpvm[i]) || !measure(without, &bare[i])) {
			fprintf(stderr, "bench: run %d came to no end\n", i);
			return 1;
		}
	}
	printf("%-44s %10s %10s\n", "median of runs in turns", "zpvm", "bare calls");
	row("exec to the guest's first exit", "ms", median(zpvm, runs, offsetof(struct run, start)) / 1e6,
	    median(bare, runs, offsetof(struct run, start)) / 1e6, 1.3);
	row("an exit to user space and back", "us", median(zpvm, runs, offsetof(struct run, exits)) / 1e3,
	    median(bare, runs, offsetof(struct run, exits)) / 1e3, 1.1);
	printf("%-44s %10.0f %10.0f %-4s          goal under 1024 KiB\n", "resident beyond the guest's RAM",
	       median(zpvm, runs, offsetof(struct run, memory)),
	       median(bare, runs, offsetof(struct run, memory)), "KiB");
	return 0;
}
