/* SPDX-License-Identifier: BSD-2-Clause */
/* modes.h: modes of a partition's processors, set by hypercalls and by a restore. */
#ifndef ARCH_POWER9_MODES_H
#define ARCH_POWER9_MODES_H

#include "vmm/types.h"

#define H_SET_MODE 0x31c

/* Sets and records radix translation by this process table (0: none yet). */
int modes_set_mmu(struct vm *vm, uint64_t process_table, bool gtse, struct error *err);

#endif
