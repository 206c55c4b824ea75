/* SPDX-License-Identifier: BSD-2-Clause */
/* translate.h: where a vCPU's effective addresses are in guest memory. Read next: radix.h. */
#ifndef ARCH_POWER9_DEBUG_TRANSLATE_H
#define ARCH_POWER9_DEBUG_TRANSLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/types.h"

#define MSR_SF 0x8000000000000000ULL
#define MSR_EE 0x8000ULL
#define MSR_PR 0x4000ULL
#define MSR_IR 0x20ULL
#define MSR_DR 0x10ULL

/* The real address of no instruction and of no byte. */
#define NOWHERE UINT64_MAX

/* The real address of an instruction; NOWHERE: the guest gets an interrupt when it fetches it. */
uint64_t translate_code(const struct vm *vm, uint64_t pid, uint64_t msr, uint64_t address);

/* Whether it belongs to a page of problem state, but the vCPU is not in it: the guest may forbid that. */
bool translate_is_foreign(const struct vm *vm, uint64_t pid, uint64_t msr, uint64_t address);

/* Real addresses. */
struct span {
	uint64_t first, last;
};

/*
 * Where `size` bytes are, which are no more than a page: how many spans that is. Bytes that the guest cannot
 * access are in none.
 */
unsigned translate_data(const struct vm *vm, uint64_t pid, uint64_t msr, uint64_t address, unsigned size,
                        struct span spans[2]);

#endif
