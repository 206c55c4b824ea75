/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_regs_s390x.c: every register of an s390x vCPU that KVM 6.1 can get and set (KVM_GET_REGS, SREGS, FPU,
 * ONE_REG, MP_STATE, struct kvm_sync_regs) through a save and a restore. TAP; argv[1] is the test guest.
 */
#include "regs.h"

/* clang-format off */
#define ENTRY(reg, fate) { #reg, KVM_REG_S390_##reg, fate },
static const struct {
	const char *name;
	uint64_t id;
	enum fate fate;
} table[] = {
	ENTRY(TODPR, CARRIED) ENTRY(CPU_TIMER, CARRIED) ENTRY(CLOCK_COMP, CARRIED) ENTRY(PP, CARRIED)
		ENTRY(GBEA, CARRIED) ENTRY(PFTOKEN, CARRIED) ENTRY(PFCOMPARE, CARRIED)
			ENTRY(PFSELECT, CARRIED) ENTRY(EPOCHDIFF, OTHERS) /* api_clock */
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t size_of(uint64_t id)
{
	return (size_t)1 << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

static int regs_read(struct vcpu *vcpu, struct regs *regs)
{
	const struct kvm_run *run = vcpu->run;
	struct kvm_mp_state mp = { 0 };
	struct kvm_sregs sregs;
	struct kvm_regs gprs;
	struct kvm_fpu fpu;
	long state = kvm_call(&vcpu->fd, KVM_GET_MP_STATE, &mp);

	if (kvm_call(&vcpu->fd, KVM_GET_REGS, &gprs) < 0 || kvm_call(&vcpu->fd, KVM_GET_SREGS, &sregs) < 0 ||
	    kvm_call(&vcpu->fd, KVM_GET_FPU, &fpu) < 0 || state < 0)
		return -1;
	for (int i = 0; i < 16; i++) {
		regs_add(regs, vcpu, CARRIED, "gpr", i, &gprs.gprs[i], 8);
		regs_add(regs, vcpu, CARRIED, "cr", i, &sregs.crs[i], 8);
		regs_add(regs, vcpu, CARRIED, "acr", i, &sregs.acrs[i], 4);
		regs_add(regs, vcpu, CARRIED, "fpr", i, &fpu.fprs[i], 8);
	}
	regs_add(regs, vcpu, CARRIED, "fpc", -1, &fpu.fpc, 4);
	regs_add(regs, vcpu, CARRIED, "psw_mask", -1, &run->psw_mask, 8);
	regs_add(regs, vcpu, CARRIED, "psw_addr", -1, &run->psw_addr, 8);
	regs_add(regs, vcpu, CARRIED, "prefix", -1, &run->s.regs.prefix, 8);
	regs_add(regs, vcpu, CARRIED, "mp_state", -1, &state, sizeof(state));
	for (size_t i = 0; i < COUNT(table); i++) {
		uint64_t value = 0;

		if (kvm_reg_get(&vcpu->fd, table[i].id, &value) < 0)
			return -1;
		regs_add(regs, vcpu, table[i].fate, table[i].name, -1, &value, size_of(table[i].id));
	}
	return 0;
}

/* Never run: no value has to be one that the guest could go on with. */
static int regs_fill(struct vcpu *vcpu, unsigned seed)
{
	struct kvm_mp_state mp = { .mp_state = seed < 60 ? KVM_MP_STATE_OPERATING : KVM_MP_STATE_STOPPED };
	struct kvm_sregs sregs;
	struct kvm_regs gprs;
	struct kvm_fpu fpu = { .fpc = 0xf8000000 | seed % 4 };
	unsigned n = 0;

	for (int i = 0; i < 16; i++) {
		gprs.gprs[i] = regs_pattern(seed, n++);
		sregs.crs[i] = regs_pattern(seed, n++);
		sregs.acrs[i] = (uint32_t)regs_pattern(seed, n++);
		fpu.fprs[i] = regs_pattern(seed, n++);
	}
	for (size_t i = 0; i < COUNT(table); i++) {
		uint64_t value = regs_pattern(seed, n++);

		if (table[i].fate != OTHERS && kvm_reg_set(&vcpu->fd, table[i].id, &value) < 0)
			return -1;
	}
	vcpu->run->psw_mask = 0x0004000180000000 | (uint64_t)seed % 4 << 44;
	vcpu->run->psw_addr = regs_pattern(seed, n++);
	vcpu->run->s.regs.prefix = 0x2000 * (seed + 1);
	vcpu->run->kvm_dirty_regs |= KVM_SYNC_PREFIX;
	return kvm_call(&vcpu->fd, KVM_SET_REGS, &gprs) < 0 ||
	       kvm_call(&vcpu->fd, KVM_SET_SREGS, &sregs) < 0 || kvm_call(&vcpu->fd, KVM_SET_FPU, &fpu) < 0 ||
	       kvm_call(&vcpu->fd, KVM_SET_MP_STATE, &mp) < 0;
}

/* What else KVM can keep for a vCPU takes a capability that zpvm does not enable; see HACKING.md. */
static void test_no_more(void)
{
	struct vm_config c = config(arch_info.ram_default, 1);
	struct error err = { .text = "" };
	struct vm vm;

	if (!ok(!vm_create(&vm, &kvm, &c, &err), "a VM (%s)", err.text))
		return;
	is(vm.vcpus[0].run->kvm_valid_regs & (KVM_SYNC_RICCB | KVM_SYNC_BPBC | KVM_SYNC_GSCB), 0,
	   "has no registers that need a capability");
	vm_destroy(&vm);
}

/* One that no machine has: older kernels refuse it. */
static void test_invalid_fpc(void)
{
	static const uint64_t none[ABI_ARGS];
	struct vm_config c = config(arch_info.ram_default, 1);
	struct kvm_fpu fpu = { .fpc = 8 };
	struct error err = { .text = "" };
	unsigned which;
	struct vm vm;

	if (!host_since("6.1.82"))
		return;
	if (!ok(!start(&vm, &c, &err) && !vm_pause(&vm, &err), "a guest (%s)", err.text))
		return;
	is(kvm_call(&vm.vcpus[0].fd, KVM_SET_FPU, &fpu), 0, "a floating-point control that is not valid");
	checkpoint_command(&vm, 0, ABI_CMD_ENABLE, none, &err);
	vm_resume(&vm);
	ok(!vm_wait(&vm, 0, 20000, &which) && !vm_pause(&vm, &err), "... with which the guest runs");
	kvm_call(&vm.vcpus[0].fd, KVM_GET_FPU, &fpu);
	is(fpu.fpc, 0, "... as with 0");
	vm_destroy(&vm);
}

#define STATUS      0x20000
#define STATUS_FPC  0x11c
#define STATUS_ACRS 0x140

/* What KVM stores of a vCPU that does not run is the vCPU's, not that of the thread which asks. */
static void test_stored_status(void)
{
	struct vm_config c = config(arch_info.ram_default, 1);
	struct error err = { .text = "" };
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
	const uint8_t *at;
	struct vm vm;

	if (!ok(!vm_create(&vm, &kvm, &c, &err) && !regs_fill(&vm.vcpus[0], 1), "a vCPU with registers (%s)",
	        err.text))
		return;
	kvm_call(&vm.vcpus[0].fd, KVM_GET_SREGS, &sregs);
	kvm_call(&vm.vcpus[0].fd, KVM_GET_FPU, &fpu);
	is(kvm_ioctl(&vm.vcpus[0].fd, KVM_S390_STORE_STATUS, "KVM_S390_STORE_STATUS", STATUS), 0,
	   "its status is stored");
	at = ram_at(&vm.ram, STATUS, 512);
	ok(!memcmp(at, fpu.fprs, sizeof(fpu.fprs)), "... with its floating-point registers");
	ok(!memcmp(at + STATUS_FPC, &fpu.fpc, sizeof(fpu.fpc)), "... their control");
	ok(!memcmp(at + STATUS_ACRS, sregs.acrs, sizeof(sregs.acrs)), "... and its access registers");
	vm_destroy(&vm);
}

/* What user space sees of the registers is reset with them. */
static void test_initial_reset(void)
{
	struct vm_config c = config(arch_info.ram_default, 1);
	struct error err = { .text = "" };
	struct kvm_sync_regs *seen;
	struct vm vm;

	if (!ok(!vm_create(&vm, &kvm, &c, &err), "a vCPU (%s)", err.text))
		return;
	seen = &vm.vcpus[0].run->s.regs;
	memset(seen->crs, 0xa5, sizeof(seen->crs));
	is(kvm_ioctl(&vm.vcpus[0].fd, KVM_S390_INITIAL_RESET, "KVM_S390_INITIAL_RESET", 0), 0,
	   "its initial reset");
	ok(seen->crs[0] == 0xe0 && !seen->crs[6] && seen->crs[14] == 0xc2000000,
	   "... in kvm_run control registers 0, 6 and 14 are 0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64,
	   (uint64_t)seen->crs[0], (uint64_t)seen->crs[6], (uint64_t)seen->crs[14]);
	vm_destroy(&vm);
}

static void test_others(void)
{
	test_no_more();
	test_invalid_fpc();
	test_stored_status();
	test_initial_reset();
}

int main(int argc, char **argv)
{
	return regs_main(argc, argv, test_others);
}
