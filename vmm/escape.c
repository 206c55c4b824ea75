/* SPDX-License-Identifier: BSD-2-Clause */
/* escape.c: see escape.h. */
#include "escape.h"

#define CTRL_A 1

size_t escape_filter(struct escape *e, uint8_t *bytes, size_t len)
{
	size_t left = 0;

	for (size_t i = 0; i < len && !e->end; i++) {
		if (!e->seen && bytes[i] == CTRL_A) {
			e->seen = true;
			continue;
		}
		e->end = e->seen && (bytes[i] == 'x' || bytes[i] == 'X');
		/* Any other key after it does nothing. */
		if (!e->seen || bytes[i] == CTRL_A)
			bytes[left++] = bytes[i];
		e->seen = false;
	}
	return left;
}
