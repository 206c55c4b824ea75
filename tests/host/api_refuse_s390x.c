/* SPDX-License-Identifier: BSD-2-Clause */
/* api_refuse_s390x.c: see refuse.h. TAP; argv[1] is the test guest. */
#define TAKEN 7 /* the signal of the irqfd that is off stays there */

#include "arch/s390x/snapshot/describe.h"
#include "refuse.h"

static void check_stop(struct arch_state *state)
{
	state->cpus[0].mp_state = S390_MP_CHECK_STOP;
}

static void load(struct arch_state *state)
{
	state->cpus[0].mp_state = S390_MP_LOAD;
}

static void stopped(struct arch_state *state)
{
	state->cpus[0].mp_state = S390_MP_STOPPED;
}

static void prefix(struct arch_state *state)
{
	state->cpus[0].prefix = 0x7ffff000;
}

static void fpc(struct arch_state *state)
{
	state->cpus[1].fpc = 8;
}

static void key(struct arch_state *state)
{
	state->keys[state->key_count - 1] = 0x31;
}

/* So far from the end of the list that all before it went in. */
static void local(struct arch_state *state, const struct s390_irq *irq)
{
	struct s390_cpu *cpu = &state->cpus[state->cpu_count - 1];

	free(cpu->irqs);
	cpu->irqs = calloc(2, sizeof(*cpu->irqs));
	cpu->irqs[0] = (struct s390_irq){ .type = S390_RESTART };
	cpu->irqs[1] = *irq;
	cpu->irq_count = 2;
}

static void emergency(struct arch_state *state)
{
	local(state, &(struct s390_irq){ .type = S390_EMERGENCY, .source = 2 });
}

static void external_call(struct arch_state *state)
{
	local(state, &(struct s390_irq){ .type = S390_EXTERNAL_CALL, .source = UINT16_MAX });
}

static void set_prefix(struct arch_state *state)
{
	local(state, &(struct s390_irq){ .type = S390_SET_PREFIX, .prefix = 0x7fffe000 });
}

static void stop(struct arch_state *state)
{
	local(state, &(struct s390_irq){ .type = S390_STOP, .stop_flags = 1 });
}

static void faults(struct arch_state *state)
{
	free(state->floating);
	state->floating_count = S390_PFAULT_QUEUE + 1;
	state->floating = calloc(state->floating_count, sizeof(*state->floating));
	for (size_t i = 0; i < state->floating_count; i++)
		state->floating[i].type = S390_PFAULT_DONE;
}

static void epoch(struct arch_state *state)
{
	state->tod_epoch = 1;
}

static const struct refusal refusals[] = {
	{ check_stop, "section CPU 0: MP state 6" },
	{ load, "section CPU 0: MP state 8" },
	{ stopped, "section CPU 0: MP state 5, but section VM says that it runs" },
	{ prefix, "section CPU 0: no prefix can be 7ffff000" },
	{ fpc, "section CPU 1: FPC 00000008" },
	{ key, "a key has no last bit" },
	{ emergency, "section LIRQ 1: emergency signal from CPU 2: there are 2 vCPUs" },
	{ external_call, "section LIRQ 1: external call from CPU 65535: there are 2 vCPUs" },
	{ set_prefix, "section LIRQ 1: set prefix 7fffe000: there is no memory" },
	{ stop, "section LIRQ 1: stop, flags 1: the vCPU is stopped" },
	{ faults, "16321 completed page faults are pending, and KVM holds 16320" },
};

/* Facility 139, of the vCPUs of this host's KVM. */
static bool multiple_epoch(struct vm *vm)
{
	struct kvm_s390_vm_cpu_processor model = { 0 };

	kvm_attr_get(&vm->fd, "CPU_PROCESSOR", KVM_S390_VM_CPU_MODEL, KVM_S390_VM_CPU_PROCESSOR, &model);
	return model.fac_list[2] & 1ULL << (63 - (139 - 128));
}

int main(int argc, char **argv)
{
	static const struct refusal of_clock = { epoch, "epoch index 1, and this host's KVM has no" };
	static const struct refusal of_stop = { stop, "it has a stop for vCPU 1, which is stopped" };
	struct state_bytes whole = { 0 }, irqs = { 0 }, later = { 0 };
	struct vm_config c;
	struct vm vm;

	if (api_begin(argc, argv))
		return 1;
	c = config(arch_info.ram_default, 2);
	/* A save references pages, which their keys say: the second one changes nothing. */
	if (make(&vm, &c) || state_save(&vm, SNAP_VM, &later, &err) ||
	    state_save(&vm, SNAP_VM, &whole, &err) || state_save(&vm, SNAP_IRQ, &irqs, &err)) {
		ok(false, "a VM with snapshots (%s)", err.text);
		return api_end();
	}
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		refuse(&vm, &whole, &whole, &refusals[i]);
	refuse(&vm, &whole, &irqs, &of_stop);
	free(later.bytes);
	later = (struct state_bytes){ 0 };
	if (multiple_epoch(&vm))
		ok(!spoil(&whole, epoch, &later) && !state_load(&vm, &later, false, &err),
		   "an epoch index, which this host's KVM takes (%s)", err.text);
	else
		refuse(&vm, &whole, &whole, &of_clock);
	goes_on(&vm);
	free(later.bytes);
	free(irqs.bytes);
	free(whole.bytes);
	vm_destroy(&vm);
	return api_end();
}
