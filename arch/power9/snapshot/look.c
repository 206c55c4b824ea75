/* SPDX-License-Identifier: BSD-2-Clause */
/* look.c: see look.h. */
#include "look.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/power9/lab/irq.h"
#include "queue.h"
#include "arch/power9/xics.h"
#include "arch/power9/xive.h"

_Static_assert(ABI_PRIORITIES == P9_PRIORITIES, "a queue of each priority");

int look_copy_sources(struct vm *vm, struct arch_state *state, struct error *err)
{
	const struct irqchip *chip = vm->irqchip;

	state->xics = chip->xics;
	state->sources = calloc(chip->source_count, sizeof(*state->sources));
	if (!state->sources)
		return error_set(err, -ENOMEM, "out of memory");
	state->source_count = chip->source_count;
	memcpy(state->sources, chip->sources, chip->source_count * sizeof(*chip->sources));
	return 0;
}

int look_sources(struct vm *vm, struct arch_state *state, struct error *err)
{
	int rc = look_copy_sources(vm, state, err);

	if (!rc && state->xics)
		rc = xics_get_sources(vm->irqchip, state->sources, err);
	for (size_t i = 0; i < state->source_count && !state->xics; i++)
		state->sources[i].pq = xive_pq(vm->irqchip, state->sources[i].lisn);
	return rc;
}

/* --- queues ----------------------------------------------------------- */

/* What the guest says of a queue, or NULL. */
static struct abi_queue *said(const struct vm *vm, unsigned cpu, unsigned priority)
{
	const struct abi_shared *shared = vm_shared(vm);
	uint64_t table = shared ? shared->queues : 0;

	if (!table || cpu >= ABI_CPUS || table % _Alignof(struct abi_queue))
		return NULL;
	return ram_at(&vm->ram, table + (cpu * ABI_PRIORITIES + priority) * sizeof(struct abi_queue),
	              sizeof(struct abi_queue));
}

static void find_place(const struct vm *vm, struct p9_queue *q, unsigned cpu)
{
	const struct abi_queue *place = said(vm, cpu, q->priority);

	if (!place || place->address != q->addr)
		return;
	q->place = __atomic_load_n(&place->place, __ATOMIC_ACQUIRE);
	q->told = p9_queue_has(q, q->place);
	if (!q->told)
		q->place = 0;
}

static int copy_queue(struct vm *vm, struct p9_queue *q, struct error *err)
{
	const void *page = ram_at(&vm->ram, q->addr, 1ULL << q->shift);

	if (!page)
		return error_set(err, -EIO, "the queue of server %u, priority %u is outside memory",
		                 q->server, q->priority);
	q->len = p9_queue_stored(page, 1u << q->shift);
	q->entries = q->len ? malloc(q->len) : NULL;
	if (q->len && !q->entries)
		return error_set(err, -ENOMEM, "out of memory");
	if (q->len)
		memcpy(q->entries, page, q->len);
	return 0;
}

int look_queues(struct vm *vm, struct arch_state *state, struct error *err)
{
	if (state->xics)
		return 0;
	state->queues = calloc((size_t)vm->vcpu_count * P9_PRIORITIES, sizeof(*state->queues));
	if (!state->queues)
		return error_set(err, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < vm->vcpu_count * P9_PRIORITIES; i++) {
		unsigned server = vm->vcpus[i / P9_PRIORITIES].id, priority = i % P9_PRIORITIES;
		struct p9_queue *q = &state->queues[state->queue_count];
		int rc;

		if (!xive_has_queue(vm->irqchip, server, priority))
			continue;
		rc = xive_get_queue(vm->irqchip, server, priority, q, err);
		if (!rc && q->shift) {
			state->queue_count++;
			find_place(vm, q, i / P9_PRIORITIES);
			rc = copy_queue(vm, q, err);
		}
		if (rc)
			return rc;
	}
	return 0;
}

void look_restore_place(struct vm *vm, const struct p9_queue *q)
{
	struct abi_queue *place = q->told ? said(vm, vm_vcpu(vm, q->server)->index, q->priority) : NULL;

	if (!place)
		return;
	place->address = q->addr;
	place->place = q->place;
}

void look_forget_queue(struct vm *vm, unsigned cpu, unsigned priority)
{
	struct abi_queue *place = said(vm, cpu, priority);

	if (place)
		place->address = 0;
}

void look_forget_queues(struct vm *vm)
{
	for (unsigned i = 0; i < vm->vcpu_count * P9_PRIORITIES; i++)
		look_forget_queue(vm, i / P9_PRIORITIES, i % P9_PRIORITIES);
}

/* --- what is dropped -------------------------------------------------- */

struct arch_state *look_before(struct vm *vm, struct error *err)
{
	struct arch_state *state = power9_codec.create();

	/* Without the thread contexts, which a vCPU that runs has not let go of: all that is unread counts.
	 */
	if (state && !xive_sync(vm->irqchip, err) && !look_sources(vm, state, err) &&
	    !look_queues(vm, state, err) && p9_count_unread(state))
		return state;
	power9_codec.free(state);
	return NULL;
}

void look_withdraw(struct vm *vm, struct arch_state *before)
{
	struct error ignored;
	struct arch_state *after = before ? look_before(vm, &ignored) : NULL;

	for (size_t i = 0; after && i < before->source_count; i++) {
		unsigned was = p9_due(before, &before->sources[i]), is = p9_due(after, &after->sources[i]);
		struct irq irq = irq_of_source(before->sources[i].lisn);

		for (; was > is; was--)
			vm_withdrawn(vm, &irq);
	}
	power9_codec.free(after);
	power9_codec.free(before);
}
