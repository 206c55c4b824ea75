/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.h: the devices of a power9 machine, and what the guest set that KVM cannot give back. */
#ifndef ARCH_POWER9_MACHINE_H
#define ARCH_POWER9_MACHINE_H

#include "arch/power9/snapshot/codec.h"
#include "devices/hvterm.h"
#include "devices/level.h"
#include "vmm/vm.h"

struct devices {
	struct hvterm hvterm;
	struct level level;
	struct p9_modes modes; /* bus.lock */
	bool vty_asked;     /* the guest has asked for the terminal's interrupt in this process; bus.lock */
	uint64_t tb_offset; /* each vCPU's: guest's time base - host's */
};

/* The terminal's interrupt, if the guest wants it and there is something to read. Under bus.lock. */
void machine_vty_signal(struct vm *vm);

#endif
