/* SPDX-License-Identifier: BSD-2-Clause */
/* json.c: see json.h. Pure. */
#include "json.h"

#include <inttypes.h>
#include <string.h>

void json_begin(struct json *j, FILE *out)
{
	*j = (struct json){ .out = out };
}

size_t json_utf8_length(const void *bytes, size_t max)
{
	const unsigned char *p = bytes;
	size_t len = p[0] < 0x80   ? 1
	             : p[0] < 0xc2 ? 0
	             : p[0] < 0xe0 ? 2
	             : p[0] < 0xf0 ? 3
	             : p[0] < 0xf5 ? 4
	                           : 0;

	if (len > max)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80) /* the terminating 0 too */
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90)) /* longer than need be */
		return 0;
	if ((p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f)) /* surrogates; beyond Unicode */
		return 0;
	return len;
}

static void quoted(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	putc('"', out);
	while (*p) {
		size_t len = json_utf8_length(p, SIZE_MAX);

		if (!len)
			fputs("\\ufffd", out);
		else if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if (*p < 0x20)
			fprintf(out, "\\u%04x", *p);
		else
			fwrite(p, 1, len, out);
		p += len ? len : 1;
	}
	putc('"', out);
}

static void newline(const struct json *j)
{
	putc('\n', j->out);
	for (unsigned i = 0; i < j->depth; i++)
		fputs("  ", j->out);
}

/* What comes before each value. */
static void begin_value(struct json *j, const char *key)
{
	if (j->more)
		putc(',', j->out);
	if (j->depth)
		newline(j);
	j->more = true;
	if (key) {
		quoted(j->out, key);
		fputs(": ", j->out);
	}
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin_value(j, key);
	putc(bracket, j->out);
	j->arrays = j->arrays << 1 | (bracket == '[');
	j->depth++;
	j->more = false;
}

void json_close(struct json *j)
{
	bool had = j->more;

	j->depth--;
	if (had)
		newline(j);
	putc(j->arrays & 1 ? ']' : '}', j->out);
	j->arrays >>= 1;
	j->more = true;
	if (!j->depth)
		putc('\n', j->out);
}

void json_string(struct json *j, const char *key, const char *text)
{
	if (!text) {
		json_null(j, key);
		return;
	}
	begin_value(j, key);
	quoted(j->out, text);
}

void json_number(struct json *j, const char *key, int64_t value)
{
	begin_value(j, key);
	fprintf(j->out, "%" PRId64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin_value(j, key);
	fputs(value ? "true" : "false", j->out);
}

void json_null(struct json *j, const char *key)
{
	begin_value(j, key);
	fputs("null", j->out);
}
