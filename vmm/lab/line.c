/* SPDX-License-Identifier: BSD-2-Clause */
/* line.c: see line.h. Pure. */
#include "line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vmm/number.h"

int line_wrong(struct line *l, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_set(l->err, -EINVAL, "%s", text);
}

/* The i-th bare word, or NULL; the keyword of the line is the 0th. */
const char *line_bare(struct line *l, unsigned i)
{
	for (unsigned w = 0; w < l->count; w++)
		if (!l->words[w].key && !i--) {
			l->used[w] = true;
			return l->words[w].text;
		}
	return NULL;
}

const char *line_value(struct line *l, const char *key)
{
	for (unsigned w = 0; w < l->count; w++)
		if (l->words[w].key && !strcmp(l->words[w].key, key)) {
			l->used[w] = true;
			return l->words[w].text;
		}
	return NULL;
}

int line_check_number(struct line *l, const char *what, const char *text, uint64_t max, uint64_t *value)
{
	int rc = number_parse(text, max, value);

	if (rc == -ERANGE)
		return line_wrong(l, "%s: %s is too large (at most %" PRIu64 ")", what, text, max);
	return rc ? line_wrong(l, "%s: %s is not a number", what, text) : 0;
}

/* key=NUMBER; *value stays as it is when the key is not there. */
int line_number(struct line *l, const char *key, uint64_t max, uint64_t *value)
{
	const char *text = line_value(l, key);

	return text ? line_check_number(l, key, text, max, value) : 0;
}

int line_bare_number(struct line *l, unsigned i, const char *what, uint64_t max, uint64_t *value)
{
	const char *text = line_bare(l, i);

	return text ? line_check_number(l, what, text, max, value) : line_wrong(l, "%s is missing", what);
}

/* A name: letters, digits, '.', '_', '-'. */
int line_name(struct line *l, const char *text, const char *what, const char **name)
{
	size_t len =
		text ? strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") : 0;

	if (!text)
		return line_wrong(l, "%s is missing", what);
	if (!len || text[len] || len >= SCENARIO_NAME)
		return line_wrong(l, "%s: %s is not a name (letters, digits, . _ -, at most %d)", what, text,
		                  SCENARIO_NAME - 1);
	*name = text;
	return 0;
}

int line_choice(struct line *l, const char *what, const char *text, const char *const *names, unsigned count,
                unsigned *index)
{
	char all[160] = "";

	for (unsigned i = 0; i < count; i++) {
		size_t len = strlen(all);

		if (!strcmp(text, names[i])) {
			*index = i;
			return 0;
		}
		snprintf(all + len, sizeof(all) - len, "%s%s", i ? ", " : "", names[i]);
	}
	return line_wrong(l, "%s: %s is not one of: %s", what, text, all);
}

int line_cpu(struct line *l, uint16_t otherwise)
{
	uint64_t cpu = otherwise;
	int rc = line_number(l, "cpu", UINT16_MAX - 1, &cpu);

	l->step->cpu = (uint16_t)cpu;
	return rc;
}

int line_block(struct line *l, const char *variable)
{
	unsigned last = l->count - 1;

	if (l->words[last].key || strcmp(l->words[last].text, "{"))
		return line_wrong(l, "%s: the line must end with {, and the steps follow", l->words[0].text);
	l->used[last] = true;
	l->opens = true;
	snprintf(l->step->block.variable, sizeof(l->step->block.variable), "%s", variable ? variable : "");
	return 0;
}

const struct step *line_labelled(const struct line *l, const char *label)
{
	for (const struct scenario *in = l->s; in; in = in->outer)
		for (const struct step *s = in->steps; s < in->steps + in->count; s++)
			if ((s->kind == STEP_INJECT || s->kind == STEP_NAME || s->kind == STEP_ADD) &&
			    s->name && !strcmp(s->name, label))
				return s;
	return NULL;
}

int line_check_used(struct line *l)
{
	for (unsigned w = 0; w < l->count; w++)
		if (!l->used[w])
			return line_wrong(l, "%s%s%s: not understood here",
			                  l->words[w].key ? l->words[w].key : "", l->words[w].key ? "=" : "",
			                  l->words[w].text);
	return 0;
}
