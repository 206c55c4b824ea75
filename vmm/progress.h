/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress.h: a line that says how far something has come that lasts longer than a second: on standard error
 * and only if that is a terminal, written anew in its place, and gone at the end. Pure.
 *
 * 	progress_begin(&p);
 * 	while (...)
 * 		if (progress_due(&p))
 * 			progress_show(&p, "sweep: %u of %u", i, n);
 * 	progress_end(&p);
 */
#ifndef VMM_PROGRESS_H
#define VMM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool on, shown;
	uint64_t begun, next; /* of time_now() */
};

void progress_begin(struct progress *p);

/* Whether it is time for a new line: after a second, then five times in each. */
bool progress_due(struct progress *p);

void progress_show(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Also before anything else is printed while it goes on. */
void progress_end(struct progress *p);

/* "of 4096 MiB": for what is read or written: done of `all` bytes, 0 if that is not known. */
void progress_bytes(struct progress *p, const char *what, uint64_t done, uint64_t all);

#endif
