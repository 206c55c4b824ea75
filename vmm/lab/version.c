/* SPDX-License-Identifier: BSD-2-Clause */
/* version.c: see version.h. Pure. */
#include "version.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PART_MAX 99999

const char *version_read(const char *text, struct version *v)
{
	*v = (struct version){ 0 };
	while (v->count < VERSION_PARTS && isdigit((unsigned char)*text)) {
		uint32_t *part = &v->part[v->count++];

		for (; isdigit((unsigned char)*text); text++) {
			*part = *part * 10 + (uint32_t)(*text - '0');
			if (*part > PART_MAX)
				return NULL;
		}
		if (*text != '.' || !isdigit((unsigned char)text[1]) || v->count == VERSION_PARTS)
			break;
		text++;
	}
	return v->count ? text : NULL;
}

/* As far as `said` says. */
static int compare(const struct version *here, const struct version *said)
{
	for (unsigned i = 0; i < said->count; i++)
		if (here->part[i] != said->part[i])
			return here->part[i] < said->part[i] ? -1 : 1;
	return 0;
}

bool versions_have(const struct versions *of, const struct version *here)
{
	return compare(here, &of->since) >= 0 && compare(here, &of->until) <= 0;
}

void version_of_kernel(const char *release, const char *version, struct version *here)
{
	static const char debian[] = "Debian ";
	const char *own = strstr(version, debian);

	if (!own || !version_read(own + strlen(debian), here))
		version_read(release, here);
}

void version_print(const struct version *v, char *text, size_t size)
{
	size_t len = 0;

	*text = 0;
	for (unsigned i = 0; i < v->count && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%u", i ? "." : "", v->part[i]);
}
