/* SPDX-License-Identifier: BSD-2-Clause */
/* outline.c: see outline.h. Pure. */
#include "outline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define WIDTH_MAX 32 /* of the column of paths */

enum { MEMBER_NUMBER = 'n', MEMBER_TEXT = 't' }; /* the first byte of a member's value */

void outline_free(struct outline *o)
{
	free(o->lines);
	free(o->pool);
	*o = (struct outline){ 0 };
}

/* --- making one ------------------------------------------------------- */

void outline_at(struct outline *o, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(o->at, sizeof(o->at) - 1, fmt, ap);
	va_end(ap);
	if (len > 0)
		memcpy(o->at + strlen(o->at), ".", 2);
}

/* Room for len more bytes; NULL: none. */
static char *pool_grow(struct outline *o, size_t len)
{
	size_t size = o->size ? 2 * o->size : 4096;
	char *p;

	if (len > o->size - o->used) {
		size = size < o->used + len ? o->used + len : size;
		p = o->bad ? NULL : realloc(o->pool, size);
		if (!p) {
			o->bad = true;
			return NULL;
		}
		o->pool = p;
		o->size = size;
	}
	o->used += len;
	return o->pool + o->used - len;
}

static void add(struct outline *o, const char *path, const char *value, enum outline_type type)
{
	size_t room = o->room ? 2 * o->room : 64, at = strlen(o->at), len = strlen(path) + 1;
	struct outline_line line = { .path = o->used, .value = o->used + at + len, .type = type };
	char *to = pool_grow(o, at + len + strlen(value) + 1);
	struct outline_line *p = o->lines;

	if (o->count == o->room && to) {
		p = reallocarray(o->lines, room, sizeof(*p));
		o->bad |= !p;
	}
	if (!to || !p)
		return;
	if (o->count == o->room)
		o->room = room;
	o->lines = p;
	memcpy(to, o->at, at);
	memcpy(to + at, path, len);
	for (to += at + len; *value; value++)
		*to++ = *value >= ' ' && *value <= '~' ? *value : '?';
	*to = 0;
	p[o->count++] = line;
}

static void add_text(struct outline *o, const char *path, enum outline_type type, const char *fmt, va_list ap)
{
	char value[512];

	vsnprintf(value, sizeof(value), fmt, ap);
	add(o, path, value, type);
}

void outline_text(struct outline *o, const char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(o, path, OUTLINE_TEXT, fmt, ap);
	va_end(ap);
}

void outline_item(struct outline *o, const char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(o, path, OUTLINE_ITEM, fmt, ap);
	va_end(ap);
}

static void add_member(struct outline *o, const char *name, char type, const char *value)
{
	size_t len = strlen(name) + 1, size = len + 1 + strlen(value) + 1;
	char *to = o->count ? pool_grow(o, size) : NULL;

	if (!to)
		return;
	memcpy(to, name, len);
	to[len] = type;
	strcpy(to + len + 1, value);
	o->lines[o->count - 1].members++;
}

