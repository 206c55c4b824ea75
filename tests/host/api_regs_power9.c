/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_regs_power9.c: every register that KVM 6.1 can get and set on a POWER9 (kvmppc_get_one_reg_hv,
 * kvmppc_get_one_reg, KVM_GET_REGS, and those of powerpc.c), through a save and a restore. TAP; argv[1] is
 * the test guest. Not here: FPR0 to FPR31 and LPCR are parts of others; HIOR and DEBUG_INST cannot be set;
 * ICP_STATE and VP_STATE are of the interrupt controller; ARCH_COMPAT, ONLINE and PTCR are zpvm's to set.
 */
#include "regs.h"

/* clang-format off */
/* They have a meaning for others, or cannot have any value. */
#define PARTICULAR(X)                                                        \
	X(LPCR_64, CARRIED, 0x0010000000000000 | 0x02000000 | 0x00020000, 0) \
	X(VPA_ADDR, CARRIED, 0x2000000, 0)                                   \
	X(VPA_SLB, CARRIED, 0x2010000, 0x100)                                \
	X(VPA_DTL, CARRIED, 0x2020000, 0x300)                                \
	X(CIABR, CARRIED, 0x12345671, 0)                                     \
	X(TB_OFFSET, OTHERS, 0, 0) /* api_clock */                           \
	X(DPDES, OTHERS, 0, 0)     /* QEMU 7.2 aborts at a doorbell */       \
	X(MMCR3, OTHERS, 0, 0)     /* setting it does nothing */

#define ORDINARY(X)                                                                                       \
	X(DEC_EXPIRY)                                                                                     \
	X(PSSCR) X(FSCR) X(DSCR) X(DSISR) X(DAR) X(AMR) X(UAMOR) X(IAMR) X(PPR) X(TAR) X(BESCR) X(EBBHR)  \
		X(EBBRR) X(PSPB) X(VTB) X(IC) X(TIDR) X(DAWR) X(DAWRX) X(PURR) X(SPURR) X(MMCR0) X(MMCR1) \
			X(MMCRA) X(MMCR2) X(PMC1) X(PMC2) X(PMC3) X(PMC4) X(PMC5) X(PMC6) X(SIAR) X(SDAR) \
				X(SIER) X(VRSAVE) X(VSCR) X(FPSCR) X(PID)

/* Of other processors: KVM keeps them, and never loads them into a POWER9. */
#define FOREIGN(X)                                                                                    \
	X(DABR)                                                                                       \
	X(DABRX) X(MMCRS) X(SPMC1) X(SPMC2) X(PMC7) X(PMC8) X(CSIGR) X(TACR) X(TCSCR) X(ACOP) X(WORT) \
		X(SIER2) X(SIER3) X(DAWR1) X(DAWRX1)
/* clang-format on */

#define ENTRY(reg, fate, ...) { #reg, KVM_REG_PPC_##reg, fate, { __VA_ARGS__ } },
#define MINE(reg)             ENTRY(reg, CARRIED, 0, 0)
#define NOT_MINE(reg)         ENTRY(reg, LEFT, 0, 0)
static const struct {
	const char *name;
	uint64_t id;
	enum fate fate;
	uint64_t value[2]; /* where a pattern will not do */
} table[] = { PARTICULAR(ENTRY) ORDINARY(MINE) FOREIGN(NOT_MINE) };

