/* SPDX-License-Identifier: BSD-2-Clause */
/* files.c: see files.h. Read next: inspect.h. */
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diff.h"
#include "elf_core.h"
#include "inspect.h"
#include "probe_diff.h"
#include "timeline.h"
#include "vmm/file.h"

/* A file's bytes, and the snapshot in them. */
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

static int inspect(const struct options *o, const struct section_extra *extra, struct error *err)
{
	struct outline outline = { 0 };
	struct opened f;
	int rc = open_file(o->files[0], extra, &f, err);

	if (rc)
		return error_blame(err, rc, FAULT_DATA);
	if (o->core) {
		rc = elf_core_write(&f.in, o->core, err);
		close_file(&f);
		return rc == -EINVAL ? error_blame(err, rc, FAULT_DATA) : rc;
	}
	inspect_describe(&f.in, &outline);
	rc = inspect_print(&f.in, &outline, o->json, stdout);
	outline_free(&outline);
	close_file(&f);
	return rc ? error_set(err, rc, "out of memory") : 0;
}

/* NO_COLOR: see no-color.org. */
static bool in_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (!no || !*no) && (!term || strcmp(term, "dumb"));
}

static int diff(const struct options *o, const struct section_extra *extra, struct outcome *outcome,
                struct error *err)
{
	const struct diff_how how = { .irq = o->irq_only, .json = o->json, .color = !o->json && in_color() };
	struct opened a, b;
	bool different = false;
	int rc = open_file(o->files[0], extra, &a, err);

	if (rc)
		return error_blame(err, rc, FAULT_DIFF);
	rc = open_file(o->files[1], extra, &b, err);
	if (!rc) {
		rc = diff_print(&a.in, &b.in, &how, stdout, &different);
		close_file(&b);
		if (rc)
			error_set(err, rc, "out of memory");
		else if (different)
			outcome->kind = OUTCOME_DIFFERENT;
	}
	close_file(&a);
	return error_blame(err, rc, FAULT_DIFF);
}

/* Prints what is wrong with the file, or that it is good. Returns whether it is good. */
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

static int check(const struct options *o, const struct section_extra *extra, struct outcome *outcome)
{
	for (char *const *path = o->files; *path; path++)
		if (!check_file(*path, extra))
			outcome->kind = OUTCOME_INVALID;
	return 0;
}

static int compare_reports(const struct options *o, struct outcome *outcome, struct error *err)
{
	bool different = false;
	int rc = probe_diff(o->files[0], o->files[1], stdout, &different, err);

	if (!rc && different)
		outcome->kind = OUTCOME_DIFFERENT;
	return error_blame(err, rc, FAULT_DIFF);
}

int files_command(const struct options *o, const struct section_extra *extra, struct outcome *outcome,
                  struct error *err)
{
	switch (o->action) {
	case ACTION_INSPECT: return inspect(o, extra, err);
	case ACTION_DIFF: return diff(o, extra, outcome, err);
	case ACTION_CHECK: return check(o, extra, outcome);
	case ACTION_TIMELINE: return timeline_command(o, err);
	case ACTION_PROBE:
		if (o->probe_diff)
			return compare_reports(o, outcome, err);
		/* fall through */
	default: return error_set(err, -ENOTSUP, "no subcommand that reads files");
	}
}
