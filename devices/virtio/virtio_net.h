/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio_net.h: a network card: a TAP interface of the host, or a UNIX stream socket, at whose other end is
 * another zpvm or QEMU (-netdev stream, -netdev socket): each frame comes after its length, 4 bytes,
 * big-endian. No offloads. Nothing here waits: when the peer does not read, the guest's transmit queue does.
 *
 * Two zpvm meet by the same stream=PATH: the first one finds nobody there and listens, the second connects.
 * When the peer closes, the link goes down; the one that listens accepts the next peer.
 *
 * A frame that is in transit belongs to the connection, not to the guest: a snapshot has none, and a restore
 * leaves the connection alone.
 *
 * Source: virtio 1.2, 5.1.
 */
#ifndef DEVICES_VIRTIO_VIRTIO_NET_H
#define DEVICES_VIRTIO_VIRTIO_NET_H

#include "virtio.h"

#define NET_MAC       6
#define NET_FRAME_MAX 65536
#define NET_LENGTH    4 /* before a frame in a stream */

/* A frame after its length, as in the stream. */
struct net_frame {
	size_t len, done; /* bytes that are there; of them, bytes that are sent */
	uint8_t bytes[NET_LENGTH + NET_FRAME_MAX];
};

/* What the driver knows. */
struct net_port {
	uint8_t mac[NET_MAC];
	bool up; /* the link */
};

/* Data of a snapshot. */
struct virtio_net_state {
	struct virtio_state virtio;
	struct net_port port;
};

struct virtio_net {
	struct virtio_device dev;
	struct net_port port;
	bool tap;
	int fd;       /* the TAP interface or the connection; -1: the link is down */
	int listener; /* -1: it does not listen */
	bool listens; /* the I/O thread waits for frames */
	char path[108];
	struct net_frame in, out;
};

/* Opens a TAP interface: a non-blocking descriptor, or a negative errno value. */
typedef int (*net_tap_fn)(const char *name, struct error *err);

/*
 * text is tap=NAME or stream=PATH, and perhaps ,mac=XX:XX:XX:XX:XX:XX; without one it is a random one that is
 * locally administered. -EINVAL for other words; errors of tap(), socket(), connect(), bind().
 */
int virtio_net_open(struct virtio_net *net, const char *text, net_tap_fn tap, struct error *err);
void virtio_net_close(struct virtio_net *net);

#define VIRTIO_NET_TAG SNAP_TAG('V', 'N', 'E', 'T')
struct device_section;
extern const struct device_section virtio_net_section;

/*
 * As in struct device_ops, of a struct virtio_net and a struct virtio_net_state. The guest keeps its address;
 * if the link is another one now, the guest is interrupted when it runs.
 */
int virtio_net_save(void *self, void *state, struct error *err);
int virtio_net_load(void *self, const void *state, struct error *err);
int virtio_net_fits(const void *self, const void *state, struct error *err);

#endif
