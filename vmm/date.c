/* SPDX-License-Identifier: BSD-2-Clause */
/* date.c: see date.h. Pure. */
#include "date.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "number.h"

#define FORMAT       "%Y-%m-%dT%H:%M:%S"
#define SECONDS_LAST 9214646399 /* 2261-12-31 23:59:59 */

int date_parse(const char *text, int64_t *ns)
{
	struct tm tm = { 0 };
	char again[24] = "";
	const char *end;
	uint64_t number;
	time_t seconds;

	if (!number_parse(text, SECONDS_LAST, &number)) {
		*ns = (int64_t)number * NS_PER_SECOND;
		return 0;
	}
	end = strptime(text, FORMAT, &tm);
	if (!end || *end)
		return -EINVAL;
	seconds = timegm(&tm);
	/* timegm() makes the first of May out of April 31, and strptime() takes a number without its zeros.
	 */
	if (seconds < 0 || seconds > SECONDS_LAST || !gmtime_r(&seconds, &tm) ||
	    !strftime(again, sizeof(again), FORMAT, &tm) || strcmp(text, again))
		return -EINVAL;
	*ns = (int64_t)seconds * NS_PER_SECOND;
	return 0;
}
