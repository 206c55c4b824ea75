/* SPDX-License-Identifier: BSD-2-Clause */
/* codec.h: the state of an s390x machine in our own structs. Pure: no KVM header. */
#ifndef ARCH_S390X_SNAPSHOT_CODEC_H
#define ARCH_S390X_SNAPSHOT_CODEC_H

#include "arch/s390x/registers.h"
#include "vmm/snapshot/device_section.h"

/* The sections. */
#define S390_TAG_CPU      SNAP_TAG('C', 'P', 'U', ' ') /* id = vCPU: registers */
#define S390_TAG_LOCAL    SNAP_TAG('L', 'I', 'R', 'Q') /* id = vCPU: its pending interrupts */
#define S390_TAG_FLOATING SNAP_TAG('F', 'I', 'R', 'Q') /* the floating ones */
#define S390_TAG_ADAPTERS SNAP_TAG('A', 'D', 'A', 'P') /* registered adapters, and suppression */
#define S390_TAG_ROUTES   SNAP_TAG('R', 'O', 'U', 'T') /* to adapters, with their irqfds; notifications */
#define S390_TAG_CLOCK    SNAP_TAG('T', 'O', 'D', ' ')
#define S390_TAG_KEYS     SNAP_TAG('S', 'K', 'E', 'Y')

struct arch_state {
	struct s390_cpu *cpus;
	unsigned cpu_count;
	uint8_t tod_epoch;
	uint64_t tod;  /* also after a look */
	uint8_t *keys; /* storage keys, one for each page; NULL: the guest uses none */
	size_t key_count;
	struct s390_irq *floating; /* in the order in which they are pending */
	size_t floating_count;
	struct s390_adapter adapters[S390_ADAPTERS]; /* in the order of their ids */
	size_t adapter_count;
	struct s390_ais ais;
	struct s390_routing routing;
	struct device_states devices;
};

#endif
