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

#define RAM (64ul << 20) /* bytes */

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

/* Guest RAM in a file: writing by way of it is no access of the guest's, on s390x. */
static inline void *map_ram(void *at, int *fd)
{
	*fd = must(memfd_create("guest RAM", 0));
	must(ftruncate(*fd, RAM));
	return mmap(at, RAM, PROT_READ | PROT_WRITE, MAP_SHARED | (at ? MAP_FIXED : 0), *fd, 0);
}

/* What is in the file, and zeros. */
static inline char *copy_ram(int fd)
{
	char *copy = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	off_t at = 0, end;

	while ((at = lseek(fd, at, SEEK_DATA)) >= 0) {
		end = lseek(fd, at, SEEK_HOLE);
		must((int)pread(fd, copy + at, (size_t)(end - at), at));
		at = end;
	}
	return copy;
}

/* Writes the pages back that KVM has logged; copy NULL: only begins the log anew. */
static inline void revert_ram(int vm, int fd, const char *copy)
{
	static uint8_t changed[RAM / 4096 / 8];
	struct kvm_dirty_log log = { .dirty_bitmap = changed };
	size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = RAM / page, stop;

	must(ioctl(vm, KVM_GET_DIRTY_LOG, &log));
	for (size_t i = 0; copy && i < pages; i = stop) {
		if (i % 8 == 0 && !changed[i / 8]) {
			stop = i + 8;
			continue;
		}
		for (stop = i; stop < pages && changed[stop / 8] >> stop % 8 & 1;)
			stop++;
		if (stop > i)
			must((int)pwrite(fd, copy + i * page, (stop - i) * page, (off_t)(i * page)));
		else
			stop++;
	}
}

/* What is measured: restore() is the machine's, without RAM. */
static inline void reverts(struct runner *r, int vm, int fd, struct kvm_userspace_memory_region *slot,
                           void (*restore)(void *machine))
{
	static const unsigned long pages[] = BENCH_REVERTS;
	char *copy = copy_ram(fd);

	slot->flags = KVM_MEM_LOG_DIRTY_PAGES;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, slot));
	revert_ram(vm, fd, NULL);
	for (int i = 0; i < BENCH_REVERT_SIZES * BENCH_REVERT_ROUNDS; i++) {
		unsigned long count = pages[i / BENCH_REVERT_ROUNDS];
		uint64_t since;

		runner_command(r, ABI_CMD_FILL, BENCH_FAR, count, (uint64_t)i);
		runner_wait(r);
		since = now();
		revert_ram(vm, fd, copy);
		restore(r->machine);
		if (i % BENCH_REVERT_ROUNDS)
			stopwatch("revert", count, since);
	}
}

/* What a floor can be asked for, by the first word; the second one's meaning is its own. */
struct floor_ways {
	int (*exits)(const char *guest), (*inject)(void), (*latency)(const char *guest);
	int (*revert)(const char *guest), (*state)(unsigned long count);
};

static inline int floor_main(int argc, char **argv, const struct floor_ways *floor)
{
	const char *what = argc > 1 ? argv[1] : "", *arg = argc > 2 ? argv[2] : "";

	alarm(BENCH_SECONDS);
	if (!strcmp(what, "exits"))
		return floor->exits(arg);
	if (!strcmp(what, "inject"))
		return floor->inject();
	if (!strcmp(what, "latency"))
		return floor->latency(arg);
	if (!strcmp(what, "revert"))
		return floor->revert(arg);
	if (!strcmp(what, "state"))
		return floor->state(strtoul(arg, NULL, 0));
	return 2;
}

#endif
