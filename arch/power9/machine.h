/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.h: the devices of a power9 machine that others than the bus speak to. */
#ifndef ARCH_POWER9_MACHINE_H
#define ARCH_POWER9_MACHINE_H

#include "devices/hvterm.h"
#include "devices/level.h"
#include "vmm/vm.h"

struct devices {
	struct hvterm hvterm;
	struct level level;
};

struct level *machine_level(struct vm *vm);

#endif
