/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bus.h: finds the device at an address. An exit that concerns a device becomes a struct io; the bus passes
 * it to the device, or reports that there is none. Pure.
 */
#ifndef VMM_BUS_H
#define VMM_BUS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum io_space {
	IO_MMIO, /* a guest real address outside RAM */
	IO_VIO,  /* power9: unit address of a virtual device (PAPR, hypercalls) */
	IO_SCLP, /* s390x: command word of a service call */
};

struct io {
	enum io_space space;
	bool write;
	uint32_t len;     /* bytes of data[] that are used */
	uint64_t addr;    /* in its space */
	uint64_t arg;     /* IO_SCLP: the SCCB's real address */
	uint8_t data[16]; /* in the order of guest memory */
	bool raise;       /* the device asks for an interrupt ... */
	uint32_t parm;    /* ... with this parameter */
};

/* Called on any vCPU's thread, one at a time. 0, or -EIO with the reason: the guest made an error. */
typedef int (*bus_fn)(void *device, struct io *io, struct error *err);

struct bus {
	pthread_mutex_t lock; /* held while a device handles an access */
	struct bus_range {
		enum io_space space;
		uint64_t base, len;
		const char *name;
		bus_fn fn;
		void *device;
	} range[16];
	size_t count;
};

void bus_init(struct bus *bus);
void bus_destroy(struct bus *bus);

/*
 * device must outlive the bus. -EINVAL for an empty range or one that wraps, -EEXIST if another device (which
 * the sentence names) has part of it, -ENOSPC if the bus is full.
 */
int bus_add(struct bus *bus, enum io_space space, uint64_t base, uint64_t len, const char *name, bus_fn fn,
            void *device, struct error *err);

/* -ENXIO if no device has all the bytes; else the device's result. */
int bus_io(struct bus *bus, struct io *io, struct error *err);

#endif
