/* SPDX-License-Identifier: BSD-2-Clause */
/* typed.c: see typed.h. Pure. */
#include "typed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void typed_forget(struct typed *t)
{
	free(t->text);
	t->text = NULL;
	t->len = 0;
}

/* Appends the line to the text. */
static int keep(struct typed *t, const char *line, size_t len, struct error *err)
{
	char *text = len < TYPED_BLOCK - t->len - 1 ? realloc(t->text, t->len + len + 1) : NULL;

	if (!text) {
		typed_forget(t);
		return error_set(err, -E2BIG, "a step of more than %u bytes, which is forgotten",
		                 TYPED_BLOCK);
	}
	memcpy(text + t->len, line, len);
	t->text = text;
	t->len += len;
	t->text[t->len++] = '\n';
	return 0;
}

int typed_line(struct typed *t, struct scenario *s, const char *line, size_t len, struct error *err)
{
	size_t before = t->len;
	bool more;
	int rc;

	t->line++;
	if (memchr(line, 0, len) || memchr(line, '\n', len))
		return error_set(err, -EINVAL, "a NUL byte: this is no text");
	if (!before)
		t->first = t->line;
	rc = keep(t, line, len, err);
	if (rc)
		return rc;
	rc = scenario_append(s, t->text, t->len, t->first, &more, err);
	if (rc && more)
		return 1;
	t->len = rc ? before : 0;
	if (!t->len)
		typed_forget(t);
	return rc;
}
