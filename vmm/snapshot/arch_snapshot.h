/* SPDX-License-Identifier: BSD-2-Clause */
/* arch_snapshot.h: what snapshots need of the linked architecture: arch/ARCH/snapshot. */
#ifndef VMM_SNAPSHOT_ARCH_SNAPSHOT_H
#define VMM_SNAPSHOT_ARCH_SNAPSHOT_H

#include "codec.h"
#include "vmm/vm.h"

/*
 * Whether the VM can be restored to this state; called before anything in it is changed. A negative errno
 * value if the VM has something that KVM cannot remove, or lacks something that KVM cannot add.
 */
int arch_state_fits(const struct vm *vm, const struct arch_state *state, enum snap_kind kind,
                    struct error *err);

/*
 * The order of a save and of a restore, as data. A step reads the VM into the
 * state (or RAM into the snapshot), or applies them. All vCPUs are parked.
 * NULL name: the end.
 */
enum {
	STATE_IRQ = 1,    /* interrupt state: also in a snapshot of interrupts alone */
	STATE_REST = 2,   /* anything else */
	STATE_KEPT = 4,   /* only in a restore of interrupts alone: what else arch_irq_reset() resets */
	STATE_ALWAYS = 8, /* even after a failed step: gives back what a save took from the VM */
	STATE_USED = 16,  /* in a restore: only into a VM that has run */
};
struct state_step {
	const char *name;
	unsigned flags;
	int (*run)(struct vm *vm, struct arch_state *state, struct error *err);
	/* In place of run: called for each vCPU. */
	int (*each)(struct vcpu *vcpu, struct arch_state *state, struct error *err);
};
/* In place of both functions: reads or writes the RAM, which is the same for all architectures. */
#define STATE_STEP_RAM NULL
/* The same for all architectures, too: arch_irq_reset(), and the devices that have state of their own. */
int state_reset(struct vm *vm, struct arch_state *state, struct error *err);
int state_save_devices(struct vm *vm, struct arch_state *state, struct error *err);
int state_load_devices(struct vm *vm, struct arch_state *state, struct error *err);
/* A step that is not STATE_STEP_RAM. */
int state_step_run(const struct state_step *step, struct vm *vm, struct arch_state *state, struct error *err);

extern const struct state_step arch_save_steps[];
extern const struct state_step arch_load_steps[];
/* The part of a save that reads what is pending, and changes nothing. */
extern const struct state_step arch_look_steps[];

#define STATE_STEPS 32 /* the largest number of elements in a table, with its end */

#endif
