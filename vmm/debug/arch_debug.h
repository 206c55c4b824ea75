/* SPDX-License-Identifier: BSD-2-Clause */
/* arch_debug.h: all that the debug layer needs of an architecture; arch/ARCH/debug/ provides it. */
#ifndef VMM_DEBUG_ARCH_DEBUG_H
#define VMM_DEBUG_ARCH_DEBUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gdb_target.h"
#include "single_step.h"
#include "vmm/ram.h"

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

/* The guest's time goes on by ms milliseconds, in which all vCPUs sleep. The VM is paused. */
int arch_time_passes(struct vm *vm, uint64_t ms, struct error *err);

/* --- for gdb: the vCPU is parked ------------------------------------------- */

/* The registers of arch_target. */
int arch_registers_get(struct vcpu *vcpu, uint8_t bytes[GDB_REGISTERS_MAX], struct error *err);
int arch_registers_set(struct vcpu *vcpu, const uint8_t bytes[GDB_REGISTERS_MAX], struct error *err);

/*
 * Where the byte is in RAM that the vCPU would find at this address, fetching an instruction or an operand in
 * its present mode; *left: so many bytes from there on are together. -EFAULT: nowhere; -EOPNOTSUPP: this kind
 * of translation is not known here.
 */
int arch_translate(struct vcpu *vcpu, uint64_t address, gpa_t *gpa, uint64_t *left, struct error *err);

/* A breakpoint, or if it is watched, memory that is to be written. */
struct break_point {
	bool watched;
	uint64_t address, size;
};

/* Whether KVM can stop a running guest at breakpoints: else it has to be stepped. */
extern const bool arch_has_breakpoints;

/*
 * From here on the running vCPU parks with EVENT_BREAK in front of an instruction at one of these, and behind
 * one that has changed what is watched; count 0: no longer. Nothing changes in guest memory. -ENOSPC: KVM
 * does not have so many; -EFAULT: what is watched is not in memory.
 */
int arch_breakpoints(struct vcpu *vcpu, const struct break_point *points, unsigned count, struct error *err);

/* Whether it has parked behind such an instruction; *address: of what it has changed. */
bool arch_has_changed(const struct vcpu *vcpu, uint64_t *address);

#endif
