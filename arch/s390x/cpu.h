/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.h: the registers of an s390x vCPU, PSW bits. Source: z/Architecture Principles of Operation, ch. 4. */
#ifndef ARCH_S390X_CPU_H
#define ARCH_S390X_CPU_H

#include "codec.h"
#include "vmm/vm.h"

#define PSW_PROBLEM_STATE 0x0001000000000000ULL
#define PSW_64            0x0000000180000000ULL /* extended and basic addressing mode */
#define PSW_CC_SHIFT      44

/* All registers and the MP state; not the interrupts. The vCPU is parked. */
int cpu_save(struct vcpu *vcpu, struct s390_cpu *cpu, struct error *err);
int cpu_load(struct vcpu *vcpu, const struct s390_cpu *cpu, struct error *err);

/* Stopped or operating; zpvm decides this since the vCPU was created. */
int cpu_set_mp_state(struct vcpu *vcpu, unsigned mp_state, struct error *err);

/* Initial CPU reset: PSW, timers and control registers as after power-on, no local interrupt. */
int cpu_reset(struct vcpu *vcpu, struct error *err);

#endif
