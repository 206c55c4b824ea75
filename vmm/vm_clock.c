/* SPDX-License-Identifier: BSD-2-Clause */
/* vm_clock.c: see vm_clock.h. */
#include "vm_clock.h"

#include <time.h>

#include "arch.h"

uint64_t clock_wall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t clock_start(const struct vm *vm)
{
	return clock_wall() + (uint64_t)vm->config->clock_offset;
}

int clock_hold(struct vm *vm, struct error *err)
{
	struct clock_reading now = { .wall = clock_wall() };
	int rc = vm->clock.held ? 0 : arch_clock_get(vm, &now, err);

	if (rc || vm->clock.held)
		return rc;
	vm->clock = (struct vm_clock){ .at = now, .held = true };
	return 0;
}

int clock_release(struct vm *vm, struct error *err)
{
	const struct vm_clock clock = vm->clock;
	uint64_t now, gap = 0;

	vm->clock.held = vm->clock.loaded = false;
	if (!clock.held)
		return 0;
	if (vm->config->clock == CLOCK_FOLLOW) {
		/* KVM's clock has continued by itself. */
		if (!clock.loaded)
			return 0;
		/* If the host's clock was set back meanwhile, the guest's is not. */
		now = clock_wall();
		gap = now > clock.at.wall ? now - clock.at.wall : 0;
	}
	return arch_clock_set(vm, &clock.at, gap, err);
}

int clock_step(struct vm *vm, uint64_t ns, struct error *err)
{
	int rc = arch_clock_set(vm, &vm->clock.at, ns, err);

	if (rc)
		return rc;
	vm->clock.held = false;
	return clock_hold(vm, err);
}

void clock_load(struct vm *vm, uint64_t high, uint64_t low)
{
	vm->clock = (struct vm_clock){ .at = { .high = high, .low = low, .wall = vm->clock.at.wall },
		                       .held = true,
		                       .loaded = true };
}

/* The time of the reading goes on as the reading does, so that a clock that follows real time still does. */
void clock_advance(struct vm *vm, uint64_t high, uint64_t low, uint64_t ns)
{
	clock_load(vm, high, low);
	if (vm->clock.at.wall)
		vm->clock.at.wall += ns;
}
