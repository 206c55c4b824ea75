/* SPDX-License-Identifier: BSD-2-Clause */
/* arch_debug.h: all that the debug layer needs of an architecture; arch/ARCH/debug/ provides it. */
#ifndef VMM_DEBUG_ARCH_DEBUG_H
#define VMM_DEBUG_ARCH_DEBUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "single_step.h"

/* What the architecture keeps between arch_step_begin() and arch_step_end(). */
#define ARCH_STEP_SIZE 512
struct arch_step {
	_Alignas(16) uint8_t bytes[ARCH_STEP_SIZE];
	bool timers; /* struct step_limit */
	/* arch_step() sets these: */
	bool idle;          /* with an event that no instruction has led to: a stop was pending */
	unsigned delivered; /* with a delivery, and with a call of the supervisor: its number, not 0 */
};

/*
 * Prepares the stepping of a vCPU, and undoes all of it: in between, the guest's memory and registers may
 * hold what the stepper needs. Both are called on the vCPU's thread. end() is called after begin() has
 * succeeded.
 */
int arch_step_begin(struct vcpu *vcpu, struct arch_step *step, struct error *err);
int arch_step_end(struct vcpu *vcpu, struct arch_step *step, struct error *err);

/*
 * One step, on the vCPU's thread, by vcpu_enter(): sets *what; event if the vCPU must park (STEPPED_EVENT).
 * An event EVENT_PAUSED means that the time is over: STEPPED_ASLEEP or STEPPED_LATE.
 */
int arch_step(struct vcpu *vcpu, struct arch_step *step, enum stepped *what, struct event *event,
              struct error *err);

/*
 * What this step has delivered, as the vCPU's registers and memory show it: "program interruption 0x11, page
 * translation, at 0x8000"; 0 is "". And what a vCPU that is asleep waits for: "I/O; its timer expires in 40
 * us".
 */
void arch_delivery_text(struct vcpu *vcpu, unsigned delivered, char *text, size_t size);
void arch_sleep_text(struct vcpu *vcpu, char *text, size_t size);

/* The address of the next instruction. The vCPU is parked or the caller is its thread. */
int arch_pc(struct vcpu *vcpu, uint64_t *pc, struct error *err);

/*
 * The value of a register, by its name in the architecture's assembler ("r3", "psw.mask", "cr0", "msr",
 * "srr0"); a number out of range and an unknown name are -ENOENT. The vCPU is parked.
 */
int arch_register(struct vcpu *vcpu, const char *name, uint64_t *value, struct error *err);

#endif
