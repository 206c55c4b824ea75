/* SPDX-License-Identifier: BSD-2-Clause */
/* ipl.h: DIAGNOSE 0x308, the loading of programs. Source: the kernel's arch/s390/include/asm/ipl.h,
 * kernel/ipl.c. */
#ifndef ARCH_S390X_IPL_H
#define ARCH_S390X_IPL_H

#include "vmm/types.h"

#define IPL_DIAG 0x308

/* DIAG r1,r3,0x308, in supervisor state. */
void ipl_diagnose(struct vcpu *vcpu, unsigned r1, unsigned r3, struct event *event);

#endif
