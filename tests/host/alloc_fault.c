/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alloc_fault.c: is linked with zpvm (--wrap; the Makefile has the list), and lets one of its allocations
 * fail, of whichever thread; those that libc makes itself, too. faults.c says which.
 */
#include "alloc_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

static struct alloc_fault *shared(void)
{
	static struct alloc_fault *fault;
	static bool looked;
	const char *path;
	int fd;

	if (looked)
		return fault;
	looked = true;
	path = getenv(ALLOC_FAULT);
	fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	if (fd >= 0) {
		void *at = mmap(NULL, sizeof(*fault), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		fault = at == MAP_FAILED ? NULL : at;
		close(fd);
	}
	return fault;
}

/* What libc allocates before that is its own, and it does not survive its failure. */
static bool begun;

__attribute__((constructor)) static void begin(void)
{
	begun = true;
}

static bool fails(void *caller)
{
	struct alloc_fault *f = begun ? shared() : NULL;

	if (!f || __atomic_add_fetch(&f->count, 1, __ATOMIC_SEQ_CST) != f->nth)
		return false;
	f->caller = (uintptr_t)caller;
	f->fired = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __real_realloc(old, size);
}
