/* SPDX-License-Identifier: BSD-2-Clause */
/* number.h: parses numbers in users' text. Pure. */
#ifndef VMM_NUMBER_H
#define VMM_NUMBER_H

#include <stdint.h>

/*
 * Decimal, or hexadecimal after 0x; all of text must be the number, and it
 * must not exceed max. 0, -EINVAL (not a number) or -ERANGE.
 */
int number_parse(const char *text, uint64_t max, uint64_t *value);

/* The same, with an optional K, M, G or T behind it (powers of 1024): a number of bytes. */
int number_parse_size(const char *text, uint64_t *bytes);

#endif
