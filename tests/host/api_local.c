/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_local.c: what the calls on a vCPU's interrupts answer to wrong
 * arguments, in the order in which they are looked at; what their documents
 * do not say; that a list that is refused leaves nothing. TAP; argv[1] is the
 * test guest.
 */
#include "arch/s390x/cpu.h"
#include "arch/s390x/flic.h"
#include "arch/s390x/local.h"
#include "api.h"

#define ENTRY ((uint64_t)sizeof(struct kvm_s390_irq))
#define NONE  ((void *)8) /* no memory is there */

static long get_state(struct vcpu *vcpu, void *buf, uint32_t len)
{
	struct kvm_s390_irq_state s = { .buf = (uintptr_t)buf, .len = len, .flags = UINT32_MAX };

	return kvm_call(&vcpu->fd, KVM_S390_GET_IRQ_STATE, &s);
}

static long set_state(struct vcpu *vcpu, const void *buf, uint64_t len)
{
	struct kvm_s390_irq_state s = { .buf = (uintptr_t)buf, .len = (uint32_t)len, .flags = UINT32_MAX };

	return kvm_call(&vcpu->fd, KVM_S390_SET_IRQ_STATE, &s);
}

static void clear_local(struct vcpu *vcpu)
{
	kvm_call_value(&vcpu->fd, KVM_S390_NORMAL_RESET, 0);
}

static void test_get_state(struct vcpu *vcpu)
{
	struct kvm_s390_irq one = { .type = KVM_S390_RESTART }, two[2];

	is(-kvm_call(&vcpu->fd, KVM_S390_GET_IRQ_STATE, (struct kvm_s390_irq_state *)NONE), EFAULT,
	   "GET_IRQ_STATE: EFAULT");
	is(-get_state(vcpu, two, 0), EINVAL, "no bytes: EINVAL");
	is(get_state(vcpu, NONE, 1), 0, "nothing pending: 0, and the address is not used");
	kvm_call(&vcpu->fd, KVM_S390_IRQ, &one);
	is(-get_state(vcpu, NONE, ENTRY - 1), ENOBUFS, "too short: ENOBUFS");
	is(-get_state(vcpu, NONE, ENTRY), EFAULT, "then EFAULT");
	is(get_state(vcpu, two, 2 * ENTRY - 1), ENTRY, "it returns bytes; any length that suffices");
	is(get_state(vcpu, two, UINT32_MAX), ENTRY, "the largest too");
	one.type = KVM_S390_INT_EMERGENCY;
	kvm_call(&vcpu->fd, KVM_S390_IRQ, &one);
	memset(two, 0, sizeof(two));
	is(-get_state(vcpu, two, ENTRY), ENOBUFS, "one of two fits: ENOBUFS");
	is(two[0].type, KVM_S390_RESTART, "... and it has been written");
	is(get_state(vcpu, two, 2 * ENTRY), 2 * ENTRY, "two");
	is(two[1].type, KVM_S390_INT_EMERGENCY, "... emergency signals last");
	clear_local(vcpu);
	is(get_state(vcpu, two, ENTRY), 0, "a normal reset takes them away");
	one.u.emerg.code = 1;
	kvm_call(&vcpu->fd, KVM_S390_IRQ, &one);
	clear_local(vcpu);
	one.u.emerg.code = 0;
	kvm_call(&vcpu->fd, KVM_S390_IRQ, &one);
	is(get_state(vcpu, two, 2 * ENTRY), ENTRY, "... and their senders");
	clear_local(vcpu);
	one = (struct kvm_s390_irq){ .type = KVM_S390_MCHK,
		                     .u.mchk = { .cr14 = 0x02000000, .mcic = 0x0400000000000000 } };
	kvm_call(&vcpu->fd, KVM_S390_IRQ, &one);
	clear_local(vcpu);
	one.u.mchk = (struct kvm_s390_mchk_info){ .cr14 = 0x04000000, .mcic = 0x0100000000000000 };
	kvm_call(&vcpu->fd, KVM_S390_IRQ, &one);
	is(get_state(vcpu, two, ENTRY), ENTRY, "... and the contents of a machine check");
	ok(two[0].u.mchk.cr14 == 0x04000000 && two[0].u.mchk.mcic == 0x0100000000000000,
	   "... of which the next has none");
	clear_local(vcpu);
}

