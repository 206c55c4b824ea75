/* SPDX-License-Identifier: BSD-2-Clause */
/* fifo.c: see fifo.h. */
#include "fifo.h"

#include <string.h>

size_t fifo_put(struct fifo *f, const uint8_t *bytes, size_t len)
{
	size_t room = (size_t)FIFO_ROOM - f->len, n = len < room ? len : room;

	memcpy(f->bytes + f->len, bytes, n);
	f->len = (uint16_t)(f->len + n);
	return n;
}

size_t fifo_get(struct fifo *f, uint8_t *bytes, size_t len)
{
	size_t n = len < f->len ? len : f->len;

	memcpy(bytes, f->bytes, n);
	f->len = (uint16_t)(f->len - n);
	memmove(f->bytes, f->bytes + n, f->len);
	return n;
}

void fifo_encode(const struct fifo *f, struct snap_section *s)
{
	snap_put16(s, f->len);
	snap_put(s, f->bytes, f->len);
}

bool fifo_decode(struct fifo *f, struct snap_reader *r)
{
	uint16_t len = snap_get16(r);
	const void *bytes = !r->bad && len <= FIFO_ROOM ? snap_get(r, len) : NULL;

	if (!bytes)
		return false;
	f->len = len;
	memcpy(f->bytes, bytes, len);
	return true;
}
