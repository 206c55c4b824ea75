/* SPDX-License-Identifier: BSD-2-Clause */
/* arch_snapshot.h: what snapshots ask of the architecture that is linked: arch/ARCH/snapshot. */
#ifndef VMM_SNAPSHOT_ARCH_SNAPSHOT_H
#define VMM_SNAPSHOT_ARCH_SNAPSHOT_H

#include "codec.h"
#include "vmm/vm.h"

/*
 * Whether the VM can become this: asked before anything in it is changed. A
 * negative errno value when it has, or lacks, what KVM cannot take away or give.
 */
int arch_state_fits(const struct vm *vm, const struct arch_state *state, enum snap_kind kind,
                    struct error *err);

/*
 * The order of a save and of a restore, as data. A step reads the VM into the
 * state (or RAM into the snapshot), or applies them. All vCPUs are parked.
 * NULL name: the end.
 */
enum {
	STATE_IRQ = 1,  /* interrupt state: also in a snapshot of that alone */
	STATE_REST = 2, /* anything else */
	STATE_KEPT = 4, /* not interrupt state, but arch_irq_reset() takes it */
	STATE_ALWAYS =
		8, /* even when an earlier step failed: gives back what a save took from the running VM */
	STATE_USED = 16, /* of a restore: only into a VM that has run */
};
struct state_step {
	const char *name;
	int (*run)(struct vm *vm, struct arch_state *state, struct error *err);
	unsigned flags;
};
/* Instead of a function: here the RAM is read or written, which is the same everywhere. */
#define STATE_STEP_RAM NULL
extern const struct state_step arch_save_steps[];
extern const struct state_step arch_load_steps[];
/* The part of a save that says what is pending, and changes nothing. */
extern const struct state_step arch_look_steps[];

#define STATE_STEPS 32 /* the most that a table has, with its end */

#endif
