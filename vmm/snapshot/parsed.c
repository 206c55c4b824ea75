/* SPDX-License-Identifier: BSD-2-Clause */
/* parsed.c: see parsed.h. Pure. */
#include "parsed.h"

#include <errno.h>
#include <string.h>

#include "ram_image.h"

static const struct state_codec *const codecs[] = { &s390x_codec, &power9_codec };

static int find_codec(struct parsed_snapshot *p, struct error *err)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (!strcmp(codecs[i]->arch, p->snap.arch))
			p->codec = codecs[i];
	return p->codec ? 0
	                : error_set(err, -EBADMSG, "snapshot: offset 12: no architecture that zpvm knows");
}

static int take_apart(struct parsed_snapshot *p, struct error *err)
{
	int rc = find_codec(p, err);

	if (!rc)
		rc = section_vm_get(&p->snap, &p->vm, err);
	if (!rc)
		rc = sections_check(p->codec, &p->snap, &p->vm.scope, err);
	if (!rc)
		rc = section_wall_get(&p->snap, &p->wall, err);
	if (!rc)
		rc = section_name_get(&p->snap, &p->identity, err);
	if (rc)
		return rc;
	p->state = p->codec->create();
	if (!p->state)
		return error_set(err, -ENOMEM, "out of memory");
	rc = codec_decode(p->codec, p->state, &p->snap, &p->vm.scope, err);
	if (!rc && p->vm.scope.kind == SNAP_VM)
		rc = ram_check(&p->snap, p->vm.scope.memory, err);
	if (!rc && p->extra)
		rc = p->extra->open(&p->snap, p->snap.arch, &p->extra_data, err);
	return rc;
}

int parsed_open(struct parsed_snapshot *p, const uint8_t *bytes, size_t len, bool sealed,
                const struct section_extra *extra, struct error *err)
{
	int rc;

	*p = (struct parsed_snapshot){ .extra = extra };
	rc = snap_decode(&p->snap, bytes, len, sealed, err);
	if (!rc)
		rc = take_apart(p, err);
	if (rc)
		parsed_close(p);
	return rc;
}

void parsed_close(struct parsed_snapshot *p)
{
	if (p->codec)
		p->codec->free(p->state);
	if (p->extra_data)
		p->extra->close(p->extra_data);
	snap_free(&p->snap);
}

static void check_machine(const struct parsed_snapshot *p, struct outline *wrong)
{
	const struct section_vm *vm = &p->vm;
	size_t shared_size = p->extra ? p->extra->shared_size : 1;

	for (unsigned i = 0; i < vm->scope.vcpus; i++)
		if (vm->scope.flags[i] & ~(SECTION_ONLINE | SECTION_HELD))
			codec_wrong(wrong, &p->snap, TAG_VM, 0, "vCPU %u has flags that are not known: 0x%x",
			            i, vm->scope.flags[i]);
	if (vm->shared >= vm->scope.memory || shared_size > vm->scope.memory - vm->shared)
		codec_wrong(wrong, &p->snap, TAG_VM, 0, "the guest's shared block is outside memory: 0x%llx",
		            (unsigned long long)vm->shared);
}

void parsed_check(const struct parsed_snapshot *p, struct outline *wrong)
{
	check_machine(p, wrong);
	p->codec->check(p->state, &p->vm.scope, &p->snap, wrong);
	device_states_check(codec_devices(p->codec, p->state), &p->snap, wrong);
}

int parsed_refuse(const struct parsed_snapshot *p, struct error *err)
{
	struct outline wrong = { 0 };
	int rc = 0;

	parsed_check(p, &wrong);
	if (wrong.bad)
		rc = error_set(err, -ENOMEM, "out of memory");
	else if (wrong.count)
		rc = error_set(err, -EBADMSG, "%s", outline_value(&wrong, 0));
	outline_free(&wrong);
	return rc;
}
