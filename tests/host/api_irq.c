/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_irq.c: what scenarios cannot say of KVM_S390_IRQ and the older call,
 * KVM_S390_INTERRUPT: types that they do not take, what they leave out, what
 * they remember. TAP; argv[1] is the test guest.
 */
#include "arch/s390x/cpu.h"
#include "arch/s390x/flic.h"
#include "arch/s390x/local.h"
#include "api.h"

#define MCIC_VECTOR          0x0000004000000000 /* validity bits of a machine-check interruption code */
#define MCIC_GUARDED_STORAGE 0x0000000008000000

static struct error err;

static long legacy(const struct kvm_fd *k, uint32_t type, uint32_t parm, uint64_t parm64)
{
	struct kvm_s390_interrupt irq = { .type = type, .parm = parm, .parm64 = parm64 };

	return -kvm_call(k, KVM_S390_INTERRUPT, &irq);
}

/* The one interrupt that is pending on the vCPU, or floating (NULL); of type 0 if there is not one. */
static struct s390_irq only(struct vm *vm, struct vcpu *vcpu)
{
	struct s390_irq *irqs = NULL, one = { .type = 0 };
	size_t count = 0;
	int rc = vcpu ? local_get_all(vcpu, &irqs, &count, &err)
	              : flic_get_all(vm->irqchip, &irqs, &count, &err);

	if (!rc && count == 1)
		one = irqs[0];
	free(irqs);
	return one;
}

static void reset(struct vm *vm)
{
	arch_irq_reset(vm, &err);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		cpu_set_mp_state(&vm->vcpus[i], KVM_MP_STATE_STOPPED, &err);
}

/* --- types and errors ------------------------------------------------- */

static void test_types(struct vm *vm)
{
	static const struct {
		const char *name;
		uint32_t type, parm;
		long on_vcpu, on_vm;
	} cases[] = {
		{ "STOP", KVM_S390_SIGP_STOP, 2, EINVAL, EINVAL },
		{ "PROGRAM_INT", KVM_S390_PROGRAM_INT, 7, 0, EINVAL },
		{ "PROGRAM_INT with a code of 17 bits", KVM_S390_PROGRAM_INT, 0x10007, EINVAL, EINVAL },
		{ "SET_PREFIX", KVM_S390_SIGP_SET_PREFIX, 0x8000, 0, EINVAL },
		{ "RESTART", KVM_S390_RESTART, 0, 0, EINVAL },
		{ "EMERGENCY", KVM_S390_INT_EMERGENCY, 1, 0, EINVAL },
		{ "EMERGENCY from a vCPU that is not there", KVM_S390_INT_EMERGENCY, 2, EINVAL, EINVAL },
		{ "EMERGENCY from an address of 17 bits", KVM_S390_INT_EMERGENCY, 0x10001, EINVAL, EINVAL },
		{ "EXTERNAL_CALL", KVM_S390_INT_EXTERNAL_CALL, 1, 0, EINVAL },
		{ "EXTERNAL_CALL from a vCPU that is not there", KVM_S390_INT_EXTERNAL_CALL, 2, EINVAL,
		  EINVAL },
		{ "EXTERNAL_CALL from an address of 17 bits", KVM_S390_INT_EXTERNAL_CALL, 0x10001, EINVAL,
		  EINVAL },
		{ "CLOCK_COMP", KVM_S390_INT_CLOCK_COMP, 0, 0, EINVAL },
		{ "CPU_TIMER", KVM_S390_INT_CPU_TIMER, 0, 0, EINVAL },
		{ "PFAULT_INIT", KVM_S390_INT_PFAULT_INIT, 0, 0, EINVAL },
		{ "PFAULT_DONE", KVM_S390_INT_PFAULT_DONE, 0, EINVAL, 0 },
		{ "VIRTIO", KVM_S390_INT_VIRTIO, 0, EINVAL, 0 },
		{ "SERVICE", KVM_S390_INT_SERVICE, 0x7000, EINVAL, 0 },
		{ "I/O", KVM_S390_INT_IO(0, 0, 0, 1), 0x10001, EINVAL, 0 },
		{ "I/O of an adapter", KVM_S390_INT_IO(1, 0, 0, 0), 0, EINVAL, 0 },
		{ "an unknown type", 0xffff1234, 0, EINVAL, EINVAL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reset(vm);
		is(legacy(&vm->vcpus[0].fd, cases[i].type, cases[i].parm, 0), cases[i].on_vcpu,
		   "KVM_S390_INTERRUPT of a vCPU: %s", cases[i].name);
		is(only(vm, &vm->vcpus[0]).type, cases[i].on_vcpu ? 0 : cases[i].type,
		   "... what is pending then");
		is(legacy(&vm->fd, cases[i].type, cases[i].parm, 0), cases[i].on_vm,
		   "KVM_S390_INTERRUPT of the VM: %s", cases[i].name);
		is(only(vm, NULL).type, cases[i].on_vm ? 0 : cases[i].type, "... what is pending then");
	}
}

/* KVM_S390_IRQ takes the same types of a vCPU. */
static void test_floating_types(struct vm *vm)
{
	static const uint32_t types[] = { KVM_S390_INT_PFAULT_DONE,
		                          KVM_S390_INT_VIRTIO,
		                          KVM_S390_INT_SERVICE,
		                          KVM_S390_INT_IO(0, 0, 0, 1),
		                          KVM_S390_INT_IO(1, 0, 0, 0),
		                          0,
		                          0xffff1234 };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct kvm_s390_irq irq = { .type = types[i] };

		is(-kvm_call(&vm->vcpus[0].fd, KVM_S390_IRQ, &irq), EINVAL, "KVM_S390_IRQ of type 0x%08x",
		   types[i]);
	}
}

