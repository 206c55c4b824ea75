/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline.c: any bytes as a trace: refused with file and line, or drawn in each form. */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "vmm/tool/timeline_build.h"
#include "vmm/tool/timeline_draw.h"
#include "vmm/tool/timeline_read.h"

typedef int draw_fn(const struct timeline_model *m, FILE *out, struct error *err);

static void draw(const struct timeline_model *m, draw_fn *form, size_t line_max)
{
	struct error err = { .text = "" };
	char *text = NULL, *end;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	must(!form(m, out, &err));
	fclose(out);
	for (char *at = text; line_max && (end = strchr(at, '\n')); at = end + 1)
		must((size_t)(end - at) <= line_max);
	for (size_t i = 0; i < len; i++)
		must(text[i] == '\n' || text[i] == '\t' || (text[i] >= ' ' && text[i] <= '~'));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct timeline_wish wish = { .width = size & 1 ? 700 : 0 };
	struct error err = { .text = "" };
	struct timeline_trace trace;
	struct timeline_model model;
	char *bytes = malloc(size + 1);
	int rc;

	memcpy(bytes, data, size);
	rc = timeline_read(&trace, "trace", bytes, size, &err);
	must(rc == 0 || rc == -EBADMSG);
	must(!rc == !err.text[0] && (!rc || !strncmp(err.text, "trace:", 6)));
	if (!rc) {
		must(!timeline_build(&model, &trace, &wish, &err));
		draw(&model, timeline_svg, 0);
		draw(&model, timeline_html, 0);
		draw(&model, timeline_chrome, 0);
		draw(&model, timeline_print, 175);
		timeline_model_free(&model);
		timeline_free(&trace);
	}
	free(bytes);
	return 0;
}
