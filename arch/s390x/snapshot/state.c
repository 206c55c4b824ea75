/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state.c: the order of a save and of a restore on s390x, and each of its
 * steps. See vmm/snapshot/arch_snapshot.h.
 *
 * A vCPU's pending interrupts are read before anything changes its MP state
 * (stopping it drops a pending stop), and set after its registers and its MP
 * state, when all vCPUs exist (an emergency signal names its sender). The
 * clock comes before the vCPUs' timers, which are compared with it. Floating
 * interrupts are enqueued in the order they were pending in, after suppression
 * has its modes. Adapters come first of all: KVM cannot forget one, and a
 * restore that fails for it is to fail before RAM and registers are touched.
 *
 * An irqfd injects whenever it is signalled. A save turns them off first: then
 * what was begun is in FLIC and RAM, and what comes is in the eventfds; and on
 * again last, whatever fails. A restore turns them on last: what they hold
 * comes behind what was pending.
 */
#include <errno.h>
#include <stdlib.h>

#include "arch/s390x/adapter.h"
#include "arch/s390x/cpu.h"
#include "arch/s390x/flic.h"
#include "arch/s390x/route.h"
#include "arch/s390x/local.h"
#include "codec.h"
#include "vmm/arch.h"
#include "vmm/snapshot/arch_snapshot.h"
#include "vmm/vm_clock.h"

#define PAGE      4096
#define KEYS_CALL KVM_S390_SKEYS_MAX

/* --- save ------------------------------------------------------------- */

static int save_local(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	struct s390_cpu *cpu = &state->cpus[vcpu->index];

	return local_get_all(vcpu, &cpu->irqs, &cpu->irq_count, err);
}

static int save_cpu(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_save(vcpu, &state->cpus[vcpu->index], err);
}

static int keep_cpu(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_keep(vcpu, &state->cpus[vcpu->index], err);
}

static int save_floating(struct vm *vm, struct arch_state *state, struct error *err)
{
	return flic_get_all(vm->irqchip, &state->floating, &state->floating_count, err);
}

static int check_floating(struct vm *vm, struct arch_state *state, struct error *err)
{
	(void)state;
	return flic_can_see(vm->irqchip, err);
}

static int save_adapters(struct vm *vm, struct arch_state *state, struct error *err)
{
	state->adapter_count = adapters_get(vm->irqchip, state->adapters);
	return ais_get(vm->irqchip, &state->ais, err);
}

/* Held from before floating interrupts and RAM are read until after: an irqfd changes both at any moment. */
static int hold_irqfds(struct vm *vm, struct arch_state *state, struct error *err)
{
	(void)state;
	return routes_hold(vm->irqchip, err);
}

static int release_irqfds(struct vm *vm, struct arch_state *state, struct error *err)
{
	(void)state;
	return routes_release(vm->irqchip, err);
}

static int save_routes(struct vm *vm, struct arch_state *state, struct error *err)
{
	return routes_get(vm->irqchip, &state->routing, err);
}

/* What it said when the VM stopped. */
static int save_clock(struct vm *vm, struct arch_state *state, struct error *err)
{
	int rc = clock_hold(vm, err);

	state->tod_epoch = (uint8_t)vm->clock.at.high;
	state->tod = vm->clock.at.low;
	return rc;
}

/* Gets or sets the keys of all pages. A get answers KVM_S390_GET_SKEYS_NONE when no guest of this process has
 * set any. */
static int all_keys(struct vm *vm, bool set, uint8_t *bytes, size_t pages, struct error *err)
{
	for (size_t at = 0; at < pages; at += KEYS_CALL) {
		struct kvm_s390_skeys keys = {
			.start_gfn = at,
			.count = pages - at < KEYS_CALL ? pages - at : KEYS_CALL,
			.skeydata_addr = (uintptr_t)bytes + at,
		};
		long rc = set ? kvm_call(&vm->fd, KVM_S390_SET_SKEYS, &keys)
		              : kvm_call(&vm->fd, KVM_S390_GET_SKEYS, &keys);

		if (rc == KVM_S390_GET_SKEYS_NONE)
			return KVM_S390_GET_SKEYS_NONE;
		if (rc < 0)
			return kvm_failed(err, rc, &vm->fd, NULL, "KVM_S390_%s_SKEYS(%llu pages at %zu)",
			                  set ? "SET" : "GET", (unsigned long long)keys.count, at);
	}
	return 0;
}

