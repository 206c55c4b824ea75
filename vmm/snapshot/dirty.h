/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dirty.h: which pages a VM has changed since its RAM was equal to a snapshot, so that a repeated restore of
 * the same snapshot writes only these. KVM logs the pages that vCPUs write (kernel
 * Documentation/virt/kvm/api.rst, KVM_GET_DIRTY_LOG), ram.h those that zpvm accesses. The VM must be paused,
 * except for dirty_log() and dirty_read().
 */
#ifndef VMM_SNAPSHOT_DIRTY_H
#define VMM_SNAPSHOT_DIRTY_H

#include "snapshot.h"
#include "vmm/vm.h"

/* Turns on KVM's log if it is off. Errors: KVM's, -ENOMEM. */
int dirty_log(struct vm *vm, struct error *err);

/* Reads the log into vm->dirty.changed: what vCPUs have written since it was last read. Errors: KVM's. */
int dirty_read(struct vm *vm, struct error *err);

/*
 * RAM is now equal to the snapshot `like` (not 0). The first call turns on KVM's log: after one restore into
 * a VM another is likely, and a VM without any has no cost. Errors: KVM's, -ENOMEM.
 */
int dirty_start(struct vm *vm, uint64_t like, struct error *err);

/* The same, if the log is on. */
int dirty_restart(struct vm *vm, uint64_t like, struct error *err);

/* Restores RAM to the snapshot that it was equal to. Errors: those of KVM and of ram_revert(). */
int dirty_revert(struct vm *vm, const struct snapshot *snap, struct error *err);

#endif
