/* SPDX-License-Identifier: BSD-2-Clause */
/* hostile-power9.c: see hostile.h: virtio-pci. Device n is function 0 of slot n. */
#include "arch/power9/platform.h"
#include "guest/guest.h"
#include "guest/power9/cpu.h"
#include "hostile.h"

#define BAR_BYTES 0x10000
#define NOTIFY    0x3000
#define TABLE     0x4000

/* The common configuration. */
enum {
	DRIVER_WINDOW = 0x08,
	DRIVER_FEATURES = 0x0c,
	STATUS = 0x14,
	QUEUE = 0x16,
	QUEUE_SIZE = 0x18,
	QUEUE_ENABLE = 0x1c,
	QUEUE_RINGS = 0x20,
};

static uint64_t at(unsigned dev, unsigned offset)
{
	return P9_PCI + (uint64_t)dev * BAR_BYTES + offset;
}

static void store(uint64_t address, unsigned bytes, uint64_t value)
{
	switch (bytes) {
	case 1: *(volatile uint8_t *)address = (uint8_t)value; break;
	case 2: *(volatile uint16_t *)address = (uint16_t)value; break;
	case 4: *(volatile uint32_t *)address = (uint32_t)value; break;
	default: *(volatile uint64_t *)address = value; break;
	}
}

static void load(uint64_t address, unsigned bytes)
{
	switch (bytes) {
	case 1: *(volatile uint8_t *)address; break;
	case 2: *(volatile uint16_t *)address; break;
	case 4: *(volatile uint32_t *)address; break;
	default: *(volatile uint64_t *)address; break;
	}
}

/* An RTAS service of the bridge's: the first three arguments are the function's. */
static void pci_rtas(uint32_t token, uint32_t address, unsigned nargs, uint32_t a, uint32_t b, uint32_t c)
{
	const uint32_t words[] = {
		token, nargs, 2, address, (uint32_t)(P9_PCI_BUID >> 32), (uint32_t)P9_PCI_BUID, a, b, c
	};
	uint32_t args[16] = { 0 };
	uint64_t out[4];

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		args[i] = __builtin_bswap32(words[i]);
	if (hcall(H_RTAS, (const uint64_t[5]){ (uint64_t)args }, out))
		crash("H_RTAS fails");
}

static void write_config(unsigned dev, unsigned offset, unsigned bytes, uint32_t value)
{
	pci_rtas(P9_RTAS_WRITE_PCI, dev << 11 | offset, 5, bytes, value, 0);
}

/* All of them where they were first, as the BAR of one may hide another's. */
void transport_open(unsigned dev)
{
	for (unsigned i = 0; i < DEVICES; i++) {
		write_config(i, 0x10, 4, P9_PCI_MEMORY + i * BAR_BYTES);
		write_config(i, 0x04, 2, 0x0006); /* memory space, bus master */
	}
	transport_reset(dev);
}

void transport_reset(unsigned dev)
{
	store(at(dev, STATUS), 1, 0);
}

uint8_t transport_status(unsigned dev)
{
	return *(volatile uint8_t *)at(dev, STATUS);
}

void transport_set_status(unsigned dev, uint8_t status)
{
	store(at(dev, STATUS), 1, status);
}

void transport_accept(unsigned dev, unsigned window, uint32_t features)
{
	store(at(dev, DRIVER_WINDOW), 4, window);
	store(at(dev, DRIVER_FEATURES), 4, features);
}

int transport_queue(unsigned dev, unsigned queue, unsigned size, uint64_t desc, uint64_t avail, uint64_t used)
{
	store(at(dev, QUEUE), 2, queue);
	store(at(dev, QUEUE_SIZE), 2, size);
	store(at(dev, QUEUE_RINGS), 8, desc);
	store(at(dev, QUEUE_RINGS + 8), 8, avail);
	store(at(dev, QUEUE_RINGS + 16), 8, used);
	store(at(dev, QUEUE_ENABLE), 2, 1);
	return !*(volatile uint16_t *)at(dev, QUEUE_ENABLE);
}

void transport_notify(unsigned dev, unsigned queue)
{
	store(at(dev, NOTIFY + queue * 4 % 0x1000), 2, queue);
}

/* An access to the BAR, of every size and to every place. */
static void nonsense_bar(unsigned dev)
{
	static const uint16_t structures[] = { 0, 0, 0, 0x1000, 0x2000, NOTIFY, TABLE, 0x5000 };
	unsigned bytes = 1u << below(4);
	unsigned offset = once_in(9) ? below(BAR_BYTES) : structures[below(8)] + below(0x80);
	uint64_t value = once_in(2) ? hostile_address() : any();

	offset &= ~(bytes - 1);
	/* Rings are set as a whole, so that no device writes outside the sandbox. */
	if (offset >= QUEUE_RINGS && offset < QUEUE_RINGS + 24) {
		bytes = 8;
		offset &= ~7u;
		value = hostile_address();
	}
	if (once_in(4))
		load(at(dev, offset), bytes);
	else
		store(at(dev, offset), bytes, value);
}

/* The same by way of the configuration space (capability 5). */
static void nonsense_window(unsigned dev)
{
	unsigned offset = once_in(4) ? (unsigned)any() : below(QUEUE_RINGS);

	if (offset >= QUEUE_RINGS && offset < QUEUE_RINGS + 24)
		offset += 24;
	write_config(dev, 0x88, 1, once_in(5) ? (uint32_t)any() : 0);
	write_config(dev, 0x8c, 4, offset);
	write_config(dev, 0x90, 4, once_in(5) ? (uint32_t)any() : 1u << below(3));
	if (once_in(2))
		write_config(dev, 0x94, 1u << below(3), (uint32_t)any());
	else
		pci_rtas(P9_RTAS_READ_PCI, dev << 11 | 0x94, 4, 1u << below(3), 0, 0);
}

/* The configuration space: the BAR anywhere, memory space off, MSI-X; registers and functions that are not
 * there. */
static void nonsense_config(unsigned dev)
{
	unsigned offset = below(0x100), bytes = once_in(5) ? (unsigned)any() : 1u << below(3);

	switch (below(6)) {
	case 0: write_config(dev, 0x10, 4, P9_PCI_MEMORY + below(DEVICES + 4) * BAR_BYTES); break;
	case 1: write_config(dev, 0x10, 4, (uint32_t)any()); break;
	case 2: write_config(dev, 0x04, 2, (uint32_t)any()); break;
	case 3: write_config(dev, 0x98, 4, (uint32_t)any()); break;
	case 4:
		/* Not through the window, whose offset may be that of a ring. */
		if (offset < 0x84 || offset > 0x97)
			write_config(once_in(4) ? below(64) : dev, offset, bytes, (uint32_t)any());
		break;
	default: pci_rtas(P9_RTAS_READ_PCI, (uint32_t)any(), 4, (uint32_t)any(), 0, 0); break;
	}
}

static void nonsense_msi(unsigned dev)
{
	if (once_in(2))
		pci_rtas(P9_RTAS_CHANGE_MSI, dev << 11, 6, below(6), (uint32_t)any(), (uint32_t)any());
	else
		pci_rtas(P9_RTAS_QUERY_SOURCE, dev << 11, 4, (uint32_t)any(), 0, 0);
}

void transport_nonsense(unsigned dev)
{
	switch (below(8)) {
	case 0: nonsense_window(dev); break;
	case 1: nonsense_config(dev); break;
	case 2: nonsense_msi(dev); break;
	default: nonsense_bar(dev); break;
	}
}
