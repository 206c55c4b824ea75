/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_driver.h: the driver's side of a virtio device: it lays out rings, makes requests, sees what was
 * used. */
#ifndef TESTS_UNIT_VIRTIO_DRIVER_H
#define TESTS_UNIT_VIRTIO_DRIVER_H

#include <stdlib.h>
#include <string.h>

#include "devices/virtio/virtio.h"

#define RAM_BYTES (2u << 20)
#define ENTRIES   16u
#define DESC(q)   (0x10000u + 0x10000u * (q))
#define AVAIL(q)  (DESC(q) + 0x4000u)
#define USED(q)   (DESC(q) + 0x8000u)
#define TABLE     0x80000u  /* an indirect one */
#define DATA      0x100000u /* for tests */

#define D_NEXT     1
#define D_WRITE    2
#define D_INDIRECT 4

/* A part of a request. */
struct part {
	uint32_t at, len;
	bool in;
};

static struct ram ram;
static struct {
	unsigned interrupts[VIRTIO_QUEUES_MAX], changes, works;
} seen;
static struct {
	uint16_t avail, used, desc;
} queues[VIRTIO_QUEUES_MAX];

static inline uint8_t *at(uint64_t gpa)
{
	return ram.host + gpa;
}

static inline void interrupt(void *arg, int queue)
{
	(void)arg;
	if (queue < 0)
		seen.changes++;
	else
		seen.interrupts[queue]++;
}

static inline void ask_for_work(void *arg)
{
	(void)arg;
	seen.works++;
}

static const struct virtio_host host = { .interrupt = interrupt, .work = ask_for_work };

static inline void make_ram(void)
{
	ram = (struct ram){ .host = aligned_alloc(4096, RAM_BYTES), .size = RAM_BYTES, .fd = -1 };
	memset(ram.host, 0, RAM_BYTES);
}

/* What a driver does until DRIVER_OK; features beyond VERSION_1. */
static inline int start(struct virtio_device *dev, uint64_t features)
{
	int rc;

	memset(ram.host, 0, RAM_BYTES);
	memset(&seen, 0, sizeof(seen));
	memset(queues, 0, sizeof(queues));
	virtio_connect(dev, &ram, &host);
	virtio_set_status(dev, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	features |= VIRTIO_F_VERSION_1;
	virtio_accept(dev, 0, (uint32_t)features);
	virtio_accept(dev, 1, (uint32_t)(features >> 32));
	rc = virtio_set_status(dev, VIRTIO_FEATURES_OK);
	for (unsigned q = 0; q < dev->type->queues; q++) {
		virtio_set_queue_size(dev, q, ENTRIES);
		virtio_set_queue_address(dev, q, VIRTIO_DESC, DESC(q));
		virtio_set_queue_address(dev, q, VIRTIO_AVAIL, AVAIL(q));
		virtio_set_queue_address(dev, q, VIRTIO_USED, USED(q));
		rc |= virtio_enable_queue(dev, q);
	}
	return rc | virtio_set_status(dev, VIRTIO_DRIVER_OK);
}

static inline void put_desc(uint32_t table, uint16_t i, uint64_t addr, uint32_t len, uint16_t flags,
                            uint16_t next)
{
	uint8_t *d = at(table + 16u * i);

	virtio_put64(d, addr);
	virtio_put32(d + 8, len);
	virtio_put16(d + 12, flags);
	virtio_put16(d + 14, next);
}

/* Makes the descriptor available. */
static inline void offer(unsigned q, uint16_t head)
{
	virtio_put16(at(AVAIL(q) + 4 + 2 * (queues[q].avail % ENTRIES)), head);
	virtio_put16(at(AVAIL(q) + 2), ++queues[q].avail);
}

/* Adds a request in n descriptors; returns its head. */
static inline uint16_t request(unsigned q, const struct part *parts, unsigned n)
{
	uint16_t head = queues[q].desc % ENTRIES;

	for (unsigned i = 0; i < n; i++) {
		uint16_t d = queues[q].desc++ % ENTRIES;

		put_desc(DESC(q), d, parts[i].at, parts[i].len,
		         (uint16_t)((parts[i].in ? D_WRITE : 0) | (i + 1 < n ? D_NEXT : 0)),
		         (d + 1) % ENTRIES);
	}
	offer(q, head);
	return head;
}

/* Whether a request was used, the oldest first; its head and length. */
static inline bool used(unsigned q, uint32_t *head, uint32_t *len)
{
	const uint8_t *entry = at(USED(q) + 4 + 8 * (queues[q].used % ENTRIES));

	if (virtio_get16(at(USED(q) + 2)) == queues[q].used)
		return false;
	queues[q].used++;
	*head = virtio_get32(entry);
	*len = virtio_get32(entry + 4);
	return true;
}

/* The length of the request that was used, or UINT32_MAX. */
static inline uint32_t used_len(unsigned q)
{
	uint32_t head, len;

	return used(q, &head, &len) ? len : UINT32_MAX;
}

/* Does what poll(2) and the I/O thread do, once. */
static inline void io(struct virtio_device *dev)
{
	struct pollfd fds[VIRTIO_FDS_MAX];
	unsigned n = virtio_poll(dev, fds);

	poll(fds, n, 0);
	virtio_work(dev, fds, n);
}

#endif
