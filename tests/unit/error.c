/* SPDX-License-Identifier: BSD-2-Clause */
/* error.c: the sentences for users. */
#include "vmm/error.h"

#include <errno.h>

#include "tap.h"

static void test_error(void)
{
	struct error err;
	char big[2000];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	is(error_set(&err, -EIO, "it is %d", 5), -EIO, "error_set returns the code");
	ok(!strcmp(err.text, "it is 5"), "the sentence");
	is(error_prefix(&err, -EINVAL, "file:%d", 3), -EINVAL, "error_prefix returns the code");
	ok(!strcmp(err.text, "file:3: it is 5"), "the prefix stands before it");
	error_set(&err, -EIO, "%s", big);
	is(strlen(err.text), sizeof(err.text) - 1, "a long sentence is cut");
	error_prefix(&err, -EIO, "here");
	is(strlen(err.text), sizeof(err.text) - 1, "so it is with a prefix");
	has(err.text, "here: xxx", "which is kept");
	error_prefix(&err, -EIO, "%s", big);
	is(strlen(err.text), sizeof(err.text) - 1, "a long prefix is cut");
	error_set(&err, -EIO, "made on \x1b[2J\n, \x7f");
	error_prefix(&err, -EIO, "a\a");
	ok(!strcmp(err.text, "a?: made on ?[2J?, ?"), "what a terminal would obey is taken out");
	ok(!strcmp(error_name(EINVAL), "EINVAL"), "the name of an errno value");
	ok(!strcmp(error_name(-ENOENT), "ENOENT"), "of a negative one");
	ok(!strcmp(error_name(99999), "E?"), "of one that has none");
}

int main(void)
{
	test_error();
	return tap_done();
}
