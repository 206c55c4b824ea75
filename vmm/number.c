/* SPDX-License-Identifier: BSD-2-Clause */
/* number.c: see number.h. Pure. */
#include "number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int parse(const char *text, uint64_t max, uint64_t *value, const char **end)
{
	int base = text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10;
	const char *digits = base == 16 ? text + 2 : text;
	char *stop;

	/* strtoull would take spaces, signs and an empty string. */
	if (!strchr("0123456789abcdefABCDEF", *digits) || !*digits)
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &stop, base); /* with the 0x, or it would take another */
	if (stop == text)
		return -EINVAL;
	*end = stop;
	return errno || *value > max ? -ERANGE : 0;
}

int number_parse(const char *text, uint64_t max, uint64_t *value)
{
	const char *end = text;
	int rc = parse(text, max, value, &end);

	return rc == -EINVAL || *end ? -EINVAL : rc;
}

int number_parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *end = text, *unit;
	int rc = parse(text, UINT64_MAX, bytes, &end);
	unsigned shift;

	if (rc || !*end)
		return rc;
	unit = strchr(units, *end & ~0x20);
	if (!unit || !*unit || end[1])
		return -EINVAL;
	shift = 10 * (unsigned)(unit - units + 1);
	if (*bytes > UINT64_MAX >> shift)
		return -ERANGE;
	*bytes <<= shift;
	return 0;
}
