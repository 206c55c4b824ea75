/* SPDX-License-Identifier: BSD-2-Clause */
/* vm_clock.h: a VM's clock while it is stopped, and when it goes on. Read next: clock.h, arch/ARCH/clock.c.
 */
#ifndef VMM_VM_CLOCK_H
#define VMM_VM_CLOCK_H

#include "types.h"

/* All vCPUs are parked. What the clock says is kept, unless it is already. Errors: KVM's. */
int clock_hold(struct vm *vm, struct error *err);

/* Before the vCPUs run again: the clock is set, if it has to be. */
int clock_release(struct vm *vm, struct error *err);

/* The clock of a snapshot, to be set by clock_release(); `wall` stays as it is. */
void clock_load(struct vm *vm, uint64_t high, uint64_t low);

#endif
