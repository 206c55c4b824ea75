/* SPDX-License-Identifier: BSD-2-Clause */
/* section_vm.c: what a snapshot says of its machine: what comes back, and what is refused. */
#include "vmm/snapshot/section_vm.h"

#include <errno.h>

#include "tap.h"

static struct error err;
static const uint8_t flags[3] = { SECTION_ONLINE | SECTION_HELD, SECTION_ONLINE, 0 };

static struct section_vm machine(void)
{
	return (struct section_vm){
		.scope = { .kind = SNAP_IRQ,
		           .vcpus = 3,
		           .stride = 8,
		           .memory = 0x123456789a,
		           .flags = flags },
		.shared = 0xabcdef0123,
		.sources = 4096,
		.irqchip = "xive",
	};
}

/* The machine, in a snapshot that has a section for each vCPU. */
static int round_trip(const struct section_vm *in, struct section_vm *out, struct snapshot *snap)
{
	snap_init(snap, "s390x");
	section_vm_put(snap, in);
	for (unsigned i = 1; i < in->scope.vcpus; i++)
		snap_add(snap, SNAP_TAG('C', 'P', 'U', ' '), i, 1);
	return section_vm_get(snap, out, &err);
}

static void refused(const struct section_vm *in, const char *what)
{
	struct section_vm out;
	struct snapshot snap;

	is(round_trip(in, &out, &snap), -EBADMSG, "%s", what);
	snap_free(&snap);
}

static void good(void)
{
	struct section_vm in = machine(), out;
	struct snapshot snap;

	is(round_trip(&in, &out, &snap), 0, "a machine");
	ok(out.scope.kind == SNAP_IRQ && out.scope.vcpus == 3 && out.scope.stride == 8 &&
	           out.scope.memory == in.scope.memory && out.shared == in.shared && out.sources == 4096 &&
	           !strcmp(out.irqchip, "xive") && !memcmp(out.scope.flags, flags, 3),
	   "comes back");
	snap_free(&snap);
	memcpy(in.irqchip, "12345678", 8);
	is(round_trip(&in, &out, &snap), 0, "a controller's name of eight letters");
	ok(!strcmp(out.irqchip, "12345678"), "has its end");
	snap_free(&snap);
}

static void bad(void)
{
	struct section_vm in = machine(), out;
	struct snapshot snap;

	in.scope.kind = SNAP_KINDS;
	refused(&in, "a kind of snapshot that is none");
	in = machine();
	in.scope.vcpus = 0;
	refused(&in, "no vCPU");
	in = machine();
	in.scope.stride = 0;
	refused(&in, "vCPU ids that do not differ");
	in.scope.stride = 0x10000;
	refused(&in, "vCPU ids beyond all");
	in = machine();
	in.scope.memory = 0;
	refused(&in, "no memory");

	snap_init(&snap, "s390x");
	is(section_vm_get(&snap, &out, &err), -EBADMSG, "no such section");
	has(err.text, "section VM is missing", "is said");
	in = machine();
	section_vm_put(&snap, &in);
	is(section_vm_get(&snap, &out, &err), -EBADMSG, "more vCPUs than there are sections");
	snap.sections[0].version++;
	is(section_vm_get(&snap, &out, &err), -EBADMSG, "another version");
	has(err.text, "section VM has version 3, this zpvm reads 2", "is said");
	snap_free(&snap);

	in = machine();
	round_trip(&in, &out, &snap);
	snap_put8(&snap.sections[0], 0);
	is(section_vm_get(&snap, &out, &err), -EBADMSG, "a byte too many");
	for (size_t len = --snap.sections[0].len; len--;) {
		snap.sections[0].len = len;
		if (section_vm_get(&snap, &out, &err) != -EBADMSG)
			ok(false, "cut after %zu bytes: refused", len);
	}
	snap_free(&snap);
}

static int wall(const void *bytes, size_t len, uint32_t version, uint64_t *value)
{
	struct snapshot snap;
	int rc;

	snap_init(&snap, "s390x");
	snap_put(snap_add(&snap, TAG_WALL, 0, version), bytes, len);
	rc = section_wall_get(&snap, value, &err);
	snap_free(&snap);
	return rc;
}

static void real_time(void)
{
	static const uint8_t bytes[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, zeros[8];
	struct snapshot snap;
	uint64_t value = 1;

	snap_init(&snap, "s390x");
	is(section_wall_get(&snap, &value, &err), 0, "no time is no error");
	is(value, 0, "but 0");
	section_wall_put(&snap, 0x123456789abcdef0);
	ok(!section_wall_get(&snap, &value, &err) && value == 0x123456789abcdef0, "a time comes back");
	snap_free(&snap);
	ok(!wall(bytes, 8, 1, &value) && value == 0x0102030405060708, "it has eight bytes");
	is(wall(bytes, 7, 1, &value), -EBADMSG, "not seven");
	is(wall(bytes, 9, 1, &value), -EBADMSG, "not nine");
	is(wall(zeros, 8, 1, &value), -EBADMSG, "and is not 0");
	has(err.text, "wall", "which is named");
	ok(!wall(bytes, 7, 2, &value) && !value, "one of a later zpvm is left alone");
}

static void name(void)
{
	struct identity in = { .name = "web", .uuid = { 1, 2, [15] = 16 } }, out;
	struct codec_scope scope = { .kind = SNAP_VM };
	struct snapshot snap;
	struct snap_section *s;

	snap_init(&snap, "s390x");
	ok(!section_name_get(&snap, &out, &err) && !identity_given(&out), "no name in a snapshot");
	section_name_put(&snap, &in);
	is(section_name_get(&snap, &out, &err), 0, "a name and a UUID");
	ok(!memcmp(&in, &out, sizeof(in)), "come back");
	s = &snap.sections[0];
	ok(section_known(&s390x_codec, s, &scope), "the section is known");
	scope.kind = SNAP_IRQ;
	ok(!section_known(&s390x_codec, s, &scope), "but not among interrupts");
	for (size_t len = s->len; len--;) {
		struct snap_section all = *s;

		s->len = len;
		if (section_name_get(&snap, &out, &err) != -EBADMSG)
			ok(false, "cut after %zu bytes: refused", len);
		*s = all;
	}
	snap_put8(s, 'x');
	is(section_name_get(&snap, &out, &err), -EBADMSG, "a byte too many");
	s->bytes[16] = 4;
	ok(!section_name_get(&snap, &out, &err) && !strcmp(out.name, "webx"), "which the name can have");
	s->bytes[s->len - 1] = 0;
	is(section_name_get(&snap, &out, &err), -EBADMSG, "but not if it is not printable");
	s->version++;
	ok(!section_name_get(&snap, &out, &err) && !identity_given(&out), "another version is none");
	snap_free(&snap);
	memset(in.name, 'n', IDENTITY_NAME_MAX);
	snap_init(&snap, "s390x");
	section_name_put(&snap, &in);
	ok(!section_name_get(&snap, &out, &err) && !memcmp(&in, &out, sizeof(in)), "the longest name");
	snap_free(&snap);
}

int main(void)
{
	good();
	bad();
	real_time();
	name();
	return tap_done();
}
