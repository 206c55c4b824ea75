/* SPDX-License-Identifier: BSD-2-Clause */
/* modes.h: how a partition's processors work, as hypercalls set it and a restore does. */
#ifndef ARCH_POWER9_MODES_H
#define ARCH_POWER9_MODES_H

#include "vmm/types.h"

#define H_SET_MODE 0x31c

/* Radix translation by this process table (0: none yet), and the record of it. */
int modes_set_mmu(struct vm *vm, uint64_t process_table, bool gtse, struct error *err);

#endif
