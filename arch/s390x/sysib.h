/* SPDX-License-Identifier: BSD-2-Clause */
/* sysib.h: block 3.2.2 of STORE SYSTEM INFORMATION, which describes virtual machines. Pure. */
#ifndef ARCH_S390X_SYSIB_H
#define ARCH_S390X_SYSIB_H

#include "vmm/identity.h"

#define SYSIB_SIZE 4096

/*
 * Gives the first virtual machine of the block, which is this one, its names and its UUID; identity may be
 * NULL. KVM has put it before those that the host runs in, but has left their long names where they were.
 */
void sysib_name(uint8_t block[SYSIB_SIZE], const struct identity *identity);

#endif
