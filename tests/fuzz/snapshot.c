/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot.c: any bytes as a snapshot. First as they are, which the checksums
 * refuse; then its sections as far as they can be made out, in a container
 * that is good, through the architecture's codec and back; and the account of
 * interrupts in it, as a run that begins with it would use it.
 */
#include "vmm/snapshot/snapshot.h"

#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "sections.h"
#include "vmm/snapshot/codec.h"
#include "vmm/snapshot/core_notes.h"
#include "vmm/snapshot/pending.h"
#include "vmm/lab/ledger_section.h"
#include "vmm/ram.h"
#include "vmm/snapshot/ram_image.h"

#define VCPUS  2
#define STRIDE 8
#define MEMORY (1 << 20)

/* Every section of part is one of whole, byte by byte. */
static bool contains(const struct snapshot *whole, const struct snapshot *part)
{
	for (size_t i = 0; i < part->count; i++) {
		const struct snap_section *p = &part->sections[i], *w = snap_find(whole, p->tag, p->id);

		if (!w || w->version != p->version || w->len != p->len ||
		    (p->len && memcmp(w->bytes, p->bytes, p->len)))
			return false;
	}
	return true;
}

/* Each entry is counted in the state, and the account goes on: one more of it is injected, and is taken. */
static void through_ledger(const struct snapshot *snap, const struct arch_state *state)
{
	struct error err = { .text = "" };
	struct ledger l;
	int rc = ledger_section_get(snap, arch_codec->arch, &l, &err);

	must(rc == 0 || rc == -EBADMSG);
	must(!rc == !err.text[0]);
	for (size_t i = 0, count = l.count; i < count; i++) {
		const struct irq irq = l.entries[i].irq;
		struct abi_record log[ABI_LOG] = { 0 };
		char text[96];

		arch_state_count(state, &irq);
		irq_record_text(&irq.want, text, sizeof(text));
		ledger_coalesces(&l, &irq);
		must(ledger_outstanding(&l.entries[i]) <= ledger_due(&l.entries[i]));
		must(ledger_find(&l, l.entries[i].label));
		ledger_inject(&l, NULL, &irq, 1, &err);
		if (l.read < ABI_LOG) {
			log[l.read] = irq.want;
			log[l.read].cpu = irq.cpu;
			ledger_read(&l, log, l.read + 1);
		}
		ledger_withdraw(&l, &irq, 2);
	}
	ledger_duplicate(&l);
	ledger_free(&l);
}

/* What is pending, and why: at least as many as are counted. */
static void through_answer(const struct arch_state *state, const struct codec_scope *scope)
{
	FILE *null = fopen("/dev/null", "w");
	struct pending_list list = { 0 };
	struct core_notes notes = { .little = arch_codec->core->little };
	unsigned floating = 0;

	arch_codec->answer(state, scope, &list);
	must(!list.bad);
	for (size_t i = 0; i < list.count; i++)
		floating += list.irqs[i].vcpu >= VCPUS;
	must(list.count >= arch_codec->pending(state) || floating);
	pending_print(&list, true, "", null);
	pending_free(&list);
	for (unsigned i = 0; i < VCPUS; i++)
		arch_codec->core_notes(state, i, &notes);
	must(!notes.bad && notes.len);
	free(notes.bytes);
	fclose(null);
}

static void through_codec(const struct snapshot *snap)
{
	struct arch_state *state = arch_codec->create();
	static const uint8_t flags[VCPUS] = { SECTION_ONLINE };
	const struct codec_scope scope = { SNAP_VM, VCPUS, STRIDE, MEMORY, flags };
	struct error err = { .text = "" };
	struct snapshot again;
	int rc = codec_decode(arch_codec, state, snap, &scope, &err);

	must(rc == 0 || rc == -EBADMSG);
	must(!rc == !err.text[0]);
	if (!rc) {
		snap_init(&again, snap->arch);
		must(!codec_encode(arch_codec, state, SNAP_VM, VCPUS, &again, &err));
		must(contains(snap, &again));
		snap_free(&again);
		through_answer(state, &scope);
	}
	through_ledger(snap, state);
	arch_codec->free(state);
	rc = ram_check(snap, MEMORY, &err);
	must(rc == 0 || rc == -EBADMSG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *at = size > 48 ? data + 48 : data + size;
	struct snapshot snap, back;
	struct error err = { .text = "" };
	uint8_t *bytes;
	size_t len;
	int rc = snap_decode(&snap, data, size, true, &err);

	must(rc == 0 || rc == -EBADMSG);
	must(!rc == !err.text[0]);
	snap_free(&snap);
	snap_init(&snap, "any");
	while (take_section(&at, data + size, &snap))
		;
	must(!snap_encode(&snap, &bytes, &len, &err));
	snap_seal(bytes);
	must(!snap_decode(&back, bytes, len, true, &err));
	must(back.count == snap.count);
	through_codec(&back);
	snap_free(&back);
	snap_free(&snap);
	free(bytes);
	return 0;
}
