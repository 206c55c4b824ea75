/* SPDX-License-Identifier: BSD-2-Clause */
/* live.c: see live.h. */
#include "live.h"

#include "dirty.h"
#include "ram_image.h"

#define WORTH  (1 << 20)   /* bytes that are copied sooner than a log is turned on and read */
#define ENOUGH (256 << 10) /* so few are copied in no time */
#define ROUNDS 6           /* at most, for a guest that writes faster than we copy */

/* Marks of what zpvm itself writes begin anew. Its threads must not be between a mark and the write. */
static int restart_marks(struct vm *vm, struct error *err)
{
	bool running = vm_running(vm);
	int rc = vm_pause(vm, err);

	vm->dirty.like = 0;
	ram_forget(&vm->ram);
	if (running)
		vm_resume(vm);
	return rc;
}

/* What it wrote during one round is copied in the next one. */
static int copy_rounds(struct live *live, struct vm *vm, struct error *err)
{
	uint64_t left = UINT64_MAX;
	int rc = 0;

	for (unsigned i = 0; i < ROUNDS && left > ENOUGH && !rc; i++) {
		rc = dirty_read(vm, err);
		if (!rc)
			rc = ram_copy_changed(&vm->ram, &live->copy, &live->copy, vm->dirty.changed, &left,
			                      err);
		trace_line(vm->trace, "save", "copied %llu KiB", (unsigned long long)left >> 10);
	}
	return rc;
}

int live_begin(struct live *live, struct vm *vm, struct error *err)
{
	uint64_t touched;
	int rc;

	*live = (struct live){ .copy.fd = -1 };
	rc = ram_copy_touched(&vm->ram, NULL, &touched, err);
	if (rc || touched <= WORTH)
		return rc;
	rc = ram_create_sparse(&live->copy, vm->ram.size, vm->ram.page, err);
	if (!rc)
		rc = dirty_log(vm, err);
	return rc ? rc : restart_marks(vm, err);
}

int live_copy(struct live *live, struct vm *vm, struct error *err)
{
	uint64_t touched;
	int rc;

	if (live->copy.fd < 0)
		return 0;
	rc = dirty_read(vm, err); /* what it has so far is copied now */
	if (!rc)
		rc = ram_copy_touched(&vm->ram, &live->copy, &touched, err);
	return rc ? rc : copy_rounds(live, vm, err);
}

int live_take(struct live *live, struct vm *vm, struct error *err)
{
	return state_collect(vm, SNAP_VM, live->copy.fd < 0 ? NULL : &live->copy, &live->snap, err);
}

int live_finish(struct live *live, struct error *err)
{
	return live->copy.fd < 0 ? 0 : ram_move(&live->copy, &live->snap, err);
}

void live_free(struct live *live)
{
	ram_destroy(&live->copy);
	snap_free(&live->snap);
}
