/* SPDX-License-Identifier: BSD-2-Clause */
/* live.c: see live.h. */
#include "live.h"

#include "dirty.h"
#include "precopy.h"
#include "ram_image.h"

#define WORTH (1 << 20) /* bytes that are copied sooner than a log is turned on and read */

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

static int read_log(void *vm, struct error *err)
{
	return dirty_read(vm, err);
}

static void copied(void *arg, uint64_t bytes)
{
	const struct vm *vm = arg;

	trace_note(vm->trace, "save: copied %llu KiB", (unsigned long long)bytes >> 10);
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
	const struct precopy_log log = { vm, read_log, copied, vm->dirty.changed };

	return live->copy.fd < 0 ? 0 : precopy(&vm->ram, &live->copy, &log, err);
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
