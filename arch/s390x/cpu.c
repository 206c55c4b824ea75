/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.c: see cpu.h. */
#include "cpu.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "vmm/arch.h"

_Static_assert(S390_MP_STOPPED == KVM_MP_STATE_STOPPED && S390_MP_CHECK_STOP == KVM_MP_STATE_CHECK_STOP &&
                       S390_MP_OPERATING == KVM_MP_STATE_OPERATING && S390_MP_LOAD == KVM_MP_STATE_LOAD,
               "MP states are KVM's");

static const struct {
	const char *name;
	uint64_t id;
} regs[S390_REGS] = {
	[S390_REG_TODPR] = { "TODPR", KVM_REG_S390_TODPR },
	[S390_REG_CPU_TIMER] = { "CPU_TIMER", KVM_REG_S390_CPU_TIMER },
	[S390_REG_CLOCK_COMP] = { "CLOCK_COMP", KVM_REG_S390_CLOCK_COMP },
	[S390_REG_PP] = { "PP", KVM_REG_S390_PP },
	[S390_REG_GBEA] = { "GBEA", KVM_REG_S390_GBEA },
	[S390_REG_PFTOKEN] = { "PFTOKEN", KVM_REG_S390_PFTOKEN },
	[S390_REG_PFCOMPARE] = { "PFCOMPARE", KVM_REG_S390_PFCOMPARE },
	[S390_REG_PFSELECT] = { "PFSELECT", KVM_REG_S390_PFSELECT },
};

const char *cpu_reg_name(uint64_t id)
{
	for (unsigned i = 0; i < S390_REGS; i++)
		if (regs[i].id == id)
			return regs[i].name;
	return NULL;
}

/* The TOD programmable register is the only one of 32 bits. */
static bool is_short(unsigned i)
{
	return (regs[i].id & KVM_REG_SIZE_MASK) == KVM_REG_SIZE_U32;
}

static int failed(struct vcpu *vcpu, long rc, const char *call, struct error *err)
{
	return kvm_failed(err, rc, &vcpu->fd, NULL, "%s", call);
}

static int read_reg(struct vcpu *vcpu, unsigned i, struct s390_cpu *cpu, struct error *err)
{
	uint32_t v32 = 0;
	long rc = kvm_reg_get(&vcpu->fd, regs[i].id, is_short(i) ? (void *)&v32 : &cpu->reg[i]);

	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_ONE_REG(%s)", regs[i].name);
	if (is_short(i))
		cpu->reg[i] = v32;
	return 0;
}

static int write_reg(struct vcpu *vcpu, unsigned i, const struct s390_cpu *cpu, struct error *err)
{
	uint32_t v32 = (uint32_t)cpu->reg[i];
	long rc = kvm_reg_set(&vcpu->fd, regs[i].id, is_short(i) ? (const void *)&v32 : &cpu->reg[i]);

	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_ONE_REG(%s)", regs[i].name) : 0;
}

int cpu_look_at_timers(struct vcpu *vcpu, struct s390_cpu *cpu, struct error *err)
{
	int rc = read_reg(vcpu, S390_REG_CPU_TIMER, cpu, err);

	return rc ? rc : read_reg(vcpu, S390_REG_CLOCK_COMP, cpu, err);
}

/* On s390x KVM returns the state as the ioctl's value and does not write the struct, which api.rst does not
 * say. */
static int get_mp_state(struct vcpu *vcpu, struct s390_cpu *cpu, struct error *err)
{
	struct kvm_mp_state mp = { 0 };
	long rc = kvm_call(&vcpu->fd, KVM_GET_MP_STATE, &mp);

	if (rc < 0)
		return failed(vcpu, rc, "KVM_GET_MP_STATE", err);
	cpu->mp_state = (uint8_t)(rc ? rc : (long)mp.mp_state);
	return 0;
}

int cpu_keep(struct vcpu *vcpu, struct s390_cpu *cpu, struct error *err)
{
	int rc = get_mp_state(vcpu, cpu, err);

	return rc ? rc : read_reg(vcpu, S390_REG_PFTOKEN, cpu, err);
}

