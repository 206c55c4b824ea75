/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inspect.c: any bytes as a snapshot file: described, as JSON too, checked and
 * compared with itself. First as they are; then what sections can be made
 * out in them, in a container that is good, of either architecture.
 */
#include "vmm/tool/diff.h"
#include "vmm/tool/inspect.h"

#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "sections.h"
#include "vmm/lab/ledger_section.h"
#include "vmm/ram.h"
#include "vmm/snapshot/ram_image.h"

/* A line is made of bytes of the file, and may have a hundred times as many. */
#define OUTLINE_MAX(size) (1 << 20 | 400 * (size))

/* Without these there is no machine. Seeds that are a codec's own sections lack them. */
static void add_machine(struct snapshot *snap, bool power9)
{
	static const uint8_t flags[2] = { SECTION_ONLINE, 0 };
	struct section_vm vm = { .scope = { SNAP_VM, 2, power9 ? 8 : 1, 1 << 20, flags } };

	if (snap_find(snap, TAG_VM, 0))
		return;
	section_vm_put(snap, &vm);
	if (!snap_find(snap, TAG_RAM, 0))
		snap_add(snap, TAG_RAM, 0, 1);
}

static void look(const uint8_t *bytes, size_t size)
{
	FILE *null = fopen("/dev/null", "w");
	struct outline out = { 0 }, wrong = { 0 };
	struct error err = { .text = "" };
	struct parsed_snapshot in;
	bool different;
	int rc = parsed_open(&in, bytes, size, true, &ledger_section, &err);

	must(rc == 0 || rc == -EBADMSG);
	must(!rc == !err.text[0]);
	if (!rc) {
		inspect_describe(&in, &out);
		must(!out.bad && out.count);
		must(out.size <= OUTLINE_MAX(size));
		must(!inspect_print(&in, &out, false, null));
		must(!inspect_print(&in, &out, true, null));
		must(!diff_print(&in, &in, &(struct diff_how){ 0 }, null, &different) && !different);
		parsed_check(&in, &wrong);
		must(!wrong.bad);
		parsed_close(&in);
	}
	outline_free(&out);
	outline_free(&wrong);
	fclose(null);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *at = size > 48 ? data + 48 : data + size;
	/* As the header says, or a bit of it. */
	bool power9 = size > 20 && (!memcmp(data + 12, "power9", 6) || data[12] & 0x80);
	struct snapshot snap;
	struct error err;
	uint8_t *bytes;
	size_t len;

	look(data, size);
	snap_init(&snap, power9 ? "power9" : "s390x");
	while (take_section(&at, data + size, &snap))
		;
	add_machine(&snap, power9);
	must(!snap_encode(&snap, &bytes, &len, &err));
	snap_seal(bytes);
	look(bytes, len);
	free(bytes);
	snap_free(&snap);
	return 0;
}