static void test_errors(struct vm *vm)
{
	const struct kvm_fd *cpu = &vm->vcpus[0].fd;

	reset(vm);
	is(-kvm_call(cpu, KVM_S390_INTERRUPT, (struct kvm_s390_interrupt *)1), EFAULT,
	   "KVM_S390_INTERRUPT from an address that is none, of a vCPU");
	is(-kvm_call(&vm->fd, KVM_S390_INTERRUPT, (struct kvm_s390_interrupt *)1), EFAULT, "... of the VM");
	is(-kvm_call(cpu, KVM_S390_IRQ, (struct kvm_s390_irq *)1), EFAULT, "... KVM_S390_IRQ");
	legacy(cpu, KVM_S390_INT_EXTERNAL_CALL, 1, 0);
	is(legacy(cpu, KVM_S390_INT_EXTERNAL_CALL, 0, 0), EBUSY, "a second external call");
	is(only(vm, &vm->vcpus[0]).source, 1, "... leaves the first");
	reset(vm);
	is(legacy(cpu, KVM_S390_SIGP_STOP, 0, 0), 0, "a stop of a stopped vCPU");
	is(only(vm, &vm->vcpus[0]).type, 0, "... is not pending");
	cpu_set_mp_state(&vm->vcpus[0], KVM_MP_STATE_OPERATING, &err);
	is(legacy(cpu, KVM_S390_SIGP_STOP, 1, 0), 0, "a stop of one that operates");
	is(only(vm, &vm->vcpus[0]).stop_flags, 1, "... is, with its flags");
	is(legacy(cpu, KVM_S390_SIGP_STOP, 0, 0), EBUSY, "... and a second is busy");
	is(legacy(cpu, KVM_S390_SIGP_SET_PREFIX, 0, 0), EBUSY, "a prefix for one that operates");
	reset(vm);
	for (int i = 0; i < 64 * 255; i++)
		legacy(&vm->fd, KVM_S390_INT_PFAULT_DONE, 0, (uint64_t)i);
	is(legacy(&vm->fd, KVM_S390_INT_PFAULT_DONE, 0, 1), EBUSY, "one page fault more than KVM holds");
	reset(vm);
}

/* A vCPU that has just been started: what only a stopped one takes, and what only an operating one does. */
static void test_prefix_and_stop(struct vm *vm)
{
	struct vcpu *vcpu = &vm->vcpus[0];
	struct state_bytes bytes = { 0 };
	struct s390_irq *irqs = NULL;
	size_t count = 0;

	legacy(&vcpu->fd, KVM_S390_SIGP_SET_PREFIX, 0x8000, 0);
	cpu_set_mp_state(vcpu, KVM_MP_STATE_OPERATING, &err);
	is(legacy(&vcpu->fd, KVM_S390_SIGP_STOP, 1, 0), 0, "a stop beside a prefix");
	ok(!state_save(vm, SNAP_VM, &bytes, &err) && !state_load(vm, &bytes, false, &err),
	   "saved and restored (%s)", err.text);
	ok(!local_get_all(vcpu, &irqs, &count, &err) && count == 2 && irqs[0].type == S390_SET_PREFIX &&
	           irqs[0].prefix == 0x8000 && irqs[1].type == S390_STOP && irqs[1].stop_flags == 1,
	   "... both are pending again");
	free(irqs);
	free(bytes.bytes);
	reset(vm);
}

/* --- machine checks --------------------------------------------------- */

