/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_pci.c: see virtio_pci.h. Pure. */
#include "virtio_pci.h"

#include <string.h>

/* The configuration space (PCI, 6.1): offsets. */
#define PCI_COMMAND        0x04
#define PCI_STATUS         0x06
#define PCI_REVISION       0x08
#define PCI_CACHE_LINE     0x0c
#define PCI_BAR_0          0x10
#define PCI_SUBSYSTEM      0x2c
#define PCI_CAPABILITIES   0x34
#define PCI_INTERRUPT_LINE 0x3c

#define COMMAND_MEMORY    0x0002
#define STATUS_HAS_LIST   0x10
#define CAPABILITY_VENDOR 0x09
#define CAPABILITY_MSIX   0x11

#define MSIX_ENABLED    0x8000
#define MSIX_ALL_MASKED 0x4000
#define MSIX_MASKED     0x01 /* of a vector: the first byte of its control word */
#define NO_VECTOR       0xffff

/* The structures in the BAR. */
#define BAR_COMMON 0x0000
#define BAR_ISR    0x1000
#define BAR_DEVICE 0x2000
#define BAR_TABLE  0x4000
#define BAR_PBA    0x5000

#define COMMON_SIZE 0x38
#define TABLE_SIZE  (16 * VIRTIO_PCI_VECTORS)

/* Capabilities that locate them (VIRTIO, 4.1.4), and their places in the configuration space. */
static const struct capability {
	uint8_t at, len, type;
	uint32_t offset, size;
} capabilities[] = {
	{ 0x40, 16, 1, BAR_COMMON, COMMON_SIZE },
	{ 0x50, 20, 2, VIRTIO_PCI_NOTIFY, VIRTIO_PCI_NOTIFY_MULTIPLIER *VIRTIO_QUEUES_MAX },
	{ 0x64, 16, 3, BAR_ISR, 1 },
	{ 0x74, 16, 4, BAR_DEVICE, VIRTIO_CONFIG_MAX },
	{ 0x84, 20, 5, 0, 0 }, /* an access to the BAR through the configuration space */
};
#define CAPABILITIES    (sizeof(capabilities) / sizeof(capabilities[0]))
#define CAP_ACCESS      0x84
#define CAP_ACCESS_WHAT (CAP_ACCESS + 4)  /* BAR and padding, offset, length */
#define CAP_ACCESS_DATA (CAP_ACCESS + 16) /* the data */
#define CAP_MSIX        0x98

/* --- interrupts --------------------------------------------------------------- */

static bool is_masked(const struct virtio_pci_state *s, unsigned vector)
{
	return s->msix & MSIX_ALL_MASKED || s->table[vector][12] & MSIX_MASKED;
}

static void interrupt(void *arg, int queue)
{
	struct virtio_pci *p = arg;
	struct virtio_pci_state *s = &p->state;
	unsigned vector = queue < 0 ? s->config_vector : s->queue_vector[queue];

	if (vector >= VIRTIO_PCI_VECTORS || !(s->msix & MSIX_ENABLED))
		return;
	if (is_masked(s, vector))
		s->pending |= (uint8_t)(1u << vector);
	else
		p->host.signal(p->host.arg, vector);
}

/* A mask may have gone: sends what has been waiting for that (PCI, 6.8.2.9). */
static void send_pending(struct virtio_pci *p)
{
	struct virtio_pci_state *s = &p->state;

	for (unsigned i = 0; i < VIRTIO_PCI_VECTORS && s->msix & MSIX_ENABLED; i++) {
		if (!(s->pending & 1u << i) || is_masked(s, i))
			continue;
		s->pending = (uint8_t)(s->pending & ~(1u << i));
		p->host.signal(p->host.arg, i);
	}
}

/* --- create and reset ----------------------------------------------------------- */

static void work(void *arg)
{
	const struct virtio_pci *p = arg;

	p->host.work(p->host.arg);
}

/* What a reset of the device resets in the common configuration (VIRTIO, 4.1.4.3). */
static void reset_common(struct virtio_pci_state *s)
{
	s->device_window = s->driver_window = 0;
	s->queue = 0;
	s->config_vector = NO_VECTOR;
	for (unsigned i = 0; i < VIRTIO_QUEUES_MAX; i++)
		s->queue_vector[i] = NO_VECTOR;
}

static void reset_function(struct virtio_pci *p, uint32_t bar)
{
	p->state = (struct virtio_pci_state){ .bar = bar, .command = COMMAND_MEMORY };
	for (unsigned i = 0; i < VIRTIO_PCI_VECTORS; i++)
		p->state.table[i][12] = MSIX_MASKED;
	reset_common(&p->state);
}

