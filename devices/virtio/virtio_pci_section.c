/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_pci_section.c: struct virtio_pci_state in a snapshot (virtio_pci.h). Pure. */
#include "virtio_pci.h"

#include <string.h>

#include "vmm/snapshot/device_section.h"

static void put(struct snap_section *s, const void *from)
{
	const struct virtio_pci_state *state = from;

	snap_put16(s, state->command);
	snap_put32(s, state->bar);
	snap_put8(s, state->cache_line);
	snap_put8(s, state->interrupt_line);
	snap_put16(s, state->msix);
	snap_put8(s, state->pending);
	snap_put(s, state->table, sizeof(state->table));
	snap_put(s, state->access, sizeof(state->access));
	snap_put32(s, state->device_window);
	snap_put32(s, state->driver_window);
	snap_put16(s, state->queue);
	snap_put16(s, state->config_vector);
	for (unsigned i = 0; i < VIRTIO_QUEUES_MAX; i++)
		snap_put16(s, state->queue_vector[i]);
}

static bool is_vector(uint16_t vector)
{
	return vector < VIRTIO_PCI_VECTORS || vector == UINT16_MAX;
}

static bool get(struct snap_reader *r, void *to, uint64_t memory)
{
	struct virtio_pci_state *state = to;
	const void *table, *access;
	bool good;

	(void)memory;
	state->command = snap_get16(r);
	state->bar = snap_get32(r);
	state->cache_line = snap_get8(r);
	state->interrupt_line = snap_get8(r);
	state->msix = snap_get16(r);
	state->pending = snap_get8(r);
	table = snap_get(r, sizeof(state->table));
	access = snap_get(r, sizeof(state->access));
	if (!table || !access)
		return false;
	memcpy(state->table, table, sizeof(state->table));
	memcpy(state->access, access, sizeof(state->access));
	state->device_window = snap_get32(r);
	state->driver_window = snap_get32(r);
	state->queue = snap_get16(r);
	state->config_vector = snap_get16(r);
	good = is_vector(state->config_vector);
	for (unsigned i = 0; i < VIRTIO_QUEUES_MAX; i++) {
		state->queue_vector[i] = snap_get16(r);
		good &= is_vector(state->queue_vector[i]);
	}
	return good && !r->bad && !(state->command & ~VIRTIO_PCI_COMMAND) &&
	       !(state->msix & ~VIRTIO_PCI_MSIX) && !(state->bar & (VIRTIO_PCI_BAR_SIZE - 1)) &&
	       !(state->pending >> VIRTIO_PCI_VECTORS);
}

static void describe(const void *from, unsigned id, struct outline *out)
{
	const struct virtio_pci_state *s = from;

	outline_at(out, "pci.%u", id);
	outline_hex(out, "command", s->command);
	outline_hex(out, "bar", s->bar);
	outline_hex(out, "msix", s->msix);
	for (unsigned i = 0; i < VIRTIO_PCI_VECTORS; i++)
		if (s->pending & 1u << i)
			outline_item(out, "pending", "vector %u", i);
}

const struct device_section virtio_pci_section = {
	.tag = VIRTIO_PCI_TAG,
	.version = 1,
	.name = "PCI function",
	.size = sizeof(struct virtio_pci_state),
	.put = put,
	.get = get,
	.describe = describe,
};
