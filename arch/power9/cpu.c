/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.c: see cpu.h. */
#include "cpu.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/auxv.h>

#include "source.h"
#include "registers.h"
#include "vmm/arch.h"

/* registers.h must not include a KVM header, so its numbers are compared here. */
#define SAME(name, id) _Static_assert(KVM_REG_PPC_##name == (id), #name);
P9_REG_LIST(SAME)
_Static_assert(KVM_REG_PPC_VSR(31) == P9_VSR(31) && KVM_REG_PPC_VR(31) == P9_VR(31), "vector registers");

static int read_reg(struct vcpu *vcpu, const struct p9_reg_name *reg, struct p9_reg *to, struct error *err)
{
	uint32_t v32 = 0;
	bool is_short = p9_reg_size(reg->id) == sizeof(v32);
	long rc;

	*to = (struct p9_reg){ .id = reg->id };
	rc = kvm_reg_get(&vcpu->fd, reg->id, is_short ? (void *)&v32 : to->value);
	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_ONE_REG(%s)", reg->name);
	if (is_short)
		to->value[0] = v32;
	return 0;
}

int cpu_look_at_registers(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err)
{
	struct kvm_regs k;
	long rc = kvm_call(&vcpu->fd, KVM_GET_REGS, &k);

	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_REGS");
	cpu->pc = k.pc;
	cpu->msr = k.msr;
	cpu->cr = k.cr;
	cpu->ctr = k.ctr;
	cpu->lr = k.lr;
	cpu->xer = k.xer;
	cpu->srr0 = k.srr0;
	cpu->srr1 = k.srr1;
	cpu->pid = k.pid;
	memcpy(cpu->sprg, &k.sprg0, sizeof(cpu->sprg));
	memcpy(cpu->gpr, k.gpr, sizeof(cpu->gpr));
	return 0;
}

int cpu_save(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err)
{
	int rc = cpu_look_at_registers(vcpu, cpu, err);

	if (rc)
		return rc;
	if (cpu->msr & MSR_TS)
		return error_set(err, -EOPNOTSUPP,
		                 "vCPU %u is in a transaction: the registers that it would go back to are in "
		                 "no snapshot; try again later",
		                 vcpu->id);
	for (cpu->reg_count = 0; cpu->reg_count < p9_reg_count(); cpu->reg_count++) {
		struct p9_reg_name reg = p9_reg_nth(cpu->reg_count);

		rc = read_reg(vcpu, &reg, &cpu->regs[cpu->reg_count], err);
		if (rc)
			return rc;
	}
	return 0;
}

int cpu_look_at_timer(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err)
{
	static const struct p9_reg_name names[] = { { "DEC_EXPIRY", KVM_REG_PPC_DEC_EXPIRY, -1 },
		                                    { "TB_OFFSET", KVM_REG_PPC_TB_OFFSET, -1 } };
	struct p9_reg expiry, offset;
	int rc = read_reg(vcpu, &names[0], &expiry, err);

	if (!rc)
		rc = read_reg(vcpu, &names[1], &offset, err);
	if (rc)
		return rc;
	/* KVM keeps the guest's time base at which the decrementer becomes negative. */
	cpu->dec_left = (int64_t)(expiry.value[0] - __builtin_ppc_get_timebase() - offset.value[0]);
	return 0;
}

static int write_reg(struct vcpu *vcpu, const struct p9_reg *from, struct error *err)
{
	uint32_t v32 = (uint32_t)from->value[0];
	bool is_short = p9_reg_size(from->id) == sizeof(v32);
	const char *name;
	long rc;

	/* The saved offset was right for the other host only; clock.c computes the one for this host. */
	if (from->id == KVM_REG_PPC_TB_OFFSET)
		return 0;
	rc = kvm_reg_set(&vcpu->fd, from->id, is_short ? (const void *)&v32 : from->value);
	if (rc >= 0)
		return 0;
	name = from->id == KVM_REG_PPC_PID ? "PID" : p9_reg_find(from->id).name;
	return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_ONE_REG(%s, 0x%" PRIx64 ")",
	                  name ? name : "unknown", from->value[0]);
}

