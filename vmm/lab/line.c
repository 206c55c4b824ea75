/* SPDX-License-Identifier: BSD-2-Clause */
/* line.c: see line.h. Pure. */
#include "line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/number.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

const char *line_trim(const char *line, size_t *len)
{
	const char *end = line + *len;

	while (line < end && is_blank(*line))
		line++;
	for (const char *hash = line; hash < end; hash++)
		if (*hash == '#' && (hash == line || is_blank(hash[-1])))
			end = hash;
	while (end > line && is_blank(end[-1]))
		end--;
	*len = (size_t)(end - line);
	return line;
}

int line_wrong(struct line *l, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_set(l->err, -EINVAL, "%s", text);
}

/* Whether the rest of the line, after the words found so far, is free text. */
static bool text_follows(const struct line *l, const char *word)
{
	if (!l->count)
		return false;
	if (!strcmp(l->words[0].text, "say"))
		return true;
	if (!strcmp(l->words[0].text, "expect"))
		return l->count == 2 && !l->words[1].key && !strcmp(l->words[1].text, "host-log");
	return !strcmp(l->words[0].text, "type") &&
	       (l->count > 1 || strncmp(word, "console=", strlen("console=")));
}

/* A word before the step's verb, which says on which kernels of the host it is executed. 1: it is none. */
static int prefix(struct line *l, const char *word)
{
	bool since = !strncmp(word, "since=", strlen("since="));
	struct version *v;
	const char *rest;

	if (l->count || !l->step || (!since && strncmp(word, "until=", strlen("until=")) != 0))
		return 1;
	v = since ? &l->step->kernels.since : &l->step->kernels.until;
	l->at = word;
	if (v->count)
		return line_wrong(l, "%.5s=: twice", word);
	rest = version_read(word + strlen("since="), v);
	if (!rest || *rest)
		return line_wrong(l, "%.5s: %s is no version of Linux, like 6.12 or 6.12.95", word, word + 6);
	l->prefixes++;
	return 0;
}

int line_split(struct line *l, char *text)
{
	char *rest = text, *word;
	int rc;

	l->begin = text;
	l->end = text + strlen(text);
	while ((word = strsep(&rest, " \t"))) {
		char *equals = strchr(word, '=');

		if (!*word)
			continue;
		if (text_follows(l, word))
			break;
		rc = prefix(l, word);
		if (rc < 0)
			return rc;
		if (!rc)
			continue;
		l->at = word;
		if (l->count == MAX_WORDS)
			return line_wrong(l, "more than %d words", MAX_WORDS);
		l->words[l->count].key = equals ? word : NULL;
		l->words[l->count++].text = equals ? equals + 1 : word;
		if (equals)
			*equals = 0;
		if (equals && (equals == word || !equals[1]))
			return line_wrong(l, "word %u: key=value needs both", l->count);
	}
	l->at = l->begin;
	return l->words[0].key ? line_wrong(l, "%s=: a step begins with a bare word", l->words[0].key) : 0;
}

/* The text of word number w, which somebody is going to look at; NULL if there is no such word. */
static const char *found(struct line *l, unsigned w)
{
	if (w == l->count) {
		l->at = l->end;
		return NULL;
	}
	l->used[w] = true;
	return l->at = l->words[w].text;
}

const char *line_bare(struct line *l, unsigned i)
{
	unsigned w = 0;

	while (w < l->count && (l->words[w].key || i--))
		w++;
	return found(l, w);
}

const char *line_value(struct line *l, const char *key)
{
	unsigned w = 0;

	while (w < l->count && (!l->words[w].key || strcmp(l->words[w].key, key)))
		w++;
	return found(l, w);
}

int line_check_number(struct line *l, const char *what, const char *text, uint64_t min, uint64_t max,
                      uint64_t *value)
{
	int rc = number_parse(text, max, value);

	l->at = text;
	if (rc == -ERANGE)
		return line_wrong(l, "%s: %s is too large (at most %" PRIu64 ")", what, text, max);
	if (!rc && *value < min)
		return line_wrong(l, "%s: 0 is not allowed", what);
	return rc ? line_wrong(l, "%s: %s is not a number", what, text) : 0;
}

/* A name: letters, digits, '.', '_', '-'. */
int line_name(struct line *l, const char *text, const char *what, const char **name)
{
	size_t len =
		text ? strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") : 0;

	if (!text)
		return line_wrong(l, "%s is missing", what);
	l->at = text;
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

	l->at = text;
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

void *line_array(struct line *l, size_t count, size_t size)
{
	l->step->array = calloc(count, size);
	if (!l->step->array)
		error_set(l->err, -ENOMEM, "out of memory");
	return l->step->array;
}

int line_check_used(struct line *l)
{
	for (unsigned w = 0; w < l->count; w++) {
		const char *key = l->words[w].key;

		if (l->used[w])
			continue;
		l->at = key ? key : l->words[w].text;
		return line_wrong(l, "%s%s%s: not understood here", key ? key : "", key ? "=" : "",
		                  l->words[w].text);
	}
	return 0;
}
