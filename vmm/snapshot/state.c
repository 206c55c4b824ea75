/* SPDX-License-Identifier: BSD-2-Clause */
/* state.c: see state.h. Read next: arch/ARCH/snapshot/state.c. */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dirty.h"
#include "parsed.h"
#include "pending.h"
#include "ram_image.h"
#include "vmm/arch.h"
#include "vmm/hook.h"
#include "vmm/vcpu.h"

/* What a walk through a table of steps works on. */
struct walk {
	const char *what;
	struct vm *vm;
	struct arch_state *state;
	struct snapshot *snap;
	/* What the step without a function does. */
	int (*ram)(const struct walk *w, struct error *err);
	uint64_t like;          /* RAM: the identity of the snapshot */
	bool fresh;             /* a restore into a VM that has not run */
	const struct ram *copy; /* a save: to bring up to date, see live.h */
};

static int save_ram(const struct walk *w, struct error *err)
{
	int rc = ram_save(&w->vm->ram, w->snap, err);

	return rc ? rc : dirty_restart(w->vm, w->like, err);
}

/* All but what has changed last was copied before. */
static int copy_ram(const struct walk *w, struct error *err)
{
	uint64_t len;
	int rc = dirty_read(w->vm, err);

	return rc ? rc : ram_copy_changed(&w->vm->ram, w->copy, &w->vm->ram, w->vm->dirty.changed, &len, err);
}

static int load_ram(const struct walk *w, struct error *err)
{
	return ram_load(&w->vm->ram, w->snap, err);
}

/* Into a VM that has run, and may be taken back again. */
static int reload_ram(const struct walk *w, struct error *err)
{
	int rc = ram_rewrite(&w->vm->ram, w->snap, err);

	if (rc) {
		/* A log of changes since that snapshot goes on, another is worth nothing now. */
		if (w->vm->dirty.like != w->like)
			w->vm->dirty.like = 0;
		return rc < 0 ? rc : 0;
	}
	if (w->like && w->vm->dirty.like == w->like)
		return dirty_revert(w->vm, w->snap, err);
	rc = load_ram(w, err);
	return rc || !w->like ? rc : dirty_start(w->vm, w->like, err);
}

int state_step_run(const struct state_step *step, struct vm *vm, struct arch_state *state, struct error *err)
{
	int rc = 0;

	if (step->run)
		return step->run(vm, state, err);
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		rc = step->each(&vm->vcpus[i], state, err);
	return rc;
}

static int run_step(const struct walk *w, const struct state_step *step, struct error *err)
{
	struct trace_event span;
	int rc;

	trace_begin(w->vm->trace, &span, TRACE_SNAPSHOT, -1, step->name, NULL);
	if (span.id)
		trace_text(&span, "of", "%s", w->what);
	rc = step->run || step->each ? state_step_run(step, w->vm, w->state, err) : w->ram(w, err);
	if (span.id && rc)
		trace_code(&span, rc);
	trace_end(w->vm->trace, &span);
	return rc;
}

/* Does the steps that have one of the flags. */
static int run_steps(const struct walk *w, const struct state_step *steps, unsigned flags, struct error *err)
{
	const struct vm_hooks *hooks = w->vm->config->hooks;
	struct state_step room[STATE_STEPS];
	struct error later = { .text = "" }; /* only the first one is told */
	int rc = 0;

	if (hooks && hooks->steps)
		steps = hooks->steps(w->vm, steps, room);
	for (; steps->name; steps++) {
		struct error *report = rc ? &later : err;
		int step_rc;

		if (!(steps->flags & flags) || (rc && !(steps->flags & STATE_ALWAYS)) ||
		    (w->fresh && steps->flags & STATE_USED))
			continue;
		step_rc = run_step(w, steps, report);
		if (step_rc && !rc)
			rc = error_prefix(err, step_rc, "%s, step \"%s\"", w->what, steps->name);
		/* What it took from the VM it could not give back. */
		if (step_rc && steps->flags & STATE_ALWAYS)
			rc = -ENOTRECOVERABLE;
	}
	return rc;
}

int state_reset(struct vm *vm, struct arch_state *state, struct error *err)
{
	(void)state;
	return arch_irq_reset(vm, err);
}

int state_save_devices(struct vm *vm, struct arch_state *state, struct error *err)
{
	return device_states_save(codec_devices(arch_codec, state), arch_codec->devices, &vm->device_list,
	                          err);
}

int state_load_devices(struct vm *vm, struct arch_state *state, struct error *err)
{
	return device_states_load(codec_devices(arch_codec, state), &vm->device_list, err);
}

