/* SPDX-License-Identifier: BSD-2-Clause */
/* section.c: see section.h. Pure. */
#include "section.h"

#include <stdlib.h>

#define ROOM 1024 /* of a section at first: few need more */

uint8_t *snap_grow(struct snap_section *s, size_t len)
{
	size_t room = s->room ? 2 * s->room : ROOM;
	uint8_t *p = NULL;

	if (room < s->len + len)
		room = s->len + len;
	if (!s->bad && !s->borrowed)
		p = realloc(s->bytes, room);

	if (!p) {
		s->bad = true;
		return NULL;
	}
	s->bytes = p;
	s->room = room;
	s->len += len;
	return p + s->len - len;
}

void snap_put(struct snap_section *s, const void *bytes, size_t len)
{
	uint8_t *to = len ? snap_room(s, len) : NULL;

	if (to)
		memcpy(to, bytes, len);
}

struct snap_reader snap_reader(const struct snap_section *s)
{
	/* An empty section has no bytes, and NULL + 0 is not C. */
	const uint8_t *at = s->len ? s->bytes : (const uint8_t *)"";

	return (struct snap_reader){ .at = at, .end = at + s->len };
}
