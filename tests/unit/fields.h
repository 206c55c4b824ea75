/* SPDX-License-Identifier: BSD-2-Clause */
/* fields.h: whether a list of fields (vmm/snapshot/field.h) leaves nothing of its struct out. For unit tests.
 */
#ifndef TESTS_UNIT_FIELDS_H
#define TESTS_UNIT_FIELDS_H

#include <stdlib.h>

#include "tap.h"
#include "vmm/snapshot/field.h"

static inline char *fields_text(const struct field *fields, const void *from)
{
	struct outline out = { 0 };
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fields_describe(fields, from, &out);
	outline_print(&out, f);
	outline_free(&out);
	fclose(f);
	return text;
}

/* One element that is not zero comes back, and the description shows it. */
static inline void fields_one(const char *what, const struct field *fields, const struct field *f, unsigned n)
{
	static uint8_t none[8192];
	uint8_t from[8192] = { 0 }, to[8192] = { 0 };
	struct snap_section s = { 0 };
	struct snap_reader r;
	char *text, *empty;

	snap_set_number(from + f->at + n * f->size, f->size, 1);
	fields_put(&s, fields, from);
	r = snap_reader(&s);
	fields_get(&r, fields, to);
	ok(!r.bad && !snap_left(&r) && !memcmp(from, to, sizeof(to)), "%s: %u bytes at %u come back", what,
	   f->size, f->at + n * f->size);
	text = fields_text(fields, from);
	empty = fields_text(fields, none);
	is(strcmp(text, empty) != 0, f->place != 0, "... and are shown: %s",
	   f->name ? f->name : "by other means");
	free(s.bytes);
	free(text);
	free(empty);
}

/* size: of the struct, up to what is in no section; padding: its bytes that belong to no member. */
static inline void fields_complete(const char *what, const struct field *fields, size_t size, size_t padding,
                                   unsigned hidden)
{
	size_t sum = 0;
	uint64_t places = 1;
	unsigned count = 0, not_shown = 0;

	for (const struct field *f = fields; f->size; f++) {
		for (unsigned n = 0; n < f->count; n++)
			fields_one(what, fields, f, n);
		sum += (size_t)f->size * f->count;
		places |= 1ULL << f->place;
		count++;
		not_shown += !f->place;
	}
	is(sum, size - padding, "%s: every member is in the list, once", what);
	is(not_shown, hidden, "... the description of so many is elsewhere");
	is(places, UINT64_MAX >> (63 - (count - not_shown)),
	   "... and each of the others has a place of its own");
}

#endif
