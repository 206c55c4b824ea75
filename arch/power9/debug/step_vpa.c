/* SPDX-License-Identifier: BSD-2-Clause */
/* step_vpa.c: see step_vpa.h. */
#include "step_vpa.h"

#include "arch/power9/cpu.h"
#include "vmm/vcpu.h"

/* KVM lets the area change only while no SLB shadow is registered, and takes one only with the area. */
static int set(struct vcpu *vcpu, uint64_t vpa, const uint64_t slb[2], struct error *err)
{
	static const uint64_t none[2];
	long rc = kvm_reg_set(&vcpu->fd, KVM_REG_PPC_VPA_SLB, none);

	if (rc >= 0)
		rc = kvm_reg_set(&vcpu->fd, KVM_REG_PPC_VPA_ADDR, &vpa);
	if (rc >= 0 && slb[0])
		rc = kvm_reg_set(&vcpu->fd, KVM_REG_PPC_VPA_SLB, slb);
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_ONE_REG(VPA_ADDR, VPA_SLB)") : 0;
}

int step_vpa_hide(struct vcpu *vcpu, struct step_vpa *v, struct error *err)
{
	static const uint64_t none[2];
	uint64_t log[2] = { 0 };
	long rc = kvm_reg_get(&vcpu->fd, KVM_REG_PPC_VPA_ADDR, &v->vpa);
	int set_rc;

	if (rc >= 0)
		rc = kvm_reg_get(&vcpu->fd, KVM_REG_PPC_VPA_SLB, v->slb);
	if (rc >= 0)
		rc = kvm_reg_get(&vcpu->fd, KVM_REG_PPC_VPA_DTL, log);
	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_ONE_REG(VPA_ADDR, VPA_SLB, VPA_DTL)");
	v->hidden = false;
	if (!v->vpa || log[0])
		return 0;
	set_rc = set(vcpu, 0, none, err);
	v->hidden = !set_rc;
	return set_rc;
}

int step_vpa_show(struct vcpu *vcpu, struct step_vpa *v, struct error *err)
{
	if (!v->hidden)
		return 0;
	v->hidden = false;
	return set(vcpu, v->vpa, v->slb, err);
}