/* KVM lets the VPA change only while neither SLB shadow nor dispatch log are registered. */
static int forget_vpa(struct vcpu *vcpu, struct error *err)
{
	static const struct p9_reg none[] = { { .id = KVM_REG_PPC_VPA_SLB }, { .id = KVM_REG_PPC_VPA_DTL } };
	int rc = write_reg(vcpu, &none[0], err);

	return rc ? rc : write_reg(vcpu, &none[1], err);
}

int cpu_load(struct vcpu *vcpu, const struct p9_cpu *cpu, struct error *err)
{
	struct kvm_regs k = {
		.pc = cpu->pc,
		.msr = cpu->msr,
		.cr = cpu->cr,
		.ctr = cpu->ctr,
		.lr = cpu->lr,
		.xer = cpu->xer,
		.srr0 = cpu->srr0,
		.srr1 = cpu->srr1,
	};
	/* KVM_GET_REGS gives the process id, but KVM_SET_REGS ignores it. */
	const struct p9_reg pid = { KVM_REG_PPC_PID, { cpu->pid } };
	long rc;

	memcpy(&k.sprg0, cpu->sprg, sizeof(cpu->sprg));
	memcpy(k.gpr, cpu->gpr, sizeof(k.gpr));
	rc = forget_vpa(vcpu, err);
	if (!rc)
		rc = write_reg(vcpu, &pid, err);
	if (rc)
		return (int)rc;
	for (unsigned i = 0; i < cpu->reg_count; i++) {
		rc = write_reg(vcpu, &cpu->regs[i], err);
		if (rc)
			return (int)rc;
	}
	rc = kvm_call(&vcpu->fd, KVM_SET_REGS, &k);
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_REGS") : 0;
}

/* KVM silently drops the bits that this host's processor does not support: set the value, read it, restore
 * it. */
static int try_lpcr(struct vcpu *vcpu, uint64_t wanted, struct error *err)
{
	uint64_t was, lpcr, got = 0;
	long rc = kvm_reg_get(&vcpu->fd, KVM_REG_PPC_LPCR_64, &was), back;

	lpcr = (was & ~LPCR_MODES) | (wanted & LPCR_MODES);
	if (rc >= 0 && was == lpcr)
		return 0;
	if (rc >= 0)
		rc = kvm_reg_set(&vcpu->fd, KVM_REG_PPC_LPCR_64, &lpcr);
	if (rc >= 0) {
		rc = kvm_reg_get(&vcpu->fd, KVM_REG_PPC_LPCR_64, &got);
		back = kvm_reg_set(&vcpu->fd, KVM_REG_PPC_LPCR_64, &was);
		rc = rc < 0 ? rc : back;
	}
	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_ONE_REG, KVM_SET_ONE_REG(LPCR_64)");
	return got == lpcr ? 0
	                   : error_set(err, -EBADMSG,
	                               "LPCR %" PRIx64 ": this host's KVM does not have all of its modes",
	                               wanted);
}

int cpu_knows(struct vcpu *vcpu, const struct p9_cpu *cpu, struct error *err)
{
	struct p9_reg now;

	for (unsigned i = 0; i < cpu->reg_count; i++) {
		struct p9_reg_name reg = p9_reg_nth(i);
		int rc = read_reg(vcpu, &reg, &now, err);

		if (rc == -EINVAL)
			return error_prefix(err, -EBADMSG, "a register that this host's KVM does not have");
		if (rc)
			return rc;
	}
	return try_lpcr(vcpu, cpu->regs[P9_REG_LPCR_64].value[0], err);
}

static const char *vp_error(long code)
{
	switch (code) {
	case -ENXIO: return "the vCPU has not connected";
	case -EPERM: return "it has connected to another kind of controller";
	case -ENOENT: return "its controller is gone";
	case -EIO: return "the host's firmware refused it";
	case -EBUSY: return "the vCPU runs";
	default: return NULL;
	}
}

/* KVM fills in only the first half of the thread context. */
int cpu_save_vp(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err)
{
	const struct irqchip_ops *ops = vcpu->vm->irqchip->ops;
	uint64_t value[2] = { 0 };
	long rc;

	cpu->server = vcpu->id;
	if (!ops->context)
		return 0;
	rc = kvm_reg_get(&vcpu->fd, ops->context, value);
	memcpy((uint8_t *)cpu + ops->context_at, value, sizeof(*value));
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, vp_error(rc), "KVM_GET_ONE_REG(%s)", ops->context_name)
	              : 0;
}

