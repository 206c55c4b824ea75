/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * editor.c: any bytes as keys at a terminal, as lines of a file, and as keys that may be for zpvm itself. The
 * editor believes that the pipe is a terminal.
 */
#include "vmm/lab/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "fuzz.h"
#include "vmm/escape.h"

#define KEYS 200 /* a longer input takes long, and does nothing else */

static bool terminal;

int isatty(int fd)
{
	return terminal && fd != STDERR_FILENO;
}

pid_t tcgetpgrp(int fd)
{
	(void)fd;
	return getpgrp();
}

int tcgetattr(int fd, struct termios *t)
{
	(void)fd;
	*t = (struct termios){ .c_lflag = ICANON | ECHO };
	return 0;
}

int tcsetattr(int fd, int when, const struct termios *t)
{
	(void)fd, (void)when, (void)t;
	return 0;
}

static void complete(void *arg, const char *text, FILE *f)
{
	unsigned n = (unsigned)strlen(text) % 4;

	(void)arg;
	for (unsigned i = 0; i < n; i++)
		fprintf(f, "%.*sword%u%s\n", (int)n, text, i / 2, i & 1 ? "" : " ");
}

static void type(const uint8_t *data, size_t size, bool at_terminal)
{
	static int out = -1, ends[2];
	enum edited what;
	struct editor *e;
	struct error err;
	const char *line;
	size_t len;

	if (out < 0)
		out = open("/dev/null", O_WRONLY);
	must(!pipe(ends) && write(ends[1], data, size) == (ssize_t)size);
	close(ends[1]);
	terminal = at_terminal;
	must(!editor_open(&e, ends[0], out, &err));
	terminal = false;
	must(editor_is_terminal(e) == at_terminal);
	editor_completion(e, complete, NULL);
	while ((what = editor_read(e, "> ", -1, &line, &len)) != EDITED_END) {
		must(what == EDITED_LINE || (at_terminal && what == EDITED_QUIT));
		must(len < EDITOR_LINE && !line[len] && !memchr(line, '\n', len));
		editor_around(e, false, NULL, 0);
		editor_around(e, true, data, size);
	}
	editor_close(e);
	close(ends[0]);
}

static void escape(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1), *pieces = malloc(size ? size : 1);
	struct escape whole = { .seen = false }, cut = whole;
	size_t half = size / 2, len, first;

	if (size) {
		memcpy(copy, data, size);
		memcpy(pieces, data, size);
	}
	len = escape_filter(&whole, copy, size);
	must(len <= size);
	first = escape_filter(&cut, pieces, half);
	must(first <= half && (cut.end || !memcmp(pieces, copy, first)));
	if (!cut.end) {
		size_t rest = escape_filter(&cut, pieces + half, size - half);

		must(first + rest == len && !memcmp(pieces + half, copy + first, rest));
	}
	must(cut.end == whole.end);
	free(copy);
	free(pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > KEYS)
		return 0;
	type(data, size, true);
	type(data, size, false);
	escape(data, size);
	return 0;
}