void virtio_pci_init(struct virtio_pci *p, struct virtio_device *dev, const struct ram *ram,
                     const struct virtio_pci_host *host, uint32_t bar)
{
	const struct virtio_host device = {
		.arg = p, .interrupt = interrupt, .work = work, .lock = host->lock
	};

	p->dev = dev;
	p->host = *host;
	reset_function(p, bar);
	virtio_connect(dev, ram, &device);
}

/* --- the configuration space ------------------------------------------------------ */

uint32_t virtio_pci_class(const struct virtio_pci *p)
{
	switch (p->dev->type->id) {
	case VIRTIO_ID_NET: return 0x020000;     /* Ethernet controller */
	case VIRTIO_ID_BLK: return 0x018000;     /* other mass storage controller */
	case VIRTIO_ID_CONSOLE: return 0x078000; /* other communication controller */
	default: return 0xff0000;                /* no class that PCI defines */
	}
}

static void fill_capabilities(const struct virtio_pci *p, uint8_t *c)
{
	for (size_t i = 0; i < CAPABILITIES; i++) {
		const struct capability *cap = &capabilities[i];

		c[cap->at] = CAPABILITY_VENDOR;
		c[cap->at + 1] = i + 1 < CAPABILITIES ? capabilities[i + 1].at : CAP_MSIX;
		c[cap->at + 2] = cap->len;
		c[cap->at + 3] = cap->type;
		virtio_put32(c + cap->at + 8, cap->offset);
		virtio_put32(c + cap->at + 12, cap->size);
	}
	virtio_put32(c + 0x50 + 16, VIRTIO_PCI_NOTIFY_MULTIPLIER);
	memcpy(c + CAP_ACCESS_WHAT, p->state.access, sizeof(p->state.access));
	c[CAP_MSIX] = CAPABILITY_MSIX;
	virtio_put16(c + CAP_MSIX + 2, (uint16_t)(p->state.msix | (VIRTIO_PCI_VECTORS - 1)));
	virtio_put32(c + CAP_MSIX + 4, BAR_TABLE); /* in BAR 0 */
	virtio_put32(c + CAP_MSIX + 8, BAR_PBA);
}

static void fill(const struct virtio_pci *p, uint8_t c[VIRTIO_PCI_CONFIG_SIZE])
{
	const struct virtio_pci_state *s = &p->state;

	memset(c, 0, VIRTIO_PCI_CONFIG_SIZE);
	virtio_put16(c, VIRTIO_PCI_VENDOR);
	virtio_put16(c + 2, (uint16_t)(VIRTIO_PCI_DEVICE + p->dev->type->id));
	virtio_put16(c + PCI_COMMAND, s->command);
	c[PCI_STATUS] = STATUS_HAS_LIST;
	virtio_put32(c + PCI_REVISION, virtio_pci_class(p) << 8 | VIRTIO_PCI_REVISION);
	c[PCI_CACHE_LINE] = s->cache_line;
	virtio_put32(c + PCI_BAR_0, s->bar); /* memory, 32 bits, not prefetchable */
	virtio_put16(c + PCI_SUBSYSTEM, VIRTIO_PCI_VENDOR);
	virtio_put16(c + PCI_SUBSYSTEM + 2, p->dev->type->id);
	c[PCI_CAPABILITIES] = capabilities[0].at;
	c[PCI_INTERRUPT_LINE] = s->interrupt_line;
	fill_capabilities(p, c);
}

/* The access that capability 5 describes; NULL: the driver has described none that is possible. */
static const uint8_t *window(const struct virtio_pci *p, uint32_t *offset, uint32_t *len)
{
	const uint8_t *what = p->state.access;

	*offset = virtio_get32(what + 4);
	*len = virtio_get32(what + 8);
	if (what[0] || (*len != 1 && *len != 2 && *len != 4) || *offset % *len ||
	    *offset >= VIRTIO_PCI_BAR_SIZE)
		return NULL;
	return what;
}

uint32_t virtio_pci_config_read(struct virtio_pci *p, unsigned offset, unsigned len)
{
	uint8_t c[VIRTIO_PCI_CONFIG_SIZE + 4];
	uint32_t at, size;

	if (offset >= VIRTIO_PCI_CONFIG_SIZE)
		return 0;
	fill(p, c);
	memset(c + VIRTIO_PCI_CONFIG_SIZE, 0, 4);
	if (offset == CAP_ACCESS_DATA && window(p, &at, &size))
		virtio_pci_bar_read(p, at, c + offset, size);
	return virtio_get32(c + offset) & (len < 4 ? (1u << 8 * len) - 1 : ~0u);
}

