/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pci.h: a PAPR PCI host bridge with one bus, whose functions are virtio devices
 * (devices/virtio/virtio_pci.h). A guest reaches the configuration space by RTAS, the BARs in one window of
 * guest real addresses, and gets interrupts by MSI-X, each vector a message source of the interrupt
 * controller. There is no I/O space, no INTx, no IOMMU (the tree has linux,iommu-off) and no EEH: virtio
 * addresses memory directly.
 *
 * PCI rather than virtio-mmio: all distributions' kernels have a driver for it, and on PAPR machines there is
 * no description of a virtio-mmio device that each of them finds.
 *
 * Source: LoPAR 7.3.4 (configuration space), 7.3.10.5 (MSI), B.6.5 (the bridge's node).
 */
#ifndef ARCH_POWER9_PCI_H
#define ARCH_POWER9_PCI_H

#include "devices/virtio/virtio_pci.h"
#include "fdt.h"
#include "platform.h"
#include "rtas_call.h"
#include "vmm/types.h"

struct pci {
	struct vm *vm;
	unsigned count;
	struct virtio_pci functions[P9_PCI_SLOTS];
	struct pci_slot {
		struct pci *pci;
		unsigned number;
		uint32_t notified; /* the BAR in which KVM looks for notifications; 0: none */
	} slots[P9_PCI_SLOTS];
};

/* -ENOSPC if the interrupt controller has too few message sources for the functions; called when there is
 * one.
 */
int pci_check_sources(const struct vm *vm, struct error *err);

/* The functions as the device tree has them; returns their number. pci NULL: none. */
unsigned pci_describe(const struct pci *pci, struct fdt_function functions[P9_PCI_SLOTS]);

/* RTAS services (rtas.c); called under the bus lock. */
int pci_rtas_read(struct rtas_call *c);
int pci_rtas_write(struct rtas_call *c);
int pci_rtas_change_msi(struct rtas_call *c);
int pci_rtas_query_source(struct rtas_call *c);

#endif
