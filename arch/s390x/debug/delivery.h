/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delivery.h: which interruption a vCPU has just taken, by the assigned storage locations. Source: Principles
 * of Operation, ch. 3, "Assigned Storage Locations".
 */
#ifndef ARCH_S390X_DEBUG_DELIVERY_H
#define ARCH_S390X_DEBUG_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/types.h"

/* The classes of interruptions, by the real addresses of their new PSWs; and of the old one. */
enum {
	NEW_RESTART = 0x1a0,
	NEW_EXTERNAL = 0x1b0,
	NEW_SUPERVISOR = 0x1c0,
	NEW_PROGRAM = 0x1d0,
	NEW_MACHINE = 0x1e0,
	NEW_IO = 0x1f0,
};
#define OLD_PSW(new) ((new) - 0x80)

/* Whether the vCPU has this new PSW: it is at the handler. */
bool delivery_is_at(const struct vcpu *vcpu, unsigned new_psw);

/* Which one it has, and was interrupted at this PSW; 0: none of them. */
unsigned delivery_find(const struct vcpu *vcpu, uint64_t mask, uint64_t address);

#endif
