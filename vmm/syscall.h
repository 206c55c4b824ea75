/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall.h: the names of system calls. Pure. */
#ifndef VMM_SYSCALL_H
#define VMM_SYSCALL_H

/* "openat", or "unknown"; number: as in <sys/syscall.h>. A signal handler may call it. */
const char *syscall_name(int number);

#endif
