/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guest_time.h: a guest's time while it is single-stepped: it goes on by one microsecond with each
 * instruction, and stands still otherwise. So what the guest reads and when its timers expire depends on
 * nothing but the instructions that were executed.
 *
 * The TOD clock is the reading of the pause (vmm/vm_clock.h), which goes on. The CPU timer is kept here, and
 * KVM has one that will not expire instead. An instruction that reads either is executed by KVM, so that its
 * exceptions, PER events and condition code are right; then what it has stored is replaced. These are STCK,
 * STCKF, STCKE, STPT and ECTG, also as the target of EXECUTE; SCK and SPT set the two. TRACE, which stores
 * the TOD clock too, shows KVM's.
 *
 * Source: Principles of Operation, ch. 4, "Timing".
 */
#ifndef ARCH_S390X_DEBUG_GUEST_TIME_H
#define ARCH_S390X_DEBUG_GUEST_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/s390x/cpu.h"

/* Timers that have expired, and whose interruptions the masks allow. */
enum { DUE_CLOCK_COMP = 1, DUE_CPU_TIMER = 2 };

struct guest_time {
	uint64_t cpu_timer;
};

/* KVM's registers become those of the stepping, and the guest's again. */
int guest_time_begin(struct vcpu *vcpu, struct guest_time *time, struct error *err);
int guest_time_end(struct vcpu *vcpu, const struct guest_time *time, struct error *err);

/* The CPU may have been reset: its CPU timer is the one that KVM has now. */
int guest_time_check_reset(struct vcpu *vcpu, struct guest_time *time, struct error *err);

/* By kvm_run's registers: DUE_*. */
unsigned guest_time_due(const struct vcpu *vcpu, const struct guest_time *time);

/*
 * Makes these timers due in KVM, which then delivers their interruptions at the next entry: that of the clock
 * comparator only if it does not single-step. Afterwards they are due no more.
 */
int guest_time_expire(struct vcpu *vcpu, const struct guest_time *time, unsigned due, struct error *err);
int guest_time_expired(struct vcpu *vcpu, unsigned due, struct error *err);

/*
 * The time until the next timer expires whose interruption the masks allow, in units of the TOD clock: 0 if
 * there is none. And the guest's time goes on to that moment.
 */
uint64_t guest_time_left(const struct vcpu *vcpu, const struct guest_time *time);
void guest_time_pass(struct vcpu *vcpu, struct guest_time *time, uint64_t units);

/* KVM has saved the CPU timer to this absolute address: for a machine check, or as the vCPU stopped. */
void guest_time_saved(const struct vcpu *vcpu, const struct guest_time *time, uint64_t at);

/* One instruction was executed. */
void guest_time_advance(struct vcpu *vcpu, struct guest_time *time);

/* What an instruction reads or sets, found before it is executed; applied when it has been. */
struct time_access {
	enum {
		TIME_NONE,
		TIME_STORE_CLOCK,
		TIME_STORE_CLOCK_EXTENDED,
		TIME_STORE_CPU_TIMER,
		TIME_EXTRACT_CPU_TIME,
		TIME_SET_CLOCK,
		TIME_SET_CPU_TIMER,
	} kind;
	uint64_t operand; /* its logical address, and the access register that translates it */
	uint8_t ar;
};
struct time_access guest_time_decode(const struct vcpu *vcpu, uint32_t instruction);
int guest_time_apply(struct vcpu *vcpu, struct guest_time *time, const struct time_access *access,
                     struct error *err);

#endif
