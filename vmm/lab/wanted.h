/* SPDX-License-Identifier: BSD-2-Clause */
/* wanted.h: the numbers that an expectation allows: 1|2, 3..5, 10.. or -4. Pure. */
#ifndef VMM_LAB_WANTED_H
#define VMM_LAB_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WANTED_MAX 4

/* The number is in one of the ranges. A range that begins with a negative number is one of signed numbers. */
struct wanted {
	unsigned count; /* 0: nothing is expected */
	struct {
		uint64_t from, to;
	} range[WANTED_MAX];
};

/*
 * Reads numbers and ranges, separated by '|'. A range has two numbers, or only the first: FROM.. has no upper
 * end. -EINVAL: it is something else; -ERANGE: a number above max; -E2BIG: more than WANTED_MAX.
 */
int wanted_parse(const char *text, uint64_t max, struct wanted *w);

bool wanted_has(const struct wanted *w, uint64_t value);

/* Writes it as it is written in a scenario, in hexadecimal from 10000 on. */
void wanted_text(const struct wanted *w, char *text, size_t size);

#endif
