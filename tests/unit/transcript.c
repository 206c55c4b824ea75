/* SPDX-License-Identifier: BSD-2-Clause */
/* transcript.c: places in what a guest prints, found again in what another one prints; bytes as a word. */
#include "vmm/lab/transcript.h"

#include <stdlib.h>

#include "tap.h"

static FILE *null;

static struct transcript *printed(const char *text)
{
	struct transcript *t = transcript_open(null);

	fputs(text, transcript_stream(t));
	fflush(transcript_stream(t));
	return t;
}

static void more(struct transcript *t, const char *text)
{
	fputs(text, transcript_stream(t));
	fflush(transcript_stream(t));
}

/* The place is this text, so often, and that many bytes behind the one before. */
static void is_place(const struct text_place *p, const char *text, uint64_t count, size_t behind,
                     const char *name)
{
	ok(p->len == strlen(text) && !memcmp(p->text, text, p->len), "%s: its text", name);
	is(p->count, count, "%s: how often", name);
	is(p->behind, behind, "%s: how far", name);
}

static void places(void)
{
	struct transcript *t = printed(""), *other;
	struct text_place p, second, prompt;
	uint8_t tail[4];

	transcript_here(t, &p);
	is(p.count, 0, "nothing was printed");
	ok(transcript_reached(t, &p), "that is reached at once");
	more(t, "a line\nanother\n");
	transcript_here(t, &p);
	is_place(&p, "\n", 2, 15, "behind a line");
	transcript_pass(t, &p);
	more(t, "# ");
	transcript_here(t, &prompt);
	is_place(&prompt, "# ", 1, 2, "a prompt");
	more(t, "the rest of a line that is far longer than a place");
	transcript_here(t, &p);
	is_place(&p, " that is far longer than a place", 1, 52, "a long line");
	is(transcript_tail(t, tail, sizeof(tail)), 4, "the last bytes");
	ok(!memcmp(tail, "lace", 4), "are these");

	other = printed("another line\n");
	p = (struct text_place){ .count = 2, .len = 1, .text = "\n" };
	second = p;
	ok(!transcript_reached(other, &p), "not yet reached");
	more(other, "x\n# more");
	ok(transcript_reached(other, &p) && p.behind == 15, "reached, and where");
	transcript_pass(other, &p);
	ok(!transcript_reached(other, &second), "counted from there");
	ok(transcript_reached(other, &prompt) && prompt.behind == 2, "the prompt, which it went past");
	transcript_close(t);
	transcript_close(other);
}

static void sums(void)
{
	struct transcript *a = printed("the same"), *b = printed("the "), *c = printed("the sane");

	more(b, "same");
	ok(transcript_sum(a) == transcript_sum(b), "the sum of what came in pieces");
	ok(transcript_sum(a) != transcript_sum(c), "the sum of something else");
	transcript_close(a);
	transcript_close(b);
	transcript_close(c);
}

/* A guest that prints without end is kept in part. */
static void much(void)
{
	struct transcript *t = printed("");
	struct text_place p;
	char *block = malloc(1 << 20);

	memset(block, 'x', (1 << 20) - 1);
	block[(1 << 20) - 1] = 0;
	for (int i = 0; i < 40; i++)
		more(t, block);
	transcript_here(t, &p);
	ok(p.behind < 20u << 20 && p.count > 1000, "a part of it");
	free(block);
	transcript_close(t);
}

static void words(void)
{
	static const uint8_t bytes[] = "a b\n\r\t\\#={}\x01\xff~";
	uint8_t back[80];
	char text[80] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	bytes_print(f, bytes, sizeof(bytes));
	fclose(f);
	ok(!strcmp(text, "a\\sb\\n\\r\\t\\\\\\x23\\x3d\\x7b\\x7d\\x01\\xff~\\x00"), "bytes as a word: %s",
	   text);
	is(bytes_parse(text, back), sizeof(bytes), "and back");
	ok(!memcmp(bytes, back, sizeof(bytes)), "the same");
	is(bytes_parse("\\q", back), -1, "an unknown letter");
	is(bytes_parse("\\x4", back), -1, "a digit is missing");
	is(bytes_parse("\\", back), -1, "the end is missing");
}

int main(void)
{
	null = fopen("/dev/null", "we");
	places();
	sums();
	much();
	words();
	fclose(null);
	return tap_done();
}
