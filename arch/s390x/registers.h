/* SPDX-License-Identifier: BSD-2-Clause */
/* registers.h: a vCPU's registers and pending interrupts in our own struct. Pure: no KVM header. */
#ifndef ARCH_S390X_REGISTERS_H
#define ARCH_S390X_REGISTERS_H

#include "interrupt.h"

/* Registers of KVM_GET_ONE_REG; cpu.c has their ids. */
enum {
	S390_REG_TODPR,
	S390_REG_CPU_TIMER,
	S390_REG_CLOCK_COMP,
	S390_REG_PP,
	S390_REG_GBEA,
	S390_REG_PFTOKEN,
	S390_REG_PFCOMPARE,
	S390_REG_PFSELECT,
	S390_REGS
};

/* MP states, as KVM numbers them (kvm api.rst, KVM_GET_MP_STATE). */
enum { S390_MP_STOPPED = 5, S390_MP_CHECK_STOP, S390_MP_OPERATING, S390_MP_LOAD };

struct s390_cpu {
	uint64_t psw_mask, psw_addr;
	uint64_t gpr[16], cr[16], fpr[16];
	uint32_t acr[16];
	uint32_t fpc, prefix;
	uint64_t reg[S390_REGS];
	uint8_t mp_state;
	struct s390_irq *irqs; /* local, pending */
	size_t irq_count;
};

#endif
