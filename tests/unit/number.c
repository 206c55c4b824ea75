/* SPDX-License-Identifier: BSD-2-Clause */
/* number.c: numbers in text. */
#include "vmm/number.h"

#include <errno.h>

#include "tap.h"

static const struct {
	const char *text;
	uint64_t max;
	int rc;
	uint64_t value;
} numbers[] = {
	{ "0", UINT64_MAX, 0, 0 },
	{ "7", 7, 0, 7 },
	{ "8", 7, -ERANGE, 0 },
	{ "007", 7, 0, 7 },
	{ "0x1f", 255, 0, 31 },
	{ "0XfF", 255, 0, 255 },
	{ "0x100", 255, -ERANGE, 0 },
	{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
	{ "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
	{ "0xffffffffffffffff", UINT64_MAX, 0, UINT64_MAX },
	{ "0x10000000000000000", UINT64_MAX, -ERANGE, 0 },
	{ "99999999999999999999999999999999", 10, -ERANGE, 0 },
	{ "", UINT64_MAX, -EINVAL, 0 },
	{ "0x", UINT64_MAX, -EINVAL, 0 },
	{ "x1", UINT64_MAX, -EINVAL, 0 },
	{ "0x0x1", UINT64_MAX, -EINVAL, 0 },
	{ "0xg", UINT64_MAX, -EINVAL, 0 },
	{ "a", UINT64_MAX, -EINVAL, 0 },
	{ "1a", UINT64_MAX, -EINVAL, 0 },
	{ "-1", UINT64_MAX, -EINVAL, 0 },
	{ "+1", UINT64_MAX, -EINVAL, 0 },
	{ " 1", UINT64_MAX, -EINVAL, 0 },
	{ "1 ", UINT64_MAX, -EINVAL, 0 },
	{ "0x-1", UINT64_MAX, -EINVAL, 0 },
	{ "0x 1", UINT64_MAX, -EINVAL, 0 },
	{ "1K", UINT64_MAX, -EINVAL, 0 },
	{ "1.5", UINT64_MAX, -EINVAL, 0 },
	{ "99999999999999999999x", UINT64_MAX, -EINVAL, 0 },
}, sizes[] = {
	{ "0", 0, 0, 0 },
	{ "4096", 0, 0, 4096 },
	{ "1K", 0, 0, 1ULL << 10 },
	{ "3k", 0, 0, 3ULL << 10 },
	{ "64M", 0, 0, 64ULL << 20 },
	{ "64m", 0, 0, 64ULL << 20 },
	{ "2G", 0, 0, 2ULL << 30 },
	{ "1T", 0, 0, 1ULL << 40 },
	{ "0x10M", 0, 0, 16ULL << 20 },
	{ "16777215T", 0, 0, 16777215ULL << 40 },
	{ "16777216T", 0, -ERANGE, 0 },
	{ "18014398509481984K", 0, -ERANGE, 0 },
	{ "18446744073709551616", 0, -ERANGE, 0 },
	{ "18446744073709551616K", 0, -ERANGE, 0 },
	{ "", 0, -EINVAL, 0 },
	{ "M", 0, -EINVAL, 0 },
	{ "1P", 0, -EINVAL, 0 },
	{ "1MB", 0, -EINVAL, 0 },
	{ "1 M", 0, -EINVAL, 0 },
	{ "1M ", 0, -EINVAL, 0 },
	{ "1 ", 0, -EINVAL, 0 },
	{ "1\x0b", 0, -EINVAL, 0 },
	{ "1\xcd", 0, -EINVAL, 0 },
	{ "-1M", 0, -EINVAL, 0 },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uint64_t v = 0;
		int rc = number_parse(numbers[i].text, numbers[i].max, &v);

		ok(rc == numbers[i].rc && (rc || v == numbers[i].value), "number \"%s\"", numbers[i].text);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t v = 0;
		int rc = number_parse_size(sizes[i].text, &v);

		ok(rc == sizes[i].rc && (rc || v == sizes[i].value), "size \"%s\"", sizes[i].text);
	}
	return tap_done();
}
