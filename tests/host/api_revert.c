/* SPDX-License-Identifier: BSD-2-Clause */
/* api_revert.c: going back to the same snapshot again and again, where only changed pages are written. */
#include <string.h>

#include "api.h"
#include "vmm/snapshot/dirty.h"
#include "vmm/snapshot/section_vm.h"

#define FAR    0x2000000 /* pages that the guest never touches by itself */
#define MANY   300       /* more of them than are quickly written */
#define ROUNDS 20

static struct error err;

/* Whether all of RAM is what the snapshot has. */
static bool same_ram(struct vm *vm, const struct state_bytes *bytes)
{
	const struct snap_section *a, *b;
	struct snapshot then, now;
	bool same;

	snap_init(&now, arch_info.name);
	same = !snap_decode(&then, bytes->bytes, bytes->len, false, &err) && !ram_save(&vm->ram, &now, &err);
	a = snap_find(&then, TAG_RAM, 0);
	b = snap_find(&now, TAG_RAM, 0);
	same = same && a && b && a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
	snap_free(&then);
	snap_free(&now);
	return same;
}

static int command(struct vm *vm, uint32_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t arg[ABI_ARGS] = { a, b, c };
	unsigned which;
	int rc = checkpoint_command(vm, 0, nr, arg, &err);

	if (rc)
		return rc;
	vm_resume(vm);
	rc = vm_wait(vm, VCPU_ALL, 20000, &which);
	return rc ? rc : vm_pause(vm, &err);
}

static int fill(struct vm *vm, unsigned page, unsigned pages, uint64_t value)
{
	return command(vm, ABI_CMD_FILL, FAR + page * 4096ULL, pages, value);
}

/* Pages that were zero, pages that were not, and what we write ourselves. */
static void rounds(struct vm *vm, const struct state_bytes *bytes, bool large)
{
	unsigned good = 0, reverted = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t *ours = ram_at(&vm->ram, FAR + 0x100000 + i * 8192, 8);

		if (fill(vm, i, 1 + 3 * i, i + 1) || command(vm, ABI_CMD_TIMER, 1, 0, 0) ||
		    command(vm, ABI_CMD_WAIT, 1, 0, 0))
			break;
		memset(ours, (int)i + 1, 8);
		reverted += vm->dirty.like == bytes->like;
		if (state_load(vm, bytes, false, &err))
			break;
		good += same_ram(vm, bytes);
	}
	is(good, ROUNDS, "RAM is what it was, %d times (%s)", ROUNDS, err.text);
	if (large)
		ok(reverted >= ROUNDS - 1, "... by changed pages but for the first time");
}

/* What another restore, or a snapshot in between, makes of it. */
static void others(struct vm *vm, const struct state_bytes *bytes)
{
	struct state_bytes later = { 0 };

	ok(!fill(vm, 200, 5, 99) && !state_save(vm, SNAP_VM, &later, &err), "another snapshot (%s)",
	   err.text);
	ok(!fill(vm, 203, 5, 98) && !state_load(vm, &later, false, &err) && same_ram(vm, &later),
	   "back to that (%s)", err.text);
	ok(!state_load(vm, bytes, false, &err) && same_ram(vm, bytes), "back to the first one (%s)",
	   err.text);
	ok(!fill(vm, 1, 9, 97) && !state_load(vm, bytes, false, &err) && same_ram(vm, bytes),
	   "and again, by changed pages (%s)", err.text);
	ok(!state_load(vm, &later, false, &err) && same_ram(vm, &later), "forth (%s)", err.text);
	free(later.bytes);
}

int main(int argc, char **argv)
{
	struct vm_config c = config(arch_info.ram_default, 2);
	struct state_bytes bytes = { 0 };
	struct vm vm;

	if (api_begin(argc, argv))
		return 1;
	if (start(&vm, &c, &err) || vm_pause(&vm, &err) || fill(&vm, 0, 20, 7) ||
	    state_save(&vm, SNAP_VM, &bytes, &err)) {
		ok(false, "a VM with a snapshot (%s)", err.text);
		return api_end();
	}
	ok(same_ram(&vm, &bytes), "a snapshot has all of RAM");
	rounds(&vm, &bytes, false);
	free(bytes.bytes);
	ok(!fill(&vm, 2000, MANY, 8) && !state_save(&vm, SNAP_VM, &bytes, &err), "a larger one (%s)",
	   err.text);
	rounds(&vm, &bytes, true);
	others(&vm, &bytes);
	vm_destroy(&vm);
	ok(!vm_create(&vm, &kvm, &c, &err) && !state_load(&vm, &bytes, true, &err) && same_ram(&vm, &bytes),
	   "into a new VM (%s)", err.text);
	rounds(&vm, &bytes, true);
	vm_destroy(&vm);
	free(bytes.bytes);
	return api_end();
}