static int save_keys(struct vm *vm, struct arch_state *state, struct error *err)
{
	int rc;

	state->key_count = vm->ram.size / PAGE;
	state->keys = malloc(state->key_count);
	if (!state->keys)
		return error_set(err, -ENOMEM, "out of memory for storage keys");
	rc = all_keys(vm, false, state->keys, state->key_count, err);
	if (rc != KVM_S390_GET_SKEYS_NONE)
		return rc;
	free(state->keys);
	state->keys = NULL;
	return 0;
}

const struct state_step arch_save_steps[] = {
	{ "irqfds off", STATE_IRQ, .run = hold_irqfds },
	{ "what cannot be read", STATE_IRQ, .run = check_floating },
	{ "local interrupts", STATE_IRQ, .each = save_local },
	{ "registers, MP state", STATE_REST, .each = save_cpu },
	{ "MP state, page-fault token", STATE_KEPT, .each = keep_cpu },
	{ "floating interrupts", STATE_IRQ, .run = save_floating },
	{ "adapters, suppression", STATE_IRQ, .run = save_adapters },
	{ "devices", STATE_REST, .run = state_save_devices },
	{ "routes, eventfds", STATE_IRQ, .run = save_routes },
	{ "TOD clock", STATE_REST, .run = save_clock },
	{ "storage keys", STATE_REST, .run = save_keys },
	{ "RAM", STATE_REST, .run = STATE_STEP_RAM },
	{ "irqfds on again", STATE_IRQ | STATE_ALWAYS, .run = release_irqfds },
	{ 0 },
};

static int look_at_timers(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_look_at_timers(vcpu, &state->cpus[vcpu->index], err);
}

/* The comparators are read before the clock: what is due then is due. */
const struct state_step arch_look_steps[] = {
	{ "local interrupts", STATE_IRQ, .each = save_local },
	{ "registers", STATE_REST, .each = save_cpu },
	{ "timers", STATE_IRQ, .each = look_at_timers },
	{ "TOD clock", STATE_IRQ, .run = save_clock },
	{ "floating interrupts", STATE_IRQ, .run = save_floating },
	{ "adapters, suppression", STATE_IRQ, .run = save_adapters },
	{ "routes, eventfds", STATE_IRQ, .run = save_routes },
	{ 0 },
};

/* --- restore ---------------------------------------------------------- */

/* As it was created. */
static int reset_cpu(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	(void)state;
	return arch_vcpu_create(vcpu, err);
}

static int load_adapters(struct vm *vm, struct arch_state *state, struct error *err)
{
	return adapters_set(vm->irqchip, state->adapters, state->adapter_count, err);
}

static int load_ais(struct vm *vm, struct arch_state *state, struct error *err)
{
	return ais_set(vm->irqchip, &state->ais, err);
}

static int load_routes(struct vm *vm, struct arch_state *state, struct error *err)
{
	return routes_set(vm->irqchip, &state->routing, err);
}

static int load_irqfds(struct vm *vm, struct arch_state *state, struct error *err)
{
	return routes_set_irqfds(vm->irqchip, &state->routing, err);
}

/* Keys that were set since then must go, too: all zero, as at the start. */
static int clear_keys(struct vm *vm, struct error *err)
{
	size_t pages = vm->ram.size / PAGE;
	uint8_t *keys = calloc(pages, 1), first;
	int rc = all_keys(vm, false, &first, 1, err);

	if (!keys)
		return error_set(err, -ENOMEM, "out of memory for storage keys");
	if (rc == KVM_S390_GET_SKEYS_NONE)
		rc = 0;
	else if (!rc)
		rc = all_keys(vm, true, keys, pages, err);
	free(keys);
	return rc;
}

static int load_keys(struct vm *vm, struct arch_state *state, struct error *err)
{
	return state->keys ? all_keys(vm, true, state->keys, state->key_count, err) : clear_keys(vm, err);
}

/* It is set when the VM runs again; and now, as KVM may refuse it. */
static int load_clock(struct vm *vm, struct arch_state *state, struct error *err)
{
	clock_load(vm, state->tod_epoch, state->tod);
	return arch_clock_set(vm, &vm->clock.at, 0, err);
}

static int load_cpu(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_load(vcpu, &state->cpus[vcpu->index], err);
}

static int give_back_kept(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	return cpu_give_back(vcpu, &state->cpus[vcpu->index], err);
}

/*
 * A prefix that is to be set can only be pended for a stopped vCPU, a stop
 * only for an operating one: a vCPU that has just been started has the first.
 */
