/* SPDX-License-Identifier: BSD-2-Clause */
/* escape.c: Ctrl-A at a raw terminal. */
#include "vmm/escape.h"

#include "tap.h"

static void filter(struct escape *e, const char *in, const char *out, const char *what)
{
	uint8_t bytes[32];
	size_t len = strlen(in);

	memcpy(bytes, in, len);
	len = escape_filter(e, bytes, len);
	ok(len == strlen(out) && !memcmp(bytes, out, len), "%s", what);
}

int main(void)
{
	struct escape e = { .seen = false };

	filter(&e, "all x of it", "all x of it", "without Ctrl-A all is the guest's");
	filter(&e, "a\1\1b", "a\1b", "twice is once for the guest");
	filter(&e, "a\1", "a", "one at the end waits");
	filter(&e, "\1b", "\1b", "for the next bytes");
	filter(&e, "a\1qb\1\rc", "abc", "any other key after it does nothing");
	ok(!e.end, "nothing of it was the end");
	filter(&e, "a\1\1xb\1", "a\1xb", "x after an escaped Ctrl-A is an x");
	ok(!e.end, "and not the end");
	filter(&e, "xyz", "", "x ends it, in the next bytes too");
	ok(e.end, "says so");
	e = (struct escape){ .seen = false };
	filter(&e, "ab\1Xcd", "ab", "so does X, and what follows is nobody's");
	ok(e.end, "the end");
	return tap_done();
}
