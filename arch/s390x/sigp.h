/* SPDX-License-Identifier: BSD-2-Clause */
/* sigp.h: what one CPU, or the operator, does to another. Source: Principles of Operation, ch. 4. */
#ifndef ARCH_S390X_SIGP_H
#define ARCH_S390X_SIGP_H

#include "vmm/types.h"

/* SIGNAL PROCESSOR has left the guest. Sets event when the vCPU has taken itself out of operation. */
void sigp(struct vcpu *vcpu, unsigned ipa, uint32_t ipb, struct event *event);

#endif