void outline_member(struct outline *o, const char *name, const char *fmt, ...)
{
	char value[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	add_member(o, name, MEMBER_TEXT, value);
}

void outline_member_number(struct outline *o, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	add_member(o, name, value < 1ULL << 53 ? MEMBER_NUMBER : MEMBER_TEXT, text);
}

void outline_number(struct outline *o, const char *path, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	/* A number of JSON that programs read exactly is not any larger. */
	add(o, path, text, value < 1ULL << 53 ? OUTLINE_NUMBER : OUTLINE_TEXT);
}

void outline_hex(struct outline *o, const char *path, uint64_t value)
{
	outline_text(o, path, "0x%" PRIx64, value);
}

void outline_flag(struct outline *o, const char *path, bool value)
{
	add(o, path, value ? "yes" : "no", OUTLINE_FLAG);
}

void outline_bytes(struct outline *o, const char *path, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	char *text = len && !o->bad ? malloc(4 * len + 1) : NULL, *to = text;

	if (!text) {
		o->bad |= len != 0;
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (p[i] >= ' ' && p[i] <= '~' && p[i] != '\\')
			*to++ = (char)p[i];
		else
			to += sprintf(to, "\\x%02x", p[i]);
	}
	*to = 0;
	add(o, path, text, OUTLINE_TEXT);
	free(text);
}

void outline_word(char *word, size_t size, const char *name)
{
	static const char good[] = "0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t i = 0;

	for (; *name && i + 3 < size; name++) {
		if (strchr(good, *name))
			word[i++] = *name;
		else
			i += (size_t)sprintf(word + i, "%%%02X", (uint8_t)*name);
	}
	strcpy(word + i, i ? "" : "%");
}

/* --- lines in order --------------------------------------------------- */

static const char *path_of(const struct outline *o, const struct outline_line *line)
{
	return o->pool + line->path;
}

static const char *value_of(const struct outline *o, const struct outline_line *line)
{
	return o->pool + line->value;
}

const char *outline_value(const struct outline *o, size_t line)
{
	return value_of(o, &o->lines[line]);
}

/* The digits of a word of len characters that is a hexadecimal number, or a decimal one, without zeros in
 * front; NULL: it is another word. */
static const char *digits_of(const char *word, size_t len, size_t *count)
{
	const char *end = word + len;

	if (len > 2 && word[0] == '0' && word[1] == 'x')
		word += 2;
	*count = strspn(word, "0123456789abcdef");
	if (word == end || word + *count != end)
		return NULL;
	for (; *count > 1 && *word == '0'; --*count)
		word++;
	return word;
}

/* Paths in natural order, word by word: those below one word stand together, and pages and sources stand in
 * the order of their numbers, which are hexadecimal. */
static int path_order(const char *a, const char *b)
{
	size_t i = 0, a_count, b_count;
	const char *x, *y;
	int order;

	while (a[i] && a[i] == b[i])
		i++;
	while (i && a[i - 1] != '.')
		i--;
	a += i;
	b += i;
	x = digits_of(a, strcspn(a, "."), &a_count);
	y = digits_of(b, strcspn(b, "."), &b_count);
	if (!x != !y)
		return x ? -1 : 1;
	if (x && a_count != b_count)
		return a_count < b_count ? -1 : 1;
	order = strverscmp(x ? x : a, y ? y : b);
	return order ? order : strcmp(a, b);
}

/* What is equal stays in its order. */
static int by_path(const void *a, const void *b, void *outline)
{
	const struct outline_line *x = a, *y = b;
	int order = path_order(path_of(outline, x), path_of(outline, y));

	return order ? order : (x->path > y->path) - (x->path < y->path);
}

static int by_value(const void *a, const void *b, void *outline)
{
	return strverscmp(value_of(outline, a), value_of(outline, b));
}

/* NULL: out of memory. */
static struct outline_line *sorted(const struct outline *o)
{
	struct outline_line *lines = o->bad ? NULL : calloc(o->count + 1, sizeof(*lines));

	if (!lines)
		return NULL;
	if (o->count) {
		memcpy(lines, o->lines, o->count * sizeof(*lines));
		qsort_r(lines, o->count, sizeof(*lines), by_path, (void *)o);
	}
	return lines;
}

/* How many of the lines, which are not none, have the first one's path. */
static size_t list_length(const struct outline *o, const struct outline_line *lines, size_t count)
{
	size_t n = 1;

	while (n < count && !strcmp(path_of(o, &lines[n]), path_of(o, lines)))
		n++;
	return n;
}

/* --- print ------------------------------------------------------------ */

void outline_print(const struct outline *o, FILE *out)
{
	size_t width = 0;

	for (size_t i = 0; i < o->count; i++) {
		size_t len = o->lines[i].value - o->lines[i].path - 1;

		width = len > width ? len : width;
	}
	width = width < WIDTH_MAX ? width : WIDTH_MAX;
	for (size_t i = 0; i < o->count; i++)
		fprintf(out, "%-*s  %s\n", (int)width, path_of(o, &o->lines[i]), value_of(o, &o->lines[i]));
}

/* An item that has members. */
static void print_members(struct json *j, const struct outline *o, const struct outline_line *line)
{
	const char *p = value_of(o, line);

	json_open(j, NULL, '{');
	json_string(j, "text", p);
	for (unsigned i = 0; i < line->members; i++) {
		const char *name = p + strlen(p) + 1, *value = name + strlen(name) + 1;

		if (*value == MEMBER_NUMBER)
			json_number(j, name, strtoll(value + 1, NULL, 10));
		else
			json_string(j, name, value + 1);
		p = value;
	}
	json_close(j);
}

static void print_value(struct json *j, const char *key, const struct outline *o,
                        const struct outline_line *line)
{
	const char *value = value_of(o, line);

	if (line->members) {
		print_members(j, o, line);
		return;
	}
	switch (line->type) {
	case OUTLINE_TEXT:
	case OUTLINE_ITEM: json_string(j, key, value); break;
	case OUTLINE_NUMBER: json_number(j, key, strtoll(value, NULL, 10)); break;
	case OUTLINE_FLAG: json_bool(j, key, *value == 'y'); break;
	}
}

/* The words that both paths begin with, each with its dot: how many, and their length. */
static unsigned common_words(const char *a, const char *b, size_t *len)
{
	unsigned words = 0;

	*len = 0;
	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '.') {
			words++;
			*len = i + 1;
		}
	return words;
}

