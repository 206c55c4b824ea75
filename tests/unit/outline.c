/* SPDX-License-Identifier: BSD-2-Clause */
/* outline.c: an outline printed, as JSON, and compared. */
#include "vmm/snapshot/outline.h"
#include "vmm/snapshot/json.h"

#include <stdlib.h>

#include "tap.h"

static char text[4096];

/* Runs print(o, out) and keeps what it printed. */
static const char *json(const struct outline *o)
{
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct json j;

	json_begin(&j, out);
	json_open(&j, NULL, '{');
	is(outline_json(o, &j), 0, "as JSON");
	json_close(&j);
	fclose(out);
	return text;
}

/* A line for each, as people know it. */
struct seen {
	FILE *out;
	long lines;
};

static void seen(void *arg, const char *path, const char *before, const char *after)
{
	struct seen *s = arg;

	s->lines += before && after ? 2 : 1;
	if (before)
		fprintf(s->out, "-%s  %s\n", path, before);
	if (after)
		fprintf(s->out, "+%s  %s\n", path, after);
	if (!before && !after)
		fprintf(s->out, "!%s  the same, in another order\n", path);
}

static long diff(const struct outline *a, const struct outline *b)
{
	struct seen s = { fmemopen(text, sizeof(text), "w"), 0 };

	is(outline_compare(a, b, seen, &s), 0, "compared");
	fclose(s.out);
	if (!s.lines)
		*text = 0;
	return s.lines;
}

static void printing(void)
{
	struct outline o = { 0 };
	FILE *out = fmemopen(text, sizeof(text), "w");

	outline_number(&o, "top", 7);
	outline_at(&o, "vcpu.%u", 10);
	outline_hex(&o, "psw.mask", 0x1234);
	outline_bytes(&o, "typed", "a\\\n", 3);
	outline_bytes(&o, "nothing", "", 0);
	outline_text(&o, "name", "not\tprinted\x80");
	outline_at(&o, "%s", "");
	outline_flag(&o, "end", true);
	outline_print(&o, out);
	fclose(out);
	ok(!strcmp(text, "top               7\n"
	                 "vcpu.10.psw.mask  0x1234\n"
	                 "vcpu.10.typed     a\\x5c\\x0a\n"
	                 "vcpu.10.name      not?printed?\n"
	                 "end               yes\n"),
	   "for people");
	ok(!o.bad && !strcmp(outline_value(&o, 1), "0x1234"), "a value");
	outline_free(&o);
}

static void as_json(void)
{
	struct outline o = { 0 };

	ok(!strcmp(json(&o), "{}\n"), "of nothing");
	outline_item(&o, "list", "one");
	outline_at(&o, "a.%d", 10);
	outline_number(&o, "x", UINT64_MAX);
	outline_at(&o, "a.%d", 9);
	outline_number(&o, "b.c", (1ULL << 53) - 1);
	outline_flag(&o, "b.d", false);
	outline_item(&o, "list", "two");
	outline_item(&o, "list", "\"1\"");
	ok(!strcmp(json(&o), "{\n"
	                     "  \"a\": {\n"
	                     "    \"9\": {\n"
	                     "      \"b\": {\n"
	                     "        \"c\": 9007199254740991,\n"
	                     "        \"d\": false\n"
	                     "      },\n"
	                     "      \"list\": [\n"
	                     "        \"two\",\n"
	                     "        \"\\\"1\\\"\"\n"
	                     "      ]\n"
	                     "    },\n"
	                     "    \"10\": {\n"
	                     "      \"x\": \"18446744073709551615\"\n"
	                     "    }\n"
	                     "  },\n"
	                     "  \"list\": [\n"
	                     "    \"one\"\n"
	                     "  ]\n"
	                     "}\n"),
	   "nested, in natural order, lists as arrays, large numbers as strings");
	outline_free(&o);
}

static void members(void)
{
	struct outline o = { 0 };

	outline_item(&o, "irq", "I/O ISC 3");
	outline_member_number(&o, "isc", 3);
	outline_member(&o, "parm", "0x%x", 0xcafe);
	outline_item(&o, "irq", "restart");
	outline_member_number(&o, "large", UINT64_MAX);
	ok(!strcmp(json(&o), "{\n"
	                     "  \"irq\": [\n"
	                     "    {\n"
	                     "      \"text\": \"I/O ISC 3\",\n"
	                     "      \"isc\": 3,\n"
	                     "      \"parm\": \"0xcafe\"\n"
	                     "    },\n"
	                     "    {\n"
	                     "      \"text\": \"restart\",\n"
	                     "      \"large\": \"18446744073709551615\"\n"
	                     "    }\n"
	                     "  ]\n"
	                     "}\n"),
	   "items with members are objects");
	outline_free(&o);
}

