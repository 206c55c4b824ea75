/* SPDX-License-Identifier: BSD-2-Clause */
/* hook.c: see hook.h. */
#include "hook.h"

#include "arch.h"
#include "types.h"

bool hook_private_call(struct vcpu *vcpu, uint64_t id, gpa_t at, struct event *event)
{
	const struct vm_hooks *hooks = vcpu->vm->config->hooks;

	if (!hooks || !hooks->private_call)
		return false;
	hooks->private_call(vcpu, id, at, event);
	return true;
}

void hook_raised(struct vm *vm, const struct arch_irq *irq, bool withdrawn)
{
	const struct vm_hooks *hooks = vm->config->hooks;

	if (hooks && hooks->raised)
		hooks->raised(vm, irq, withdrawn);
}

bool hook_stopped(struct vcpu *vcpu, uint64_t code, struct event *event)
{
	const struct vm_hooks *hooks = vcpu->vm->config->hooks;

	return hooks && hooks->stopped && hooks->stopped(vcpu, code, event);
}

int hook_type(struct vm *vm, const char *console, const uint8_t *bytes, size_t len, struct error *err)
{
	const struct vm_hooks *hooks = vm->config->hooks;

	return hooks && hooks->type ? hooks->type(vm, console, bytes, len, err)
	                            : arch_input(vm, console, bytes, len, err);
}

int hook_quiesce(struct vm *vm, struct error *err)
{
	const struct vm_hooks *hooks = vm->config->hooks;

	return hooks && hooks->quiesce ? hooks->quiesce(vm, err) : arch_quiesce(vm, err);
}
