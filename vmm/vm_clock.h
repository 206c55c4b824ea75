/* SPDX-License-Identifier: BSD-2-Clause */
/* vm_clock.h: a VM's clock while it is paused, and when it resumes. Read next: clock.h, arch/ARCH/clock.c. */
#ifndef VMM_VM_CLOCK_H
#define VMM_VM_CLOCK_H

#include "types.h"

/* The host's time: nanoseconds since 1970, UTC. */
uint64_t clock_wall(void);

/* What the guest's time is when it boots (vm_config.clock_offset). */
uint64_t clock_start(const struct vm *vm);

/* All vCPUs are parked. Stores the clock's reading, unless one is stored already. Errors: KVM's. */
int clock_hold(struct vm *vm, struct error *err);

/* Called before the vCPUs run again: sets the clock, if necessary. */
int clock_release(struct vm *vm, struct error *err);

/* Sets the clock ahead by so many nanoseconds. The VM is paused. Errors: KVM's. */
int clock_step(struct vm *vm, uint64_t ns, struct error *err);

/* Stores a snapshot's clock, which clock_release() will set; `wall` is unchanged. */
void clock_load(struct vm *vm, uint64_t high, uint64_t low);

/* Time goes on to this reading, by ns nanoseconds, while the VM is paused: its vCPUs are single-stepped. */
void clock_advance(struct vm *vm, uint64_t high, uint64_t low, uint64_t ns);

#endif
