/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * step_vpa.h: the area of a vCPU's that KVM writes to (H_REGISTER_VPA): each KVM_RUN adds the time that the
 * host has not given to the vCPU. While it is stepped, that time would depend on the host and the guest would
 * see it, so KVM does not know the area meanwhile.
 */
#ifndef ARCH_POWER9_DEBUG_STEP_VPA_H
#define ARCH_POWER9_DEBUG_STEP_VPA_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/types.h"

struct step_vpa {
	uint64_t vpa, slb[2];
	bool hidden;
};

/* A vCPU that has a dispatch log keeps it: KVM would begin the log anew. */
int step_vpa_hide(struct vcpu *vcpu, struct step_vpa *v, struct error *err);
int step_vpa_show(struct vcpu *vcpu, struct step_vpa *v, struct error *err);

#define H_REGISTER_VPA 0xdc

#endif
