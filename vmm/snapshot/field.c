/* SPDX-License-Identifier: BSD-2-Clause */
/* field.c: see field.h. Pure. */
#include "field.h"

/* How many fields are interleaved with this one, the first. */
static unsigned run_of(const struct field *f)
{
	unsigned n = 1;

	while (f->count > 1 && f[n].size && f[n].count == f->count)
		n++;
	return n;
}

void fields_put(struct snap_section *s, const struct field *fields, const void *from)
{
	unsigned run;

	for (const struct field *f = fields; f->size; f += run) {
		run = run_of(f);
		for (unsigned i = 0; i < f->count; i++)
			for (unsigned k = 0; k < run; k++)
				snap_put_number(s, f[k].size,
				                snap_number((const uint8_t *)from + f[k].at + i * f[k].size,
				                            f[k].size));
	}
}

static void get_one(struct snap_reader *r, const struct field *f, void *to)
{
	uint64_t value = snap_get_number(r, f->size);

	if (f->max && value > f->max)
		r->bad = true;
	else
		snap_set_number(to, f->size, value);
}

void fields_get(struct snap_reader *r, const struct field *fields, void *to)
{
	unsigned run;

	for (const struct field *f = fields; f->size; f += run) {
		run = run_of(f);
		for (unsigned i = 0; i < f->count; i++)
			for (unsigned k = 0; k < run; k++)
				get_one(r, &f[k], (uint8_t *)to + f[k].at + i * f[k].size);
	}
}

static void describe(const struct field *f, const uint8_t *from, struct outline *out)
{
	for (unsigned i = 0; i < f->count; i++) {
		uint64_t value = snap_number(from + f->at + i * f->size, f->size);
		char path[32];

		snprintf(path, sizeof(path), f->count > 1 ? "%s.%u" : "%s", f->name, i);
		if (f->show == FIELD_NUMBER)
			outline_number(out, path, value);
		else if (f->show == FIELD_FLAG)
			outline_flag(out, path, value);
		else if (f->show == FIELD_HEX || value)
			outline_hex(out, path, value);
	}
}

void fields_describe(const struct field *fields, const void *from, struct outline *out)
{
	unsigned last = 0;

	for (const struct field *f = fields; f->size; f++)
		last = f->place > last ? f->place : last;
	for (unsigned n = 1; n <= last; n++)
		for (const struct field *f = fields; f->size; f++)
			if (f->place == n)
				describe(f, from, out);
}
