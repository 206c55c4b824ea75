/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio_ccw.h: a virtio device as a channel device: the commands by which a driver operates it, and the
 * indicators, bits in the guest's memory, which say what an interruption is for. Only revisions 1 and 2: a
 * legacy driver's commands are rejected. What gives the device a subchannel, and the driver's notification
 * (DIAGNOSE 0x500), are the machine's. Pure.
 *
 * Locking: as virtio.h says; the channel subsystem has the same lock.
 *
 * Source: Virtual I/O Device (VIRTIO) Version 1.2, 4.3. The order of bits in classic indicators, which it
 * leaves open, is that of the kernel's drivers/s390/virtio/virtio_ccw.c.
 */
#ifndef DEVICES_VIRTIO_VIRTIO_CCW_H
#define DEVICES_VIRTIO_VIRTIO_CCW_H

#include "devices/css/ccw.h"
#include "virtio.h"

#define VIRTIO_CCW_TAG SNAP_TAG('V', 'C', 'C', 'W') /* the id is the device's number among its kind */
struct device_section;
extern const struct device_section virtio_ccw_section;

/* How the driver gets to know of used buffers: not at all, by an I/O or by an adapter interruption. */
enum virtio_ccw_indicators {
	VIRTIO_CCW_NONE,
	VIRTIO_CCW_CLASSIC,
	VIRTIO_CCW_ADAPTER,
	VIRTIO_CCW_INDICATORS,
};

/* Data only: part of a snapshot. Addresses of indicators are in memory. */
struct virtio_ccw_state {
	uint8_t revision;       /* 0: the driver has not set it */
	uint8_t indicators;     /* enum virtio_ccw_indicators */
	uint8_t isc;            /* of adapter interruptions */
	bool attention;         /* must be presented */
	uint64_t at;            /* address of the queues' indicators: 8 bytes, or an area, ... */
	uint64_t bit;           /* ... in which the bits begin with this one, */
	uint64_t summary;       /* and address of the byte that says so; 0: not an adapter's */
	uint64_t configuration; /* address of the 8 bytes that say what has changed; 0: none */
};

/* What the device needs of its machine. */
struct virtio_ccw_host {
	void *arg;
	void (*attention)(void *arg);             /* the subchannel has attention to present */
	void (*adapter)(void *arg, unsigned isc); /* makes an adapter interruption pending */
	void (*work)(void *arg);                  /* see struct virtio_host */
	void (*idle)(void *arg); /* the subchannel's program can go on: it waited for the device's requests */
	pthread_mutex_t *lock;
};

struct virtio_ccw {
	struct ccw_device channel; /* for css_attach() */
	struct virtio_device *dev;
	struct virtio_ccw_host host;
	struct virtio_ccw_state state;
};

/* Connects a device that is open; all must outlive the virtio_ccw, which must not be moved. */
void virtio_ccw_init(struct virtio_ccw *v, struct virtio_device *dev, const struct ram *ram,
                     const struct virtio_ccw_host *host);

/* As after virtio_ccw_init(), and the device reset. */
void virtio_ccw_reset(struct virtio_ccw *v);

/* Whether the indicators are in a memory of so many bytes, and all else is what a driver can set. */
bool virtio_ccw_valid(const struct virtio_ccw_state *state, uint64_t memory);

#endif
