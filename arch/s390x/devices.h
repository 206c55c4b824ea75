/* SPDX-License-Identifier: BSD-2-Clause */
/* devices.h: the devices of an s390x machine. */
#ifndef ARCH_S390X_DEVICES_H
#define ARCH_S390X_DEVICES_H

#include "devices/css/css.h"
#include "devices/virtio/virtio_ccw.h"

struct channel;
struct service;
struct watchdog;

struct devices {
	struct service *service;
	struct channel *channel;
	/* Each has a subchannel behind that of the console. */
	unsigned virtio_count;
	struct virtio_subchannel {
		struct vm *vm;
		unsigned subchannel;
		struct virtio_ccw ccw;
	} virtio[CSS_SUBCHANNELS - 1];
	struct watchdog *watchdog;
};

#endif
