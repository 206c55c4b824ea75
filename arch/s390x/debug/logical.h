/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logical.h: the guest's storage by logical addresses, translated as the vCPU would translate an operand now:
 * its PSW and control registers must be those that KVM has (a KVM_RUN has returned since they were changed).
 * Source: kernel api.rst, KVM_S390_MEM_OP.
 */
#ifndef ARCH_S390X_DEBUG_LOGICAL_H
#define ARCH_S390X_DEBUG_LOGICAL_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/types.h"

/* ar: the access register, in access-register mode. -EFAULT: the guest itself could not access it. */
int logical_load(struct vcpu *vcpu, uint64_t at, unsigned ar, void *bytes, uint32_t size, struct error *err);
int logical_store(struct vcpu *vcpu, uint64_t at, unsigned ar, const void *bytes, uint32_t size,
                  struct error *err);

/* The program interruption that the fetch of an instruction leads to: 0 if it does not, and where. */
struct fetch_fault {
	unsigned code;
	uint64_t at;
};

/*
 * The first four bytes of the next instruction, and of the target if it is EXECUTE. 0, which is no
 * instruction: they cannot be fetched, or not so simply (secondary-space mode). *fault is only about
 * the instruction itself, and only known with translation.
 */
uint32_t logical_instruction(struct vcpu *vcpu, struct fetch_fault *fault);

#endif
