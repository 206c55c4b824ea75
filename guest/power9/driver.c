/* SPDX-License-Identifier: BSD-2-Clause */
/* driver.c: what a device's driver does when its interrupt comes; see ABI_CMD_DRIVER. */
#include "guest.h"
#include "power9/cpu.h"

#define DRIVERS 8

static struct driver {
	uint64_t source;
	uint64_t reg; /* of the device; a one quiets it; 0: there is none */
	uint64_t after;
	int defers;
	int used;
} drivers[DRIVERS];

void driver_set(uint64_t source, uint64_t reg, uint64_t after, int defers)
{
	struct driver *d = drivers;

	while (d->used && d->source != source)
		if (++d == drivers + DRIVERS)
			crash("more than %u drivers", DRIVERS);
	*d = (struct driver){ source, reg, after, defers, 1 };
}

int driver_call(uint32_t source)
{
	for (struct driver *d = drivers; d < drivers + DRIVERS && d->used; d++) {
		if (d->source != source)
			continue;
		if (d->after && !--d->after && d->reg) {
			*(volatile uint8_t *)d->reg = 1;
			asm volatile("sync" : : : "memory");
		}
		return !d->defers;
	}
	return 1;
}