int cpu_give_back(struct vcpu *vcpu, const struct s390_cpu *cpu, struct error *err)
{
	return write_reg(vcpu, S390_REG_PFTOKEN, cpu, err);
}

int cpu_save(struct vcpu *vcpu, struct s390_cpu *cpu, struct error *err)
{
	struct kvm_regs gprs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
	long rc;

	if ((rc = kvm_call(&vcpu->fd, KVM_GET_REGS, &gprs)) < 0)
		return failed(vcpu, rc, "KVM_GET_REGS", err);
	if ((rc = kvm_call(&vcpu->fd, KVM_GET_SREGS, &sregs)) < 0)
		return failed(vcpu, rc, "KVM_GET_SREGS", err);
	if ((rc = kvm_call(&vcpu->fd, KVM_GET_FPU, &fpu)) < 0)
		return failed(vcpu, rc, "KVM_GET_FPU", err);
	for (unsigned i = 0; i < S390_REGS; i++) {
		rc = read_reg(vcpu, i, cpu, err);
		if (rc)
			return (int)rc;
	}
	cpu->psw_mask = vcpu->run->psw_mask;
	cpu->psw_addr = vcpu->run->psw_addr;
	cpu->prefix = (uint32_t)vcpu->run->s.regs.prefix;
	memcpy(cpu->gpr, gprs.gprs, sizeof(cpu->gpr));
	memcpy(cpu->acr, sregs.acrs, sizeof(cpu->acr));
	memcpy(cpu->cr, sregs.crs, sizeof(cpu->cr));
	memcpy(cpu->fpr, fpu.fprs, sizeof(cpu->fpr));
	cpu->fpc = fpu.fpc;
	return get_mp_state(vcpu, cpu, err);
}

int cpu_load(struct vcpu *vcpu, const struct s390_cpu *cpu, struct error *err)
{
	struct kvm_regs gprs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu = { .fpc = cpu->fpc };
	long rc;

	memcpy(gprs.gprs, cpu->gpr, sizeof(cpu->gpr));
	memcpy(sregs.acrs, cpu->acr, sizeof(cpu->acr));
	memcpy(sregs.crs, cpu->cr, sizeof(cpu->cr));
	memcpy(fpu.fprs, cpu->fpr, sizeof(cpu->fpr));
	if ((rc = kvm_call(&vcpu->fd, KVM_SET_REGS, &gprs)) < 0)
		return failed(vcpu, rc, "KVM_SET_REGS", err);
	if ((rc = kvm_call(&vcpu->fd, KVM_SET_SREGS, &sregs)) < 0)
		return failed(vcpu, rc, "KVM_SET_SREGS", err);
	if ((rc = kvm_call(&vcpu->fd, KVM_SET_FPU, &fpu)) < 0)
		return failed(vcpu, rc, "KVM_SET_FPU", err);
	for (unsigned i = 0; i < S390_REGS; i++) {
		rc = write_reg(vcpu, i, cpu, err);
		if (rc)
			return (int)rc;
	}
	/* These registers have no ioctl: KVM reads them from kvm_run at the next KVM_RUN. */
	vcpu->run->psw_mask = cpu->psw_mask;
	vcpu->run->psw_addr = cpu->psw_addr;
	cpu_set_prefix(vcpu, cpu->prefix);
	return cpu_set_mp_state(vcpu, cpu->mp_state, err);
}

int cpu_set_mp_state(struct vcpu *vcpu, unsigned mp_state, struct error *err)
{
	struct kvm_mp_state mp = { .mp_state = mp_state };
	long rc = kvm_call(&vcpu->fd, KVM_SET_MP_STATE, &mp);

	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_MP_STATE(%u)", mp_state) : 0;
}

