/* SPDX-License-Identifier: BSD-2-Clause */
/* status.h: how the program ends. Pure. */
#ifndef VMM_STATUS_H
#define VMM_STATUS_H

#include "outcome.h"

/* Exit statuses beyond a guest's own; zpvm(1) lists them. Nothing below main() knows them. */
enum {
	EXIT_GUEST_MAX = 63,
	EXIT_USAGE = 64,
	EXIT_DATA = 65,
	EXIT_REBOOT = 66,
	EXIT_EXPECTATION = 70,
	EXIT_HOST = 71,
	EXIT_CRASH = 72,
	EXIT_MISSING = 77,
	EXIT_TIMEOUT = 124,
};

/* The statuses of zpvm diff are those of diff(1). */
enum { EXIT_DIFFERENT = 1, EXIT_DIFF_TROUBLE = 2 };

/*
 * The exit status of a command that returned rc: if rc is 0 that of the outcome, otherwise that of the error.
 * A lack of memory is never the fault of a file.
 */
int status_of(int rc, const struct outcome *outcome, const struct error *err);

/* For main(): the same; prints the sentence, if there is one and the status is not 0. */
int status_explain(int rc, const struct outcome *outcome, const struct error *err);

/*
 * Called before anything else. Makes sure that the standard files are open, if only as unusable ones:
 * otherwise the next file opened would be used as one of them. And makes exceeding the limit of a file's size
 * an error that can be reported, not a signal.
 */
void status_begin(void);

/* For main(): prints the error, after the output so far; returns status. */
int status_complain(int status, const struct error *err);

/* Returns status if all output was written, else EXIT_HOST after printing the error. */
int status_written(int status);

#endif
