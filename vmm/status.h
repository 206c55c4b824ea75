/* SPDX-License-Identifier: BSD-2-Clause */
/* status.h: how the program ends. Pure. */
#ifndef VMM_STATUS_H
#define VMM_STATUS_H

#include "error.h"

/* Exit statuses beyond a guest's own; zpvm(1) lists them. */
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

/* What a negative errno value of the functions that make, save and restore a VM means for it; 0 is 0. */
int status_of(int rc);

/* Of zpvm diff: those of diff(1). */
enum { EXIT_DIFFERENT = 1, EXIT_DIFF_TROUBLE = 2 };

/*
 * Before anything else. The standard files are there, if only as ones that cannot
 * be used: else what is opened next would be taken for one of them. And what is beyond the limit of a file's
 * size is an error that can be reported, not a signal.
 */
void status_begin(void);

/* For main(): says what is wrong, behind what was printed; returns status. */
int status_complain(int status, const struct error *err);

/* What was printed is only worth its status if it got there: that, or EXIT_HOST with a complaint. */
int status_written(int status);

#endif
