/* SPDX-License-Identifier: BSD-2-Clause */
/* lines.h: the lines of a scenario, of which some can be left out. Pure. */
#ifndef TESTS_TORTURE_LINES_H
#define TESTS_TORTURE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/error.h"

/* A line, with those of its block; neither a comment nor empty. */
struct torture_line {
	const char *text; /* in the scenario */
	size_t len;
	unsigned number; /* from 1 */
};

struct torture_lines {
	struct torture_line *lines;
	size_t count;
};

/* text must outlive it, and ends in NUL. -ENOMEM. To be freed after success. */
int torture_lines_make(struct torture_lines *l, const char *text, struct error *err);
void torture_lines_free(struct torture_lines *l);

/* Whether it only says what a recording's VM was like: `mark` or `clock-at`. */
bool torture_line_compares(const struct torture_line *line);

/* The scenario of these lines, by their places in l, for the caller to free(). -ENOMEM. */
int torture_lines_text(const struct torture_lines *l, const uint64_t *which, size_t count, char **text,
                       size_t *len, struct error *err);

#endif
