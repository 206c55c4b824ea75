/* SPDX-License-Identifier: BSD-2-Clause */
/* torture_model.c: see torture_model.h. Pure. */
#include "torture_model.h"

#include "guest/abi.h"

/* Room for what a VM needs to come to its end. */
#define LOG_ROOM (ABI_LOG - 128)

static bool is_open(const struct torture_cpu *c)
{
	return c->doing == DOING_COMMAND || c->doing == DOING_OPEN;
}

/* Whether one of the group, if there is any, may be given to a vCPU that has not logged it yet. */
static bool under_way(const struct torture_group *g, const struct torture_vm *vm)
{
	for (unsigned n = 0; n < TORTURE_CPUS; n++) {
		const struct torture_cpu *c = &vm->cpus[n];

		if (g->cpus >> n & 1 && (is_open(c) || (g->unmasked && c->doing == DOING_CLOSED)))
			return true;
	}
	return false;
}

/* What nothing closes must not come into a handler, nor to a vCPU that is stopped: it would start it. */
static bool may_inject_unmasked(const struct torture_group *g, const struct torture_vm *vm)
{
	for (unsigned n = 0; n < TORTURE_CPUS; n++) {
		const struct torture_cpu *c = &vm->cpus[n];

		if (g->cpus >> n & 1 &&
		    (c->stopped || (c->doing != DOING_READY && (c->doing != DOING_CLOSED || !c->begun))))
			return false;
	}
	return true;
}

bool torture_may_inject(const struct torture_words *w, const struct torture_vm *vm, unsigned group,
                        unsigned n)
{
	const struct torture_group *g = &w->groups[group];
	unsigned all = vm->injected[group] + n;

	if (g->unseen)
		return true;
	if (vm->records + 2 * n > LOG_ROOM || all > UINT8_MAX || (g->unmasked && !may_inject_unmasked(g, vm)))
		return false;
	/* One that is kept in the eventfd is not pending, and meets what is later. */
	if (vm->off[group])
		return all <= g->kept;
	if (g->refuses)
		return all <= g->depth;
	return !g->depth || all <= g->depth || !under_way(g, vm);
}

void torture_injected(const struct torture_words *w, struct torture_vm *vm, unsigned group, unsigned n)
{
	if (w->groups[group].unseen)
		return;
	vm->injected[group] = (uint8_t)(vm->injected[group] + n);
	vm->late[group] |= under_way(&w->groups[group], vm);
	vm->records += 2 * n; /* some are taken as two */
}

bool torture_unmasked_pending(const struct torture_words *w, const struct torture_vm *vm, unsigned cpu)
{
	for (unsigned i = 0; i < w->group_count; i++)
		if (w->groups[i].unmasked && w->groups[i].cpus >> cpu & 1 && vm->injected[i])
			return true;
	return false;
}

bool torture_may_send(const struct torture_words *w, const struct torture_vm *vm, unsigned group)
{
	if (vm->injected[group] || vm->records >= LOG_ROOM)
		return false;
	for (unsigned n = 0; n < TORTURE_CPUS; n++)
		if (w->groups[group].cpus >> n & 1 &&
		    (vm->cpus[n].stopping || torture_unmasked_pending(w, vm, n)))
			return false;
	return true;
}

/* It has taken all that was pending for it alone; of what floats, the others may be taking one. */
static bool has_taken(const struct torture_group *g, const struct torture_vm *vm, unsigned group,
                      unsigned cpu)
{
	const struct torture_cpu *c = &vm->cpus[cpu];

	if (!(g->cpus >> cpu & 1) || vm->off[group])
		return false;
	if (g->unmasked)
		return true;
	return c->enables && !vm->late[group] && !(g->maskable && c->masked) && !under_way(g, vm);
}

void torture_enables(const struct torture_words *w, struct torture_vm *vm, unsigned cpu)
{
	vm->cpus[cpu].doing = DOING_COMMAND;
	vm->cpus[cpu].enables = true;
	for (unsigned i = 0; i < w->group_count; i++)
		if (w->groups[i].cpus >> cpu & 1)
			vm->late[i] = false;
}

void torture_is_ready(const struct torture_words *w, struct torture_vm *vm, unsigned cpu)
{
	struct torture_cpu *c = &vm->cpus[cpu];

	c->doing = DOING_READY;
	for (unsigned i = 0; i < w->group_count; i++)
		if (has_taken(&w->groups[i], vm, i, cpu))
			vm->injected[i] = 0;
	c->enables = false;
	c->begun = true;
}
