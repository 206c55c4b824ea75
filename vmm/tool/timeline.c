/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline.c: see timeline.h. Pure. Read next: timeline_read.h, timeline_model.h, timeline_draw.h. */
#include "timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "timeline_build.h"
#include "timeline_draw.h"
#include "timeline_read.h"
#include "vmm/file.h"

/* Of about five million events. */
#define TRACE_MAX ((size_t)1 << 30)

typedef int draw_fn(const struct timeline_model *m, FILE *out, struct error *err);

static draw_fn *form_of(const char *path)
{
	const char *dot = path ? strrchr(path, '.') : NULL;

	if (!path)
		return timeline_print;
	if (dot && !strcmp(dot, ".svg"))
		return timeline_svg;
	if (dot && !strcmp(dot, ".html"))
		return timeline_html;
	return dot && !strcmp(dot, ".json") ? timeline_chrome : NULL;
}

/* A file that could not be written as a whole is not left behind. */
static int write_file(const struct timeline_model *m, draw_fn *draw, const char *path, struct error *err)
{
	FILE *out = fopen(path, "w");
	bool bad;
	int rc;

	if (!out)
		return error_blame(err, error_set(err, -errno, "%s: %s", path, strerror(errno)), FAULT_HOST);
	rc = draw(m, out, err);
	bad = ferror(out);
	if ((fclose(out) || bad) && !rc)
		rc = error_blame(err, error_set(err, -EIO, "%s: %s", path, strerror(errno)), FAULT_HOST);
	if (rc)
		remove(path);
	return rc;
}

static int draw(const struct options *o, const struct timeline_model *m, struct error *err)
{
	draw_fn *form = form_of(o->output);
	int rc = 0;

	if (!form)
		return error_blame(err,
		                   error_set(err, -EINVAL,
		                             "-o %s: the name of a picture ends with .svg, .html or .json",
		                             o->output),
		                   FAULT_USAGE);
	if (o->output)
		rc = write_file(m, form, o->output, err);
	if (!rc && (!o->output || o->text))
		rc = timeline_print(m, stdout, err);
	return rc;
}

int timeline_command(const struct options *o, struct error *err)
{
	struct timeline_wish wish = { .irq = o->irq, .from = o->from, .to = o->to, .width = o->width };
	struct timeline_trace trace;
	struct timeline_model model;
	uint8_t *bytes;
	size_t len;
	int rc = file_read(*o->files, TRACE_MAX, &bytes, &len, err);

	if (rc)
		return error_blame(err, rc, FAULT_DATA);
	rc = timeline_read(&trace, strcmp(*o->files, "-") ? *o->files : "standard input", (char *)bytes, len,
	                   err);
	if (!rc) {
		rc = timeline_build(&model, &trace, &wish, err);
		if (rc == -EINVAL)
			error_blame(err, rc, FAULT_USAGE);
		if (!rc) {
			rc = draw(o, &model, err);
			timeline_model_free(&model);
		}
		timeline_free(&trace);
	}
	free(bytes);
	return error_blame(err, rc, err->fault ? err->fault : FAULT_DATA);
}
