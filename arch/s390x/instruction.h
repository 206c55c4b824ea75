/* SPDX-License-Identifier: BSD-2-Clause */
/* instruction.h: what the handlers of intercepted instructions share. The vCPU is the one whose exit it is.
 */
#ifndef ARCH_S390X_INSTRUCTION_H
#define ARCH_S390X_INSTRUCTION_H

#include "vmm/types.h"

/* Program interruption codes (Principles of Operation, ch. 6). */
#define PGM_OPERATION     0x01
#define PGM_PRIVILEGED    0x02
#define PGM_ADDRESSING    0x05
#define PGM_SPECIFICATION 0x06

/* A general register, to read or to write. */
uint64_t *gpr(struct vcpu *vcpu, unsigned n);

/* Base and displacement of the intercepted instruction, from its ipb: an address, or what it is used as. */
uint64_t base_displacement(struct vcpu *vcpu, uint32_t ipb);

/* The condition code. */
void set_cc(struct vcpu *vcpu, uint64_t cc);

/* The host failed; event->why has been set. */
void host_error(struct event *event);

/* The intercepted instruction ends in a program interruption. All of ours are four bytes long. */
void program_check(struct vcpu *vcpu, uint16_t code, struct event *event);

/* The end of an instruction: its condition code, or minus its program-interruption code. */
void finish(struct vcpu *vcpu, int answer, struct event *event);

#endif
