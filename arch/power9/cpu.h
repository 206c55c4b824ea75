/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.h: the registers of a power9 vCPU. Source: Power ISA 3.0, KVM's api.rst (KVM_GET_ONE_REG). */
#ifndef ARCH_POWER9_CPU_H
#define ARCH_POWER9_CPU_H

#include "registers.h"
#include "vmm/types.h"

/* The state that LoPAR gives a vCPU that starts: 64-bit, little-endian, real mode, machine checks on. */
#define MSR_START 0x8000000000001001ULL

/* Of MSR: the vCPU is in a transaction (Power ISA 2.07, transactional memory). */
#define MSR_TS 0x0000000600000000ULL

/* All registers but the thread context in the controller. The vCPU is parked; -EOPNOTSUPP: in a transaction.
 */
int cpu_save(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err);
int cpu_load(struct vcpu *vcpu, const struct p9_cpu *cpu, struct error *err);

/* Whether this host's KVM has all of its registers, and takes the modes in its LPCR: -EBADMSG. -EIO when it
 * could not be asked. Nothing changes. */
int cpu_knows(struct vcpu *vcpu, const struct p9_cpu *cpu, struct error *err);
/* How long the decrementer has to go. */
int cpu_look_at_timer(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err);

/* Its part of the controller, XIVE's thread context or XICS' presentation: what is pending for it, its CPPR.
 */
int cpu_save_vp(struct vcpu *vcpu, struct p9_cpu *cpu, struct error *err);
int cpu_load_vp(struct vcpu *vcpu, const struct p9_cpu *cpu, struct error *err);

/* At pc with r3, all else zero. */
int cpu_start(struct vcpu *vcpu, uint64_t pc, uint64_t r3, struct error *err);

#define LPCR_ILE       0x02000000ULL /* interrupts are little-endian */
#define LPCR_AIL       0x01800000ULL /* where they are taken when translation is on */
#define LPCR_AIL_SHIFT 23
#define LPCR_LD        0x00020000ULL /* large decrementer */
#define LPCR_MODES     (LPCR_ILE | LPCR_AIL | LPCR_LD)

/* The bits in mask become value. -EOPNOTSUPP when KVM does not let them. */
int cpu_change_lpcr(struct vcpu *vcpu, uint64_t mask, uint64_t value, struct error *err);

/* Interrupts are taken little-endian; the decrementer has its full width. */
int cpu_set_lpcr(struct vcpu *vcpu, struct error *err);

#endif
