/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * checkpoint.h: the laboratory's part of a VM: the test guest's checkpoint, through which it gets its
 * commands (guest/abi.h), and the log of interrupts that devices raise. Read next: guest/abi.h, raised_log.h.
 */
#ifndef VMM_LAB_CHECKPOINT_H
#define VMM_LAB_CHECKPOINT_H

#include "guest/abi.h"
#include "raised_log.h"
#include "scenario.h"
#include "vmm/hook.h"
#include "vmm/vm.h"

/* For vm_config.hooks; hook_arg is the struct state_rule that every save and restore breaks, or NULL. */
extern const struct vm_hooks checkpoint_hooks;

/* The guest's shared block, validated; NULL while it is not known. */
struct abi_shared *checkpoint_shared(const struct vm *vm);

/* Gives a waiting vCPU its next command. -EBUSY if it does not wait, -EINVAL beyond ABI_CPUS. */
int checkpoint_command(struct vm *vm, unsigned cpu, uint32_t command, const uint64_t arg[ABI_ARGS],
                       struct error *err);

/* The same, with all that can be said: repeat 0: once, and the answers are not counted; reg: NULL: not given.
 */
struct guest_order {
	uint32_t command, repeat;
	const uint64_t *arg, *reg;
	const char *name;        /* for the trace: of the command; NULL: not known */
	const char *const *keys; /* and of its arguments, ABI_ARGS */
};
int checkpoint_give(struct vm *vm, unsigned cpu, const struct guest_order *order, struct error *err);

/* How the vCPU obeys, and the answers that it has counted; NULL: not known, or the guest is of an older
 * version. */
struct abi_order *checkpoint_order(const struct vm *vm, unsigned cpu);

/* Where the guest ends interrupts; NULL as above. */
const struct abi_eoi *checkpoint_eoi(const struct vm *vm);

/* The stamps on the guest's records (abi.h); NULL: it cannot. Whether it puts them there from now on. */
const uint64_t *checkpoint_stamps(const struct vm *vm);
void checkpoint_stamp(const struct vm *vm, bool on);

/* The log of interrupts that the VM's devices have raised. */
struct raised_log *checkpoint_raised(const struct vm *vm);

/* What is typed at this VM from outside is recorded there; NULL, as at first: nowhere. */
struct recorder;
void checkpoint_record(struct vm *vm, struct recorder *recorder);

/* The state of a vCPU in a scenario's words. */
enum cpu_state checkpoint_cpu_state(struct vm *vm, unsigned cpu);

#endif
