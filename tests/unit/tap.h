/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tap.h: a test's report, for prove(1): the Test Anything Protocol. A test
 * program calls ok(), is() and has() and ends with `return tap_done();`.
 */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned tap_count, tap_failed;

/* Each macro takes a printf format and its arguments at the end: what is tested. */
#define ok(good, ...)        tap_ok(good, __FILE__, __LINE__, __VA_ARGS__)
#define is(got, wanted, ...) tap_is((uint64_t)(got), (uint64_t)(wanted), __FILE__, __LINE__, __VA_ARGS__)
#define has(text, part, ...) tap_has(text, part, __FILE__, __LINE__, __VA_ARGS__)

static inline __attribute__((format(printf, 4, 5))) bool tap_ok(bool good, const char *file, int line,
                                                                const char *fmt, ...)
{
	va_list ap;

	printf("%sok %u - ", good ? "" : "not ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	tap_failed += !good;
	if (!good)
		printf("# failed at %s:%d\n", file, line);
	return good;
}

#define tap_is(got, wanted, file, line, ...)                                                  \
	do {                                                                                  \
		uint64_t got_ = got, wanted_ = wanted;                                        \
		if (!tap_ok(got_ == wanted_, file, line, __VA_ARGS__))                        \
			printf("# got 0x%" PRIx64 ", wanted 0x%" PRIx64 "\n", got_, wanted_); \
	} while (0)

#define tap_has(text, part, file, line, ...)                                        \
	do {                                                                        \
		const char *text_ = text, *part_ = part;                            \
		if (!tap_ok(strstr(text_, part_) != NULL, file, line, __VA_ARGS__)) \
			printf("# got \"%s\", wanted \"%s\"\n", text_, part_);      \
	} while (0)

static inline int tap_done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failed ? 1 : 0;
}

#endif
