/* SPDX-License-Identifier: BSD-2-Clause */
/* hooks.c: see hooks.h. */
#include "hooks.h"

#include "vmm/hook.h"

static const struct arch_hooks *hooks(const struct vm *vm)
{
	static const struct arch_hooks none;
	const struct vm_hooks *all = vm->config->hooks;

	return all && all->arch ? all->arch : &none;
}

void hook_queue_read(const struct vm *vm, struct p9_queue *q)
{
	if (hooks(vm)->queue_read)
		hooks(vm)->queue_read(vm, q);
}

void hook_queue_set(struct vm *vm, const struct p9_queue *q)
{
	if (hooks(vm)->queue_set)
		hooks(vm)->queue_set(vm, q);
}

void *hook_dropping(struct vm *vm)
{
	return hooks(vm)->dropping ? hooks(vm)->dropping(vm) : NULL;
}

void hook_dropped(struct vm *vm, void *before, bool done)
{
	if (hooks(vm)->dropped)
		hooks(vm)->dropped(vm, before, done);
}

void hook_queues_gone(struct vm *vm)
{
	for (unsigned i = 0; i < vm->vcpu_count * P9_PRIORITIES; i++)
		hook_queue_set(vm, &(struct p9_queue){ .server = vm->vcpus[i / P9_PRIORITIES].id,
		                                       .priority = (uint8_t)(i % P9_PRIORITIES) });
}
