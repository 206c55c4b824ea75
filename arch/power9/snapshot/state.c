/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state.c: the order of a save and of a restore on power9, and each of its
 * steps. See vmm/arch.h.
 *
 * Save. An event goes from a source through a queue in guest RAM to a vCPU's
 * thread context, and each of the three is read by itself. So the sources are
 * held first: PQ becomes 10, as if one were on its way, which keeps a late
 * trigger as Q (xive.rst says 01, which would drop it). Then the events
 * that are under way are synced into the queues; then queues, thread contexts
 * and RAM are read; at last the sources get back what they had.
 *
 * Restore. What KVM remembers and does not show goes first (settle.h). Queues before targets (KVM wants a
 * target's queue to exist), thread contexts before PQ, so that an event that was pending is presented once.
 * RAM comes first; the queue pages again with their queues. A source's type and level come before its target:
 * making it takes the target away.
 *
 * XICS has its queues in the kernel: a source's state says what is in them.
 * It is read after all else has stopped, and written when all vCPUs are there.
 *
 * Irqfds are off from the first step to the last, so that the count that is
 * left in an eventfd is what was signalled, and not yet seen, at that moment.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/power9/cpu.h"
#include "arch/power9/hcall.h"
#include "arch/power9/hooks.h"
#include "arch/power9/devices.h"
#include "arch/power9/line.h"
#include "arch/power9/modes.h"
#include "arch/power9/platform.h"
#include "arch/power9/settle.h"
#include "arch/power9/xive.h"
#include "codec.h"
#include "look.h"
#include "queue.h"
#include "vmm/vm_clock.h"
#include "vmm/arch.h"
#include "vmm/snapshot/arch_snapshot.h"

/* --- save ------------------------------------------------------------- */

static int hold_lines(struct vm *vm, struct arch_state *state, struct error *err)
{
	return lines_hold(vm->irqchip, &state->lines, err);
}

static int release_lines(struct vm *vm, struct arch_state *state, struct error *err)
{
	return lines_release(vm->irqchip, &state->lines, err);
}

static int save_sources(struct vm *vm, struct arch_state *state, struct error *err)
{
	const struct irqchip_ops *ops = vm->irqchip->ops;
	int rc = look_sources(vm, state, err);

	for (struct p9_source *s = state->sources;
	     ops->set_pq && !rc && s < state->sources + state->source_count; s++)
		if (s->pq != PQ_OFF)
			s->pq = ops->set_pq(vm->irqchip, s->lisn, PQ_P);
	return rc;
}

static int sync_queues(struct vm *vm, struct arch_state *state, struct error *err)
{
	(void)state;
	return vm->irqchip->ops->sync ? vm->irqchip->ops->sync(vm->irqchip, err) : 0;
}

static int save_context(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_save_vp(vcpu, &state->cpus[vcpu->index], err);
}

static int save_cpu(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_save(vcpu, &state->cpus[vcpu->index], err);
}

static int save_modes(struct vm *vm, struct arch_state *state, struct error *err)
{
	(void)err;
	state->modes = vm->devices->modes;
	return 0;
}

/* What it said when the VM stopped. */
static int save_clock(struct vm *vm, struct arch_state *state, struct error *err)
{
	int rc = clock_hold(vm, err);

	state->has_time_base = true;
	state->time_base = vm->clock.at.low;
	return rc;
}

/* A trigger that came while a source was held shows as 11; it counts from now on. */
static int release_sources(struct vm *vm, struct arch_state *state, struct error *err)
{
	const struct irqchip_ops *ops = vm->irqchip->ops;
	int rc = 0;

	for (size_t i = 0; i < state->source_count && ops->set_pq && !rc; i++) {
		const struct p9_source *s = &state->sources[i];

		if (s->pq != PQ_OFF && ops->set_pq(vm->irqchip, s->lisn, s->pq) & PQ_Q)
			rc = ops->trigger(vm->irqchip, s, err);
	}
	return rc;
}

const struct state_step arch_save_steps[] = {
	{ "irqfds off", STATE_IRQ, .run = hold_lines },
	{ "hold sources (PQ 10)", STATE_IRQ, .run = save_sources },
	{ "sync event queues", STATE_IRQ, .run = sync_queues },
	{ "event queues", STATE_IRQ, .run = look_queues },
	{ "thread contexts", STATE_IRQ, .each = save_context },
	{ "registers", STATE_REST, .each = save_cpu },
	{ "devices", STATE_REST, .run = state_save_devices },
	{ "modes", STATE_REST, .run = save_modes },
	{ "time base", STATE_REST, .run = save_clock },
	{ "RAM", STATE_REST, .run = STATE_STEP_RAM },
	{ "release sources", STATE_IRQ | STATE_ALWAYS, .run = release_sources },
	{ "irqfds on", STATE_IRQ | STATE_ALWAYS, .run = release_lines },
	{ 0 },
};

static int count_unread(struct vm *vm, struct arch_state *state, struct error *err)
{
	(void)vm;
	return p9_count_unread(state) ? 0 : error_set(err, -ENOMEM, "out of memory");
}

static int look_at_lines(struct vm *vm, struct arch_state *state, struct error *err)
{
	return lines_look(vm->irqchip, &state->lines, err);
}

static int look_at_timer(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_look_at_timer(vcpu, &state->cpus[vcpu->index], err);
}

static int look_at_registers(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_look_at_registers(vcpu, &state->cpus[vcpu->index], err);
}

const struct state_step arch_look_steps[] = {
	{ "sync event queues", STATE_IRQ, .run = sync_queues },
	{ "sources", STATE_IRQ, .run = look_sources },
	{ "event queues", STATE_IRQ, .run = look_queues },
	{ "thread contexts", STATE_IRQ, .each = save_context },
	{ "what waits", STATE_IRQ, .run = count_unread },
	{ "registers", STATE_REST, .each = look_at_registers },
	{ "timers", STATE_IRQ, .each = look_at_timer },
	{ "irqfds", STATE_IRQ, .run = look_at_lines },
	{ 0 },
};

/* --- restore ---------------------------------------------------------- */

static int forget_wakes(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	(void)state;
	return settle(vcpu, err);
}

static int forget_interrupts(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	(void)state;
	return settle_interrupts(vcpu, err);
}

/* The lines, for the device that has them too; and with XIVE the sources, which are as new. */
static int load_sources(struct vm *vm, struct arch_state *state, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < state->source_count && !rc; i++) {
		const struct p9_source *from = &state->sources[i];

		if (!from->lsi)
			continue;
		irqchip_source(vm->irqchip, from->lisn)->asserted = from->asserted;
		vm->devices->level.line[from->lisn - P9_LSI_BASE] = from->asserted;
		if (vm->irqchip->ops->make)
			rc = vm->irqchip->ops->make(vm->irqchip, from, err);
	}
	return rc;
}