static void test_set_state(struct vcpu *vcpu)
{
	static struct kvm_s390_irq many[255 + 33];
	struct error ignored;
	struct kvm_s390_irq two[2] = { { .type = KVM_S390_RESTART }, { .type = KVM_S390_INT_EMERGENCY } };

	for (size_t i = 0; i < 255 + 33; i++)
		many[i].type = KVM_S390_RESTART;
	is(-kvm_call(&vcpu->fd, KVM_S390_SET_IRQ_STATE, (struct kvm_s390_irq_state *)NONE), EFAULT,
	   "SET_IRQ_STATE: EFAULT");
	is(-set_state(vcpu, two, 0), EINVAL, "no bytes: EINVAL");
	is(-set_state(vcpu, NONE, ENTRY + 1), EINVAL, "no multiple: EINVAL");
	is(-set_state(vcpu, NONE, 288 * ENTRY), EINVAL, "288 entries: EINVAL");
	is(-set_state(vcpu, NONE, 287 * ENTRY), EFAULT, "287: EFAULT");
	is(set_state(vcpu, many, 287 * ENTRY), 0, "287 entries, at %d vCPUs at most, are taken",
	   kvm_extension(&kvm, KVM_CAP_MAX_VCPUS, &ignored));
	is(-set_state(vcpu, NONE, ENTRY), EFAULT, "something is pending: EFAULT");
	is(-set_state(vcpu, two, ENTRY), EBUSY, "... then EBUSY");
	clear_local(vcpu);
	two[1].u.emerg.code = 999;
	is(-set_state(vcpu, two, 2 * ENTRY), EINVAL, "the sender of the second is no vCPU: EINVAL");
	is(get_state(vcpu, many, ENTRY), ENTRY, "... the first is pending");
	two[1].u.emerg.code = 0;
	is(-set_state(vcpu, two, 2 * ENTRY), EBUSY, "... and another try is EBUSY");
	clear_local(vcpu);
	two[1] = (struct kvm_s390_irq){ .type = KVM_S390_SIGP_SET_PREFIX };
	is(-set_state(vcpu, two, 2 * ENTRY), EBUSY, "of an entry KVM says EBUSY too");
	is(get_state(vcpu, many, ENTRY), ENTRY, "... and the one before it is pending");
	clear_local(vcpu);
}

/* All that is KVM's of a vCPU. */
static struct s390_cpu registers(struct vcpu *vcpu)
{
	struct s390_cpu cpu;
	struct error err;

	memset(&cpu, 0, sizeof(cpu));
	ok(!cpu_save(vcpu, &cpu, &err), "the registers can be read");
	return cpu;
}

static void test_set_is_undone(struct vm *vm)
{
	static const struct s390_irq good[] = { { .type = S390_RESTART },
		                                { .type = S390_EMERGENCY, .source = 1 } };
	struct s390_irq bad[] = { good[0], good[1], { .type = S390_EMERGENCY, .source = 999 } }, *irqs;
	static const uint64_t none[ABI_ARGS];
	struct vcpu *vcpu = &vm->vcpus[0];
	struct s390_cpu before, after;
	struct error err = { .text = "" };
	unsigned which;
	size_t count;

	before = registers(vcpu);
	is(-local_set_all(vcpu, bad, 3, &err), EINVAL, "a list whose third entry is wrong is EINVAL");
	has(err.text, "KVM_S390_SET_IRQ_STATE(3 entries): EINVAL", "... told");
	local_get_all(vcpu, &irqs, &count, &err);
	is(count, 0, "... nothing is pending");
	after = registers(vcpu);
	ok(!memcmp(&before, &after, sizeof(before)), "... and the registers are what they were");
	bad[2] = (struct s390_irq){ .type = S390_SET_PREFIX };
	is(-local_set_all(vcpu, bad, 3, &err), EBUSY, "EBUSY of the third entry");
	is(local_set_all(vcpu, good, 2, &err), 0, "... and another try with a good list succeeds");
	is(-local_set_all(vcpu, good, 2, &err), EBUSY, "EBUSY of what is pending");
	local_get_all(vcpu, &irqs, &count, &err);
	is(count, 2, "... which stays");
	free(irqs);
	checkpoint_command(vm, 0, ABI_CMD_ENABLE, none, &err);
	vm_resume(vm);
	ok(!vm_wait(vm, 0, 20000, &which) && checkpoint_cpu_state(vm, 0) == CPU_READY, "the guest goes on");
	is(checkpoint_shared(vm)->taken, 2, "... and takes both");
	vm_pause(vm, &err);
}

