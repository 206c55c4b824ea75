/* SPDX-License-Identifier: BSD-2-Clause */
/* bus.c: see bus.h. Pure. Read next: devices/. */
#include "bus.h"

#include <errno.h>
#include <inttypes.h>

static const char *const space_name[] = {
	[IO_MMIO] = "address", [IO_VIO] = "unit address", [IO_SCLP] = "command"
};

void bus_init(struct bus *bus)
{
	*bus = (struct bus){ .count = 0 };
	pthread_mutex_init(&bus->lock, NULL);
}

void bus_destroy(struct bus *bus)
{
	pthread_mutex_destroy(&bus->lock);
}

int bus_add(struct bus *bus, enum io_space space, uint64_t base, uint64_t len, const char *name, bus_fn fn,
            void *device, struct error *err)
{
	if (!len || base + (len - 1) < base)
		return error_set(err, -EINVAL, "%s: 0x%" PRIx64 " bytes at 0x%" PRIx64 " is no range", name,
		                 len, base);
	for (size_t i = 0; i < bus->count; i++) {
		const struct bus_range *r = &bus->range[i];

		/* Two ranges are disjoint if neither begins inside the other. */
		if (r->space == space && (base - r->base < r->len || r->base - base < len))
			return error_set(err, -EEXIST, "%s: %s 0x%" PRIx64 " belongs to %s", name,
			                 space_name[space], base > r->base ? base : r->base, r->name);
	}
	if (bus->count == sizeof(bus->range) / sizeof(bus->range[0]))
		return error_set(err, -ENOSPC, "%s: the bus is full", name);
	bus->range[bus->count++] = (struct bus_range){ space, base, len, name, fn, device };
	return 0;
}

int bus_io(struct bus *bus, struct io *io, struct error *err)
{
	for (size_t i = 0; i < bus->count; i++) {
		const struct bus_range *r = &bus->range[i];
		int rc;

		if (r->space != io->space || io->addr - r->base >= r->len)
			continue;
		if (io->space == IO_MMIO && io->len > r->len - (io->addr - r->base))
			break;
		pthread_mutex_lock(&bus->lock);
		rc = r->fn(r->device, io, err);
		pthread_mutex_unlock(&bus->lock);
		return rc;
	}
	return error_set(err, -ENXIO, "%s of %u bytes: no device at %s 0x%" PRIx64,
	                 io->write ? "store" : "load", io->len, space_name[io->space], io->addr);
}
