/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault.h: system calls of which one fails. The linker puts these functions
 * before the real ones (--wrap; the Makefile has the list). Only the calls of the thread that arms them
 * count.
 */
#ifndef TESTS_HOST_FAULT_H
#define TESTS_HOST_FAULT_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/types.h>

static __thread unsigned countdown; /* the call that fails is so far away; 0: none will */
static int code;
static bool fired;

static inline void arm(unsigned nth, int errnum)
{
	fired = false;
	code = errnum;
	countdown = nth;
}

/* Whether a call was reached that failed. */
static bool disarm(void)
{
	countdown = 0;
	return fired;
}

static bool fails(void)
{
	if (!countdown || --countdown)
		return false;
	fired = true;
	errno = code;
	return true;
}

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
ssize_t __real_read(int fd, void *to, size_t len);
ssize_t __wrap_read(int fd, void *to, size_t len);
ssize_t __real_sendfile(int to, int from, off_t *offset, size_t len);
ssize_t __wrap_sendfile(int to, int from, off_t *offset, size_t len);
ssize_t __real_write(int fd, const void *from, size_t len);
ssize_t __wrap_write(int fd, const void *from, size_t len);
off_t __real_lseek(int fd, off_t offset, int whence);
off_t __wrap_lseek(int fd, off_t offset, int whence);
int __real_fallocate(int fd, int mode, off_t offset, off_t len);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t len);
int __real_eventfd(unsigned count, int flags);
int __wrap_eventfd(unsigned count, int flags);
void *__real_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset);

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	unsigned long arg;
	va_list ap;

	va_start(ap, request);
	arg = va_arg(ap, unsigned long);
	va_end(ap);
	return fails() ? -1 : __real_ioctl(fd, request, arg);
}

ssize_t __wrap_read(int fd, void *to, size_t len)
{
	return fails() ? -1 : __real_read(fd, to, len);
}

ssize_t __wrap_write(int fd, const void *from, size_t len)
{
	return fails() ? -1 : __real_write(fd, from, len);
}

ssize_t __wrap_sendfile(int to, int from, off_t *offset, size_t len)
{
	return fails() ? -1 : __real_sendfile(to, from, offset, len);
}

off_t __wrap_lseek(int fd, off_t offset, int whence)
{
	return fails() ? -1 : __real_lseek(fd, offset, whence);
}

int __wrap_fallocate(int fd, int mode, off_t offset, off_t len)
{
	return fails() ? -1 : __real_fallocate(fd, mode, offset, len);
}

int __wrap_eventfd(unsigned count, int flags)
{
	return fails() ? -1 : __real_eventfd(count, flags);
}

void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	return fails() ? MAP_FAILED : __real_mmap(at, len, prot, flags, fd, offset);
}

#endif