static void test_stopping(struct vcpu *vcpu)
{
	struct kvm_s390_irq stop = { .type = KVM_S390_SIGP_STOP }, restart = { .type = KVM_S390_RESTART },
			    got;
	struct error err;

	kvm_call(&vcpu->fd, KVM_S390_IRQ, &restart);
	is(kvm_call(&vcpu->fd, KVM_S390_IRQ, &stop), 0, "a stop");
	is(-kvm_call(&vcpu->fd, KVM_S390_IRQ, &stop), EBUSY, "another: EBUSY");
	cpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED, &err);
	ok(get_state(vcpu, &got, ENTRY) == (long)ENTRY && got.type == KVM_S390_RESTART,
	   "the MP state \"stopped\" takes a pending stop away, and nothing else");
	is(kvm_call(&vcpu->fd, KVM_S390_IRQ, &stop), 0, "to a stopped vCPU: no error");
	is(get_state(vcpu, &got, ENTRY), ENTRY, "... and not pending");
	is(-kvm_run(&vcpu->fd), EINVAL, "KVM_RUN of a stopped vCPU: EINVAL");
	cpu_set_mp_state(vcpu, KVM_MP_STATE_OPERATING, &err);
	clear_local(vcpu);
}

/* The guest runs to its next checkpoint. */
static bool obey(struct vm *vm, uint32_t command, uint64_t arg)
{
	const uint64_t args[ABI_ARGS] = { arg };
	struct error err;
	unsigned which;

	if (checkpoint_command(vm, 0, command, args, &err))
		return false;
	vm_resume(vm);
	return !vm_wait(vm, 0, 20000, &which) && !vm_pause(vm, &err) &&
	       checkpoint_cpu_state(vm, 0) == CPU_READY;
}

/*
 * An exception that nullifies has the instruction's address in the old PSW, unless who injects it says that
 * the PSW is right. Here the instruction is the checkpoint's, so the guest comes there once more.
 */
static void test_nullified(struct vm *vm)
{
	struct vcpu *vcpu = &vm->vcpus[0];

	ok(obey(vm, ABI_CMD_PROGRAM, 1), "the guest takes program interruptions");
	for (unsigned rewind = 0; rewind < 2; rewind++) {
		struct kvm_s390_irq page = { .type = KVM_S390_PROGRAM_INT, .u.pgm.code = 0x11 };
		uint64_t address = vcpu->run->psw_addr;

		page.u.pgm.flags = KVM_S390_PGM_FLAGS_ILC_VALID | KVM_S390_PGM_FLAGS_ILC_1;
		if (!rewind)
			page.u.pgm.flags |= KVM_S390_PGM_FLAGS_NO_REWIND;
		kvm_call(&vcpu->fd, KVM_S390_IRQ, &page);
		ok(obey(vm, ABI_CMD_ENABLE, 0), "a page translation exception %s",
		   rewind ? "of an instruction of 4 bytes" : "whose PSW is right");
		is(*(uint64_t *)ram_at(&vm->ram, 0x158, 8), address - 4 * rewind, "... has that old PSW");
	}
	ok(obey(vm, ABI_CMD_ENABLE, 0), "the guest goes on");
}

/* The document's struct is {buf, len, pad}, in one of its two places. */
static void test_layout(struct vcpu *vcpu)
{
	struct {
		uint64_t buf;
		uint32_t len, pad;
	} s = { 0 };

	is(sizeof(struct kvm_s390_irq_state), 32, "struct kvm_s390_irq_state");
	is(-kvm_ioctl(&vcpu->fd, _IOW(KVMIO, 0xb5, s), "KVM_S390_SET_IRQ_STATE", (unsigned long)&s), ENOTTY,
	   "one of 16 bytes is another call, that is none");
}

int main(int argc, char **argv)
{
	struct vm_config c = config(arch_info.ram_min, 2);
	struct error err = { .text = "" };
	struct vm vm;

	if (api_begin(argc, argv))
		return 1;
	if (!ok(!start(&vm, &c, &err) && !vm_pause(&vm, &err), "a VM (%s)", err.text))
		return tap_done();
	test_layout(&vm.vcpus[0]);
	test_get_state(&vm.vcpus[0]);
	test_set_state(&vm.vcpus[0]);
	test_stopping(&vm.vcpus[0]);
	test_set_is_undone(&vm);
	test_nullified(&vm);
	vm_destroy(&vm);
	return api_end();
}
