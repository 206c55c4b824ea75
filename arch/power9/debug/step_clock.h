/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * step_clock.h: the guest's time while a vCPU is stepped. It does not depend on the host: it begins with the
 * reading that the pause took (vm_clock.h), and each step that executes an instruction adds the same number
 * of ticks. The stepper executes the instructions that read or set a clock. KVM's decrementer is either far
 * in the future or overdue, so an interrupt comes at the same instruction each time. TB_OFFSET is left alone:
 * when the VM resumes, its clock is set to the end of this time or later, as after any pause.
 */
#ifndef ARCH_POWER9_DEBUG_STEP_CLOCK_H
#define ARCH_POWER9_DEBUG_STEP_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/types.h"

/*
 * Of the time base: a microsecond; a quarter of one for a guest that translates addresses: the handler of
 * Linux's tick executes thousands of instructions, and the tick comes each 4 milliseconds.
 */
#define STEP_TICKS            512
#define STEP_TICKS_TRANSLATED 128

#define STEP_COUNTERS 3

struct step_clock {
	uint64_t begin, now;              /* the time base */
	uint64_t expiry;                  /* when the decrementer becomes negative */
	uint64_t counters[STEP_COUNTERS]; /* PURR, SPURR, VTB: at the beginning */
	uint64_t ticks;                   /* of an instruction */
	bool due;                         /* KVM's decrementer is overdue */
};

/* Errors: KVM's; -EOPNOTSUPP. */
int step_clock_begin(struct vcpu *vcpu, uint64_t lpcr, struct step_clock *clock, struct error *err);
int step_clock_end(struct vcpu *vcpu, const struct step_clock *clock, struct error *err);

/* An instruction has been executed. */
int step_clock_tick(struct vcpu *vcpu, struct step_clock *clock, struct error *err);

/* The guest's time goes on until the decrementer expires; *passed is false if it never does. */
int step_clock_pass(struct vcpu *vcpu, struct step_clock *clock, bool *passed, struct error *err);

/* What mfspr of a register of P9_GET_CLOCK (decode.h) finds; mtspr of the decrementer. */
uint64_t step_clock_read(const struct step_clock *clock, unsigned spr);
int step_clock_set_decrementer(struct vcpu *vcpu, struct step_clock *clock, uint64_t value,
                               struct error *err);

#endif
