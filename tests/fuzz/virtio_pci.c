/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio_pci.c: fuzzes the PCI transport of a virtio device: steps of 16 bytes, each an access to the
 * configuration space or the BAR; the rest, from a step of 0xff on, is memory.
 */
#include "devices/virtio/virtio_pci.h"

#include <string.h>

#include "devices/virtio/virtio_rng.h"
#include "fuzz.h"
#include "vmm/snapshot/device_section.h"

#define RAM_BYTES 0x10000
#define STEP      16
#define STEPS     64

static void signal(void *arg, unsigned vector)
{
	(void)arg;
	must(vector < VIRTIO_PCI_VECTORS);
}

static void work(void *arg)
{
	const struct virtio_pci *pci = arg;

	must(pci->dev->type);
}

static void step(struct virtio_pci *pci, const uint8_t *b)
{
	unsigned len = 1u << (b[1] & 3), small = len > 4 ? 4 : len;
	unsigned config = virtio_get16(b + 2) & 0x1ff & ~(small - 1);
	unsigned offset = virtio_get32(b + 4) % (VIRTIO_PCI_BAR_SIZE - 8);
	uint8_t bytes[8];

	switch (b[0] & 3) {
	case 0: virtio_pci_config_read(pci, config, small); break;
	case 1: virtio_pci_config_write(pci, config, small, virtio_get32(b + 8)); break;
	case 2: virtio_pci_bar_read(pci, offset, bytes, len); break;
	default: virtio_pci_bar_write(pci, offset, b + 8, len);
	}
}

/* A state that a driver can bring about passes through a snapshot. */
static void snapshot(const struct virtio_pci *pci)
{
	struct snap_section s = { .tag = VIRTIO_PCI_TAG };
	struct virtio_pci_state back = { 0 };
	struct snap_reader r;

	virtio_pci_section.put(&s, &pci->state);
	r = snap_reader(&s);
	must(virtio_pci_section.get(&r, &back, RAM_BYTES) && !r.bad && !snap_left(&r));
	must(!memcmp(&back, &pci->state, sizeof(back)));
	free(s.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ram ram = { .host = aligned_alloc(4096, RAM_BYTES), .size = RAM_BYTES, .fd = -1 };
	struct virtio_pci pci = { 0 };
	const struct virtio_pci_host host = { .arg = &pci, .signal = signal, .work = work };
	struct virtio_rng rng;
	size_t steps = 0, rest;

	while (steps < STEPS && (steps + 1) * STEP <= size && data[steps * STEP] != 0xff)
		steps++;
	rest = size - steps * STEP;
	memset(ram.host, 0, RAM_BYTES);
	memcpy(ram.host, data + steps * STEP, rest < RAM_BYTES ? rest : RAM_BYTES);
	virtio_rng_open(&rng, NULL, NULL);
	virtio_pci_init(&pci, &rng.dev, &ram, &host, 0x80000000);
	for (size_t i = 0; i < steps; i++) {
		step(&pci, data + i * STEP);
		snapshot(&pci);
	}
	free(ram.host);
	return 0;
}
