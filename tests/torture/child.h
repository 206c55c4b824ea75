/* SPDX-License-Identifier: BSD-2-Clause */
/* child.h: runs this program once more, in a process of its own, and has what it said. */
#ifndef TESTS_TORTURE_CHILD_H
#define TESTS_TORTURE_CHILD_H

#include <stddef.h>

#include "vmm/error.h"

#define CHILD_OUTPUT 16384
#define CHILD_SIGNAL 256 /* and up: the status of one that a signal has ended */

struct child_end {
	int status;                    /* its exit status, or CHILD_SIGNAL and the signal's number */
	size_t len;                    /* of what it said */
	char output[CHILD_OUTPUT + 1]; /* standard output and error, the end of it, and a NUL */
};

/*
 * argv[0] is this program's name. After `seconds` it is killed, and its
 * status is EXIT_TIMEOUT. -EINTR when SIGINT, SIGTERM or SIGHUP came: the
 * child is gone then, and the signal is *signal. Other negative errno values:
 * it could not be run. Not for a process that has threads.
 */
int child_run(char *const argv[], unsigned seconds, struct child_end *end, int *signal, struct error *err);

#endif