/* Of one name, with a number. */
static const struct {
	const char *name;
	uint64_t first;
	unsigned count;
} many[] = {
	{ "VSR", KVM_REG_PPC_VSR(0), 32 },
	{ "VR", KVM_REG_PPC_VR(0), 32 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t size_of(uint64_t id)
{
	return (size_t)1 << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

static int read_one(struct vcpu *vcpu, struct regs *regs, enum fate fate, const char *name, int number,
                    uint64_t id)
{
	uint64_t value[2] = { 0 };
	long rc = kvm_reg_get(&vcpu->fd, id, value);

	if (rc < 0) {
		printf("# KVM_GET_ONE_REG(%s): %s\n", name, error_name((int)rc));
		return -1;
	}
	regs_add(regs, vcpu, fate, name, number, value, size_of(id));
	return 0;
}

static int regs_read(struct vcpu *vcpu, struct regs *regs)
{
	struct kvm_regs k;
	int rc = kvm_call(&vcpu->fd, KVM_GET_REGS, &k) < 0;

#define FIELD(field) regs_add(regs, vcpu, CARRIED, #field, -1, &k.field, sizeof(k.field))
	FIELD(pc), FIELD(cr), FIELD(ctr), FIELD(lr), FIELD(xer), FIELD(msr), FIELD(srr0), FIELD(srr1);
	for (int i = 0; i < 8; i++)
		regs_add(regs, vcpu, CARRIED, "sprg", i, &k.sprg0 + i, 8);
	for (int i = 0; i < 32; i++)
		regs_add(regs, vcpu, CARRIED, "gpr", i, &k.gpr[i], 8);
	for (size_t i = 0; i < COUNT(table) && !rc; i++)
		rc = read_one(vcpu, regs, table[i].fate, table[i].name, -1, table[i].id);
	for (size_t i = 0; i < COUNT(many); i++)
		for (unsigned n = 0; n < many[i].count && !rc; n++)
			rc = read_one(vcpu, regs, CARRIED, many[i].name, (int)n, many[i].first + n);
	return rc;
}

static int fill_one(struct vcpu *vcpu, const char *name, uint64_t id, const uint64_t value[2])
{
	long rc = kvm_reg_set(&vcpu->fd, id, value);

	if (rc < 0)
		printf("# KVM_SET_ONE_REG(%s): %s\n", name, error_name((int)rc));
	return rc < 0;
}

static int regs_fill(struct vcpu *vcpu, unsigned seed)
{
	struct kvm_regs k = { .msr = 0x8000000000001033 };
	unsigned n = 0;
	int rc = 0;

	k.pc = regs_pattern(seed, n++) & ~3ULL;
	k.cr = (uint32_t)regs_pattern(seed, n++);
	k.ctr = regs_pattern(seed, n++);
	k.lr = regs_pattern(seed, n++);
	k.xer = (uint32_t)regs_pattern(seed, n++);
	k.srr0 = regs_pattern(seed, n++);
	k.srr1 = regs_pattern(seed, n++);
	for (int i = 0; i < 8; i++)
		*(&k.sprg0 + i) = regs_pattern(seed, n++);
	for (int i = 0; i < 32; i++)
		k.gpr[i] = regs_pattern(seed, n++);
	for (size_t i = 0; i < COUNT(table) && !rc; i++) {
		const uint64_t pattern[2] = { regs_pattern(seed, n), 0 };

		n++;
		if (table[i].fate != OTHERS)
			rc = fill_one(vcpu, table[i].name, table[i].id,
			              table[i].value[0] ? table[i].value : pattern);
	}
	for (size_t i = 0; i < COUNT(many); i++)
		for (unsigned v = 0; v < many[i].count && !rc; v++, n += 2) {
			const uint64_t pattern[2] = { regs_pattern(seed, n), regs_pattern(seed, n + 1) };

			rc = fill_one(vcpu, many[i].name, many[i].first + v, pattern);
		}
	return rc || kvm_call(&vcpu->fd, KVM_SET_REGS, &k) < 0;
}

/* What no snapshot has is not lost in silence. */
static void test_transaction(void)
{
	struct vm_config c = config(arch_info.ram_default, 1);
	struct state_bytes bytes = { 0 };
	struct error err = { .text = "" };
	struct kvm_regs k;
	struct vm vm;

	if (!ok(!vm_create(&vm, &kvm, &c, &err) && !kvm_call(&vm.vcpus[0].fd, KVM_GET_REGS, &k), "a VM (%s)",
	        err.text))
		return;
	k.msr = 0x8000000200001033; /* MSR[TS]: suspended */
	ok(!kvm_call(&vm.vcpus[0].fd, KVM_SET_REGS, &k), "... that is in a transaction");
	is(state_save(&vm, SNAP_VM, &bytes, &err), -EOPNOTSUPP, "has no snapshot");
	has(err.text, "vCPU 0 is in a transaction", "... for that reason");
	free(bytes.bytes);
	vm_destroy(&vm);
}

#define LPCR_DPFD 0x0010000000000000U /* a part of the upper half */
#define LPCR_ILE  0x02000000U
#define LPCR_LD   0x00020000U
#define LPCR_TC   0x00000200U
#define LPCR_MINE (LPCR_DPFD | LPCR_ILE | LPCR_LD | LPCR_TC)

/* LPCR has an older name of 32 bits, which leaves the others alone; and a bit that no radix guest has. */
static void test_lpcr(void)
{
	struct vm_config c = config(arch_info.ram_default, 1);
	uint64_t value = LPCR_DPFD | LPCR_TC;
	uint32_t lower = LPCR_ILE | LPCR_LD | LPCR_TC;
	struct error err = { .text = "" };
	struct kvm_fd *fd;
	struct vm vm;

	if (!ok(!vm_create(&vm, &kvm, &c, &err), "a VM (%s)", err.text))
		return;
	fd = &vm.vcpus[0].fd;
	ok(!kvm_reg_set(fd, KVM_REG_PPC_LPCR_64, &value) && !kvm_reg_set(fd, KVM_REG_PPC_LPCR, &lower) &&
	           !kvm_reg_get(fd, KVM_REG_PPC_LPCR_64, &value),
	   "LPCR, then its lower half");
	is((long)(value & LPCR_MINE), (long)(LPCR_DPFD | LPCR_ILE | LPCR_LD),
	   "... the upper one stays, and TC is not taken");
	vm_destroy(&vm);
}

static void test_others(void)
{
	test_transaction();
	test_lpcr();
}

int main(int argc, char **argv)
{
	return regs_main(argc, argv, test_others);
}
