/* SPDX-License-Identifier: BSD-2-Clause */
/* files.c: see files.h. Read next: inspect.h. */
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vmm/file.h"
#include "inspect.h"
#include "vmm/status.h"

/* A file's bytes, and what is in them. */
struct opened {
	uint8_t *bytes;
	struct parsed_snapshot in;
};

static int open_file(const char *path, const struct section_extra *extra, struct opened *f, struct error *err)
{
	size_t len;
	int rc = snap_read(path, &f->bytes, &len, err);

	if (rc)
		return rc;
	rc = parsed_open(&f->in, f->bytes, len, true, extra, err);
	if (rc) {
		free(f->bytes);
		error_prefix(err, rc, "%s", path);
	}
	return rc;
}

static void close_file(struct opened *f)
{
	parsed_close(&f->in);
	free(f->bytes);
}

static int out_of_memory(int status, struct error *err)
{
	error_set(err, -ENOMEM, "out of memory");
	return status;
}

static int inspect(const struct options *o, const struct section_extra *extra, struct error *err)
{
	struct outline outline = { 0 };
	struct opened f;
	int rc = open_file(o->files[0], extra, &f, err);

	if (rc)
		return EXIT_DATA;
	inspect_describe(&f.in, &outline);
	if (outline.bad)
		rc = -ENOMEM;
	else if (o->json)
		rc = outline_json(&outline, stdout);
	else
		outline_print(&outline, stdout);
	outline_free(&outline);
	close_file(&f);
	return rc ? out_of_memory(EXIT_HOST, err) : 0;
}

/* The statuses are diff(1)'s, so that scripts can tell "different" from "could not be read". */
static int diff(const struct options *o, const struct section_extra *extra, struct error *err)
{
	struct opened a, b;
	long lines;

	if (open_file(o->files[0], extra, &a, err))
		return EXIT_DIFF_TROUBLE;
	if (open_file(o->files[1], extra, &b, err)) {
		close_file(&a);
		return EXIT_DIFF_TROUBLE;
	}
	lines = inspect_diff(&a.in, &b.in, stdout);
	close_file(&a);
	close_file(&b);
	return lines < 0 ? out_of_memory(EXIT_DIFF_TROUBLE, err) : lines ? EXIT_DIFFERENT : 0;
}

/* Returns whether the file is good; prints what is wrong, or that it is. */
static bool check_file(const char *path, const struct section_extra *extra)
{
	struct outline wrong = { 0 };
	struct error err;
	struct opened f;
	bool good;

	if (open_file(path, extra, &f, &err)) {
		printf("%s\n", err.text);
		return false;
	}
	parsed_check(&f.in, &wrong);
	good = !wrong.count && !wrong.bad;
	for (size_t i = 0; i < wrong.count; i++)
		printf("%s: %s\n", path, outline_value(&wrong, i));
	if (wrong.bad)
		printf("%s: out of memory\n", path);
	if (good)
		printf("%s: good\n", path);
	outline_free(&wrong);
	close_file(&f);
	return good;
}

static int check(const struct options *o, const struct section_extra *extra)
{
	bool good = true;

	for (char *const *path = o->files; *path; path++)
		good &= check_file(*path, extra);
	return good ? 0 : EXIT_DATA;
}

int files_command(const struct options *o, const struct section_extra *extra, struct error *err)
{
	switch (o->action) {
	case ACTION_INSPECT: return inspect(o, extra, err);
	case ACTION_DIFF: return diff(o, extra, err);
	case ACTION_CHECK: return check(o, extra);
	default: return -1;
	}
}
