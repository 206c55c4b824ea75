/* SPDX-License-Identifier: BSD-2-Clause */
/* shrink.c: see shrink.h. Pure. */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

/* Those that are left without a piece of `piece` things at `at`, into rest[]. */
static size_t without(uint64_t *rest, const uint64_t *things, size_t count, size_t at, size_t piece)
{
	size_t end = count - at < piece ? count : at + piece;

	memcpy(rest, things, at * sizeof(*rest));
	memcpy(rest + at, things + end, (count - end) * sizeof(*rest));
	return count - (end - at);
}

size_t shrink(uint64_t *things, size_t count, unsigned runs, shrink_fn *fails, void *arg)
{
	uint64_t *rest = calloc(count ? count : 1, sizeof(*rest));
	size_t piece = (count + 1) / 2, left;
	int rc = 0;

	while (rest && piece && rc >= 0 && runs) {
		size_t before = count;

		/* From the end: what comes late depends on what was before. */
		for (size_t at = count; at && runs && rc >= 0;) {
			at = at > piece ? at - piece : 0;
			left = without(rest, things, count, at, piece);
			rc = fails(arg, rest, left);
			runs--;
			if (rc <= 0)
				continue;
			memcpy(things, rest, left * sizeof(*things));
			count = left;
			if (at > count)
				at = count;
		}
		/* What was needed before may not be after something else went. */
		if (piece > 1 || count == before)
			piece /= 2;
	}
	free(rest);
	return count;
}
