/* SPDX-License-Identifier: BSD-2-Clause */
/* look.c: see look.h. */
#include "look.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/power9/hooks.h"
#include "arch/power9/xive.h"
#include "queue.h"

int look_sources(struct vm *vm, struct arch_state *state, struct error *err)
{
	struct irqchip *chip = vm->irqchip;

	state->model = chip->ops->model;
	if (!chip->source_count)
		return 0;
	state->sources = calloc(chip->source_count, sizeof(*state->sources));
	if (!state->sources)
		return error_set(err, -ENOMEM, "out of memory");
	state->source_count = chip->source_count;
	memcpy(state->sources, chip->sources, chip->source_count * sizeof(*chip->sources));
	return chip->ops->get(chip, state->sources, err);
}

/* --- queues ----------------------------------------------------------- */

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
	if (!state->model->queues)
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
			hook_queue_read(vm, q);
			rc = copy_queue(vm, q, err);
		}
		if (rc)
			return rc;
	}
	return 0;
}