static int load_local(struct vcpu *vcpu, struct arch_state *state, struct error *err)
{
	const struct s390_cpu *cpu = &state->cpus[vcpu->index];
	bool prefix = false;
	int rc = 0;

	for (size_t i = 0; i < cpu->irq_count; i++)
		prefix |= cpu->irqs[i].type == S390_SET_PREFIX;
	prefix &= cpu->mp_state != KVM_MP_STATE_STOPPED;
	if (prefix)
		rc = cpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED, err);
	if (!rc)
		rc = local_set_all(vcpu, cpu->irqs, cpu->irq_count, err);
	if (!prefix || rc)
		return rc;
	rc = cpu_set_mp_state(vcpu, cpu->mp_state, err);
	for (size_t i = 0; i < cpu->irq_count && !rc; i++)
		if (cpu->irqs[i].type == S390_STOP)
			rc = local_inject(vcpu, &cpu->irqs[i], err);
	return rc;
}

static int load_floating(struct vm *vm, struct arch_state *state, struct error *err)
{
	return state->floating_count
	               ? flic_enqueue(vm->irqchip, state->floating, state->floating_count, NULL, err)
	               : 0;
}

/* What the state has, and this host's FLIC would refuse when RAM and registers are written over. */
static int check_flic(const struct irqchip *flic, const struct arch_state *state, struct error *err)
{
	const char *lacks = NULL;

	if ((state->ais.simm || state->ais.nimm) && !flic->ais)
		lacks = "adapter-interruption suppression";
	if (state->routing.route_count && !flic->routes.offered)
		lacks = "routes to adapters";
	if (state->adapter_count &&
	    !(flic->has[KVM_DEV_FLIC_ADAPTER_REGISTER] && flic->has[KVM_DEV_FLIC_ADAPTER_MODIFY]))
		lacks = "adapters";
	return lacks ? error_set(err, -EBADMSG, "it has %s, which this host's KVM does not offer", lacks) : 0;
}

/* KVM takes an epoch index only where it gives the guest the multiple-epoch facility. */
static int check_clock(const struct vm *vm, const struct arch_state *state, struct error *err)
{
	struct kvm_s390_vm_cpu_processor model = { 0 };
	const unsigned facility = 139;

	if (!state->tod_epoch)
		return 0;
	kvm_attr_get(&vm->fd, "CPU_PROCESSOR", KVM_S390_VM_CPU_MODEL, KVM_S390_VM_CPU_PROCESSOR, &model);
	return model.fac_list[facility / 64] >> (63 - facility % 64) & 1
	               ? 0
	               : error_set(err, -EBADMSG,
	                           "its TOD clock has epoch index %u, and this host's KVM has no "
	                           "multiple-epoch facility",
	                           state->tod_epoch);
}

/* Interrupts alone come to vCPUs as they are: KVM takes a stop for a stopped one, and forgets it. */
static int check_stops(const struct vm *vm, const struct arch_state *state, struct error *err)
{
	for (unsigned i = 0; i < state->cpu_count; i++)
		for (size_t k = 0; k < state->cpus[i].irq_count; k++)
			if (state->cpus[i].irqs[k].type == S390_STOP && !vcpu_is_online(&vm->vcpus[i]))
				return error_set(err, -EBADMSG,
				                 "it has a stop for vCPU %u, which is stopped in this VM", i);
	return 0;
}

int arch_state_fits(const struct vm *vm, const struct arch_state *state, enum snap_kind kind,
                    struct error *err)
{
	int rc = adapters_check(vm->irqchip, state->adapters, state->adapter_count, err);

	if (!rc)
		rc = check_flic(vm->irqchip, state, err);
	if (!rc && kind == SNAP_IRQ)
		rc = check_stops(vm, state, err);
	if (!rc && kind == SNAP_VM)
		rc = check_clock(vm, state, err);
	return rc;
}

const struct state_step arch_load_steps[] = {
	{ "reset what the VM has", STATE_IRQ | STATE_USED, .run = state_reset },
	{ "reset vCPUs", STATE_REST | STATE_USED, .each = reset_cpu },
	{ "adapters", STATE_IRQ, .run = load_adapters },
	{ "routes, notifications", STATE_IRQ, .run = load_routes },
	{ "RAM", STATE_REST, .run = STATE_STEP_RAM },
	{ "storage keys", STATE_REST, .run = load_keys },
	{ "TOD clock", STATE_REST, .run = load_clock },
	{ "registers, MP state", STATE_REST, .each = load_cpu },
	{ "page-fault token", STATE_KEPT, .each = give_back_kept },
	{ "local interrupts", STATE_IRQ, .each = load_local },
	{ "suppression", STATE_IRQ, .run = load_ais },
	{ "devices", STATE_REST, .run = state_load_devices },
	{ "floating interrupts", STATE_IRQ, .run = load_floating },
	{ "irqfds", STATE_IRQ, .run = load_irqfds },
	{ 0 },
};
