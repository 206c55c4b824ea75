/* SPDX-License-Identifier: BSD-2-Clause */
/* json_read.c: see json_read.h. Pure. */
#include "json_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/snapshot/json.h"

struct reader {
	struct json_doc *doc;
	const char *text;
	size_t len, at;
	char *to;                      /* where the pool goes on */
	uint32_t open[JSON_DEPTH_MAX]; /* the arrays and objects that are not closed, and their last value */
	uint32_t last[JSON_DEPTH_MAX];
	unsigned depth;
	struct error *err;
};

static int wrong(struct reader *r, size_t at, const char *what)
{
	return error_set(r->err, -EBADMSG, "offset %zu: %s", at, what);
}

static void skip_space(struct reader *r)
{
	while (r->at < r->len && memchr(" \t\n\r", r->text[r->at], 4))
		r->at++;
}

/* The byte at the position; 0: the end. */
static char peek(const struct reader *r)
{
	return r->at < r->len ? r->text[r->at] : 0;
}

static bool take(struct reader *r, char c)
{
	if (r->at >= r->len || r->text[r->at] != c)
		return false;
	r->at++;
	return true;
}

/* --- strings ---------------------------------------------------------- */

/* Four hexadecimal digits; -1: there are none. */
static long hex4(struct reader *r)
{
	long value = 0;

	for (int i = 0; i < 4; i++, r->at++) {
		char c = peek(r);

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value << 4 | ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return value;
}

static void put_utf8(struct reader *r, unsigned long c)
{
	if (c < 0x80) {
		*r->to++ = (char)c;
		return;
	}
	if (c < 0x800) {
		*r->to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*r->to++ = (char)(0xe0 | c >> 12);
		} else {
			*r->to++ = (char)(0xf0 | c >> 18);
			*r->to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*r->to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*r->to++ = (char)(0x80 | (c & 0x3f));
}

/* After "\u": a character beyond U+FFFF is a pair of surrogates. */
static int read_unicode(struct reader *r, size_t begin)
{
	long c = hex4(r), low;

	if (c >= 0xd800 && c <= 0xdbff) {
		low = take(r, '\\') && take(r, 'u') ? hex4(r) : -1;
		c = low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff) : -1;
	} else if (c >= 0xdc00 && c <= 0xdfff) {
		c = -1;
	}
	if (c < 0)
		return wrong(r, begin, "\\u is followed by no character");
	if (!c)
		return wrong(r, begin, "a string must not contain NUL");
	put_utf8(r, (unsigned long)c);
	return 0;
}

static int read_escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	size_t begin = r->at - 1;
	char c = peek(r);
	const char *found = c ? strchr(from, c) : NULL;

	r->at += c != 0;
	if (c == 'u')
		return read_unicode(r, begin);
	if (!found)
		return wrong(r, begin, "no such escape sequence");
	*r->to++ = to[found - from];
	return 0;
}

/* A decoded string is never longer than what it is written as. */
static int read_string(struct reader *r, const char **text)
{
	size_t begin = r->at;

	if (!take(r, '"'))
		return wrong(r, begin, "a string is missing here");
	*text = r->to;
	while (r->at < r->len && r->text[r->at] != '"') {
		size_t len = json_utf8_length(r->text + r->at, r->len - r->at);

		if ((unsigned char)r->text[r->at] < ' ')
			return wrong(r, r->at, "a control character in a string");
		if (!len)
			return wrong(r, r->at, "not UTF-8");
		if (take(r, '\\')) {
			int rc = read_escape(r);

			if (rc)
				return rc;
			continue;
		}
		memcpy(r->to, r->text + r->at, len);
		r->to += len;
		r->at += len;
	}
	*r->to++ = 0;
	return take(r, '"') ? 0 : wrong(r, begin, "a string without an end");
}

/* --- values ----------------------------------------------------------- */

static bool skip_digits(struct reader *r)
{
	size_t begin = r->at;

	while (peek(r) >= '0' && peek(r) <= '9')
		r->at++;
	return r->at > begin;
}

