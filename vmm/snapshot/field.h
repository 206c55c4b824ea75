/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * field.h: a struct of numbers as one list, which its section and its description follow. The list is in the
 * order of the section. Pure.
 */
#ifndef VMM_SNAPSHOT_FIELD_H
#define VMM_SNAPSHOT_FIELD_H

#include "outline.h"
#include "vmm/section.h"

/* How a description shows a number; FIELD_SET: unless it is zero. */
enum field_show { FIELD_HEX, FIELD_SET, FIELD_NUMBER, FIELD_FLAG };

/* A list ends with a size of 0. */
struct field {
	uint16_t at;
	uint8_t size;     /* bytes: 1, 2, 4, 8 */
	uint8_t count;    /* of an array; arrays of one length that stand together are interleaved */
	uint8_t max;      /* the largest value; 0: any */
	uint8_t show;     /* enum field_show */
	uint8_t place;    /* in the description, from 1 on; 0: it is shown by other means */
	const char *name; /* in the description */
};

/* The rest of a row, from the count on, may be left out from its end. */
/* clang-format off */
#define FIELD(type, member, ...) \
	{ .at = offsetof(type, member), .size = sizeof(((type *)0)->member), .count = __VA_ARGS__ }
/* clang-format on */

void fields_put(struct snap_section *s, const struct field *fields, const void *from);
/* A value above the largest makes the reader bad, and is not stored. */
void fields_get(struct snap_reader *r, const struct field *fields, void *to);
void fields_describe(const struct field *fields, const void *from, struct outline *out);

#endif
