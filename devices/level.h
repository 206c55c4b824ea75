/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * level.h: a device with level-sensitive interrupt lines. Pure. A line that was raised stays up until the
 * guest writes a one to the line's status register (a byte, at the line's number), as a driver acknowledges
 * its device's interrupt; a load returns the line's level. Source: LoPAR, "level sensitive interrupts".
 */
#ifndef DEVICES_LEVEL_H
#define DEVICES_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/bus.h"

#define LEVEL_LINES 4

struct level {
	uint64_t base; /* of its registers */
	bool line[LEVEL_LINES];
	/* Called when a line changes, under the bus lock. 0, or a negative errno value. */
	int (*changed)(void *arg, unsigned line, bool level, struct error *err);
	void *arg;
};

/* Sets a line, as the device. -EINVAL if there is no such line, else the value of changed(). */
int level_set(struct level *dev, unsigned line, bool level, struct error *err);

/* A bus_fn, on the device's LEVEL_LINES bytes of IO_MMIO. */
int level_io(void *device, struct io *io, struct error *err);

#endif