/* What the guest has taken when it has been told to. */
static unsigned taken(struct vm *vm)
{
	static const uint64_t none[ABI_ARGS];
	unsigned before = checkpoint_shared(vm)->taken, which;

	if (checkpoint_command(vm, 0, ABI_CMD_ENABLE, none, &err))
		return UINT32_MAX;
	vm_resume(vm);
	if (vm_wait(vm, 0, 20000, &which) || vm_pause(vm, &err))
		return UINT32_MAX;
	return checkpoint_shared(vm)->taken - before;
}

/* The older call has no place for the subclass: a repressible one has none, and none is ever open. */
static void test_legacy_machine_check(struct vm *vm)
{
	struct vcpu *vcpu = &vm->vcpus[0];
	struct s390_irq irq;
	unsigned which;

	if (vm_boot(vm, &(struct boot){ .kernel = payload_of("guest", guest, guest_size) }, &err)) {
		ok(false, "a guest (%s)", err.text);
		return;
	}
	vm_resume(vm);
	if (vm_wait(vm, 0, 20000, &which) || vm_pause(vm, &err)) {
		ok(false, "a guest at its checkpoint (%s)", err.text);
		return;
	}
	is(legacy(&vcpu->fd, KVM_S390_MCHK, 0x02000000, 0x04000f1d40330000), 0,
	   "KVM_S390_INTERRUPT: a repressible MCHK");
	irq = only(vm, vcpu);
	ok(irq.type == S390_MCHK && irq.mchk.mcic == 0x04000f1d40330000 && !irq.mchk.cr14,
	   "... is pending without its subclass");
	is(taken(vm), 0, "... and never taken");
	is(legacy(&vcpu->fd, KVM_S390_MCHK, 0, 0x80000f1d40330000), 0, "an exigent one");
	is(taken(vm), 1, "... is");
	is(checkpoint_shared(vm)->log[checkpoint_shared(vm)->taken - 1].parm, 0x84000f1d40330000,
	   "... with the other one's code");
	is(legacy(&vm->fd, KVM_S390_MCHK, 0xff000000, 0x00400f1d40330000), 0, "a floating one");
	irq = only(vm, NULL);
	ok(irq.type == S390_MCHK && irq.mchk.cr14 == 0x10000000, "... keeps the one bit of CR14");
	is(taken(vm), 1, "... and is taken");
	/* Vector and guarded-storage registers are valid only if KVM has stored them: our guests have
	 * neither. */
	legacy(&vm->fd, KVM_S390_MCHK, 0x10000000, MCIC_VECTOR | MCIC_GUARDED_STORAGE | 0x00400f1d40330000);
	is(only(vm, NULL).mchk.mcic, MCIC_VECTOR | MCIC_GUARDED_STORAGE | 0x00400f1d40330000,
	   "one that says that all registers are valid");
	is(taken(vm), 1, "... is taken");
	is(checkpoint_shared(vm)->log[checkpoint_shared(vm)->taken - 1].parm, 0x00400f1d40330000,
	   "... without those that the guest does not have");
}

/* What does not pend is not shown, but KVM keeps its bits for the next one. */
static void test_hidden_machine_check(struct vm *vm)
{
	struct kvm_s390_irq hidden = { .type = KVM_S390_MCHK, .u.mchk.mcic = 1 },
			    shown = { .type = KVM_S390_MCHK, .u.mchk.mcic = 0x04000f1d40330000 };
	struct vcpu *vcpu = &vm->vcpus[0];

	is(kvm_call(&vcpu->fd, KVM_S390_IRQ, &hidden), 0, "a machine check of no class");
	is(only(vm, vcpu).type, 0, "... is not pending");
	kvm_call(&vcpu->fd, KVM_S390_IRQ, &shown);
	is(only(vm, vcpu).mchk.mcic, 0x04000f1d40330001, "... and comes with the next one");
	reset(vm);
	kvm_call(&vcpu->fd, KVM_S390_IRQ, &shown);
	is(only(vm, vcpu).mchk.mcic, 0x04000f1d40330000, "a reset clears it");
	reset(vm);
}

int main(int argc, char **argv)
{
	struct vm_config c = config(arch_info.ram_min, 2);
	struct vm vm;

	if (api_begin(argc, argv))
		return 1;
	if (!ok(!vm_create(&vm, &kvm, &c, &err), "a VM (%s)", err.text))
		return tap_done();
	test_types(&vm);
	test_floating_types(&vm);
	test_errors(&vm);
	test_prefix_and_stop(&vm);
	test_hidden_machine_check(&vm);
	test_legacy_machine_check(&vm);
	vm_destroy(&vm);
	return api_end();
}