/* The bytes of a register that is written, the others unchanged. */
static uint32_t merge(uint32_t was, unsigned at, unsigned offset, unsigned len, uint32_t value)
{
	uint8_t b[8];

	virtio_put32(b, was);
	for (unsigned i = 0; i < len; i++)
		if (offset + i >= at && offset + i < at + 4)
			b[offset + i - at] = (uint8_t)(value >> 8 * i);
	return virtio_get32(b);
}

static void write_access(struct virtio_pci *p, unsigned offset, unsigned len, uint32_t value)
{
	uint8_t data[4];
	uint32_t at, size;

	if (offset < CAP_ACCESS_DATA) {
		for (unsigned i = 0; i < len && offset + i < CAP_ACCESS_DATA; i++)
			p->state.access[offset + i - CAP_ACCESS_WHAT] = (uint8_t)(value >> 8 * i);
		return;
	}
	virtio_put32(data, value);
	if (window(p, &at, &size) && size <= len)
		virtio_pci_bar_write(p, at, data, size);
}

void virtio_pci_config_write(struct virtio_pci *p, unsigned offset, unsigned len, uint32_t value)
{
	struct virtio_pci_state *s = &p->state;
	unsigned word = offset & ~3u;

	switch (word) {
	case PCI_COMMAND:
		s->command = (uint16_t)(merge(s->command, word, offset, len, value) & VIRTIO_PCI_COMMAND);
		break;
	case PCI_CACHE_LINE: s->cache_line = (uint8_t)merge(s->cache_line, word, offset, len, value); break;
	case PCI_BAR_0:
		s->bar = merge(s->bar, word, offset, len, value) & ~(uint32_t)(VIRTIO_PCI_BAR_SIZE - 1);
		break;
	case PCI_INTERRUPT_LINE:
		s->interrupt_line = (uint8_t)merge(s->interrupt_line, word, offset, len, value);
		break;
	case CAP_MSIX:
		s->msix = (uint16_t)(merge((uint32_t)s->msix << 16, word, offset, len, value) >> 16) &
		          VIRTIO_PCI_MSIX;
		send_pending(p);
		break;
	default:
		if (offset >= CAP_ACCESS_WHAT && offset + len <= CAP_ACCESS_DATA + 4)
			write_access(p, offset, len, value);
	}
}

/* --- the common configuration (VIRTIO, 4.1.4.3) -------------------------------------- */

enum {
	DEVICE_WINDOW = 0x00,
	DEVICE_FEATURES = 0x04,
	DRIVER_WINDOW = 0x08,
	DRIVER_FEATURES = 0x0c,
	CONFIG_VECTOR = 0x10,
	QUEUES = 0x12,
	STATUS = 0x14,
	GENERATION = 0x15,
	QUEUE = 0x16,
	QUEUE_SIZE = 0x18,
	QUEUE_VECTOR = 0x1a,
	QUEUE_ENABLE = 0x1c,
	QUEUE_NOTIFY = 0x1e,
	QUEUE_RINGS = 0x20, /* descriptor table, driver area, device area: 8 bytes each */
};

static void fill_common(struct virtio_pci *p, uint8_t c[COMMON_SIZE])
{
	const struct virtio_pci_state *s = &p->state;
	const struct virtqueue_state *q = virtio_queue(p->dev, s->queue);

	memset(c, 0, COMMON_SIZE);
	virtio_put32(c + DEVICE_WINDOW, s->device_window);
	virtio_put32(c + DEVICE_FEATURES, virtio_features(p->dev, s->device_window));
	virtio_put32(c + DRIVER_WINDOW, s->driver_window);
	virtio_put32(c + DRIVER_FEATURES, virtio_accepted(p->dev, s->driver_window));
	virtio_put16(c + CONFIG_VECTOR, s->config_vector);
	virtio_put16(c + QUEUES, p->dev->type->queues);
	c[STATUS] = virtio_status(p->dev);
	c[GENERATION] = virtio_generation(p->dev);
	virtio_put16(c + QUEUE, s->queue);
	if (!q) /* of size 0: there is no such queue */
		return;
	virtio_put16(c + QUEUE_SIZE, q->size);
	virtio_put16(c + QUEUE_VECTOR, s->queue_vector[s->queue]);
	virtio_put16(c + QUEUE_ENABLE, q->enabled);
	virtio_put16(c + QUEUE_NOTIFY, s->queue);
	virtio_put64(c + QUEUE_RINGS, q->desc);
	virtio_put64(c + QUEUE_RINGS + 8, q->avail);
	virtio_put64(c + QUEUE_RINGS + 16, q->used);
}

/* One that is not there cannot be used, which the driver reads back. */
static uint16_t checked_vector(uint32_t vector)
{
	return vector < VIRTIO_PCI_VECTORS ? (uint16_t)vector : NO_VECTOR;
}

