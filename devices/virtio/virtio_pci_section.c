/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_pci_section.c: struct virtio_pci_state in a snapshot (virtio_pci.h). Pure. */
#include "virtio_pci.h"

#include <inttypes.h>
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

/* What a driver has not changed is left out. */
static void describe_vectors(const struct virtio_pci_state *s, struct outline *out)
{
	static const uint8_t unused[16] = { [12] = 1 };
	const uint8_t *v;

	for (unsigned i = 0; i < VIRTIO_PCI_VECTORS; i++) {
		v = s->table[i];
		if (memcmp(v, unused, sizeof(unused)))
			outline_item(out, "vector", "%u: address 0x%" PRIx64 " data 0x%x control 0x%x", i,
			             virtio_get64(v), virtio_get32(v + 8), virtio_get32(v + 12));
	}
	for (unsigned i = 0; i < VIRTIO_PCI_VECTORS; i++)
		if (s->pending & 1u << i)
			outline_item(out, "pending", "vector %u", i);
	if (s->config_vector != UINT16_MAX)
		outline_number(out, "configuration-vector", s->config_vector);
	for (unsigned i = 0; i < VIRTIO_QUEUES_MAX; i++)
		if (s->queue_vector[i] != UINT16_MAX)
			outline_item(out, "queue-vector", "queue %u: %u", i, s->queue_vector[i]);
}

static void describe(const void *from, unsigned id, struct outline *out)
{
	const struct virtio_pci_state *s = from;

	outline_at(out, "pci.%u", id);
	outline_hex(out, "command", s->command);
	outline_hex(out, "bar", s->bar);
	outline_hex(out, "msix", s->msix);
	if (s->cache_line)
		outline_number(out, "cache-line", s->cache_line);
	if (s->interrupt_line)
		outline_number(out, "interrupt-line", s->interrupt_line);
	describe_vectors(s, out);
	outline_text(out, "access", "BAR %u offset 0x%x length %u", s->access[0], virtio_get32(s->access + 4),
	             virtio_get32(s->access + 8));
	outline_hex(out, "device-feature-select", s->device_window);
	outline_hex(out, "driver-feature-select", s->driver_window);
	outline_number(out, "queue-select", s->queue);
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
