/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox.h: what zpvm can still do once a VM runs. Each kind of thread has a seccomp filter, which is made
 * of one table in sandbox.c; the files that can still be opened are those that Landlock was told of. A system
 * call that is not allowed ends the process by SIGSYS, after a sentence on standard error. The kernel keeps
 * all of that: nothing here can be taken back. Sources: seccomp(2), landlock(7), the kernel's
 * Documentation/userspace-api/seccomp_filter.rst. Pure.
 */
#ifndef VMM_SANDBOX_H
#define VMM_SANDBOX_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "landlock.h"

struct trace;

/* The kinds of thread. */
enum sandbox_kind {
	SANDBOX_MAIN,    /* the controller, and threads that it makes which are of no other kind */
	SANDBOX_VCPU,    /* enters the guest, handles its exits */
	SANDBOX_IO,      /* does work for a device */
	SANDBOX_OUTPUT,  /* writes a queue to its file */
	SANDBOX_INPUT,   /* types standard input, takes signals */
	SANDBOX_CONTROL, /* has the clients of the control socket */
	SANDBOX_LATE,    /* answers for guest memory that comes late */
	SANDBOX_KINDS,
};

/* What a run needs beyond what every run does; a bit each. Only the controller's filter depends on it. */
enum sandbox_need {
	SANDBOX_READ = 1 << 0,       /* files are opened to be read */
	SANDBOX_WRITE = 1 << 1,      /* and to be written: made, replaced, removed */
	SANDBOX_SOCKET = 1 << 2,     /* networks by Unix sockets */
	SANDBOX_TAP = 1 << 3,        /* and by the host's interfaces */
	SANDBOX_LISTEN = 1 << 4,     /* somebody connects: to the control socket, or gdb */
	SANDBOX_TERMINAL = 1 << 5,   /* a terminal's modes are changed */
	SANDBOX_LATE_PAGES = 1 << 6, /* userfaultfd */
	SANDBOX_EXEC = 1 << 7,       /* zpvm itself is executed, and sets up again */
};

enum sandbox_mode {
	SANDBOX_AUTO, /* as far as the kernel can */
	SANDBOX_ON,   /* what the kernel cannot do is an error */
	SANDBOX_OFF,
};

struct sandbox {
	enum sandbox_mode mode;
	bool on;        /* there are filters */
	bool inherited; /* they are those of the process that has executed this one */
	unsigned needs; /* enum sandbox_need */
	struct landlock files;
};

/*
 * Closes what the process has inherited, but the standard files and what a word of argv names as /dev/fd/N or
 * --continue=N:LINE:M.
 */
void sandbox_close_others(char *const argv[]);

/*
 * Called before there are threads: no set-user-id program gives more rights from here on, and each
 * thread that calls sandbox_thread() is confined. -EOPNOTSUPP: mode is SANDBOX_ON, and the kernel has no
 * filters or no Landlock. continues: this process was executed by one that had the same command line.
 */
int sandbox_begin(struct sandbox *s, enum sandbox_mode mode, bool continues, struct error *err);

/*
 * The calling thread is of this kind, for ever: called first of all by each thread. It does nothing in a
 * process in which sandbox_begin() has not put anything on.
 */
void sandbox_thread(enum sandbox_kind kind);

/* The file is used after set-up. Errors: landlock_allow()'s. */
int sandbox_file(struct sandbox *s, const char *path, enum file_use use, struct error *err);

/* Set-up is over: confines the calling thread, the controller, to the needs and files said so far. s may be
 * NULL. */
int sandbox_enter(struct sandbox *s, const struct trace *trace, struct error *err);

/* If sandbox_enter() was not called. */
void sandbox_end(struct sandbox *s);

/* --- the filter, for tests --------------------------------------------------- */

#define SANDBOX_FILTER_MAX 512

/*
 * Writes the filter of a kind of thread; returns its length. machine is ELF's number of the architecture (its
 * byte order and calling conventions), pid the process whose threads may get signals.
 */
size_t sandbox_filter(enum sandbox_kind kind, unsigned needs, unsigned machine, uint32_t pid,
                      struct sock_filter filter[SANDBOX_FILTER_MAX]);

/* "vCPU" ... */
const char *sandbox_kind_name(enum sandbox_kind kind);

#endif
