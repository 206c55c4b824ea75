/* SPDX-License-Identifier: BSD-2-Clause */
/* devices.h: the devices of a power9 machine, and the guest's settings that KVM does not return. */
#ifndef ARCH_POWER9_DEVICES_H
#define ARCH_POWER9_DEVICES_H

#include "devices/hvterm.h"
#include "devices/level.h"
#include "registers.h"
#include "vmm/types.h"

struct pci;

struct devices {
	struct hvterm hvterm;
	struct level level;
	struct pci *pci;       /* NULL: there is no PCI host bridge */
	struct p9_modes modes; /* bus.lock */
	bool vty_asked;     /* the guest has asked for the terminal's interrupt in this process; bus.lock */
	uint64_t tb_offset; /* of each vCPU: the guest's time base less the host's */
};

#endif
