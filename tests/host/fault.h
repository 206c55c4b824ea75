/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault.h: system calls of which one fails. The linker puts these functions
 * before the real ones (--wrap; the Makefile has the list). Only the calls of the thread that arms them
 * count. After arm_all() those count, too, that make what must be given back: memory, threads, files.
 */
#ifndef TESTS_HOST_FAULT_H
#define TESTS_HOST_FAULT_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static __thread unsigned countdown; /* the call that fails is so far away; 0: none will */
static __thread bool all;
static int code;
static bool fired;
static void *failed_at; /* whose call it was; addr2line(1) says more */

static inline void arm(unsigned nth, int errnum)
{
	fired = false;
	code = errnum;
	countdown = nth;
}

static inline void arm_all(unsigned nth, int errnum)
{
	all = true;
	arm(nth, errnum);
}

/* Whether a call was reached that failed. */
static bool disarm(void)
{
	countdown = 0;
	all = false;
	return fired;
}

static inline __attribute__((always_inline)) bool fails(void)
{
	if (!countdown || --countdown)
		return false;
	fired = true;
	failed_at = __builtin_return_address(0);
	errno = code;
	return true;
}

static inline __attribute__((always_inline)) bool fails_too(void)
{
	return all && fails();
}

static inline __attribute__((always_inline)) bool has_no_memory(void)
{
	bool none = fails_too();

	errno = none ? ENOMEM : errno;
	return none;
}

int __real_ioctl(int fd, unsigned long request, ...);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg);
int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
int __real_listen(int fd, int backlog);
int __wrap_listen(int fd, int backlog);
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);

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

void *__wrap_malloc(size_t size)
{
	return has_no_memory() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return has_no_memory() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return has_no_memory() ? NULL : __real_realloc(old, size);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
	return fails_too() ? EAGAIN : __real_pthread_create(thread, attr, run, arg);
}

int __wrap_memfd_create(const char *name, unsigned flags)
{
	return fails_too() ? -1 : __real_memfd_create(name, flags);
}

int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return fails_too() ? -1 : __real_open(path, flags, mode);
}

int __wrap_socket(int domain, int type, int protocol)
{
	return fails_too() ? -1 : __real_socket(domain, type, protocol);
}

int __wrap_listen(int fd, int backlog)
{
	return fails_too() ? -1 : __real_listen(fd, backlog);
}

int __wrap_link(const char *from, const char *to)
{
	return fails_too() ? -1 : __real_link(from, to);
}

#endif