/* The lines of one path, from an object that is `open` words deep in which the path before stood. */
static unsigned print_list(struct json *j, const char *before, const struct outline *o,
                           const struct outline_line *lines, size_t count, unsigned open)
{
	const char *path = path_of(o, lines), *dot;
	char word[128];
	size_t common;
	unsigned words = common_words(before, path, &common);

	for (; open > words; open--)
		json_close(j);
	for (path += common; (dot = strchr(path, '.')); path = dot + 1, open++) {
		snprintf(word, sizeof(word), "%.*s", (int)(dot - path), path);
		json_open(j, word, '{');
	}
	if (count == 1 && lines->type != OUTLINE_ITEM) {
		print_value(j, path, o, lines);
		return open;
	}
	json_open(j, path, '[');
	for (size_t i = 0; i < count; i++)
		print_value(j, NULL, o, &lines[i]);
	json_close(j);
	return open;
}

int outline_json(const struct outline *o, struct json *j)
{
	struct outline_line *lines = sorted(o);
	const char *before = "";
	unsigned open = 0;

	if (!lines)
		return -ENOMEM;
	for (size_t i = 0, n; i < o->count; i += n) {
		n = list_length(o, &lines[i], o->count - i);
		open = print_list(j, before, o, &lines[i], n, open);
		before = path_of(o, &lines[i]);
	}
	for (; open; open--)
		json_close(j);
	free(lines);
	return 0;
}

/* --- compare ---------------------------------------------------------- */

/* One outline's lines in order, and how far they have been compared. */
struct side {
	const struct outline *o;
	struct outline_line *lines;
	size_t at, list; /* of the lines from `at` on, `list` have the same path */
};

struct compare {
	outline_seen *seen;
	void *arg;
	size_t count;
};

static void tell(struct compare *c, const struct side *s, size_t at, const char *before, const char *after)
{
	c->seen(c->arg, path_of(s->o, &s->lines[at]), before, after);
	c->count++;
}

static const char *value_at(const struct side *s, size_t i)
{
	return value_of(s->o, &s->lines[s->at + i]);
}

static bool same_order(const struct side *a, const struct side *b)
{
	size_t i = 0;

	while (i < a->list && i < b->list && !strcmp(value_at(a, i), value_at(b, i)))
		i++;
	return i == a->list && i == b->list;
}

/* Of two sorted lists of the same path: the lines that only `s` has. */
static void tell_rest(struct compare *c, const struct side *s, const struct side *other, bool gone)
{
	size_t k = 0;

	for (size_t i = 0; i < s->list; i++) {
		int order = -1;

		while (k < other->list && (order = strverscmp(value_at(s, i), value_at(other, k))) > 0)
			k++;
		if (k < other->list && !order)
			k++; /* both have it */
		else
			tell(c, s, s->at + i, gone ? value_at(s, i) : NULL, gone ? NULL : value_at(s, i));
	}
}

/* Two lists of the same path. What is gone stands before what has come. */
static void compare_lists(struct compare *c, struct side *a, struct side *b)
{
	size_t before = c->count;

	if (same_order(a, b))
		return;
	if (a->list == 1 && b->list == 1 && a->lines[a->at].type != OUTLINE_ITEM) {
		tell(c, a, a->at, value_at(a, 0), value_at(b, 0));
		return;
	}
	qsort_r(a->lines + a->at, a->list, sizeof(*a->lines), by_value, (void *)a->o);
	qsort_r(b->lines + b->at, b->list, sizeof(*b->lines), by_value, (void *)b->o);
	tell_rest(c, a, b, true);
	tell_rest(c, b, a, false);
	if (c->count == before)
		tell(c, a, a->at, NULL, NULL);
}

static void compare_sides(struct compare *c, struct side *a, struct side *b)
{
	while (a->at < a->o->count || b->at < b->o->count) {
		int order = a->at == a->o->count   ? 1
		            : b->at == b->o->count ? -1
		                                   : path_order(path_of(a->o, &a->lines[a->at]),
		                                                path_of(b->o, &b->lines[b->at]));

		a->list = order > 0 ? 0 : list_length(a->o, a->lines + a->at, a->o->count - a->at);
		b->list = order < 0 ? 0 : list_length(b->o, b->lines + b->at, b->o->count - b->at);
		if (!order)
			compare_lists(c, a, b);
		for (size_t i = 0; order < 0 && i < a->list; i++)
			tell(c, a, a->at + i, value_at(a, i), NULL);
		for (size_t i = 0; order > 0 && i < b->list; i++)
			tell(c, b, b->at + i, NULL, value_at(b, i));
		a->at += a->list;
		b->at += b->list;
	}
}

int outline_compare(const struct outline *a, const struct outline *b, outline_seen *seen, void *arg)
{
	struct side left = { .o = a, .lines = sorted(a) }, right = { .o = b, .lines = sorted(b) };
	struct compare c = { seen, arg, 0 };
	int rc = left.lines && right.lines ? 0 : -ENOMEM;

	if (!rc)
		compare_sides(&c, &left, &right);
	free(left.lines);
	free(right.lines);
	return rc;
}
