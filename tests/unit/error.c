/* SPDX-License-Identifier: BSD-2-Clause */
/* error.c: the sentences for users, and the trace lines. */
#include "vmm/error.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"
#include "vmm/trace.h"

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

static void test_trace(void)
{
	char path[] = "/tmp/zpvm-trace-XXXXXX", text[1000] = "", big[600];
	struct trace trace = { .out = NULL };
	struct error err;
	int fd = mkstemp(path);
	FILE *f;
	size_t n;

	memset(big, 'y', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	ok(!trace_on(NULL) && !trace_on(&trace), "off without a file");
	trace_line(NULL, "vm", "nothing");
	trace_line(&trace, "vm", "nothing");
	is(trace_open(&trace, path, false, &err), 0, "open");
	ok(trace_on(&trace), "then it is on");
	trace_line(&trace, "vcpu 0", "exit %s", "HLT");
	trace_line(&trace, "flic", "%s", big);
	trace_close(&trace);
	ok(!trace_on(&trace), "off when closed");
	f = fdopen(fd, "r");
	n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[n] = 0;
	has(text, " vcpu 0   exit HLT\n", "a line");
	ok(n && text[n - 1] == '\n' && strstr(text, "flic     yyy") && n < 600,
	   "a long line is cut and ends");
	if (f)
		fclose(f);
	unlink(path);
	is(trace_open(&trace, "/nonexistent/file", false, &err), -ENOENT, "a file that cannot be made");
	has(err.text, "/nonexistent/file", "is named");
	is(trace_open(&trace, NULL, false, &err), 0, "without a file");
	trace_close(&trace);
	is(fileno(stderr), 2, "it is standard error, which stays open");
	ok(time_now() <= time_now(), "the clock goes on");
}

int main(void)
{
	test_error();
	test_trace();
	return tap_done();
}
