/* SPDX-License-Identifier: BSD-2-Clause */
/* date.c: dates in users' text. */
#include "vmm/date.h"

#include <errno.h>

#include "tap.h"

static const struct {
	const char *text;
	int64_t seconds; /* -1: refused */
} dates[] = {
	{ "0", 0 },
	{ "1767225600", 1767225600 },
	{ "2026-01-01T00:00:00", 1767225600 },
	{ "2000-02-29T23:59:59", 951868799 },
	{ "1970-01-01T00:00:00", 0 },
	{ "2261-12-31T23:59:59", 9214646399 },
	{ "9214646399", 9214646399 },
	{ "9214646400", -1 },
	{ "2262-01-01T00:00:00", -1 },
	{ "1969-12-31T23:59:59", -1 },
	{ "-1", -1 },
	{ "", -1 },
	{ "now", -1 },
	{ "2026-01-01", -1 },
	{ "2026-01-01 00:00:00", -1 },
	{ "2026-01-01T00:00:00Z", -1 },
	{ "2026-1-1T00:00:00", -1 },
	{ " 2026-01-01T00:00:00", -1 },
	{ "2026-02-29T00:00:00", -1 },
	{ "2026-04-31T00:00:00", -1 },
	{ "2026-13-01T00:00:00", -1 },
	{ "2026-01-01T24:00:00", -1 },
	{ "2026-01-01T00:60:00", -1 },
	{ "2026-01-01T00:00:60", -1 },
	{ "99999999999999999999-01-01T00:00:00", -1 },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		int64_t ns = -5;
		int rc = date_parse(dates[i].text, &ns);

		if (dates[i].seconds < 0)
			is(rc, -EINVAL, "\"%s\" is no date", dates[i].text);
		else
			ok(!rc && ns == dates[i].seconds * NS_PER_SECOND, "\"%s\"", dates[i].text);
	}
	return tap_done();
}
