/* SPDX-License-Identifier: BSD-2-Clause */
/* progress.c: see progress.h. Pure. */
#include "progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace.h"

#define FIRST_NS 1000000000
#define AGAIN_NS 200000000
#define COLUMNS  79 /* a longer line would be two, which cannot be erased as one */

void progress_begin(struct progress *p)
{
	const char *term = getenv("TERM");

	*p = (struct progress){ .on = isatty(STDERR_FILENO) && (!term || strcmp(term, "dumb")),
		                .begun = time_now() };
	p->next = p->begun + FIRST_NS;
}

bool progress_due(struct progress *p)
{
	uint64_t now = p->on ? time_now() : 0;

	if (!p->on || now < p->next)
		return false;
	p->next = now + AGAIN_NS;
	return true;
}

void progress_show(struct progress *p, const char *fmt, ...)
{
	char text[COLUMNS + 1], line[COLUMNS + 16];
	va_list ap;
	int len;

	if (!p->on)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	len = snprintf(line, sizeof(line), "\r\033[K%s", text);
	fflush(stdout);
	p->shown |= write(STDERR_FILENO, line, (size_t)len) > 0;
}

void progress_end(struct progress *p)
{
	static const char erase[] = "\r\033[K";

	if (p->shown && write(STDERR_FILENO, erase, sizeof(erase) - 1) > 0)
		p->shown = false;
}

void progress_bytes(struct progress *p, const char *what, uint64_t done, uint64_t all)
{
	if (!progress_due(p))
		return;
	if (all)
		progress_show(p, "%s: %" PRIu64 " of %" PRIu64 " MiB", what, done >> 20, all >> 20);
	else
		progress_show(p, "%s: %" PRIu64 " MiB", what, done >> 20);
}
