/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.h: the registers of a power9 vCPU. Source: Power ISA 3.0, KVM's api.rst (KVM_GET_ONE_REG). */
#ifndef ARCH_POWER9_CPU_H
#define ARCH_POWER9_CPU_H

#include "registers.h"
#include "vmm/types.h"

/* The state of a vCPU at its start, by LoPAR: 64-bit, real mode, machine checks enabled; and little-endian if
 * interrupts are. */
#define MSR_START 0x8000000000001000ULL
#define MSR_LE    1ULL

/* In MSR: the vCPU is in a transaction (Power ISA 2.07, transactional memory). */
#define MSR_TS 0x0000000600000000ULL

/* All registers except those in the controller. The vCPU is parked; -EOPNOTSUPP: in a transaction. */
int cpu_save(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err);
int cpu_load(struct vcpu *vcpu, const struct p9_cpu *cpu, struct error *err);

/* Checks that this host's KVM has all of the registers, and supports the modes in LPCR: -EBADMSG if not.
 * Other errors are KVM's answers to the question. Nothing changes. */
int cpu_knows(struct vcpu *vcpu, const struct p9_cpu *cpu, struct error *err);
/* Reads the time until the decrementer expires. */
int cpu_look_at_registers(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err);
int cpu_look_at_timer(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err);

/* XIVE's thread context, or XICS' presentation controller: pending interrupts, CPPR. */
int cpu_save_vp(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err);
int cpu_load_vp(struct vcpu *vcpu, const struct p9_cpu *cpu, struct error *err);

/* Whether the host's processor, and so the guest's, has vectors (VMX, VSX) and decimal floating point. */
void cpu_features(bool *vmx, bool *dfp);

/* Sets it to start at pc with r3; all else is zero. Its byte order is that of interrupts (LPCR_ILE). */
int cpu_start(struct vcpu *vcpu, uint64_t pc, uint64_t r3, struct error *err);

/* The vCPU is in an exit of its own. Errors: KVM's. */
int cpu_set_sprg0(struct vcpu *vcpu, uint64_t value, struct error *err);

#define LPCR_ILE       0x02000000ULL /* interrupts are little-endian */
#define LPCR_AIL       0x01800000ULL /* where they are taken when translation is on */
#define LPCR_AIL_SHIFT 23
#define LPCR_LD        0x00020000ULL /* large decrementer */
#define LPCR_MODES     (LPCR_ILE | LPCR_AIL | LPCR_LD)

/* Sets the bits in mask to value. -EOPNOTSUPP if KVM does not allow it. */
int cpu_change_lpcr(struct vcpu *vcpu, uint64_t mask, uint64_t value, struct error *err);

/* Sets LPCR so that interrupts are taken little-endian and the decrementer has its full width. */
int cpu_set_lpcr(struct vcpu *vcpu, struct error *err);

#endif