int cpu_reset(struct vcpu *vcpu, enum cpu_reset_kind kind, struct error *err)
{
	static const char *const names[] = { "KVM_S390_NORMAL_RESET", "KVM_S390_INITIAL_RESET",
		                             "KVM_S390_CLEAR_RESET" };
	long rc = kind == CPU_RESET_NORMAL    ? kvm_call_value(&vcpu->fd, KVM_S390_NORMAL_RESET, 0)
	          : kind == CPU_RESET_INITIAL ? kvm_call_value(&vcpu->fd, KVM_S390_INITIAL_RESET, 0)
	                                      : kvm_call_value(&vcpu->fd, KVM_S390_CLEAR_RESET, 0);

	if (rc < 0)
		return failed(vcpu, rc, names[kind], err);
	/* The reset does not change these values in kvm_run, and KVM would load the old ones again. */
	if (kind != CPU_RESET_NORMAL)
		cpu_set_prefix(vcpu, 0);
	return 0;
}

void cpu_set_prefix(struct vcpu *vcpu, uint32_t prefix)
{
	vcpu->run->s.regs.prefix = prefix;
	vcpu->run->kvm_dirty_regs |= KVM_SYNC_PREFIX;
}

static void put(uint8_t *area, unsigned at, const void *value, size_t size)
{
	memcpy(area + at - CPU_STATUS_SAVE_AREA, value, size);
}

/* In the host's byte order, which is the guest's. Assigned Storage Locations (ch. 3), 0x1200 to 0x13ff. */
int cpu_store_status(struct vcpu *vcpu, uint32_t at, struct error *err)
{
	bool absolute = at == CPU_STATUS_ABSOLUTE;
	uint8_t *area = ram_at(&vcpu->vm->ram, absolute ? CPU_STATUS_SAVE_AREA : at, CPU_STATUS_SIZE);
	uint8_t *mode = ram_at(&vcpu->vm->ram, CPU_STATUS_MODE, 1);
	struct s390_cpu cpu = { 0 };
	uint32_t todpr;
	uint64_t clock_comp;
	int rc;

	if (!area || !mode)
		return error_set(err, -EFAULT, "vCPU %u: no memory for its status at 0x%x", vcpu->id, at);
	rc = cpu_save(vcpu, &cpu, err);
	if (rc)
		return rc;
	todpr = (uint32_t)cpu.reg[S390_REG_TODPR];
	clock_comp = cpu.reg[S390_REG_CLOCK_COMP] >> 8; /* bits 0 to 55, from 0x1331 on */
	put(area, 0x1200, cpu.fpr, sizeof(cpu.fpr));
	put(area, 0x1280, cpu.gpr, sizeof(cpu.gpr));
	put(area, 0x1300, &cpu.psw_mask, 8);
	put(area, 0x1308, &cpu.psw_addr, 8);
	put(area, 0x1318, &cpu.prefix, 4);
	put(area, 0x131c, &cpu.fpc, 4);
	put(area, 0x1324, &todpr, 4);
	put(area, 0x1328, &cpu.reg[S390_REG_CPU_TIMER], 8);
	put(area, 0x1330, &clock_comp, 8);
	put(area, 0x1340, cpu.acr, sizeof(cpu.acr));
	put(area, 0x1380, cpu.cr, sizeof(cpu.cr));
	if (absolute)
		*mode = 1; /* z/Architecture */
	return 0;
}

void arch_dump(struct vcpu *vcpu, FILE *out)
{
	struct s390_cpu cpu;
	struct error err;

	if (cpu_save(vcpu, &cpu, &err)) {
		fprintf(out, "  (no registers: %s)\n", err.text);
		return;
	}
	fprintf(out, "  vCPU %u  PSW %016" PRIx64 " %016" PRIx64 "  prefix %08" PRIx32 "\n", vcpu->id,
	        cpu.psw_mask, cpu.psw_addr, cpu.prefix);
	for (int i = 0; i < 16; i += 4)
		fprintf(out, "  r%-2d  %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "\n", i,
		        cpu.gpr[i], cpu.gpr[i + 1], cpu.gpr[i + 2], cpu.gpr[i + 3]);
	for (int i = 0; i < 16; i += 4)
		fprintf(out, "  cr%-2d %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "\n", i,
		        cpu.cr[i], cpu.cr[i + 1], cpu.cr[i + 2], cpu.cr[i + 3]);
}
