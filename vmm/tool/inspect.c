/* SPDX-License-Identifier: BSD-2-Clause */
/* inspect.c: see inspect.h. Pure. Read next: inspect_ram.c. */
#include "inspect.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "inspect_ram.h"
#include "vmm/snapshot/pending.h"

/* --- describe --------------------------------------------------------- */

/* When the VM was paused for the snapshot. */
static void describe_time(const struct parsed_snapshot *in, struct outline *out)
{
	uint64_t wall = in->wall;
	time_t seconds = (time_t)(wall / 1000000000);
	struct tm tm;

	if (!wall)
		return;
	gmtime_r(&seconds, &tm);
	outline_text(out, "made", "%04d-%02d-%02d %02d:%02d:%02d.%09u UTC", tm.tm_year + 1900, tm.tm_mon + 1,
	             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (unsigned)(wall % 1000000000));
}

static void describe_machine(const struct parsed_snapshot *in, struct outline *out)
{
	const struct section_vm *vm = &in->vm;
	char uuid[IDENTITY_UUID_TEXT];

	outline_at(out, "snapshot");
	outline_number(out, "format", SNAP_VERSION);
	outline_text(out, "architecture", "%s", in->snap.arch);
	outline_text(out, "kind", "%s", snap_kind_names[vm->scope.kind]);
	describe_time(in, out);
	outline_at(out, "machine");
	if (*in->identity.name)
		outline_text(out, "name", "%s", in->identity.name);
	if (identity_uuid_text(&in->identity, uuid))
		outline_text(out, "uuid", "%s", uuid);
	outline_number(out, "memory", vm->scope.memory);
	outline_number(out, "vcpus", vm->scope.vcpus);
	outline_number(out, "vcpu-stride", vm->scope.stride);
	outline_text(out, "irqchip", "%s", vm->irqchip);
	outline_number(out, "message-sources", vm->sources);
	outline_hex(out, "shared-block", vm->shared);
	for (unsigned i = 0; i < vm->scope.vcpus && vm->scope.kind == SNAP_VM; i++) {
		outline_at(out, "vcpu.%u", i);
		outline_flag(out, "online", vm->scope.flags[i] & SECTION_ONLINE);
		outline_flag(out, "at-checkpoint", vm->scope.flags[i] & SECTION_HELD);
	}
}

/* Sections that a later zpvm has added. Their sums show at least whether they are equal. */
static void describe_unknown(const struct parsed_snapshot *in, struct outline *out)
{
	outline_at(out, "%s", "");
	for (size_t i = 0; i < in->snap.count; i++) {
		const struct snap_section *s = &in->snap.sections[i];
		char tag[5], sum[SNAP_SUM_TEXT];

		if (section_known(in->codec, s, &in->vm.scope))
			continue;
		snap_tag_text(s->tag, tag);
		snap_sum_text(s->bytes, s->len, sum);
		outline_item(out, "unknown",
		             "section %s %u, version %u, %zu bytes, sum %s: not known, left alone", tag,
		             s->id, s->version, s->len, sum);
		outline_member(out, "section", "%s", tag);
		outline_member_number(out, "id", s->id);
		outline_member_number(out, "version", s->version);
		outline_member_number(out, "bytes", s->len);
		outline_member(out, "sum", "%s", sum);
	}
}

void inspect_all_but_ram(const struct parsed_snapshot *in, struct outline *out)
{
	describe_machine(in, out);
	in->codec->describe(in->state, &in->vm.scope, out);
	if (in->extra_data)
		in->extra->describe(in->extra_data, out);
	describe_unknown(in, out);
}

void inspect_describe(const struct parsed_snapshot *in, struct outline *out)
{
	inspect_all_but_ram(in, out);
	if (in->vm.scope.kind == SNAP_VM)
		ram_describe_runs(&in->snap, in->vm.scope.memory, out);
}

static void print_json(const struct pending_list *list, const struct outline *o, FILE *to, int *rc)
{
	char sum[96];
	struct json j;

	pending_sum(list, sum);
	json_begin(&j, to);
	json_open(&j, NULL, '{');
	json_string(&j, "schema", "zpvm-inspect");
	json_number(&j, "version", 1);
	json_string(&j, "summary", sum);
	json_open(&j, "pending", '[');
	for (size_t i = 0; i < list->count; i++)
		pending_json(&list->irqs[i], NULL, &j);
	json_close(&j);
	json_open(&j, "masks", '[');
	for (size_t i = 0; i < list->vcpu_count; i++) {
		json_open(&j, NULL, '{');
		json_number(&j, "vcpu", list->vcpus[i].vcpu);
		json_string(&j, "text", list->vcpus[i].text);
		json_close(&j);
	}
	json_close(&j);
	*rc = outline_json(o, &j);
	json_close(&j);
}

int inspect_print(const struct parsed_snapshot *in, const struct outline *o, bool json, FILE *to)
{
	struct pending_list list = { 0 };
	char sum[96];
	int rc = 0;

	in->codec->answer(in->state, &in->vm.scope, &list);
	if (list.bad || o->bad) {
		rc = -ENOMEM;
	} else if (json) {
		print_json(&list, o, to, &rc);
	} else {
		pending_sum(&list, sum);
		fprintf(to, "%s\n", sum);
		pending_print(&list, true, "  ", to);
		fputc('\n', to);
		outline_print(o, to);
	}
	pending_free(&list);
	return rc;
}
