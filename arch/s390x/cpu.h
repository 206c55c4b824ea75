/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.h: the registers of an s390x vCPU, PSW bits. Source: z/Architecture Principles of Operation, ch. 4. */
#ifndef ARCH_S390X_CPU_H
#define ARCH_S390X_CPU_H

#include "registers.h"
#include "vmm/types.h"

#define PSW_EXTERNAL      0x0100000000000000ULL
#define PSW_PROBLEM_STATE 0x0001000000000000ULL
#define PSW_64            0x0000000180000000ULL /* extended and basic addressing mode */
#define PSW_CC_SHIFT      44

/* The name of a register of KVM_GET_ONE_REG, or NULL. */
const char *cpu_reg_name(uint64_t id);

/* All registers and the MP state, without the interrupts. The vCPU is parked. */
int cpu_save(struct vcpu *vcpu, struct s390_cpu *cpu, struct error *err);
/* Only the clock comparator and the CPU timer. */
int cpu_look_at_timers(struct vcpu *vcpu, struct s390_cpu *cpu, struct error *err);
int cpu_load(struct vcpu *vcpu, const struct s390_cpu *cpu, struct error *err);
/* The MP state, and what a normal reset takes besides local interrupts: the page-fault token. Gives it back.
 */
int cpu_keep(struct vcpu *vcpu, struct s390_cpu *cpu, struct error *err);
int cpu_give_back(struct vcpu *vcpu, const struct s390_cpu *cpu, struct error *err);

/* Stopped or operating; zpvm, not KVM, controls this from the creation of the vCPU on. */
int cpu_set_mp_state(struct vcpu *vcpu, unsigned mp_state, struct error *err);

/*
 * Each includes those before it (PoP ch. 4, "Resets"): local interrupts; PSW, prefix, timers and control
 * registers; all registers. The MP state is unchanged.
 */
enum cpu_reset_kind { CPU_RESET_NORMAL, CPU_RESET_INITIAL, CPU_RESET_CLEAR };
int cpu_reset(struct vcpu *vcpu, enum cpu_reset_kind kind, struct error *err);

void cpu_set_prefix(struct vcpu *vcpu, uint32_t prefix);

/*
 * Stores the vCPU's status into the 512 bytes at absolute address `at`; CPU_STATUS_ABSOLUTE: into the area of
 * the store-status operation, with the architectural mode. -EFAULT: there is no memory. The vCPU is parked.
 * KVM_S390_STORE_STATUS is not used: it stores the PSW and prefix of the last KVM_RUN, not those set since.
 */
#define CPU_STATUS_ABSOLUTE  UINT32_MAX
#define CPU_STATUS_SAVE_AREA 0x1200
#define CPU_STATUS_SIZE      0x200
#define CPU_STATUS_MODE      163
int cpu_store_status(struct vcpu *vcpu, uint32_t at, struct error *err);

#endif
