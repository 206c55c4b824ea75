/* SPDX-License-Identifier: BSD-2-Clause */
/* fifo.h: a queue of bytes that were typed and that the guest has not read yet. Pure. */
#ifndef DEVICES_FIFO_H
#define DEVICES_FIFO_H

#include "vmm/section.h"

#define FIFO_ROOM 4096

struct fifo {
	uint16_t len;
	uint8_t bytes[FIFO_ROOM]; /* the oldest first */
};

/* Both return how many bytes were moved: at most as many as there is room for, or as there are. */
size_t fifo_put(struct fifo *f, const uint8_t *bytes, size_t len);
size_t fifo_get(struct fifo *f, uint8_t *bytes, size_t len);

void fifo_encode(const struct fifo *f, struct snap_section *s);
/* False: fifo_encode() cannot have written this. */
bool fifo_decode(struct fifo *f, struct snap_reader *r);

#endif
