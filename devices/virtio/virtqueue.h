/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtqueue.h: a split virtqueue, from the device's side: takes requests (descriptor chains) that the driver
 * made available, and returns them as used. All that is in guest memory is little-endian, and any of it may
 * be wrong: a malformed ring makes the queue broken, after which it gives no more requests. Pure.
 *
 * Source: Virtual I/O Device (VIRTIO) Version 1.2, 2.7.
 */
#ifndef DEVICES_VIRTIO_VIRTQUEUE_H
#define DEVICES_VIRTIO_VIRTQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "vmm/ram.h"

#define VIRTQUEUE_SIZE_MAX  256         /* entries; also the most descriptors of a request */
#define VIRTQUEUE_BYTES_MAX (64u << 20) /* the most bytes of a request */

/* Data only: part of a snapshot. */
struct virtqueue_state {
	bool enabled;
	uint16_t size;       /* entries: a power of two */
	uint64_t desc;       /* addresses of the descriptor table, */
	uint64_t avail;      /* the available ring ("driver area") */
	uint64_t used;       /* and the used ring ("device area") */
	uint16_t next_avail; /* index of the next request */
	uint16_t next_used;  /* index of the next used entry */
	uint16_t signalled;  /* next_used when virtqueue_signal() was called last */
};

struct virtqueue {
	struct virtqueue_state state;
	const char *broken; /* how the ring is malformed; NULL: it is not */
};

/* The rest of a request's bytes of one direction, in guest memory. */
struct virtqueue_bytes {
	struct iovec *at;
	unsigned count;
	size_t len; /* in all */
};

struct virtqueue_chain {
	uint16_t head;
	struct virtqueue_bytes out, in; /* from the driver, to the driver */
	struct iovec vec[VIRTQUEUE_SIZE_MAX];
};

/* Whether a ring of this size can be at these addresses: size, alignment, and memory, which has so many
 * bytes. */
bool virtqueue_valid(const struct virtqueue_state *state, uint64_t memory);

/*
 * Takes the next request. False if there is none; with event_idx (VIRTIO_F_EVENT_IDX) the driver then
 * notifies the device of the next one. virtqueue_return() puts the last one back, to be taken again.
 */
bool virtqueue_take(struct virtqueue *q, const struct ram *ram, bool event_idx,
                    struct virtqueue_chain *chain);
void virtqueue_return(struct virtqueue *q);

/* Whether virtqueue_take() would find a request; if not, the driver notifies as above. */
bool virtqueue_ready(struct virtqueue *q, const struct ram *ram, bool event_idx);

/* The request is done: the device has written `written` bytes to its `in`. */
void virtqueue_done(struct virtqueue *q, const struct ram *ram, const struct virtqueue_chain *chain,
                    uint32_t written);

/* Whether the driver wants an interrupt for what has been done since the last call. */
bool virtqueue_signal(struct virtqueue *q, const struct ram *ram, bool event_idx);

/* Move up to len bytes from `out`, or to `in`, and return how many were moved. */
size_t virtqueue_read(struct virtqueue_bytes *out, void *to, size_t len);
size_t virtqueue_write(struct virtqueue_bytes *in, const void *from, size_t len);
/* The same without a copy: the bytes are passed over. */
size_t virtqueue_skip(struct virtqueue_bytes *bytes, size_t len);
/* Takes the last byte off; NULL: there is none. */
uint8_t *virtqueue_last(struct virtqueue_bytes *bytes);

#endif
