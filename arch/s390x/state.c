/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state.c: the order of a save and of a restore on s390x, and each of its
 * steps. See vmm/arch.h.
 *
 * A vCPU's pending interrupts are read before anything changes its MP state
 * (stopping it drops a pending stop), and set after its registers and its MP
 * state, when all vCPUs exist (an emergency signal names its sender). The
 * clock comes before the vCPUs' timers, which are compared with it. Floating
 * interrupts are enqueued in the order they were pending in, after suppression
 * has its modes. Adapters come first of all: KVM cannot forget one, and a
 * restore that fails for it is to fail before RAM and registers are touched.
 */
#include <errno.h>
#include <stdlib.h>

#include "codec.h"
#include "cpu.h"
#include "flic.h"
#include "vmm/arch.h"
#include "vmm/state.h"

#define PAGE      4096
#define KEYS_CALL KVM_S390_SKEYS_MAX

static int make_cpus(struct vm *vm, struct arch_state *state, struct error *err)
{
	state->cpus = calloc(vm->vcpu_count, sizeof(*state->cpus));
	if (!state->cpus)
		return error_set(err, -ENOMEM, "out of memory");
	state->cpu_count = vm->vcpu_count;
	return 0;
}

/* --- save ------------------------------------------------------------- */

static int save_local(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	int rc = make_cpus(vm, state, err);

	(void)snap;
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		rc = local_get_all(&vm->vcpus[i], &state->cpus[i].irqs, &state->cpus[i].irq_count, err);
	return rc;
}

static int save_cpus(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	int rc = 0;

	(void)snap;
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		rc = cpu_save(&vm->vcpus[i], &state->cpus[i], err);
	return rc;
}

static int save_floating(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	(void)snap;
	return flic_get_all(vm->irqchip, &state->floating, &state->floating_count, err);
}

static int save_adapters(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	(void)snap;
	state->adapter_count = flic_adapters(vm->irqchip, state->adapters);
	return flic_get_ais(vm->irqchip, &state->ais, err);
}

static int save_clock(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	struct kvm_s390_vm_tod_clock tod = { 0 };
	long rc = kvm_attr_get(&vm->fd, "TOD_EXT", KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT, &tod);

	(void)snap;
	if (rc < 0)
		return kvm_failed(err, rc, &vm->fd, NULL, "KVM_GET_DEVICE_ATTR(TOD_EXT)");
	state->tod_epoch = tod.epoch_idx;
	state->tod = tod.tod;
	return 0;
}

static int save_keys(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	size_t pages = vm->ram.size / PAGE;

	(void)snap;
	state->keys = malloc(pages);
	if (!state->keys)
		return error_set(err, -ENOMEM, "out of memory for storage keys");
	state->key_count = pages;
	for (size_t at = 0; at < pages; at += KEYS_CALL) {
		struct kvm_s390_skeys keys = {
			.start_gfn = at,
			.count = pages - at < KEYS_CALL ? pages - at : KEYS_CALL,
			.skeydata_addr = (uintptr_t)state->keys + at,
		};
		long rc = kvm_call(&vm->fd, KVM_S390_GET_SKEYS, &keys);

		if (rc == KVM_S390_GET_SKEYS_NONE) { /* the guest has never set one */
			free(state->keys);
			state->keys = NULL;
			return 0;
		}
		if (rc < 0)
			return kvm_failed(err, rc, &vm->fd, NULL, "KVM_S390_GET_SKEYS(page %zu)", at);
	}
	return 0;
}

const struct state_step arch_save_steps[] = {
	{ "local interrupts", save_local, false },
	{ "registers, MP state", save_cpus, false },
	{ "floating interrupts", save_floating, false },
	{ "adapters, suppression", save_adapters, false },
	{ "TOD clock", save_clock, false },
	{ "storage keys", save_keys, false },
	{ "RAM", state_save_ram, false },
	{ NULL, NULL, false },
};

const struct state_step arch_look_steps[] = {
	{ "local interrupts", save_local, false },
	{ "floating interrupts", save_floating, false },
	{ NULL, NULL, false },
};

/* --- restore ---------------------------------------------------------- */

static int load_adapters(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	(void)snap;
	return flic_set_adapters(vm->irqchip, state->adapters, state->adapter_count, err);
}

static int load_ais(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	(void)snap;
	return flic_set_ais(vm->irqchip, &state->ais, err);
}

static int load_keys(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	(void)snap;
	for (size_t at = 0; at < state->key_count && state->keys; at += KEYS_CALL) {
		struct kvm_s390_skeys keys = {
			.start_gfn = at,
			.count = state->key_count - at < KEYS_CALL ? state->key_count - at : KEYS_CALL,
			.skeydata_addr = (uintptr_t)state->keys + at,
		};
		long rc = kvm_call(&vm->fd, KVM_S390_SET_SKEYS, &keys);

		if (rc < 0)
			return kvm_failed(err, rc, &vm->fd, NULL, "KVM_S390_SET_SKEYS(page %zu)", at);
	}
	return 0;
}

static int load_clock(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	struct kvm_s390_vm_tod_clock tod = { .epoch_idx = state->tod_epoch, .tod = state->tod };
	long rc = kvm_attr_set(&vm->fd, "TOD_EXT", KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT, &tod);

	(void)snap;
	return rc < 0 ? kvm_failed(err, rc, &vm->fd, NULL, "KVM_SET_DEVICE_ATTR(TOD_EXT)") : 0;
}

static int load_cpus(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	int rc = 0;

	(void)snap;
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		rc = cpu_load(&vm->vcpus[i], &state->cpus[i], err);
	return rc;
}

static int load_local(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	int rc = 0;

	(void)snap;
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		rc = local_set_all(&vm->vcpus[i], state->cpus[i].irqs, state->cpus[i].irq_count, err);
	return rc;
}

static int load_floating(struct vm *vm, struct arch_state *state, struct snapshot *snap, struct error *err)
{
	(void)snap;
	return state->floating_count ? flic_enqueue(vm->irqchip, state->floating, state->floating_count, err)
	                             : 0;
}

const struct state_step arch_load_steps[] = {
	{ "adapters", load_adapters, false },
	{ "RAM", state_load_ram, false },
	{ "storage keys", load_keys, false },
	{ "TOD clock", load_clock, false },
	{ "registers, MP state", load_cpus, false },
	{ "local interrupts", load_local, false },
	{ "suppression", load_ais, false },
	{ "floating interrupts", load_floating, false },
	{ NULL, NULL, false },
};
