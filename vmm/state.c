/* SPDX-License-Identifier: BSD-2-Clause */
/* state.c: see state.h. Read next: arch/<arch>/state.c. */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Generic: what zpvm itself knows of a VM. */
#define TAG_VM SNAP_TAG('V', 'M', ' ', ' ')

enum { FLAG_ONLINE = 1, FLAG_HELD = 2 };

static int save_ram(struct vm *vm, struct snapshot *snap, struct error *err)
{
	return ram_save(&vm->ram, snap, err);
}

static int load_ram(struct vm *vm, struct snapshot *snap, struct error *err)
{
	return ram_load(&vm->ram, snap, err);
}

/* ram is what the step without a function does. */
static int run_steps(const struct state_step *steps, const char *what, struct vm *vm,
                     struct arch_state *state, struct snapshot *snap,
                     int (*ram)(struct vm *vm, struct snapshot *snap, struct error *err), struct error *err)
{
	struct error first;
	int rc = 0;

	for (; steps->name; steps++) {
		struct error *report = rc ? &first : err;
		int step_rc;

		if (rc && !steps->always)
			continue;
		trace_line(vm->trace, what, "%s", steps->name);
		step_rc = steps->run ? steps->run(vm, state, report) : ram(vm, snap, report);
		if (step_rc && !rc)
			rc = error_prefix(err, step_rc, "%s, step \"%s\"", what, steps->name);
	}
	return rc;
}

static void save_generic(struct vm *vm, struct snapshot *snap)
{
	struct snap_section *s = snap_add(snap, TAG_VM, 0, 1);

	snap_put64(s, vm->ram.size);
	snap_put64(s, vm->shared);
	snap_put32(s, vm->vcpu_count);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		snap_put8(s, (vm->vcpus[i].online ? FLAG_ONLINE : 0) | (vm->vcpus[i].held ? FLAG_HELD : 0));
}

/* What the snapshot was made of must be what the VM is made of. */
static int check_generic(const struct vm *vm, const struct snapshot *snap, struct error *err)
{
	struct snap_reader r = snap_open(snap, TAG_VM, 0, 1);
	uint64_t ram = snap_get64(&r);
	uint32_t vcpus;

	snap_get64(&r);
	vcpus = snap_get32(&r);
	if (r.bad || snap_left(&r) != vcpus)
		return error_set(err, -EBADMSG, "section VM is missing or wrong");
	if (ram != vm->ram.size || vcpus != vm->vcpu_count)
		return error_set(err, -EBADMSG,
		                 "made of %llu MiB and %u vCPUs, the VM has %llu MiB and %u vCPUs",
		                 (unsigned long long)ram >> 20, vcpus, (unsigned long long)vm->ram.size >> 20,
		                 vm->vcpu_count);
	return ram_check(snap, ram, err);
}

static void load_generic(struct vm *vm, const struct snapshot *snap)
{
	struct snap_reader r = snap_open(snap, TAG_VM, 0, 1);

	snap_get64(&r);
	vm->shared = snap_get64(&r);
	snap_get32(&r);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		uint8_t flags = snap_get8(&r);

		vm->vcpus[i].online = flags & FLAG_ONLINE;
		vm->vcpus[i].held = flags & FLAG_HELD;
		vm->vcpus[i].event = (struct event){ .kind = EVENT_PAUSED };
	}
}

int state_save(struct vm *vm, struct state_bytes *out, struct error *err)
{
	struct arch_state *state = arch_state_new();
	struct snapshot snap;
	int rc;

	if (!state)
		return error_set(err, -ENOMEM, "save: out of memory");
	snap_init(&snap, arch_info.name);
	save_generic(vm, &snap);
	rc = run_steps(arch_save_steps, "save", vm, state, &snap, save_ram, err);
	if (!rc)
		rc = arch_state_encode(state, &snap, err);
	if (!rc)
		rc = snap_encode(&snap, &out->bytes, &out->len, err);
	snap_free(&snap);
	arch_state_free(state);
	return rc;
}

int state_load(struct vm *vm, const struct state_bytes *in, bool fresh, struct error *err)
{
	struct arch_state *state = arch_state_new();
	struct snapshot snap;
	int rc;

	if (!state)
		return error_set(err, -ENOMEM, "restore: out of memory");
	/* All of it is decoded and checked before any of it is used. */
	rc = snap_decode(&snap, in->bytes, in->len, err);
	if (!rc && strcmp(snap.arch, arch_info.name))
		rc = error_set(err, -EBADMSG, "made on %s, this is %s", snap.arch, arch_info.name);
	if (!rc)
		rc = check_generic(vm, &snap, err);
	if (!rc)
		rc = arch_state_decode(state, &snap, vm->vcpu_count, vm->ram.size, err);
	/* Ours, RAM, the architecture's: what else is there is nothing that we could restore. */
	if (!rc && snap.count != 2 + arch_state_sections(state))
		rc = error_set(err, -EBADMSG, "%zu sections, this zpvm knows %zu of them", snap.count,
		               2 + arch_state_sections(state));
	if (!rc)
		rc = arch_state_fits(vm, state, err);
	if (rc)
		error_prefix(err, rc, "restore: the snapshot");
	if (!rc && !fresh) {
		trace_line(vm->trace, "restore", "reset what the VM has");
		rc = arch_irq_reset(vm, err);
	}
	if (!rc)
		rc = run_steps(arch_load_steps, "restore", vm, state, &snap, load_ram, err);
	if (!rc)
		load_generic(vm, &snap);
	snap_free(&snap);
	arch_state_free(state);
	return rc;
}

int state_look(struct vm *vm, struct arch_state **state, struct error *err)
{
	int rc;

	*state = arch_state_new();
	if (!*state)
		return error_set(err, -ENOMEM, "out of memory");
	rc = run_steps(arch_look_steps, "look", vm, *state, NULL, NULL, err);
	if (rc)
		arch_state_free(*state);
	return rc;
}