int cpu_load_vp(struct vcpu *vcpu, const struct p9_cpu *cpu, struct error *err)
{
	const struct irqchip_ops *ops = vcpu->vm->irqchip->ops;
	uint64_t value[2] = { 0 };
	long rc;

	if (!ops->context)
		return 0;
	memcpy(value, (const uint8_t *)cpu + ops->context_at, sizeof(*value));
	rc = kvm_reg_set(&vcpu->fd, ops->context, value);
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, vp_error(rc), "KVM_SET_ONE_REG(%s, 0x%" PRIx64 ")",
	                           ops->context_name, value[0])
	              : 0;
}

void cpu_features(bool *vmx, bool *dfp)
{
	unsigned long features = getauxval(AT_HWCAP);

	*vmx = features & PPC_FEATURE_HAS_ALTIVEC && features & PPC_FEATURE_HAS_VSX;
	*dfp = features & PPC_FEATURE_HAS_DFP;
}

int cpu_start(struct vcpu *vcpu, uint64_t pc, uint64_t r3, struct error *err)
{
	struct kvm_regs k = { .pc = pc, .msr = MSR_START };
	uint64_t lpcr;
	long rc = kvm_reg_get(&vcpu->fd, KVM_REG_PPC_LPCR_64, &lpcr);

	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_ONE_REG(LPCR_64)");
	if (lpcr & LPCR_ILE)
		k.msr |= MSR_LE;
	k.gpr[3] = r3;
	rc = kvm_call(&vcpu->fd, KVM_SET_REGS, &k);
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_REGS") : 0;
}

int cpu_change_lpcr(struct vcpu *vcpu, uint64_t mask, uint64_t value, struct error *err)
{
	uint64_t lpcr, got;
	long rc = kvm_reg_get(&vcpu->fd, KVM_REG_PPC_LPCR_64, &lpcr);

	lpcr = (lpcr & ~mask) | value;
	if (rc >= 0)
		rc = kvm_reg_set(&vcpu->fd, KVM_REG_PPC_LPCR_64, &lpcr);
	if (rc >= 0)
		rc = kvm_reg_get(&vcpu->fd, KVM_REG_PPC_LPCR_64, &got);
	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_ONE_REG, KVM_SET_ONE_REG(LPCR_64)");
	/* KVM silently drops the bits that this host's processor does not support. */
	if ((got & mask) != value)
		return error_set(err, -EOPNOTSUPP, "KVM does not let LPCR be 0x%" PRIx64, lpcr);
	return 0;
}

int cpu_set_lpcr(struct vcpu *vcpu, struct error *err)
{
	return cpu_change_lpcr(vcpu, LPCR_ILE | LPCR_LD, LPCR_ILE | LPCR_LD, err);
}

void arch_dump(struct vcpu *vcpu, FILE *out)
{
	struct kvm_regs k;
	long rc = kvm_call(&vcpu->fd, KVM_GET_REGS, &k);

	if (rc < 0) {
		fprintf(out, "  (no registers: %s)\n", error_name((int)rc));
		return;
	}
	fprintf(out, "  vCPU %u  pc %016llx msr %016llx lr %016llx ctr %016llx\n", vcpu->id, k.pc, k.msr,
	        k.lr, k.ctr);
	fprintf(out, "  cr %08llx xer %016llx srr0 %016llx srr1 %016llx\n", k.cr, k.xer, k.srr0, k.srr1);
	for (int i = 0; i < 32; i += 4)
		fprintf(out, "  r%-2d  %016llx %016llx %016llx %016llx\n", i, k.gpr[i], k.gpr[i + 1],
		        k.gpr[i + 2], k.gpr[i + 3]);
}

int cpu_set_sprg0(struct vcpu *vcpu, uint64_t value, struct error *err)
{
	struct kvm_regs k;
	long rc = kvm_call(&vcpu->fd, KVM_GET_REGS, &k);

	if (rc >= 0) {
		k.sprg0 = value;
		rc = kvm_call(&vcpu->fd, KVM_SET_REGS, &k);
	}
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_REGS, KVM_SET_REGS(SPRG0)") : 0;
}