static void differences(void)
{
	static const char *const list[] = { "first", "second", "third", "second" };
	struct outline a = { 0 }, b = { 0 };

	is(diff(&a, &b), 0, "nothing and nothing");
	for (int i = 0; i < 4; i++)
		outline_item(&a, "list", "%s", list[i]);
	outline_number(&a, "only.10", 1);
	outline_number(&a, "same", 1);
	is(diff(&a, &a), 0, "one and the same");
	for (int i = 1; i < 4; i++)
		outline_item(&b, "list", "%s", list[i]);
	outline_number(&b, "same", 1);
	outline_number(&b, "only.9", 1);
	is(diff(&a, &b), 3, "three lines");
	ok(!strcmp(text, "-list  first\n+only.9  1\n-only.10  1\n"),
	   "one gone out of a list is one line; natural order");
	outline_item(&b, "list", "first");
	outline_number(&b, "only.10", 1);
	is(diff(&b, &a), 2, "a list in another order");
	ok(!strcmp(text, "!list  the same, in another order\n-only.9  1\n"), "says so");
	outline_free(&a);
	outline_free(&b);
}

static void order(void)
{
	static const char *const pages[] = { "0x2c000", "0x1000", "0x0", "0x14000", "0x2d000", "0x100000" };
	struct outline a = { 0 }, b = { 0 };

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		outline_at(&a, "page");
		outline_text(&a, pages[i], "9");
		outline_at(&b, "page");
		outline_text(&b, pages[i], i % 2 ? "9" : "10");
	}
	is(diff(&b, &a), 6, "three lines that are otherwise");
	ok(!strcmp(text, "-page.0x0  10\n+page.0x0  9\n-page.0x2c000  10\n+page.0x2c000  9\n"
	                 "-page.0x2d000  10\n+page.0x2d000  9\n"),
	   "what was stands before what is, whatever its value; pages in the order of their addresses");
	is(diff(&a, &b), 6, "and the other way round");
	ok(!strncmp(text, "-page.0x0  9\n+page.0x0  10\n", 27), "too");
	outline_free(&a);
	outline_free(&b);
	outline_text(&a, "n.012", "1");
	outline_text(&a, "n.007", "2");
	outline_text(&a, "n.6", "3");
	outline_text(&a, "n.3", "4");
	is(diff(&b, &a), 4, "numbers with zeros in front");
	ok(!strcmp(text, "+n.3  4\n+n.6  3\n+n.007  2\n+n.012  1\n"), "which do not count");
	outline_free(&a);
	outline_text(&a, "source.1000.pq", "1");
	outline_text(&a, "source.f80.pq", "2");
	outline_text(&a, "cpu-timer", "3");
	outline_text(&a, "r10", "4");
	outline_text(&a, "r9", "5");
	outline_text(&a, "n.01", "6");
	outline_text(&a, "n.1", "7");
	outline_text(&a, "n.list", "8");
	is(diff(&b, &a), 8, "numbers and words");
	ok(!strcmp(text, "+cpu-timer  3\n+n.01  6\n+n.1  7\n+n.list  8\n+r9  5\n+r10  4\n+source.f80.pq  2\n"
	                 "+source.1000.pq  1\n"),
	   "each in its order");
	outline_item(&b, "n.list", "8");
	outline_item(&b, "n.list", "8");
	is(diff(&b, &a), 8, "one of two that are equal");
	ok(strstr(text, "-n.list  8\n") && !strstr(text, "+n.list"), "is one line");
	outline_free(&a);
	outline_free(&b);
}

static void words(void)
{
	char word[13];

	outline_word(word, sizeof(word), "io.2");
	ok(!strcmp(word, "io%2E2"), "a dot is none of a word");
	outline_word(word, sizeof(word), "io_2");
	ok(!strcmp(word, "io_2"), "another name is another word");
	outline_word(word, sizeof(word), "io%2E2");
	ok(!strcmp(word, "io%252E2"), "whatever it is");
	outline_word(word, sizeof(word), "");
	ok(!strcmp(word, "%"), "nothing is a word");
	outline_word(word, sizeof(word), "\xff\x01-bcdefghij");
	ok(!strcmp(word, "%FF%01-bcd"), "cut");
}

static void many(void)
{
	struct outline o = { 0 };

	for (unsigned i = 0; i < 10000; i++)
		outline_number(&o, "n", i);
	ok(!o.bad && o.count == 10000 && !strcmp(outline_value(&o, 9999), "9999"), "many lines");
	outline_free(&o);
}

int main(void)
{
	printing();
	as_json();
	members();
	differences();
	order();
	words();
	many();
	return tap_done();
}
