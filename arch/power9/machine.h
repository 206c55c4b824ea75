/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.h: what exit handlers ask of the machine. */
#ifndef ARCH_POWER9_MACHINE_H
#define ARCH_POWER9_MACHINE_H

#include "devices.h"

/* The terminal's interrupt, if the guest wants it and there is something to read. Under bus.lock. */
void machine_vty_signal(struct vm *vm);

#endif
