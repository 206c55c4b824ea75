/* SPDX-License-Identifier: BSD-2-Clause */
/* editor.c: see editor.h. Pure. */
#include "editor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define HISTORY 200
#define WIDTH   80 /* of the terminal, at least: to ask for its size would take an ioctl() */
#define KEY(c)  (31 & (c))

struct editor {
	int in, out;
	bool terminal, raw;
	struct termios before;
	editor_complete *complete;
	void *arg;
	/* What was read and is not in a line yet. */
	char bytes[512];
	size_t have, at;
	bool ended, again, typing; /* typing: the line is not complete */
	/* The line; under the lock, as is what is on the screen. */
	pthread_mutex_t lock;
	char line[EDITOR_LINE];
	size_t len, cursor;
	char prompt[80];
	bool shown;
	/* The lines before; [HISTORY]: the one being typed, while another is shown. */
	char *history[HISTORY + 1];
	unsigned lines, old;
	char keys[3]; /* of a sequence that ESC has begun */
	unsigned key_count;
};

/* --- the screen ------------------------------------------------------------ */

static void put(struct editor *e, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(e->out, text, len);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = e->out, .events = POLLOUT }, 1, -1);
		else if (n < 0 && errno != EINTR)
			return;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

static void say(struct editor *e, const char *text)
{
	put(e, text, strlen(text));
}

/* Whether the byte continues a character of UTF-8. */
static bool continues(char c)
{
	return (c & 0xc0) == 0x80;
}

static size_t columns(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += !continues(text[i]);
	return n;
}

/* Shows the prompt and the line: of one that is too long the part around the cursor. Under the lock. */
static void show(struct editor *e)
{
	size_t room = WIDTH - 1, prompt = strlen(e->prompt), from = 0, to = e->len;
	char move[24];

	room = room > prompt + 8 ? room - prompt : 8;
	while (columns(e->line + from, e->cursor - from) > room - 1)
		for (from++; from < e->cursor && continues(e->line[from]); from++)
			;
	while (columns(e->line + from, to - from) > room)
		for (to--; to > e->cursor && continues(e->line[to]); to--)
			;
	say(e, "\r\033[K");
	say(e, e->prompt);
	put(e, e->line + from, to - from);
	snprintf(move, sizeof(move), "\r\033[%zuC", prompt + columns(e->line + from, e->cursor - from));
	say(e, move);
	e->shown = true;
}

void editor_around(void *editor, bool after, const uint8_t *bytes, size_t len)
{
	struct editor *e = editor;

	/* Between the two calls with the lock: the prompt does not come in the middle of the output. */
	if (!after) {
		pthread_mutex_lock(&e->lock);
		if (e->shown)
			say(e, "\r\033[K");
		return;
	}
	if (e->shown && len && bytes[len - 1] != '\n')
		say(e, "\n");
	if (e->shown)
		show(e);
	pthread_mutex_unlock(&e->lock);
}

/* --- the line, under the lock ------------------------------------------------ */

static void set_line(struct editor *e, const char *text)
{
	e->len = e->cursor = strlen(text);
	memcpy(e->line, text, e->len);
}

static void insert(struct editor *e, const char *text, size_t len)
{
	if (len >= sizeof(e->line) - e->len)
		return;
	memmove(e->line + e->cursor + len, e->line + e->cursor, e->len - e->cursor);
	memcpy(e->line + e->cursor, text, len);
	e->len += len;
	e->cursor += len;
}

static size_t left_of(const struct editor *e, size_t at)
{
	while (at && continues(e->line[--at]))
		;
	return at;
}

static size_t right_of(const struct editor *e, size_t at)
{
	if (at < e->len)
		at++;
	while (at < e->len && continues(e->line[at]))
		at++;
	return at;
}

/* Removes what is from here to there, and goes there. */
static void cut(struct editor *e, size_t from, size_t to)
{
	memmove(e->line + from, e->line + to, e->len - to);
	e->len -= to - from;
	e->cursor = from;
}

static size_t word_left(const struct editor *e)
{
	size_t at = e->cursor;

	while (at && e->line[at - 1] == ' ')
		at--;
	while (at && e->line[at - 1] != ' ')
		at--;
	return at;
}

/* --- the history ------------------------------------------------------------- */

static void remember(struct editor *e)
{
	char *text = e->len ? strndup(e->line, e->len) : NULL;

	if (text && e->lines && !strcmp(e->history[e->lines - 1], text)) {
		free(text);
		text = NULL;
	}
	if (text && e->lines == HISTORY) {
		free(e->history[0]);
		memmove(e->history, e->history + 1, (HISTORY - 1) * sizeof(e->history[0]));
		e->lines--;
	}
	if (text)
		e->history[e->lines++] = text;
	e->old = e->lines;
}

