/* SPDX-License-Identifier: BSD-2-Clause */
/* wanted.c: see wanted.h. Pure. */
#include "wanted.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vmm/number.h"

static int parse_one(const char *text, uint64_t max, uint64_t *value)
{
	bool minus = *text == '-';
	int rc = number_parse(text + minus, minus ? INT64_MAX : max, value);

	if (minus)
		*value = -*value;
	return rc;
}

/* text is cut at the dots. */
static int parse_range(char *text, uint64_t max, uint64_t *from, uint64_t *to)
{
	char *dots = strstr(text, "..");
	int rc;

	if (dots)
		*dots = 0;
	rc = parse_one(text, max, from);
	*to = *from;
	if (rc || !dots)
		return rc;
	*to = *text == '-' ? INT64_MAX : UINT64_MAX;
	rc = dots[2] ? parse_one(dots + 2, max, to) : 0;
	if (rc)
		return rc;
	return *text == '-' ? (int64_t)*from <= (int64_t)*to ? 0 : -EINVAL : *from <= *to ? 0 : -EINVAL;
}

int wanted_parse(const char *text, uint64_t max, struct wanted *w)
{
	char copy[200], *rest = copy, *one;
	int rc = 0;

	*w = (struct wanted){ 0 };
	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	while (!rc && (one = strsep(&rest, "|"))) {
		if (w->count == WANTED_MAX)
			return -E2BIG;
		rc = parse_range(one, max, &w->range[w->count].from, &w->range[w->count].to);
		w->count += !rc;
	}
	return rc;
}

bool wanted_has(const struct wanted *w, uint64_t value)
{
	for (unsigned i = 0; i < w->count; i++) {
		uint64_t from = w->range[i].from, to = w->range[i].to;

		if (from <= to ? from <= value && value <= to
		               : (int64_t)from <= (int64_t)value && (int64_t)value <= (int64_t)to)
			return true;
	}
	return false;
}

static int number_text(char *text, size_t size, uint64_t n)
{
	return snprintf(text, size,
	                (int64_t)n < 0 && n != UINT64_MAX ? "%" PRId64
	                : n < 10000                       ? "%" PRIu64
	                                                  : "0x%" PRIx64,
	                n);
}

void wanted_text(const struct wanted *w, char *text, size_t size)
{
	size_t len = 0;

	*text = 0;
	for (unsigned i = 0; i < w->count && len < size; i++) {
		uint64_t from = w->range[i].from, to = w->range[i].to;

		len += (size_t)snprintf(text + len, size - len, "%s", i ? "|" : "");
		if (len < size)
			len += (size_t)number_text(text + len, size - len, from);
		if (len < size && from != to)
			len += (size_t)snprintf(text + len, size - len, "..");
		if (len < size && from != to && to != UINT64_MAX && to != INT64_MAX)
			len += (size_t)number_text(text + len, size - len, to);
	}
}
