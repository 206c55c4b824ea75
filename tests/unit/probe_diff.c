/* SPDX-License-Identifier: BSD-2-Clause */
/* probe_diff.c: what differs between two reports of zpvm probe, and files that are none. */
#include "vmm/tool/probe_diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

static char text[8192];
static struct error err;

static void make(char path[32], const char *contents)
{
	int fd;

	strcpy(path, "/tmp/zpvm-probe-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || write(fd, contents, strlen(contents)) != (ssize_t)strlen(contents))
		exit(1);
	close(fd);
}

static int compare(const char *a, const char *b, bool *different)
{
	FILE *out = fmemopen(text, sizeof(text), "w");
	char x[32], y[32];
	int rc;

	*text = 0;
	err.text[0] = 0;
	*different = false;
	make(x, a);
	make(y, b);
	rc = probe_diff(x, y, out, different, &err);
	fclose(out);
	unlink(x);
	unlink(y);
	return rc;
}

#define CAP(name, value, meaning)                                              \
	"\"" name "\": {\"area\": \"vcpus\", \"number\": 1, \"value\": " value \
	", \"needed\": true, \"meaning\": \"" meaning "\"}"
#define ATTR(name, offered) "\"" name "\": {\"group\": 1, \"offered\": " offered "}"
#define REPORT(arch, chip, caps, devices, limits)                                                     \
	"{\"zpvm\": \"0.1.0\", \"arch\": \"" arch "\", \"api_version\": 12, \"capabilities\": {" caps \
	"}, \"devices\": {" devices "}, \"limits\": {" limits "}, \"error\": null, \"irqchip\": " chip "}"

static const char first[] =
	REPORT("power9", "\"xive\"", CAP("A", "1", "x") ", " CAP("B", "8", "x") ", " CAP("GONE", "1", "x"),
               "\"XIVE\": {\"error\": null, \"attributes\": {" ATTR("P", "true") ", " ATTR(
		       "Q", "true") "}}, "
                                    "\"OLD\": {\"error\": null, \"attributes\": {}}",
               "\"vcpu_id\": {\"value\": 2047, \"at_least\": false, \"stopped_by\": \"EINVAL\"}");
static const char second[] = REPORT(
	"power9", "\"xics\"", CAP("A", "1", "y") ", " CAP("B", "16", "x") ", " CAP("NEW", "3", "x"),
	"\"XIVE\": {\"error\": \"no\", \"attributes\": {" ATTR("P", "true") ", " ATTR("Q", "false") "}}",
	"\"vcpu_id\": {\"value\": 4000, \"at_least\": true, \"stopped_by\": \"the most that is "
	"tried\"}");

static void differing(void)
{
	bool different;

	is(compare(first, first, &different), 0, "the same");
	ok(!different && !*text, "nothing is said");
	is(compare(first, second, &different), 0, "others");
	ok(different, "differ");
	ok(!strcmp(text, "irqchip: xive -> xics\n"
	                 "B: 8 -> 16\n"
	                 "GONE: only in the first: 1\n"
	                 "NEW: only in the second: 3\n"
	                 "XIVE error: none -> no\n"
	                 "XIVE Q: yes -> no\n"
	                 "OLD: only in the first: an object\n"
	                 "limit vcpu_id: 2047 (EINVAL) -> at least 4000 (the most that is tried)\n"
	                 "5 differ, 2 only in the first, 1 only in the second\n"),
	   "a line each, in the order of the report, and a summary; not what is only said of a thing");
}

/* The number is the same, what ended the search is not. */
static void another_end(void)
{
	static const char einval[] = REPORT("s390x", "null", CAP("A", "1", "x"), "",
	                                    "\"n\": {\"value\": 7, \"stopped_by\": \"EINVAL\"}");
	static const char enomem[] = REPORT("s390x", "null", CAP("A", "1", "x"), "",
	                                    "\"n\": {\"value\": 7, \"stopped_by\": \"ENOMEM\"}");
	bool different;

	is(compare(einval, enomem, &different), 0, "another end of a search");
	ok(different && !strncmp(text, "limit n: 7 (EINVAL) -> 7 (ENOMEM)\n", 34), "is a line");
}

static void refusing(void)
{
	static const struct {
		const char *text, *wrong;
	} rows[] = {
		{ "", ": offset 0: a value is missing at the end" },
		{ "{\"arch\": \"s390x\",", ": offset 17: a string is missing here" },
		{ "[1, 2]", ": offset 0: not a report of zpvm probe --json" },
		{ "{\"arch\": \"s390x\", \"capabilities\": 7}", ": offset 0: not a report" },
		{ "{\"schema\": \"zpvm-inspect\"}", ": offset 0: not a report" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int second_one = 0; second_one < 2; second_one++) {
			bool different;
			int rc = second_one ? compare(first, rows[i].text, &different)
			                    : compare(rows[i].text, first, &different);

			is(rc, -EBADMSG, "%s", *rows[i].text ? rows[i].text : "nothing");
			ok(strstr(err.text, rows[i].wrong) && !strncmp(err.text, "/tmp/", 5) && !*text, "%s",
			   err.text);
		}
	ok(probe_diff("/tmp/zpvm-no-such-file", "/dev/null", stdout, &(bool){ false }, &err) == -ENOENT, "%s",
	   err.text);
}

int main(void)
{
	differing();
	another_end();
	refusing();
	return tap_done();
}