/* Shows another line. */
static void go_back(struct editor *e, bool back)
{
	if (back ? !e->old : e->old == e->lines)
		return;
	if (e->old == e->lines) {
		free(e->history[HISTORY]);
		e->history[HISTORY] = strndup(e->line, e->len);
	}
	e->old += back ? -1u : 1;
	if (e->old < e->lines)
		set_line(e, e->history[e->old]);
	else
		set_line(e, e->history[HISTORY] ? e->history[HISTORY] : "");
}

/* --- completion ---------------------------------------------------------------- */

/* How much of the words, a line each, is the same. */
static size_t common(const char *words, unsigned *count)
{
	size_t same = strcspn(words, "\n");

	for (const char *word = words; *word; word += strcspn(word, "\n") + 1, ++*count)
		for (size_t i = 0; i < same; i++)
			if (word[i] != words[i])
				same = i;
	return same;
}

static void list(struct editor *e, char *words)
{
	say(e, "\n");
	for (char *c = words; *c; c++)
		if (*c == '\n')
			*c = c[1] ? ' ' : '\n';
	say(e, words);
}

static void complete(struct editor *e)
{
	size_t begin = e->cursor, size, same;
	char *words = NULL, text[EDITOR_LINE];
	FILE *f = e->complete ? open_memstream(&words, &size) : NULL;
	unsigned count = 0;

	if (!f)
		return;
	memcpy(text, e->line, e->cursor);
	text[e->cursor] = 0;
	e->complete(e->arg, text, f);
	fclose(f);
	while (begin && e->line[begin - 1] != ' ' && e->line[begin - 1] != '\t')
		begin--;
	same = words ? common(words, &count) : 0;
	if (same > e->cursor - begin)
		insert(e, words + e->cursor - begin, same - (e->cursor - begin));
	else if (count > 1)
		list(e, words);
	if (count == 1 && words[same - 1] != '=')
		insert(e, " ", 1);
	free(words);
}

/* --- keys ---------------------------------------------------------------------- */

/* The rest of ESC [ or ESC O. */
static void sequence(struct editor *e, char c)
{
	e->keys[e->key_count++] = c;
	if (e->key_count == 1 && (c == '[' || c == 'O'))
		return;
	if (e->key_count == 2 && c >= '0' && c <= '9')
		return;
	e->key_count = 0;
	switch (c) {
	case 'A': go_back(e, true); break;
	case 'B': go_back(e, false); break;
	case 'C': e->cursor = right_of(e, e->cursor); break;
	case 'D': e->cursor = left_of(e, e->cursor); break;
	case 'H': e->cursor = 0; break;
	case 'F': e->cursor = e->len; break;
	case '~':
		if (e->keys[1] == '3')
			cut(e, e->cursor, right_of(e, e->cursor));
		break;
	default: break;
	}
}

/* Of one byte. EDITED_WAKE: the line goes on. */
static enum edited key(struct editor *e, char c)
{
	if (e->key_count) {
		e->key_count--; /* ESC itself is counted */
		sequence(e, c);
		e->key_count += !!e->key_count;
		return EDITED_WAKE;
	}
	switch (c) {
	case '\r':
	case '\n': return EDITED_LINE;
	case KEY('c'): return EDITED_QUIT;
	case KEY('d'):
		if (!e->len)
			return EDITED_END;
		cut(e, e->cursor, right_of(e, e->cursor));
		break;
	case KEY('a'): e->cursor = 0; break;
	case KEY('e'): e->cursor = e->len; break;
	case KEY('b'): e->cursor = left_of(e, e->cursor); break;
	case KEY('f'): e->cursor = right_of(e, e->cursor); break;
	case KEY('p'): go_back(e, true); break;
	case KEY('n'): go_back(e, false); break;
	case KEY('k'): e->len = e->cursor; break;
	case KEY('u'): cut(e, 0, e->cursor); break;
	case KEY('w'): cut(e, word_left(e), e->cursor); break;
	case KEY('l'): say(e, "\033[H\033[2J"); break;
	case KEY('h'):
	case 127: cut(e, left_of(e, e->cursor), e->cursor); break;
	case '\t': complete(e); break;
	case 27: e->key_count = 1; break;
	default:
		if ((unsigned char)c >= ' ')
			insert(e, &c, 1);
	}
	return EDITED_WAKE;
}

