/* SPDX-License-Identifier: BSD-2-Clause */
/* date.h: parses a date in users' text. Pure. */
#ifndef VMM_DATE_H
#define VMM_DATE_H

#include <stdint.h>

#define NS_PER_SECOND 1000000000

/* Seconds since 1970, or a date of UTC as in 2026-01-31T23:59:59; of the years 1970 to 2261, whose
 * nanoseconds fit into 64 bits with a sign. -EINVAL: it is none of these. */
int date_parse(const char *text, int64_t *ns);

#endif