/* Which steps of a table a snapshot of this kind needs. */
static unsigned flags_of(enum snap_kind kind)
{
	return kind == SNAP_IRQ ? STATE_IRQ : STATE_IRQ | STATE_REST;
}

/* What the machine is made of. */
static struct section_vm describe(const struct vm *vm, enum snap_kind kind)
{
	struct section_vm s = {
		.scope = { .kind = kind,
		           .vcpus = vm->vcpu_count,
		           .stride = vcpu_id(vm, 1),
		           .memory = vm->ram.size },
		.shared = vm->shared,
		.sources = vm->config->sources,
	};

	strncpy(s.irqchip, vm->config->irqchip ? vm->config->irqchip : "", sizeof(s.irqchip) - 1);
	return s;
}

static uint8_t flags_of_vcpu(const struct vcpu *vcpu)
{
	bool waits = vcpu->state == VCPU_HELD || vcpu->state == VCPU_SUSPENDED;

	return (vcpu_is_online(vcpu) ? SECTION_ONLINE : 0) | (waits ? SECTION_HELD : 0);
}

static void fill_flags(const struct vm *vm, uint8_t *flags)
{
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		flags[i] = flags_of_vcpu(&vm->vcpus[i]);
}

static int save_generic(struct vm *vm, enum snap_kind kind, struct snapshot *snap, struct error *err)
{
	struct section_vm s = describe(vm, kind);
	uint8_t *flags = malloc(vm->vcpu_count);

	if (!flags)
		return error_set(err, -ENOMEM, "save: out of memory");
	fill_flags(vm, flags);
	s.scope.flags = flags;
	section_vm_put(snap, &s);
	free(flags);
	return 0;
}

/* What the snapshot was made of must be what the VM is made of. */
static int check_generic(const struct vm *vm, const struct parsed_snapshot *p, struct error *err)
{
	const struct section_vm *there = &p->vm;
	struct section_vm here = describe(vm, there->scope.kind);

	if (p->codec != arch_codec)
		return error_set(err, -EBADMSG, "made on %s, this is %s", p->snap.arch, arch_info.name);
	if (there->scope.memory != here.scope.memory || there->scope.vcpus != here.scope.vcpus)
		return error_set(err, -EBADMSG,
		                 "made of %llu MiB and %u vCPUs, the VM has %llu MiB and %u vCPUs",
		                 (unsigned long long)there->scope.memory >> 20, there->scope.vcpus,
		                 (unsigned long long)here.scope.memory >> 20, here.scope.vcpus);
	if (there->scope.stride != here.scope.stride)
		return error_set(err, -EBADMSG, "made with vCPU ids %u apart, they are %u apart in the VM",
		                 there->scope.stride, here.scope.stride);
	if (strcmp(there->irqchip, here.irqchip))
		return error_set(err, -EBADMSG, "made with interrupt controller %s, the VM has %s",
		                 there->irqchip, here.irqchip);
	return 0;
}

static void load_generic(struct vm *vm, const struct section_vm *from, uint64_t wall)
{
	vm->shared = from->shared;
	vm->clock.at.wall = wall;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		vcpu_restore(&vm->vcpus[i], from->scope.flags[i] & SECTION_ONLINE,
		             from->scope.flags[i] & SECTION_HELD);
}

/* Optional sections that are not known: sections_check() has refused the others. */
static void report_unknown(const struct vm *vm, const struct snapshot *snap, const struct codec_scope *scope)
{
	for (size_t i = 0; i < snap->count; i++) {
		const struct snap_section *s = &snap->sections[i];
		char tag[5];

		snap_tag_text(s->tag, tag);
		if (!section_known(arch_codec, s, scope))
			trace_note(vm->trace, "restore: optional section %s %u is not known: left alone", tag,
			           s->id);
	}
}

static struct arch_state *make_state(const struct vm *vm)
{
	struct arch_state *state = arch_codec->create();

	if (state && arch_codec->room(state, vm->vcpu_count))
		return state;
	arch_codec->free(state);
	return NULL;
}

/* like: the identity of what is in snap. */
static int collect(struct vm *vm, enum snap_kind kind, const struct ram *copy, uint64_t like,
                   struct snapshot *snap, struct error *err)
{
	struct arch_state *state = make_state(vm);
	struct walk walk = { "save", vm, state, snap, copy ? copy_ram : save_ram, like, false, copy };
	int rc;

	snap_init(snap, arch_info.name);
	if (!state)
		return error_set(err, -ENOMEM, "save: out of memory");
	rc = save_generic(vm, kind, snap, err);
	if (!rc)
		rc = run_steps(&walk, arch_save_steps, flags_of(kind), err);
	if (kind == SNAP_VM)
		section_wall_put(snap, vm->clock.at.wall);
	if (kind == SNAP_VM && vm->config->identity)
		section_name_put(snap, vm->config->identity);
	if (!rc)
		rc = codec_encode(arch_codec, state, kind, vm->vcpu_count, snap, err);
	arch_codec->free(state);
	vm->dead |= rc == -ENOTRECOVERABLE;
	return rc;
}

