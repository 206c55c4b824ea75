/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error.h: the only error style. A function that can fail returns 0 or a negative errno value and leaves a
 * sentence for the user in a struct error. Nothing below main() prints an error or exits.
 */
#ifndef VMM_ERROR_H
#define VMM_ERROR_H

#include <stdarg.h>

struct error {
	char text[480];
};

/* Writes the sentence, truncated to fit, without control characters. Returns code, for a return statement. */
int error_set(struct error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the sentence. Returns code. */
int error_prefix(struct error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The symbol of an errno value of either sign ("EINVAL"); "E?" if it has none. */
const char *error_name(int code);

#endif