static int read_number(struct reader *r, struct json_node *node)
{
	size_t begin = r->at;
	bool good;

	take(r, '-');
	good = take(r, '0') || skip_digits(r);
	if (good && take(r, '.'))
		good = skip_digits(r);
	if (good && (take(r, 'e') || take(r, 'E'))) {
		if (!take(r, '+'))
			take(r, '-');
		good = skip_digits(r);
	}
	if (!good)
		return wrong(r, begin, "not a number");
	node->type = JSON_NUMBER;
	node->text = memcpy(r->to, r->text + begin, r->at - begin);
	r->to += r->at - begin;
	*r->to++ = 0;
	return 0;
}

static int read_word(struct reader *r, struct json_node *node)
{
	static const char *const words[] = {
		[JSON_NULL] = "null", [JSON_FALSE] = "false", [JSON_TRUE] = "true"
	};

	for (unsigned i = JSON_NULL; i <= JSON_TRUE; i++) {
		size_t len = strlen(words[i]);

		if (len <= r->len - r->at && !memcmp(r->text + r->at, words[i], len)) {
			r->at += len;
			node->type = (enum json_type)i;
			return 0;
		}
	}
	return wrong(r, r->at,
	             r->at < r->len ? "no value begins like this" : "a value is missing at the end");
}

/* Adds the value to the innermost array or object. */
static int add_node(struct reader *r, const struct json_node *node)
{
	struct json_doc *doc = r->doc;
	uint32_t index = (uint32_t)doc->count;

	if (doc->count == doc->room) {
		size_t room = doc->room ? 2 * doc->room : 64;
		struct json_node *p = reallocarray(doc->nodes, room, sizeof(*p));

		if (!p)
			return error_set(r->err, -ENOMEM, "out of memory");
		doc->nodes = p;
		doc->room = room;
	}
	doc->nodes[doc->count++] = *node;
	if (r->depth) {
		uint32_t in = r->open[r->depth - 1], *last = &r->last[r->depth - 1];

		if (*last)
			doc->nodes[*last].next = index;
		else
			doc->nodes[in].first = index;
		doc->nodes[in].count++;
		*last = index;
	}
	return 0;
}

static int open_value(struct reader *r, struct json_node *node)
{
	int rc;

	if (r->depth == JSON_DEPTH_MAX)
		return wrong(r, r->at, "too many values in one another");
	node->type = peek(r) == '[' ? JSON_ARRAY : JSON_OBJECT;
	r->at++;
	rc = add_node(r, node);
	if (rc)
		return rc;
	r->open[r->depth] = (uint32_t)r->doc->count - 1;
	r->last[r->depth++] = 0;
	return 0;
}

static int read_value(struct reader *r, const char *key)
{
	struct json_node node = { .key = key };
	char c;
	int rc;

	skip_space(r);
	node.at = (uint32_t)r->at;
	c = peek(r);
	if (c == '{' || c == '[')
		return open_value(r, &node);
	if (c == '"') {
		node.type = JSON_STRING;
		rc = read_string(r, &node.text);
	} else if (c == '-' || (c >= '0' && c <= '9')) {
		rc = read_number(r, &node);
	} else {
		rc = read_word(r, &node);
	}
	return rc ? rc : add_node(r, &node);
}

static int read_member(struct reader *r)
{
	const char *key;
	size_t begin;
	int rc;

	skip_space(r);
	begin = r->at;
	rc = read_string(r, &key);
	if (rc)
		return rc;
	skip_space(r);
	if (!take(r, ':'))
		return wrong(r, r->at, "a colon is missing here");
	rc = read_value(r, key);
	if (!rc && r->doc->nodes[r->doc->count - 1].key == key)
		r->doc->nodes[r->doc->count - 1].at = (uint32_t)begin;
	return rc;
}

