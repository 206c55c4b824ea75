/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * drift_power9.c: prints how far the time bases of the host's CPUs are apart, in microseconds: the largest
 * distance from CPU 0. Two threads, each bound to one CPU, read theirs in turns; what is meant is the
 * exchange that took least.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS       2000
#define TICKS_PER_US 512

static _Atomic uint64_t asked, answered; /* the round */
static uint64_t answer;

static void bind_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("sched_setaffinity");
		exit(1);
	}
}

static void *other(void *cpu)
{
	bind_to((int)(intptr_t)cpu);
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		while (atomic_load(&asked) != round)
			;
		answer = __builtin_ppc_get_timebase();
		atomic_store(&answered, round);
	}
	return NULL;
}

/* In ticks: what this CPU is ahead of CPU 0. */
static int64_t ahead(int cpu)
{
	uint64_t least = UINT64_MAX;
	int64_t result = 0;
	pthread_t thread;

	asked = answered = 0;
	if (pthread_create(&thread, NULL, other, (void *)(intptr_t)cpu))
		exit(1);
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		uint64_t before = __builtin_ppc_get_timebase(), after;

		atomic_store(&asked, round);
		while (atomic_load(&answered) != round)
			;
		after = __builtin_ppc_get_timebase();
		if (after - before < least) {
			least = after - before;
			result = (int64_t)(answer - (before + least / 2));
		}
	}
	pthread_join(thread, NULL);
	return result;
}

int main(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int64_t most = 0;

	bind_to(0);
	for (int cpu = 1; cpu < cpus; cpu++) {
		int64_t distance = ahead(cpu);

		distance = distance < 0 ? -distance : distance;
		most = distance > most ? distance : most;
	}
	printf("%lld\n", (long long)(most / TICKS_PER_US));
	return 0;
}
