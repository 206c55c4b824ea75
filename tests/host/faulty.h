/* SPDX-License-Identifier: BSD-2-Clause */
/* faulty.h: system calls, and how each may fail. */
#ifndef TESTS_HOST_FAULTY_H
#define TESTS_HOST_FAULTY_H

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

/* How half of a call is made: the file is its first argument, and the bytes are the second and third. */
enum { HALF_READ = 1, HALF_WRITE = 2, HALF_AT = 4, HALF_VECTOR = 8 };

struct faulty {
	int number;
	const char *name;
	int codes[4]; /* errno values of which each is tried, then 0 */
	unsigned half;
};

#define FAULTY(name, half, ...)                             \
	{                                                   \
		SYS_##name, #name, { __VA_ARGS__, 0 }, half \
	}

static const struct faulty faulty[] = {
#ifdef SYS_access
	FAULTY(access, 0, EACCES),
#endif
#ifdef SYS__llseek
	FAULTY(_llseek, 0, EINVAL),
#endif
	FAULTY(accept4, 0, EMFILE, EINTR),
	FAULTY(bind, 0, EADDRINUSE, ENOMEM),
	FAULTY(chmod, 0, EPERM),
	FAULTY(clone, 0, EAGAIN, ENOMEM),
	FAULTY(clone3, 0, EAGAIN, ENOMEM),
	FAULTY(close_range, 0, EINVAL),
	FAULTY(connect, 0, ECONNREFUSED, EINTR),
	FAULTY(dup, 0, EMFILE),
	FAULTY(dup3, 0, EMFILE),
	FAULTY(eventfd2, 0, EMFILE, ENOMEM),
	FAULTY(execve, 0, ENOMEM),
	FAULTY(faccessat, 0, EACCES),
	FAULTY(faccessat2, 0, EACCES),
	FAULTY(fallocate, 0, ENOSPC, EINTR),
	FAULTY(fchmod, 0, EPERM),
	FAULTY(fcntl, 0, EBADF),
	FAULTY(fdatasync, 0, EIO),
	FAULTY(flock, 0, ENOLCK, EINTR),
	FAULTY(fsync, 0, EIO),
	FAULTY(ftruncate, 0, ENOSPC),
	FAULTY(getcwd, 0, ENOENT),
	FAULTY(getdents64, 0, ENOMEM),
	FAULTY(getrandom, 0, ENOSYS),
	FAULTY(getsockopt, 0, ENOMEM),
	FAULTY(ioctl, 0, EIO, ENOMEM, EINTR),
	FAULTY(landlock_add_rule, 0, ENOMEM),
	FAULTY(landlock_create_ruleset, 0, EMFILE, ENOMEM),
	FAULTY(landlock_restrict_self, 0, E2BIG),
	FAULTY(link, 0, EIO),
	FAULTY(listen, 0, EADDRINUSE),
	FAULTY(lseek, 0, EINVAL),
	FAULTY(memfd_create, 0, EMFILE, ENOMEM),
	FAULTY(mmap, 0, ENOMEM),
	FAULTY(mprotect, 0, ENOMEM),
	FAULTY(mremap, 0, ENOMEM),
	FAULTY(newfstatat, 0, ENOMEM),
	FAULTY(openat, 0, EMFILE),
	FAULTY(pipe2, 0, EMFILE),
	FAULTY(poll, 0, EINTR, ENOMEM),
	FAULTY(pread64, HALF_READ | HALF_AT, EIO, EINTR),
	FAULTY(preadv, HALF_READ | HALF_AT | HALF_VECTOR, EIO, EINTR),
	FAULTY(pwrite64, HALF_WRITE | HALF_AT, ENOSPC, EIO, EINTR),
	FAULTY(pwritev, HALF_WRITE | HALF_AT | HALF_VECTOR, ENOSPC, EINTR),
	FAULTY(prlimit64, 0, EPERM),
	FAULTY(read, HALF_READ, EIO, EINTR),
	FAULTY(readlink, 0, EIO),
	FAULTY(recvfrom, 0, ENOMEM, EINTR),
	FAULTY(rename, 0, EIO),
	FAULTY(rt_sigaction, 0, EINVAL),
	FAULTY(seccomp, 0, ENOMEM),
	FAULTY(sendfile, 0, EIO, EINTR),
	FAULTY(sendto, 0, ENOMEM, EINTR),
	FAULTY(signalfd4, 0, EMFILE),
	FAULTY(socket, 0, EMFILE, ENOMEM),
#ifdef SYS_socketcall
	FAULTY(socketcall, 0, ENOMEM),
#endif
	FAULTY(sysinfo, 0, EFAULT),
	FAULTY(umask, 0, EPERM),
	FAULTY(uname, 0, EFAULT),
	FAULTY(unlink, 0, EIO),
	FAULTY(write, HALF_WRITE, ENOSPC, EIO, EINTR),
	FAULTY(writev, HALF_WRITE | HALF_VECTOR, ENOSPC, EINTR),
};

/*
 * Not tried: what cannot fail, and what libc does for itself and does not expect to fail (it ends the
 * process, or has no use for the answer).
 */
static const int unfailing[] = {
	SYS_brk,           SYS_futex,           SYS_exit,
	SYS_exit_group,    SYS_rt_sigreturn,    SYS_rt_sigprocmask,
	SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep,
	SYS_gettid,        SYS_getpid,          SYS_tgkill,
	SYS_tkill,         SYS_set_tid_address, SYS_set_robust_list,
	SYS_rseq,          SYS_munmap,          SYS_close,
	SYS_sched_yield,   SYS_getpgrp,         SYS_geteuid,
	SYS_madvise,       SYS_rt_sigtimedwait, SYS_restart_syscall,
	SYS_sigaltstack,   SYS_prctl,
};

static inline const struct faulty *faulty_find(int number)
{
	for (size_t i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++)
		if (faulty[i].number == number)
			return &faulty[i];
	return NULL;
}

#endif
