/* SPDX-License-Identifier: BSD-2-Clause */
/* dirty.c: see dirty.h. */
#include "dirty.h"

#include <errno.h>
#include <stdlib.h>

#include "ram_image.h"

int dirty_read(struct vm *vm, struct error *err)
{
	struct kvm_dirty_log log = { .slot = 0, .dirty_bitmap = vm->dirty.changed };
	long rc = kvm_call(&vm->fd, KVM_GET_DIRTY_LOG, &log);

	return rc < 0 ? kvm_failed(err, rc, &vm->fd, NULL, "KVM_GET_DIRTY_LOG(slot 0)") : 0;
}

int dirty_restart(struct vm *vm, uint64_t like, struct error *err)
{
	int rc = vm->dirty.changed ? dirty_read(vm, err) : 0;

	/* What was changed is forgotten in any case. */
	vm->dirty.like = rc || !vm->dirty.changed ? 0 : like;
	ram_forget(&vm->ram);
	return rc;
}

int dirty_log(struct vm *vm, struct error *err)
{
	int rc = vm->dirty.changed ? 0 : vm_map_ram(vm, KVM_MEM_LOG_DIRTY_PAGES, err);

	if (rc || vm->dirty.changed)
		return rc;
	vm->dirty.changed = calloc((vm->ram.pages + 63) / 64, 8);
	return vm->dirty.changed ? 0 : error_set(err, -ENOMEM, "out of memory");
}

int dirty_start(struct vm *vm, uint64_t like, struct error *err)
{
	int rc = dirty_log(vm, err);

	return rc ? rc : dirty_restart(vm, like, err);
}

int dirty_revert(struct vm *vm, const struct snapshot *snap, struct error *err)
{
	int rc = dirty_read(vm, err);

	if (!rc)
		rc = ram_revert(&vm->ram, snap, vm->dirty.changed, err);
	/* What was changed is known no more. */
	if (rc)
		vm->dirty.like = 0;
	ram_forget(&vm->ram);
	return rc;
}
