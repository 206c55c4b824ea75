/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.h: the devices of an s390x machine. */
#ifndef ARCH_S390X_MACHINE_H
#define ARCH_S390X_MACHINE_H

#include "channel.h"
#include "service.h"

struct devices {
	struct service *service;
	struct channel *channel;
};

#endif
