/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * place.c: where the test guest reads XIVE's event queues: it says so in a table (guest/abi.h, struct
 * abi_queue). So a snapshot has the place, and what a hypercall of the guest drops is known. See hooks.h.
 */
#include "arch/power9/hooks.h"
#include "arch/power9/snapshot/look.h"
#include "arch/power9/snapshot/queue.h"
#include "arch/power9/xive.h"
#include "vmm/hook.h"
#include "vmm/lab/arch_lab.h"
#include "vmm/lab/checkpoint.h"
#include "vmm/vcpu.h"

_Static_assert(ABI_PRIORITIES == P9_PRIORITIES, "a queue of each priority");

/* What the guest says of a queue, or NULL. */
static struct abi_queue *said(const struct vm *vm, const struct p9_queue *q)
{
	const struct abi_shared *shared = checkpoint_shared(vm);
	const struct vcpu *vcpu = vcpu_with_id(vm, q->server);
	uint64_t table = shared ? shared->queues : 0;

	if (!table || vcpu->index >= ABI_CPUS || table % _Alignof(struct abi_queue))
		return NULL;
	return ram_at(&vm->ram,
	              table + (vcpu->index * ABI_PRIORITIES + q->priority) * sizeof(struct abi_queue),
	              sizeof(struct abi_queue));
}

static void queue_read(const struct vm *vm, struct p9_queue *q)
{
	const struct abi_queue *place = said(vm, q);

	if (!place || place->address != q->addr)
		return;
	q->place = __atomic_load_n(&place->place, __ATOMIC_ACQUIRE);
	q->published = p9_queue_has(q, q->place);
	if (!q->published)
		q->place = 0;
}

/* One that is gone: else the guest would take events from its own memory, since KVM's reset leaves the
 * notification. */
static void queue_set(struct vm *vm, const struct p9_queue *q)
{
	struct abi_queue *place = q->published || !q->shift ? said(vm, q) : NULL;

	if (!place)
		return;
	place->address = q->shift ? q->addr : 0;
	if (q->shift)
		place->place = q->place;
}

/* --- what is dropped -------------------------------------------------- */

/* The events that wait, or NULL: out of memory, or KVM's error. */
static void *dropping(struct vm *vm)
{
	struct arch_state *state = power9_codec.create();
	struct error ignored;

	/* Without the thread contexts, which a vCPU that runs has not let go of: all that is unread counts.
	 */
	if (state && !xive_sync(vm->irqchip, &ignored) && !look_sources(vm, state, &ignored) &&
	    !look_queues(vm, state, &ignored) && p9_count_unread(state))
		return state;
	power9_codec.free(state);
	return NULL;
}

/* What no longer waits is withdrawn. */
static void dropped(struct vm *vm, void *before, bool done)
{
	struct arch_state *was = before, *is = before && done ? dropping(vm) : NULL;

	for (size_t i = 0; is && i < was->source_count; i++) {
		const struct arch_irq irq = { was->sources[i].lisn };
		unsigned due = p9_due(was, &was->sources[i]), left = p9_due(is, &is->sources[i]);

		for (; due > left; due--)
			hook_raised(vm, &irq, true);
	}
	power9_codec.free(is);
	power9_codec.free(was);
}

const struct arch_hooks arch_lab_hooks = {
	.queue_read = queue_read,
	.queue_set = queue_set,
	.dropping = dropping,
	.dropped = dropped,
};