int state_collect(struct vm *vm, enum snap_kind kind, const struct ram *copy, struct snapshot *snap,
                  struct error *err)
{
	return collect(vm, kind, copy, 0, snap, err);
}

int state_save(struct vm *vm, enum snap_kind kind, struct state_bytes *out, struct error *err)
{
	struct snapshot snap;
	int rc;

	*out = (struct state_bytes){ .like = time_now() };
	rc = collect(vm, kind, NULL, out->like, &snap, err);
	if (!rc)
		rc = snap_encode(&snap, &out->bytes, &out->len, err);
	snap_free(&snap);
	return rc;
}

/* All of it is decoded and checked, and KVM asked, before anything of the VM is changed. */
static int open_checked(const struct vm *vm, const struct state_bytes *in, struct parsed_snapshot *p,
                        struct error *err)
{
	const struct vm_hooks *hooks = vm->config->hooks;
	int rc = parsed_open(p, in->bytes, in->len, in->sealed, hooks ? hooks->section : NULL, err);

	if (rc)
		return error_prefix(err, rc, "restore: the snapshot");
	rc = check_generic(vm, p, err);
	if (!rc)
		rc = parsed_refuse(p, err);
	if (!rc && !p->wall && vm->config->clock == CLOCK_FOLLOW && p->vm.scope.kind == SNAP_VM)
		rc = error_set(
			err, -EBADMSG,
			"it does not say when it was made, so the guest's clock cannot follow real time");
	if (!rc)
		rc = arch_state_fits(vm, p->state, p->vm.scope.kind, err);
	if (!rc && p->vm.scope.kind == SNAP_VM)
		rc = device_states_fit(codec_devices(p->codec, p->state), &vm->device_list, err);
	if (rc) {
		parsed_close(p);
		return error_prefix(err, rc, "restore: the snapshot");
	}
	report_unknown(vm, &p->snap, &p->vm.scope);
	return 0;
}

int state_load(struct vm *vm, const struct state_bytes *in, bool fresh, struct error *err)
{
	struct parsed_snapshot from;
	struct walk walk = { "restore", vm,    NULL, &from.snap, fresh ? load_ram : reload_ram,
		             in->like,  fresh, NULL };
	enum snap_kind kind;
	int rc = open_checked(vm, in, &from, err);

	if (rc)
		return rc;
	walk.state = from.state;
	kind = from.vm.scope.kind;
	/* The reset takes some of what an irq snapshot does not have: that is put back as it is. */
	if (kind == SNAP_IRQ)
		rc = run_steps(&walk, arch_save_steps, STATE_KEPT, err);
	if (!rc)
		rc = run_steps(&walk, arch_load_steps, flags_of(kind) | (kind == SNAP_IRQ ? STATE_KEPT : 0),
		               err);
	/* KVM says so too, in the middle of it: it must not be taken for a VM that is untouched. */
	if (rc == -EBADMSG || rc == -EBUSY)
		rc = -EIO;
	vm->dead |= rc != 0;
	if (!rc && kind == SNAP_VM)
		load_generic(vm, &from.vm, from.wall);
	parsed_close(&from);
	return rc;
}

int state_look(struct vm *vm, enum snap_kind kind, struct arch_state **state, struct error *err)
{
	struct walk walk = { "look", vm, make_state(vm), NULL, NULL, 0, false, NULL };
	int rc;

	*state = walk.state;
	if (!walk.state)
		return error_set(err, -ENOMEM, "out of memory");
	rc = run_steps(&walk, arch_look_steps, flags_of(kind), err);
	if (rc)
		arch_codec->free(walk.state);
	return rc;
}

int state_answer(struct vm *vm, struct pending_list *list, struct error *err)
{
	struct section_vm s = describe(vm, SNAP_VM);
	uint8_t *flags = malloc(vm->vcpu_count);
	struct arch_state *state;
	int rc = flags ? state_look(vm, SNAP_VM, &state, err) : error_set(err, -ENOMEM, "out of memory");

	*list = (struct pending_list){ 0 };
	if (!rc) {
		fill_flags(vm, flags);
		s.scope.flags = flags;
		arch_codec->answer(state, &s.scope, list);
		if (list->bad)
			rc = error_set(err, -ENOMEM, "out of memory");
		arch_codec->free(state);
	}
	free(flags);
	if (rc)
		pending_free(list);
	return rc;
}
