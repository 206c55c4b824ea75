/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dirty.h: which pages a VM has changed since it was like a snapshot, so that
 * going back to the same one again and again costs what was changed. KVM logs
 * what vCPUs write (kernel Documentation/virt/kvm/api.rst, KVM_GET_DIRTY_LOG),
 * ram.h what we ask for. The VM must be paused.
 */
#ifndef VMM_SNAPSHOT_DIRTY_H
#define VMM_SNAPSHOT_DIRTY_H

#include "snapshot.h"
#include "vmm/vm.h"

/*
 * RAM is like the snapshot `like` now (not 0). The first time KVM begins to
 * log: whoever restores into a VM is likely to do it again, who never does
 * pays nothing. Errors: KVM's, -ENOMEM.
 */
int dirty_start(struct vm *vm, uint64_t like, struct error *err);

/* The same, if the log is on. */
int dirty_restart(struct vm *vm, uint64_t like, struct error *err);

/* Makes RAM what it is in the snapshot that it was like. Errors: KVM's, ram_revert()'s. */
int dirty_revert(struct vm *vm, const struct snapshot *snap, struct error *err);

#endif