/* The queue page is part of the interrupt state, whatever the RAM that came with it. */
static int load_queues(struct vm *vm, struct arch_state *state, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < state->queue_count && !rc; i++) {
		const struct p9_queue *q = &state->queues[i];
		uint8_t *page = ram_at(&vm->ram, q->addr, 1ULL << q->shift);

		if (!page)
			return error_set(err, -EBADMSG, "a queue page is outside memory");
		if (q->len)
			memcpy(page, q->entries, q->len);
		memset(page + q->len, 0, ((size_t)1 << q->shift) - q->len);
		rc = xive_set_queue(vm->irqchip, q, err);
		if (!rc)
			hook_queue_set(vm, q);
	}
	return rc;
}

static int load_targets(struct vm *vm, struct arch_state *state, struct error *err)
{
	const struct irqchip_ops *ops = vm->irqchip->ops;
	int rc = 0;

	for (size_t i = 0; i < state->source_count && ops->aim && !rc; i++) {
		const struct p9_target *t = &state->sources[i].target;

		/* A masked one too: what it points at counts when it is unmasked. A new one needs nothing. */
		if (!t->masked || t->server || t->priority || t->eisn)
			rc = ops->aim(vm->irqchip, state->sources[i].lisn, t, err);
	}
	return rc;
}

static int load_modes(struct vm *vm, struct arch_state *state, struct error *err)
{
	vm->devices->modes.vty_signals = state->modes.vty_signals;
	vm->devices->modes.time_offset = state->modes.time_offset;
	return modes_set_mmu(vm, state->modes.process_table, state->modes.gtse, err);
}

/* It is set when the VM runs again. Without one the VM's own goes on. */
static int load_clock(struct vm *vm, struct arch_state *state, struct error *err)
{
	(void)err;
	if (state->has_time_base)
		clock_load(vm, 0, state->time_base);
	return 0;
}

