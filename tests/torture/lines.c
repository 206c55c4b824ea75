/* SPDX-License-Identifier: BSD-2-Clause */
/* lines.c: see lines.h. Pure. */
#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Without the blanks before it, its comment, and the blanks before that. */
static size_t trim(const char **line, size_t len)
{
	const char *from = *line, *end = from + len;

	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	for (const char *at = from; at < end; at++)
		if (*at == '#' && (at == from || at[-1] == ' ' || at[-1] == '\t'))
			end = at;
	while (end > from && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	*line = from;
	return (size_t)(end - from);
}

/* By how much the line changes the depth of blocks: "} {" by nothing. */
static int depth_change(const char *line, size_t len)
{
	return (int)(len && line[len - 1] == '{') - (int)(len && *line == '}');
}

int torture_lines_make(struct torture_lines *l, const char *text, struct error *err)
{
	size_t room = 1;
	unsigned number = 1;
	int depth = 0;

	for (const char *at = text; *at; at++)
		room += *at == '\n';
	*l = (struct torture_lines){ .lines = calloc(room, sizeof(*l->lines)) };
	if (!l->lines)
		return error_set(err, -ENOMEM, "out of memory");
	for (; *text; number++) {
		const char *line = text, *end = text + strcspn(text, "\n");
		size_t len = trim(&line, (size_t)(end - text));

		if (depth)
			l->lines[l->count - 1].len = (size_t)(line + len - l->lines[l->count - 1].text);
		else if (len)
			l->lines[l->count++] = (struct torture_line){ line, len, number };
		if (l->count)
			depth += depth_change(line, len);
		depth = depth < 0 ? 0 : depth;
		text = end + !!*end;
	}
	return 0;
}

void torture_lines_free(struct torture_lines *l)
{
	free(l->lines);
	*l = (struct torture_lines){ .count = 0 };
}

bool torture_line_compares(const struct torture_line *line)
{
	return !strncmp(line->text, "mark ", 5) || !strncmp(line->text, "clock-at ", 9);
}

int torture_lines_text(const struct torture_lines *l, const uint64_t *which, size_t count, char **text,
                       size_t *len, struct error *err)
{
	FILE *f = open_memstream(text, len);

	for (size_t i = 0; f && i < count; i++)
		fprintf(f, "%.*s\n", (int)l->lines[which[i]].len, l->lines[which[i]].text);
	return f && !fclose(f) ? 0 : error_set(err, -ENOMEM, "out of memory");
}
