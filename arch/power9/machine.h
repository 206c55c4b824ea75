/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.h: functions of the machine for exit handlers. */
#ifndef ARCH_POWER9_MACHINE_H
#define ARCH_POWER9_MACHINE_H

#include "devices.h"

/* Raises the terminal's interrupt, if the guest has enabled it and there is input. Called under bus.lock. */
void machine_vty_signal(struct vm *vm);

#endif