static int load_cpu(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_load(vcpu, &state->cpus[vcpu->index], err);
}

static int load_context(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_load_vp(vcpu, &state->cpus[vcpu->index], err);
}

static int load_pq(struct vm *vm, struct arch_state *state, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < state->source_count && !rc; i++)
		rc = vm->irqchip->ops->set(vm->irqchip, &state->sources[i], err);
	return rc;
}

static int load_lines(struct vm *vm, struct arch_state *state, struct error *err)
{
	return lines_load(vm->irqchip, &state->lines, err);
}

static int check_source(const struct irqchip *chip, const struct p9_source *s, struct error *err)
{
	const struct p9_source *here = irqchip_source(chip, s->lisn);

	if (!here)
		return error_set(err, -EBADMSG, "this machine has no source 0x%x", s->lisn);
	if (here->lsi != s->lsi)
		return error_set(err, -EBADMSG, "source 0x%x is %slevel-sensitive in this machine", s->lisn,
		                 here->lsi ? "" : "not ");
	return 0;
}

/* KVM refuses a queue that is larger than the host's pages; a second one of a vCPU can bring the host down.
 */
static int check_queues(const struct irqchip *chip, const struct arch_state *state, struct error *err)
{
	for (size_t i = 0; i < state->queue_count; i++) {
		const struct p9_queue *q = &state->queues[i];

		if (q->shift > chip->page_shift)
			return error_set(err, -EBADMSG,
			                 "it has event queues of %u KiB, and this host has pages of %u KiB",
			                 1u << (q->shift - 10), 1u << (chip->page_shift - 10));
		if (i && q->server == q[-1].server && chip->single_escalation)
			return error_set(err, -EBADMSG,
			                 "server %u has queues of priority %u and %u; KVM on this host can "
			                 "have one queue a vCPU",
			                 q->server, q[-1].priority, q->priority);
	}
	return 0;
}

int arch_state_fits(const struct vm *vm, const struct arch_state *state, enum snap_kind kind,
                    struct error *err)
{
	const struct irqchip *chip = vm->irqchip;
	int rc = 0;

	if (state->model != chip->ops->model)
		return error_set(err, -EBADMSG, "made with %s, this machine has %s", state->model->title,
		                 chip->ops->model->title);
	for (unsigned i = 0; i < state->cpu_count; i++)
		if (state->cpus[i].server != vm->vcpus[i].id)
			return error_set(err, -EBADMSG, "vCPU %u is server %u there, and %u in this machine",
			                 i, state->cpus[i].server, vm->vcpus[i].id);
	if (state->source_count != chip->source_count)
		return error_set(err, -EBADMSG, "it has %zu sources, this machine %zu", state->source_count,
		                 chip->source_count);
	for (size_t i = 0; i < state->source_count && !rc; i++)
		rc = check_source(chip, &state->sources[i], err);
	for (size_t i = 0; i < state->lines.count && !rc; i++)
		if (!irqchip_source(chip, state->lines.all[i].source) ||
		    irqchip_source(chip, state->lines.all[i].source)->lsi)
			rc = error_set(err, -EBADMSG, "source 0x%x cannot have an irqfd in this machine",
			               state->lines.all[i].source);
	if (!rc)
		rc = check_queues(chip, state, err);
	return rc || kind == SNAP_IRQ ? rc : cpu_knows(&vm->vcpus[0], &state->cpus[0], err);
}

const struct state_step arch_load_steps[] = {
	{ "reset what the VM has", STATE_IRQ | STATE_USED, .run = state_reset },
	{ "forget what wakes", STATE_REST, .each = forget_wakes },
	{ "forget interrupts", STATE_KEPT, .each = forget_interrupts },
	{ "RAM", STATE_REST, .run = STATE_STEP_RAM },
	{ "sources", STATE_IRQ, .run = load_sources },
	{ "event queues", STATE_IRQ, .run = load_queues },
	{ "targets", STATE_IRQ, .run = load_targets },
	{ "modes", STATE_REST, .run = load_modes },
	{ "time base", STATE_REST, .run = load_clock },
	{ "registers", STATE_REST, .each = load_cpu },
	{ "thread contexts", STATE_IRQ, .each = load_context },
	{ "PQ bits", STATE_IRQ, .run = load_pq },
	{ "devices", STATE_REST, .run = state_load_devices },
	{ "irqfds", STATE_IRQ, .run = load_lines },
	{ 0 },
};