/* A half of a ring's address, or all of it. */
static void write_ring(struct virtio_pci *p, unsigned offset, unsigned len, uint64_t value)
{
	const struct virtqueue_state *q = virtio_queue(p->dev, p->state.queue);
	enum virtio_ring ring = (enum virtio_ring)((offset - QUEUE_RINGS) / 8);
	uint64_t address, low = 0xffffffff;

	if (!q)
		return;
	address = ring == VIRTIO_DESC ? q->desc : ring == VIRTIO_AVAIL ? q->avail : q->used;
	if (len == 8)
		address = value;
	else if (offset % 8)
		address = (address & low) | value << 32;
	else
		address = (address & ~low) | (value & low);
	virtio_set_queue_address(p->dev, p->state.queue, ring, address);
}

static void write_status(struct virtio_pci *p, uint8_t status)
{
	virtio_set_status(p->dev, status);
	if (!status)
		reset_common(&p->state);
}

/* A driver must write a field as a whole (4.1.3.1): any other access is ignored. */
static void write_common(struct virtio_pci *p, unsigned offset, unsigned len, uint64_t value)
{
	struct virtio_pci_state *s = &p->state;
	uint32_t v = (uint32_t)value;

	if (offset >= QUEUE_RINGS && (len == 4 || (len == 8 && !(offset % 8)))) {
		write_ring(p, offset, len, value);
		return;
	}
	switch (offset << 4 | len) {
	case DEVICE_WINDOW << 4 | 4: s->device_window = v; break;
	case DRIVER_WINDOW << 4 | 4: s->driver_window = v; break;
	case DRIVER_FEATURES << 4 | 4: virtio_accept(p->dev, s->driver_window, v); break;
	case CONFIG_VECTOR << 4 | 2: s->config_vector = checked_vector(v); break;
	case STATUS << 4 | 1: write_status(p, (uint8_t)v); break;
	case QUEUE << 4 | 2: s->queue = (uint16_t)v; break;
	case QUEUE_SIZE << 4 | 2: virtio_set_queue_size(p->dev, s->queue, (uint16_t)v); break;
	case QUEUE_VECTOR << 4 | 2:
		if (virtio_queue(p->dev, s->queue))
			s->queue_vector[s->queue] = checked_vector(v);
		break;
	case QUEUE_ENABLE << 4 | 2:
		if (v == 1)
			virtio_enable_queue(p->dev, s->queue);
		break;
	default: break;
	}
}

/* --- the BAR -------------------------------------------------------------------------- */

bool virtio_pci_decodes(const struct virtio_pci *p, uint32_t address)
{
	return p->state.command & COMMAND_MEMORY && address - p->state.bar < VIRTIO_PCI_BAR_SIZE;
}

/* len bytes at offset of a structure of size bytes; what is beyond it is left alone. */
static void copy_out(uint8_t *to, unsigned len, const uint8_t *from, unsigned offset, unsigned size)
{
	if (offset < size)
		memcpy(to, from + offset, len < size - offset ? len : size - offset);
}

void virtio_pci_bar_read(struct virtio_pci *p, unsigned offset, uint8_t *to, unsigned len)
{
	uint8_t common[COMMON_SIZE];
	unsigned at = offset & 0xfff;

	memset(to, 0, len);
	switch (offset & ~0xfffu) {
	case BAR_COMMON:
		fill_common(p, common);
		copy_out(to, len, common, at, sizeof(common));
		break;
	case BAR_DEVICE: virtio_config(p->dev, at, to, len); break;
	case BAR_TABLE: copy_out(to, len, (const uint8_t *)p->state.table, at, TABLE_SIZE); break;
	case BAR_PBA: copy_out(to, len, &p->state.pending, at, 1); break;
	default: break; /* the ISR status is for INTx alone */
	}
}

void virtio_pci_bar_write(struct virtio_pci *p, unsigned offset, const uint8_t *from, unsigned len)
{
	uint8_t value[8] = { 0 };
	unsigned at = offset & 0xfff;

	memcpy(value, from, len < sizeof(value) ? len : sizeof(value));
	switch (offset & ~0xfffu) {
	case BAR_COMMON: write_common(p, at, len, virtio_get64(value)); break;
	case VIRTIO_PCI_NOTIFY: virtio_notify(p->dev, at / VIRTIO_PCI_NOTIFY_MULTIPLIER); break;
	case BAR_TABLE:
		if (at + len <= TABLE_SIZE)
			memcpy((uint8_t *)p->state.table + at, from, len);
		send_pending(p);
		break;
	default: break; /* the configurations of these devices cannot be written */
	}
}
