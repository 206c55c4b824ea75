/* SPDX-License-Identifier: BSD-2-Clause */
/* devices.h: the devices of an s390x machine. */
#ifndef ARCH_S390X_DEVICES_H
#define ARCH_S390X_DEVICES_H

struct channel;
struct service;

struct devices {
	struct service *service;
	struct channel *channel;
};

#endif
