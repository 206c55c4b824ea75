/* SPDX-License-Identifier: BSD-2-Clause */
/* transcript.c: see transcript.h. Pure. */
#include "transcript.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KEPT \
	(16u \
	 << 20) /* bytes since the last place: of a guest that prints more, the first ones are forgotten */

struct transcript {
	FILE *to, *stream;
	pthread_mutex_t lock; /* for what follows */
	uint8_t *bytes;       /* since the last place */
	size_t len, room;
	uint8_t last[PLACE_TEXT]; /* printed last, before the last place too */
	size_t last_len;
	uint64_t sum; /* of all: FNV-1a */
};

/* --- what is printed -------------------------------------------------------- */

static void keep(struct transcript *t, const uint8_t *bytes, size_t len)
{
	if (t->len + len > t->room) {
		size_t room = (t->len + len) * 2;
		uint8_t *more;

		if (t->len + len > KEPT) {
			size_t drop = t->len < KEPT / 2 ? t->len : t->len - KEPT / 2;

			t->len -= drop;
			memmove(t->bytes, t->bytes + drop, t->len);
		}
		more = realloc(t->bytes, room);
		if (!more)
			return;
		t->bytes = more;
		t->room = room;
	}
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

static uint64_t add_up(uint64_t sum, const uint8_t *bytes, size_t len)
{
	while (len--)
		sum = (sum ^ *bytes++) * 0x100000001b3;
	return sum;
}

static void keep_last(struct transcript *t, const uint8_t *bytes, size_t len)
{
	size_t stay;

	if (len > sizeof(t->last)) {
		bytes += len - sizeof(t->last);
		len = sizeof(t->last);
	}
	stay = t->last_len + len > sizeof(t->last) ? sizeof(t->last) - len : t->last_len;
	memmove(t->last, t->last + t->last_len - stay, stay);
	memcpy(t->last + stay, bytes, len);
	t->last_len = stay + len;
}

static ssize_t printed(void *arg, const char *text, size_t len)
{
	struct transcript *t = arg;

	pthread_mutex_lock(&t->lock);
	keep(t, (const uint8_t *)text, len);
	keep_last(t, (const uint8_t *)text, len);
	t->sum = add_up(t->sum, (const uint8_t *)text, len);
	pthread_mutex_unlock(&t->lock);
	fwrite(text, 1, len, t->to);
	fflush(t->to);
	return (ssize_t)len;
}

struct transcript *transcript_open(FILE *to)
{
	struct transcript *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->to = to;
	t->sum = 0xcbf29ce484222325;
	t->stream = fopencookie(t, "w", (cookie_io_functions_t){ .write = printed });
	if (!t->stream) {
		free(t);
		return NULL;
	}
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

FILE *transcript_stream(const struct transcript *t)
{
	return t->stream;
}

void transcript_close(struct transcript *t)
{
	if (!t)
		return;
	fclose(t->stream);
	pthread_mutex_destroy(&t->lock);
	free(t->bytes);
	free(t);
}

/* --- places ------------------------------------------------------------------- */

/* Under the lock: the end of the line that is being printed, or of the line before it if that is complete. */
static void text_here(const struct transcript *t, struct text_place *p)
{
	size_t len = 1;

	while (len < t->len && len < sizeof(p->text) && t->bytes[t->len - len] != '\n' &&
	       t->bytes[t->len - len - 1] != '\n')
		len++;
	memcpy(p->text, t->bytes + t->len - len, len);
	p->len = len;
}

void transcript_here(struct transcript *t, struct text_place *place)
{
	*place = (struct text_place){ .count = 0 };
	pthread_mutex_lock(&t->lock);
	place->behind = t->len;
	if (t->len)
		text_here(t, place);
	for (size_t end = place->len; t->len && end <= t->len; end++)
		place->count += !memcmp(t->bytes + end - place->len, place->text, place->len);
	pthread_mutex_unlock(&t->lock);
}

void transcript_pass(struct transcript *t, const struct text_place *place)
{
	pthread_mutex_lock(&t->lock);
	t->len -= place->behind;
	if (t->len)
		memmove(t->bytes, t->bytes + place->behind, t->len);
	pthread_mutex_unlock(&t->lock);
}

bool transcript_reached(struct transcript *t, struct text_place *place)
{
	uint64_t count = 0;

	place->behind = 0;
	pthread_mutex_lock(&t->lock);
	for (size_t end = place->len; end <= t->len && count < place->count; end++) {
		count += !memcmp(t->bytes + end - place->len, place->text, place->len);
		place->behind = end;
	}
	pthread_mutex_unlock(&t->lock);
	return count == place->count;
}

uint64_t transcript_sum(struct transcript *t)
{
	uint64_t sum;

	pthread_mutex_lock(&t->lock);
	sum = t->sum;
	pthread_mutex_unlock(&t->lock);
	return sum;
}

size_t transcript_tail(struct transcript *t, uint8_t *bytes, size_t most)
{
	size_t len;

	pthread_mutex_lock(&t->lock);
	len = t->last_len < most ? t->last_len : most;
	memcpy(bytes, t->last + t->last_len - len, len);
	pthread_mutex_unlock(&t->lock);
	return len;
}

/* --- bytes as a word ---------------------------------------------------------- */

static const char escapes[] = "nrts\\", escaped[] = "\n\r\t \\";

void bytes_print(FILE *f, const uint8_t *bytes, size_t len)
{
	for (; len; len--, bytes++) {
		const char *known = *bytes ? strchr(escaped, *bytes) : NULL;

		if (known)
			fprintf(f, "\\%c", escapes[known - escaped]);
		else if (*bytes > ' ' && *bytes < 0x7f && !strchr("#={}", *bytes))
			fputc(*bytes, f);
		else
			fprintf(f, "\\x%02x", *bytes);
	}
}

static int digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower(c) - 'a' + 10 : -1;
}

long bytes_parse(const char *text, uint8_t *bytes)
{
	long count = 0;

	for (; *text; text++) {
		const char *known;

		if (*text != '\\') {
			bytes[count++] = (uint8_t)*text;
			continue;
		}
		text++;
		known = *text ? strchr(escapes, *text) : NULL;
		if (known) {
			bytes[count++] = (uint8_t)escaped[known - escapes];
		} else if (*text == 'x' && digit(text[1]) >= 0 && digit(text[2]) >= 0) {
			bytes[count++] = (uint8_t)(digit(text[1]) << 4 | digit(text[2]));
			text += 2;
		} else {
			return -1;
		}
	}
	return count;
}
