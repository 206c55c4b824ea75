/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio_pci.h: a virtio device as a PCI function: configuration space, one BAR with the device's registers,
 * and MSI-X. Only the modern interface (no legacy or transitional device), and no INTx. What finds the
 * function on a bus and decodes addresses is the machine's. Pure.
 *
 * Locking: as virtio.h says.
 *
 * Source: Virtual I/O Device (VIRTIO) Version 1.2, 4.1; PCI Local Bus Specification 3.0, 6.1, 6.2, 6.8.
 */
#ifndef DEVICES_VIRTIO_VIRTIO_PCI_H
#define DEVICES_VIRTIO_VIRTIO_PCI_H

#include "virtio.h"

#define VIRTIO_PCI_VENDOR   0x1af4
#define VIRTIO_PCI_DEVICE   0x1040 /* the first device id: that of a device is this plus its virtio id */
#define VIRTIO_PCI_REVISION 1

#define VIRTIO_PCI_CONFIG_SIZE       256
#define VIRTIO_PCI_BAR_SIZE          0x10000
#define VIRTIO_PCI_NOTIFY            0x3000 /* in the BAR: the queues, each with so many bytes: */
#define VIRTIO_PCI_NOTIFY_MULTIPLIER 4

/* What a driver can set of the command (memory space, bus master, no INTx), and of MSI-X's message control
 * (enabled, function mask). */
#define VIRTIO_PCI_COMMAND 0x0406
#define VIRTIO_PCI_MSIX    0xc000

/* Vectors of MSI-X: one for each queue, and one for the configuration. */
#define VIRTIO_PCI_VECTORS (VIRTIO_QUEUES_MAX + 1)

#define VIRTIO_PCI_TAG SNAP_TAG('V', 'P', 'C', 'I') /* the id is the slot */
struct device_section;
extern const struct device_section virtio_pci_section;

/* Data only: part of a snapshot. */
struct virtio_pci_state {
	uint16_t command; /* of the configuration space */
	uint32_t bar;     /* the address in BAR 0 */
	uint8_t cache_line, interrupt_line;
	uint16_t msix;                         /* message control: enabled, function mask */
	uint8_t pending;                       /* a bit for each vector that was masked when it was due */
	uint8_t table[VIRTIO_PCI_VECTORS][16]; /* little-endian, as the driver wrote it */
	uint8_t access[12];                    /* capability 5: BAR, offset and length of the next access */
	/* The common configuration. */
	uint32_t device_window, driver_window;
	uint16_t queue;
	uint16_t config_vector, queue_vector[VIRTIO_QUEUES_MAX];
};

/* What a function needs of its machine. */
struct virtio_pci_host {
	void *arg;
	void (*signal)(void *arg, unsigned vector); /* sends the message of this vector */
	void (*work)(void *arg);                    /* see struct virtio_host */
	pthread_mutex_t *lock;
};

struct virtio_pci {
	struct virtio_device *dev;
	struct virtio_pci_host host;
	struct virtio_pci_state state;
};

/* Connects a device that is open; all must outlive the function. bar is the address that BAR 0 has first. */
void virtio_pci_init(struct virtio_pci *p, struct virtio_device *dev, const struct ram *ram,
                     const struct virtio_pci_host *host, uint32_t bar);

/* The class code: 24 bits. */
uint32_t virtio_pci_class(const struct virtio_pci *p);

/* Accesses of 1, 2 or 4 bytes to the configuration space, aligned; the value is as a CPU sees it. */
uint32_t virtio_pci_config_read(struct virtio_pci *p, unsigned offset, unsigned len);
void virtio_pci_config_write(struct virtio_pci *p, unsigned offset, unsigned len, uint32_t value);

/* Whether the BAR decodes this PCI address. */
bool virtio_pci_decodes(const struct virtio_pci *p, uint32_t address);

/* Accesses to the BAR, of 1 to 8 bytes in the order of memory. Registers that are not there read as zeros. */
void virtio_pci_bar_read(struct virtio_pci *p, unsigned offset, uint8_t *to, unsigned len);
void virtio_pci_bar_write(struct virtio_pci *p, unsigned offset, const uint8_t *from, unsigned len);

#endif
