/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * floor.h: what the floors of both architectures share. A floor does with bare
 * system calls what zpvm is measured at, and no more; any failure ends it.
 */
#ifndef TESTS_BENCH_FLOOR_H
#define TESTS_BENCH_FLOOR_H

#include <elf.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "guest/abi.h"

#define RAM (64ul << 20)

static inline int must(int rc)
{
	if (rc < 0) {
		perror("floor");
		exit(1);
	}
	return rc;
}

static inline void attr(int device, uint32_t group, uint64_t nr, void *value)
{
	struct kvm_device_attr a = { 0, group, nr, (uintptr_t)value };

	must(ioctl(device, KVM_SET_DEVICE_ATTR, &a));
}

static inline int attr_get(int device, uint32_t group, uint64_t nr, void *value)
{
	struct kvm_device_attr a = { 0, group, nr, (uintptr_t)value };

	return must(ioctl(device, KVM_GET_DEVICE_ATTR, &a));
}

static inline uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* As the step of a scenario. */
static inline void stopwatch(const char *name, unsigned long count, uint64_t since)
{
	printf("stopwatch %s.%lu %llu ns\n", name, count, (unsigned long long)(now() - since));
}

/* A static ELF file of this machine, to where it is linked; gives its entry. */
static inline uint64_t load_elf(const char *path, char *ram)
{
	static char file[1 << 18];
	int fd = must(open(path, O_RDONLY));
	const Elf64_Ehdr *e = (const void *)file;
	const Elf64_Phdr *p = (const void *)(file + sizeof(*e));

	must((int)read(fd, file, sizeof(file)));
	close(fd);
	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_LOAD)
			memcpy(ram + p[i].p_paddr, file + p[i].p_offset, p[i].p_filesz);
	return e->e_entry;
}

/*
 * The test guest's vCPU, in a thread of its own: runs until the guest is at
 * its checkpoint, and waits there for the next command.
 */
struct runner {
	pthread_mutex_t lock;
	pthread_cond_t change;
	int running;
	struct abi_shared *shared;
	void (*run)(void *machine, struct runner *r); /* to the next checkpoint; sets shared */
	void *machine;
};

static inline void *runner_thread(void *arg)
{
	struct runner *r = arg;

	for (;;) {
		pthread_mutex_lock(&r->lock);
		while (!r->running)
			pthread_cond_wait(&r->change, &r->lock);
		pthread_mutex_unlock(&r->lock);
		r->run(r->machine, r);
		pthread_mutex_lock(&r->lock);
		r->running = 0;
		pthread_cond_broadcast(&r->change);
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

static inline void runner_resume(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	r->running = 1;
	pthread_cond_broadcast(&r->change);
	pthread_mutex_unlock(&r->lock);
}

static inline void runner_wait(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	while (r->running)
		pthread_cond_wait(&r->change, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

static inline void runner_start(struct runner *r, void (*run)(void *, struct runner *), void *machine)
{
	pthread_t thread;

	*r = (struct runner){ PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, NULL, run, machine };
	must(-pthread_create(&thread, NULL, runner_thread, r));
	runner_resume(r);
	runner_wait(r);
}

static inline void runner_command(struct runner *r, uint32_t command, uint64_t arg0, uint64_t arg1,
                                  uint64_t arg2)
{
	struct abi_mailbox *box = &r->shared->mailbox[0];

	box->arg[0] = arg0;
	box->arg[1] = arg1;
	box->arg[2] = arg2;
	__atomic_store_n(&box->command, command, __ATOMIC_RELEASE);
	runner_resume(r);
}

/* The guest takes one interrupt in each round: asleep, or in a loop. */
static inline void latency(struct runner *r, const char *name, uint32_t command,
                           void (*inject)(void *machine))
{
	for (int i = 0; i < BENCH_ROUNDS; i++) {
		uint64_t since;

		runner_command(r, command, 1, 0, 0);
		usleep(BENCH_SETTLE_MS * 1000);
		since = now();
		inject(r->machine);
		runner_wait(r);
		stopwatch(name, 1, since);
	}
}

#endif
