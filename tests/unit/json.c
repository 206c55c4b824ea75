/* SPDX-License-Identifier: BSD-2-Clause */
/* json.c: what the writer writes is JSON, read here by RFC 8259's grammar. */
#include "vmm/snapshot/json.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tap.h"

/* --- a reader that only says yes or no: each returns what comes next, or NULL --- */

static const char *value(const char *p);

static const char *blank(const char *p)
{
	return p ? p + strspn(p, " \n\r\t") : NULL;
}

static const char *string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	for (; *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p != '\\')
			continue;
		if (!*++p || !strchr("\"\\/bfnrtu", *p))
			return NULL;
		if (*p == 'u' && strspn(p + 1, "0123456789abcdefABCDEF") < 4)
			return NULL;
	}
	return p + 1;
}

static const char *number(const char *p)
{
	size_t digits;

	p += *p == '-';
	digits = strspn(p, "0123456789");
	return digits && (digits == 1 || *p != '0') ? p + digits : NULL;
}

static const char *members(const char *p, char end, bool named)
{
	p = blank(p + 1);
	if (*p == end)
		return p + 1;
	for (;;) {
		if (named) {
			p = blank(string(p));
			if (!p || *p++ != ':')
				return NULL;
		}
		p = blank(value(blank(p)));
		if (!p || (*p != ',' && *p != end))
			return NULL;
		if (*p == end)
			return p + 1;
		p = blank(p + 1);
	}
}

static const char *value(const char *p)
{
	static const char *const words[] = { "true", "false", "null" };

	if (*p == '{')
		return members(p, '}', true);
	if (*p == '[')
		return members(p, ']', false);
	if (*p == '"')
		return string(p);
	for (size_t i = 0; i < 3; i++)
		if (!strncmp(p, words[i], strlen(words[i])))
			return p + strlen(words[i]);
	return number(p);
}

/* Bytes that are UTF-8: iconv's opinion would need a locale. */
static bool utf8(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p;) {
		unsigned len = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
		uint32_t c = *p++ & (0xff >> (len + (len > 1)));
		static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

		if (!len)
			return false;
		for (unsigned i = 1; i < len; i++, p++) {
			if (*p >> 6 != 2)
				return false;
			c = c << 6 | (*p & 0x3f);
		}
		if (len > 1 && (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)))
			return false;
	}
	return true;
}

static bool is_json(const char *text)
{
	const char *end = blank(value(blank(text)));

	return end && !*end && utf8(text);
}

static void test_reader(void)
{
	static const char *const good[] = { "{}", "[ ]", "-12", "0", "[1,{\"a\":null}]", "\"\\u00ff\\n\"" };
	static const char *const bad[] = { "",      "{",      "[1,]",     "{\"a\"}",   "{a:1}",      "01",
		                           "[1 2]", "\"\n\"", "\"\\x\"",  "\"\\u12\"", "{\"a\":1,}", "[]]",
		                           "tru",   "\"",     "\"\xff\"", "-",         "{1:1}" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(is_json(good[i]), "is JSON: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!is_json(bad[i]), "is not, number %zu", i);
}

/* --- the writer ------------------------------------------------------- */

static char *text;
static size_t text_size;

static struct json begin(void)
{
	struct json j;

	free(text);
	json_begin(&j, open_memstream(&text, &text_size));
	return j;
}

static void finish(const struct json *j)
{
	fclose(j->out);
}

static void test_layout(void)
{
	struct json j = begin();

	json_open(&j, NULL, '{');
	json_string(&j, "name", "a");
	json_open(&j, "list", '[');
	json_number(&j, NULL, 1);
	json_open(&j, NULL, '{');
	json_close(&j);
	json_open(&j, NULL, '[');
	json_close(&j);
	json_close(&j);
	json_open(&j, "in", '{');
	json_bool(&j, "yes", true);
	json_bool(&j, "no", false);
	json_close(&j);
	json_null(&j, "nothing");
	json_string(&j, "none", NULL);
	json_number(&j, "least", INT64_MIN);
	json_number(&j, "most", INT64_MAX);
	json_close(&j);
	finish(&j);
	ok(is_json(text), "all kinds of values: it is JSON");
	ok(!strcmp(text, "{\n  \"name\": \"a\",\n  \"list\": [\n    1,\n    {},\n    []\n  ],\n"
	                 "  \"in\": {\n    \"yes\": true,\n    \"no\": false\n  },\n"
	                 "  \"nothing\": null,\n  \"none\": null,\n"
	                 "  \"least\": -9223372036854775808,\n  \"most\": 9223372036854775807\n}\n"),
	   "and laid out for people");
}

static void test_depth(void)
{
	struct json j = begin();

	for (int i = 0; i < 64; i++)
		json_open(&j, i % 2 ? "k" : NULL, i % 2 ? '[' : '{');
	for (int i = 0; i < 64; i++)
		json_close(&j);
	finish(&j);
	ok(is_json(text), "as deep as it goes, each bracket finds its own");
}

/* The text as a name and as a value. */
static void write_text(const char *bytes)
{
	struct json j = begin();

	json_open(&j, NULL, '{');
	json_string(&j, bytes, bytes);
	json_close(&j);
	finish(&j);
}

static void test_strings(void)
{
	static const struct {
		const char *bytes, *written;
	} cases[] = {
		{ "", "\"\"" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\n\t\x1f\x7f", "\"\\u000a\\u0009\\u001f\x7f\"" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "x\xff y", "\"x\\ufffd y\"" },
		{ "\xe2\x82", "\"\\ufffd\\ufffd\"" },                       /* ends too early */
		{ "\xc0\xaf", "\"\\ufffd\\ufffd\"" },                       /* longer than need be */
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },            /* a surrogate */
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" }, /* beyond Unicode */
		{ "\xc3\"", "\"\\ufffd\\\"\"" },
	};
	char bytes[5] = "";
	unsigned bad = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_text(cases[i].bytes);
		ok(is_json(text), "string %zu is JSON", i);
		has(text, cases[i].written, "and written as it should be");
	}
	/* Each pair of bytes, with and without what would complete a longer character. */
	for (unsigned i = 0; i < 2 * 256 * 256; i++) {
		bytes[0] = (char)(i >> 8);
		bytes[1] = (char)i;
		bytes[2] = bytes[3] = i >> 16 ? (char)0x80 : 0;
		write_text(bytes);
		bad += !is_json(text);
	}
	is(bad, 0, "whatever the bytes are, it is JSON");
}

int main(void)
{
	test_reader();
	test_layout();
	test_depth();
	test_strings();
	free(text);
	return tap_done();
}