static int by_key(const void *a, const void *b, void *nodes)
{
	const struct json_node *x = &((struct json_node *)nodes)[*(const uint32_t *)a];
	const struct json_node *y = &((struct json_node *)nodes)[*(const uint32_t *)b];
	int order = strcmp(x->key, y->key);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Sorted, so that an object of very many members takes no quadratic time. */
static int check_keys(struct reader *r, const struct json_node *object)
{
	struct json_node *nodes = r->doc->nodes;
	uint32_t *list = calloc(object->count + 1, sizeof(*list)), n = 0;
	int rc = 0;

	if (!list)
		return error_set(r->err, -ENOMEM, "out of memory");
	for (uint32_t i = object->first; i; i = nodes[i].next)
		list[n++] = i;
	if (n)
		qsort_r(list, n, sizeof(*list), by_key, nodes);
	for (uint32_t i = 1; i < n && !rc; i++)
		if (!strcmp(nodes[list[i]].key, nodes[list[i - 1]].key))
			rc = error_set(r->err, -EBADMSG, "offset %u: the member \"%.40s\" is there already",
			               nodes[list[i]].at, nodes[list[i]].key);
	free(list);
	return rc;
}

/* Closes what ends here. *more: another value follows in the innermost one. */
static int read_end(struct reader *r, bool *more)
{
	*more = false;
	while (r->depth) {
		const struct json_node *in = &r->doc->nodes[r->open[r->depth - 1]];
		bool object = in->type == JSON_OBJECT;
		int rc;

		skip_space(r);
		if (!take(r, object ? '}' : ']')) {
			if (in->count && !take(r, ','))
				return wrong(r, r->at,
				             object ? "a comma or } is missing here"
				                    : "a comma or ] is missing here");
			*more = true;
			return 0;
		}
		rc = object ? check_keys(r, in) : 0;
		if (rc)
			return rc;
		r->depth--;
	}
	return 0;
}

static int read_all(struct reader *r)
{
	int rc = read_value(r, NULL);
	bool more = false;

	while (!rc) {
		rc = read_end(r, &more);
		if (rc || !more)
			break;
		rc = r->doc->nodes[r->open[r->depth - 1]].type == JSON_OBJECT ? read_member(r)
		                                                              : read_value(r, NULL);
	}
	skip_space(r);
	if (!rc && r->at < r->len)
		rc = wrong(r, r->at, "more follows the value");
	return rc;
}

int json_read(struct json_doc *doc, const char *text, size_t len, struct error *err)
{
	struct reader r = { .doc = doc, .text = text, .len = len, .err = err };
	int rc;

	*doc = (struct json_doc){ 0 };
	if (len > JSON_SIZE_MAX)
		return error_set(err, -EFBIG, "more than %d bytes", JSON_SIZE_MAX);
	/* A string has two quotes for its NUL; a number, which has none, is followed by another byte, or the
	 * end. */
	doc->pool = r.to = malloc(len + 2);
	rc = doc->pool ? read_all(&r) : error_set(err, -ENOMEM, "out of memory");
	if (rc)
		json_free(doc);
	return rc;
}

void json_free(struct json_doc *doc)
{
	free(doc->nodes);
	free(doc->pool);
	*doc = (struct json_doc){ 0 };
}

/* --- looking ---------------------------------------------------------- */

const struct json_node *json_first(const struct json_doc *doc, const struct json_node *node)
{
	return node && node->first ? &doc->nodes[node->first] : NULL;
}

const struct json_node *json_next(const struct json_doc *doc, const struct json_node *node)
{
	return node && node->next ? &doc->nodes[node->next] : NULL;
}

const struct json_node *json_find(const struct json_doc *doc, const struct json_node *node, const char *key)
{
	const struct json_node *m = node && node->type == JSON_OBJECT ? json_first(doc, node) : NULL;

	while (m && strcmp(m->key, key))
		m = json_next(doc, m);
	return m;
}

const char *json_text(const struct json_node *node)
{
	return node && node->type == JSON_STRING ? node->text : NULL;
}

bool json_int(const struct json_node *node, int64_t *value)
{
	char *end;

	if (!node || node->type != JSON_NUMBER)
		return false;
	errno = 0;
	*value = strtoll(node->text, &end, 10);
	return !*end && !errno;
}

bool json_equal(const struct json_doc *a, const struct json_node *x, const struct json_doc *b,
                const struct json_node *y)
{
	const struct json_node *other;

	if (!x || !y)
		return x == y;
	if (x->type != y->type || x->count != y->count || (x->text && strcmp(x->text, y->text) != 0))
		return false;
	other = json_first(b, y);
	for (const struct json_node *m = json_first(a, x); m; m = json_next(a, m)) {
		if (x->type == JSON_OBJECT)
			other = json_find(b, y, m->key);
		if (!json_equal(a, m, b, other))
			return false;
		other = json_next(b, other);
	}
	return true;
}
