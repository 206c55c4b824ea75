/* SPDX-License-Identifier: BSD-2-Clause */
/* json_read.c: JSON as RFC 8259 says, what is refused and where, bounds, and looking into it. */
#include "vmm/tool/json_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static const struct {
	const char *text, *wrong;
} refused[] = {
	{ "", "offset 0: a value is missing at the end" },
	{ "  ", "offset 2: a value is missing at the end" },
	{ "nul", "offset 0: no value begins like this" },
	{ "NaN", "offset 0: no value begins like this" },
	{ "[1,]", "offset 3: no value begins like this" },
	{ "[1 2]", "offset 3: a comma or ] is missing here" },
	{ "[1", "offset 2: a comma or ] is missing here" },
	{ "[", "offset 1: a value is missing at the end" },
	{ "[1}", "offset 2: a comma or ] is missing here" },
	{ "{\"a\":1", "offset 6: a comma or } is missing here" },
	{ "{\"a\" 1}", "offset 5: a colon is missing here" },
	{ "{a:1}", "offset 1: a string is missing here" },
	{ "{\"a\":1,}", "offset 7: a string is missing here" },
	{ "{\"a\":1,\"b\":2, \"a\":3}", "offset 14: the member \"a\" is there already" },
	{ "01", "offset 1: more follows the value" },
	{ "-", "offset 0: not a number" },
	{ "1.", "offset 0: not a number" },
	{ "1e+", "offset 0: not a number" },
	{ "+1", "offset 0: no value begins like this" },
	{ "\"a", "offset 0: a string without an end" },
	{ "\"a\nb\"", "offset 2: a control character in a string" },
	{ "\"\\x\"", "offset 1: no such escape sequence" },
	{ "\"\\u12g4\"", "offset 1: \\u is followed by no character" },
	{ "\"\\ud800\"", "offset 1: \\u is followed by no character" },
	{ "\"\\udc00\"", "offset 1: \\u is followed by no character" },
	{ "\"\\u0000\"", "offset 1: a string must not contain NUL" },
	{ "\"\xff\"", "offset 1: not UTF-8" },
	{ "\"\xc3", "offset 1: not UTF-8" },
	{ "{} x", "offset 3: more follows the value" },
};

static void refusals(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct json_doc doc;
		struct error err = { .text = "" };
		int rc = json_read(&doc, refused[i].text, strlen(refused[i].text), &err);

		ok(rc == -EBADMSG && !strcmp(err.text, refused[i].wrong), "%s: %s", refused[i].text,
		   err.text);
	}
}

static void reads(void)
{
	static const char text[] =
		" {\"a\": [1, -2.5e3, true, false, null, [], {}],\n"
		" \"\\u00e4\\\"\\ud83d\\ude00\": \"x\\n\xc3\xa4\\/\", \"n\": -9223372036854775808} \n";
	const struct json_node *root, *a, *m;
	struct json_doc doc;
	struct error err;
	int64_t n = 0;

	is(json_read(&doc, text, strlen(text), &err), 0, "a value of each type");
	root = json_root(&doc);
	is(root->count, 3, "three members");
	a = json_find(&doc, root, "a");
	is(a ? a->count : 0, 7, "an array of seven");
	m = json_first(&doc, a);
	ok(json_int(m, &n) && n == 1, "its first is 1");
	m = json_next(&doc, m);
	ok(!json_int(m, &n) && !strcmp(m->text, "-2.5e3"), "its second is no integer");
	ok(!json_text(m), "and no string");
	m = json_find(&doc, root, "\xc3\xa4\"\xf0\x9f\x98\x80");
	ok(json_text(m) && !strcmp(json_text(m), "x\n\xc3\xa4/"), "strings are decoded, keys too");
	ok(json_int(json_find(&doc, root, "n"), &n) && n == INT64_MIN, "the smallest integer");
	ok(!json_find(&doc, root, "b") && !json_find(&doc, a, "a") && !json_first(&doc, NULL) &&
	           !json_text(NULL) && !json_int(NULL, &n),
	   "what is not there is not found");
	json_free(&doc);
	is(json_read(&doc, "9223372036854775808", 19, &err), 0, "a number beyond");
	ok(!json_int(json_root(&doc), &n), "it does not fit");
	json_free(&doc);
}

static void depth(void)
{
	char text[2 * JSON_DEPTH_MAX + 3];
	struct json_doc doc;
	struct error err;

	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	is(json_read(&doc, text, 2 * JSON_DEPTH_MAX, &err), 0, "the deepest one");
	json_free(&doc);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	is(json_read(&doc, text, 2 * JSON_DEPTH_MAX + 2, &err), -EBADMSG, "deeper: %s", err.text);
}

static void equal(void)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "{\"a\":1,\"b\":[2]}", "{\"b\": [2], \"a\":1}", true },
		{ "{\"a\":1}", "{\"b\":1}", false },
		{ "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
		{ "[1,2]", "[2,1]", false },
		{ "[1,2]", "[1,2]", true },
		{ "[[1],2]", "[[3],2]", false },
		{ "\"1\"", "1", false },
		{ "[]", "{}", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_doc a, b;
		struct error err;

		is(json_read(&a, rows[i].a, strlen(rows[i].a), &err), 0, "%s", rows[i].a);
		is(json_read(&b, rows[i].b, strlen(rows[i].b), &err), 0, "%s", rows[i].b);
		ok(json_equal(&a, json_root(&a), &b, json_root(&b)) == rows[i].equal, "%s: %s", rows[i].a,
		   rows[i].equal ? "equal" : "not equal");
		json_free(&a);
		json_free(&b);
	}
}

int main(void)
{
	refusals();
	reads();
	depth();
	equal();
	return tap_done();
}
