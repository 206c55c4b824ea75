/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hcall.h: the hypercalls that KVM leaves to user space. Source: LoPAR ch. 14
 * (hcalls), 7 (RTAS) and 14.5.4 (H_INT_*); KVM's own are in the kernel.
 */
#ifndef ARCH_POWER9_HCALL_H
#define ARCH_POWER9_HCALL_H

#include "vmm/vm.h"

/* The vCPU has left with KVM_EXIT_PAPR_HCALL: does it and fills in the answer. */
void hcall(struct vcpu *vcpu, struct event *event);

#endif