/* --- reading ------------------------------------------------------------------- */

static void set_raw(struct editor *e, bool raw)
{
	struct termios modes = e->before;

	if (!e->terminal || e->raw == raw)
		return;
	modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	modes.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IXON);
	modes.c_cc[VMIN] = 1;
	modes.c_cc[VTIME] = 0;
	tcsetattr(e->in, TCSADRAIN, raw ? &modes : &e->before);
	e->raw = raw;
}

void editor_restore(struct editor *e)
{
	if (e && e->raw)
		tcsetattr(e->in, TCSANOW, &e->before);
}

/* Whether there are bytes; false: `wake` can be read. */
static bool fill(struct editor *e, int wake)
{
	struct pollfd fds[] = { { .fd = e->in, .events = POLLIN }, { .fd = wake, .events = POLLIN } };
	ssize_t n;

	if (e->at < e->have || e->ended)
		return true;
	if (poll(fds, 2, -1) <= 0)
		return fill(e, wake);
	if (fds[1].revents)
		return false;
	n = read(e->in, e->bytes, sizeof(e->bytes));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return fill(e, wake);
	e->at = 0;
	e->have = n > 0 ? (size_t)n : 0;
	e->ended = n <= 0;
	return true;
}

/* A line as it comes: one that is not ended is the last. */
static enum edited read_plain(struct editor *e, int wake)
{
	while (fill(e, wake)) {
		if (e->ended)
			return e->len ? EDITED_LINE : EDITED_END;
		while (e->at < e->have) {
			char c = e->bytes[e->at++];

			if (c == '\n')
				return EDITED_LINE;
			e->line[e->len++] = c;
			if (e->len == sizeof(e->line) - 1)
				return EDITED_LINE;
		}
	}
	return EDITED_WAKE;
}

static enum edited read_keys(struct editor *e, int wake)
{
	enum edited what = EDITED_WAKE;

	pthread_mutex_lock(&e->lock);
	show(e);
	pthread_mutex_unlock(&e->lock);
	while (what == EDITED_WAKE && fill(e, wake)) {
		pthread_mutex_lock(&e->lock);
		if (e->ended)
			what = EDITED_END;
		while (what == EDITED_WAKE && e->at < e->have)
			what = key(e, e->bytes[e->at++]);
		e->cursor = what == EDITED_LINE ? e->len : e->cursor;
		show(e);
		if (what != EDITED_WAKE) {
			e->shown = false;
			set_raw(e, false); /* first: behind the newline Ctrl-C is a signal */
			say(e, what == EDITED_QUIT ? "^C\n" : "\n");
		}
		pthread_mutex_unlock(&e->lock);
	}
	return what;
}

enum edited editor_read(struct editor *e, const char *prompt, int wake, const char **line, size_t *len)
{
	enum edited what;

	*line = e->line;
	*len = e->len;
	if (e->again) {
		e->again = false;
		return EDITED_LINE;
	}
	if (!e->typing)
		e->len = e->cursor = 0;
	e->typing = true;
	snprintf(e->prompt, sizeof(e->prompt), "%s", prompt);
	set_raw(e, true);
	what = e->terminal ? read_keys(e, wake) : read_plain(e, wake);
	if (what == EDITED_WAKE)
		return what;
	set_raw(e, false);
	e->typing = false;
	if (what == EDITED_LINE && e->terminal)
		remember(e);
	*len = what == EDITED_LINE ? e->len : 0;
	e->line[*len] = 0;
	return what;
}

void editor_unread(struct editor *e)
{
	e->again = true;
}

/* --- its life ------------------------------------------------------------------ */

int editor_open(struct editor **opened, int in, int out, struct error *err)
{
	struct editor *e = *opened = calloc(1, sizeof(*e));

	if (!e)
		return error_set(err, -ENOMEM, "out of memory");
	e->in = in;
	e->out = out;
	pthread_mutex_init(&e->lock, NULL);
	e->terminal = isatty(in) && isatty(out) && tcgetpgrp(in) == getpgrp() && !tcgetattr(in, &e->before);
	return 0;
}

void editor_close(struct editor *e)
{
	if (!e)
		return;
	set_raw(e, false);
	for (unsigned i = 0; i < e->lines; i++)
		free(e->history[i]);
	free(e->history[HISTORY]);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

bool editor_is_terminal(const struct editor *e)
{
	return e && e->terminal;
}

void editor_completion(struct editor *e, editor_complete *completer, void *arg)
{
	e->complete = completer;
	e->arg = arg;
}
