/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * refuse.h: snapshots that no restore may take: each is refused whole, with its reason, and the VM that it
 * was meant for is as it was. What is wrong is put into the state behind its decoding, so all sums are right.
 */
#ifndef TESTS_HOST_REFUSE_H
#define TESTS_HOST_REFUSE_H

#include "full.h"
#include "vmm/snapshot/parsed.h"

struct refusal {
	void (*spoil)(struct arch_state *state);
	const char *why;
};

/* The snapshot with another state in it. */
static int spoil(const struct state_bytes *good, void (*change)(struct arch_state *state),
                 struct state_bytes *bad)
{
	struct parsed_snapshot p;
	struct snapshot snap;
	int rc = parsed_open(&p, good->bytes, good->len, false, NULL, &err);

	if (rc)
		return rc;
	change(p.state);
	snap_init(&snap, p.snap.arch);
	for (size_t i = 0; i < p.snap.count; i++) {
		const struct snap_section *s = &p.snap.sections[i];

		if (!codec_knows(p.codec, s, &p.vm.scope))
			snap_put(snap_add(&snap, s->tag, s->id, s->version), s->bytes, s->len);
	}
	rc = codec_encode(p.codec, p.state, p.vm.scope.kind, p.vm.scope.vcpus, &snap, &err);
	*bad = (struct state_bytes){ 0 };
	if (!rc)
		rc = snap_encode(&snap, &bad->bytes, &bad->len, &err);
	snap_free(&snap);
	parsed_close(&p);
	return rc;
}

/* whole: what the VM is; good: a snapshot that it would take. */
static void refuse(struct vm *vm, const struct state_bytes *whole, const struct state_bytes *good,
                   const struct refusal *r)
{
	struct state_bytes bad = { 0 };
	struct error why = { .text = "" };
	int rc = spoil(good, r->spoil, &bad);

	if (!rc)
		rc = state_load(vm, &bad, false, &why);
	is(rc, -EBADMSG, "refused: %s", r->why);
	has(why.text, r->why, "... with this reason");
	ok(as_before(vm, SNAP_VM, whole), "... and the VM is as it was");
	free(bad.bytes);
}

/* What was pending before all refusals comes now. */
static void goes_on(struct vm *vm)
{
	struct arch_state *state;
	unsigned taken = checkpoint_shared(vm)->taken, pending = 0;

	if (!state_look(vm, SNAP_IRQ, &state, &err)) {
		pending = arch_codec->pending(state);
		arch_codec->free(state);
	}
	ok(pending > 2, "%u interrupts are pending", pending);
	is(step(vm, "guest enable"), 0, "the guest goes on (%s)", err.text);
	is(checkpoint_shared(vm)->taken - taken, TAKEN, "... and takes what was pending");
}

#endif
