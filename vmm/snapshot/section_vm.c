/* SPDX-License-Identifier: BSD-2-Clause */
/* section_vm.c: see section_vm.h. Pure. */
#include "section_vm.h"

#include <errno.h>

#include "ram_image.h"

#define VERSION      2 /* 1 had no kind, stride, sources and irqchip; it was never in a file */
#define WALL_VERSION 1
#define NAME_VERSION 1

void section_vm_put(struct snapshot *snap, const struct section_vm *vm)
{
	struct snap_section *s = snap_add(snap, TAG_VM, 0, VERSION);

	snap_put32(s, vm->scope.kind);
	snap_put64(s, vm->scope.memory);
	snap_put64(s, vm->shared);
	snap_put32(s, vm->scope.stride);
	snap_put32(s, vm->sources);
	snap_put(s, vm->irqchip, 8);
	snap_put32(s, vm->scope.vcpus);
	snap_put(s, vm->scope.flags, vm->scope.vcpus);
}

void section_wall_put(struct snapshot *snap, uint64_t wall)
{
	snap_put64(snap_add(snap, TAG_WALL, 0, WALL_VERSION), wall);
}

int section_wall_get(const struct snapshot *snap, uint64_t *wall, struct error *err)
{
	const struct snap_section *s = snap_find(snap, TAG_WALL, 0);
	struct snap_reader r;

	*wall = 0;
	if (!s || s->version != WALL_VERSION)
		return 0;
	r = snap_reader(s);
	*wall = snap_get64(&r);
	return r.bad || snap_left(&r) || !*wall ? snap_wrong(s, &r, err) : 0;
}

void section_name_put(struct snapshot *snap, const struct identity *identity)
{
	struct snap_section *s = snap_add(snap, TAG_NAME, 0, NAME_VERSION);
	size_t len = strlen(identity->name);

	snap_put(s, identity->uuid, sizeof(identity->uuid));
	snap_put8(s, (uint8_t)len);
	snap_put(s, identity->name, len);
}

int section_name_get(const struct snapshot *snap, struct identity *identity, struct error *err)
{
	const struct snap_section *s = snap_find(snap, TAG_NAME, 0);
	struct snap_reader r;
	const void *uuid, *name;
	size_t len;

	*identity = (struct identity){ 0 };
	if (!s || s->version != NAME_VERSION)
		return 0;
	r = snap_reader(s);
	uuid = snap_get(&r, sizeof(identity->uuid));
	len = snap_get8(&r);
	name = snap_get(&r, len);
	if (r.bad || snap_left(&r) || (len && !identity_is_name(name, len)))
		return snap_wrong(s, &r, err);
	memcpy(identity->uuid, uuid, sizeof(identity->uuid));
	memcpy(identity->name, name, len);
	return 0;
}

bool section_known(const struct state_codec *codec, const struct snap_section *s,
                   const struct codec_scope *scope)
{
	if (s->tag == TAG_LEDGER)
		return !s->id && ledger_section_known(s);
	if (s->tag == TAG_WALL)
		return !s->id && s->version == WALL_VERSION && scope->kind == SNAP_VM;
	if (s->tag == TAG_NAME)
		return !s->id && s->version == NAME_VERSION && scope->kind == SNAP_VM;
	if (s->tag == TAG_VM || (s->tag == TAG_RAM && scope->kind == SNAP_VM))
		return !s->id;
	return codec_knows(codec, s, scope);
}

int sections_check(const struct state_codec *codec, const struct snapshot *snap,
                   const struct codec_scope *scope, struct error *err)
{
	for (size_t i = 0; i < snap->count; i++) {
		const struct snap_section *s = &snap->sections[i];
		char tag[5];

		snap_tag_text(s->tag, tag);
		if (!snap_optional(s->tag) && !section_known(codec, s, scope))
			return error_set(err, -EBADMSG,
			                 "snapshot: offset %zu: section %s %u is not known to this zpvm",
			                 s->offset, tag, s->id);
	}
	return 0;
}

int section_vm_get(const struct snapshot *snap, struct section_vm *vm, struct error *err)
{
	const struct snap_section *s = snap_find(snap, TAG_VM, 0);
	struct snap_reader r;
	const void *irqchip;
	uint32_t kind;

	if (!s)
		return error_set(err, -EBADMSG, "snapshot: section VM is missing");
	if (s->version != VERSION)
		return error_set(err, -EBADMSG,
		                 "snapshot: offset %zu: section VM has version %u, this zpvm reads %u",
		                 s->offset, s->version, VERSION);
	r = snap_reader(s);
	*vm = (struct section_vm){ 0 };
	kind = snap_get32(&r);
	vm->scope.kind = kind < SNAP_KINDS ? (enum snap_kind)kind : SNAP_VM;
	vm->scope.memory = snap_get64(&r);
	vm->shared = snap_get64(&r);
	vm->scope.stride = snap_get32(&r);
	vm->sources = snap_get32(&r);
	irqchip = snap_get(&r, 8);
	if (irqchip)
		memcpy(vm->irqchip, irqchip, 8);
	vm->scope.vcpus = snap_get32(&r);
	/* Each vCPU has a section of its own, at least. */
	vm->scope.flags = vm->scope.vcpus <= snap->count ? snap_get(&r, vm->scope.vcpus) : NULL;
	if (!vm->scope.flags || r.bad || snap_left(&r) || kind >= SNAP_KINDS || !vm->scope.vcpus ||
	    !vm->scope.stride || vm->scope.stride > UINT16_MAX || !vm->scope.memory)
		return snap_wrong(s, &r, err);
	return 0;
}
