/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_pci.c: a virtio device as a PCI function: what a driver finds, sets and gets. */
#include "devices/virtio/virtio_pci.h"

#include "devices/virtio/virtio_rng.h"
#include "tap.h"
#include "virtio_driver.h"
#include "vmm/snapshot/device_section.h"

#define BAR  0x80000000u
#define MSIX 0x98

static struct virtio_rng rng;
static struct virtio_pci pci;
static unsigned signals[VIRTIO_PCI_VECTORS];

static void signal(void *arg, unsigned vector)
{
	(void)arg;
	signals[vector]++;
}

static const struct virtio_pci_host machine = { .signal = signal, .work = ask_for_work };

static uint32_t config(unsigned offset, unsigned len)
{
	return virtio_pci_config_read(&pci, offset, len);
}

static void set_config(unsigned offset, unsigned len, uint32_t value)
{
	virtio_pci_config_write(&pci, offset, len, value);
}

static uint64_t get(unsigned offset, unsigned len)
{
	uint8_t b[8] = { 0 };

	virtio_pci_bar_read(&pci, offset, b, len);
	return virtio_get64(b);
}

static void set(unsigned offset, unsigned len, uint64_t value)
{
	uint8_t b[8];

	virtio_put64(b, value);
	virtio_pci_bar_write(&pci, offset, b, len);
}

static void make(void)
{
	memset(ram.host, 0, RAM_BYTES);
	memset(signals, 0, sizeof(signals));
	memset(queues, 0, sizeof(queues));
	virtio_rng_open(&rng, NULL, NULL);
	virtio_pci_init(&pci, &rng.dev, &ram, &machine, BAR);
}

/* The place of a virtio structure in the BAR, and the capability's own place. */
static unsigned structure(uint8_t type, unsigned *at)
{
	unsigned count = 0;

	for (*at = config(0x34, 1); *at && count++ < 16; *at = config(*at + 1, 1))
		if (config(*at, 1) == 0x09 && config(*at + 3, 1) == type)
			return config(*at + 8, 4);
	return ~0u;
}

/* --- the configuration space ---------------------------------------------------- */

static void identify(void)
{
	unsigned at, caps = 0;

	make();
	is(config(0, 4), 0x10441af4, "vendor and device id of a source of random bytes");
	is(config(2, 2), 0x1044, "two bytes of it");
	is(config(8, 1), 1, "a device of virtio 1 has revision 1");
	is(config(0x2e, 2), 4, "the subsystem id is the virtio id");
	is(config(0x3d, 1), 0, "there is no INTx");
	is(config(6, 1) & 0x10, 0x10, "there is a list of capabilities");
	for (at = config(0x34, 1); at && caps < 16; at = config(at + 1, 1))
		caps++;
	is(caps, 6, "with five virtio structures, and MSI-X");
	is(structure(1, &at), 0, "the common configuration");
	is(structure(2, &at), VIRTIO_PCI_NOTIFY, "notifications");
	is(config(at + 16, 4), 4, "... four bytes apart");
	is(structure(4, &at), 0x2000, "the device's configuration");
	is(config(MSIX, 1), 0x11, "MSI-X");
	is(config(MSIX + 2, 2), VIRTIO_PCI_VECTORS - 1, "... the number of vectors, less one");
	is(config(0x100, 4), 0, "behind the end there is nothing");
}

static void bar(void)
{
	make();
	is(config(0x10, 4), BAR, "BAR 0 has its first address");
	ok(virtio_pci_decodes(&pci, BAR) && virtio_pci_decodes(&pci, BAR + VIRTIO_PCI_BAR_SIZE - 1),
	   "which is decoded");
	ok(!virtio_pci_decodes(&pci, BAR - 1) && !virtio_pci_decodes(&pci, BAR + VIRTIO_PCI_BAR_SIZE),
	   "and nothing beside it");
	set_config(0x10, 4, ~0u);
	is(config(0x10, 4), (uint32_t)-VIRTIO_PCI_BAR_SIZE, "all ones give its size");
	set_config(0x10, 4, 0x90000000);
	ok(virtio_pci_decodes(&pci, 0x90000000), "it moves");
	set_config(4, 2, 0);
	ok(!virtio_pci_decodes(&pci, 0x90000000), "and is off without the command's memory bit");
	set_config(4, 2, 0xffff);
	is(config(4, 2), 0x406, "bits of the command that are not there stay off");
	is(config(6, 2), 0x10, "a write to the command leaves the status");
	set_config(0, 4, 0);
	is(config(0, 4), 0x10441af4, "the ids cannot be written");
	set_config(0x3c, 1, 7);
	is(config(0x3c, 1), 7, "the interrupt line keeps what is written");
}

/* VIRTIO, 4.1.4.9 */
static void access_by_capability(void)
{
	unsigned at;

	make();
	structure(5, &at);
	set_config(at + 4, 1, 0);
	set_config(at + 8, 4, 0x12);
	set_config(at + 12, 4, 2);
	is(config(at + 16, 2), 1, "the number of queues, read through capability 5");
	set_config(at + 8, 4, 0x14);
	set_config(at + 12, 4, 1);
	set_config(at + 16, 1, VIRTIO_ACKNOWLEDGE);
	is(virtio_status(&rng.dev), VIRTIO_ACKNOWLEDGE, "a status, written through it");
	set_config(at + 12, 4, 3);
	set_config(at + 16, 1, VIRTIO_DRIVER);
	is(virtio_status(&rng.dev), VIRTIO_ACKNOWLEDGE, "an access of three bytes does nothing");
	set_config(at + 12, 4, 4);
	set_config(at + 8, 4, VIRTIO_PCI_BAR_SIZE);
	is(config(at + 16, 4), 0, "nor does one behind the BAR");
	set_config(at + 4, 1, 1);
	is(config(at + 16, 4), 0, "or in another BAR");
}

/* --- the common configuration ------------------------------------------------------ */

static void drive(void)
{
	set(0x14, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	set(0x08, 4, 1);
	set(0x0c, 4, 1); /* VERSION_1 */
	set(0x14, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
	set(0x16, 2, 0);
	set(0x18, 2, ENTRIES);
	set(0x1a, 2, 1);
	set(0x20, 4, DESC(0));
	set(0x24, 4, 0);
	set(0x28, 8, AVAIL(0));
	set(0x30, 8, USED(0));
	set(0x1c, 2, 1);
	set(0x10, 2, 0);
	set(0x14, 1, 15);
}

static void registers(void)
{
	make();
	set(0x00, 4, 1);
	is(get(0x04, 4), 1, "VERSION_1 is offered in window 1");
	set(0x00, 4, 2);
	is(get(0x04, 4), 0, "and nothing in window 2");
	is(get(0x10, 2), 0xffff, "the configuration has no vector at first");
	set(0x10, 2, VIRTIO_PCI_VECTORS);
	is(get(0x10, 2), 0xffff, "nor one that is not there");
	is(get(0x18, 2), 64, "queue 0 has its largest size");
	set(0x16, 2, 1);
	is(get(0x18, 2), 0, "queue 1 is not there");
	set(0x1a, 2, 1);
	set(0x20, 8, 0x1000);
	is(get(0x20, 8), 0, "and keeps nothing");
	drive();
	is(get(0x14, 1), 15, "the driver has started the device");
	is(get(0x20, 8), DESC(0), "an address in two halves");
	is(get(0x28, 8), AVAIL(0), "or as a whole");
	is(get(0x1c, 2), 1, "the queue is enabled");
	is(get(0x1e, 2), 0, "its notifications come at 0");
	set(0x18, 1, 8);
	is(get(0x18, 2), ENTRIES, "a field that is written in part stays as it is");
	set(0x14, 1, 0);
	is(get(0x14, 1), 0, "a reset");
	is(get(0x10, 2), 0xffff, "takes the vectors");
	is(get(0x1c, 2), 0, "and the queues");
	is(get(0x36, 4), 0, "a read across the end of the structure");
}

/* --- interrupts ---------------------------------------------------------------------- */

static void ask(void)
{
	const struct part p = { DATA, 8, true };

	request(0, &p, 1);
	set(VIRTIO_PCI_NOTIFY, 2, 0);
}

static void vectors(void)
{
	make();
	drive();
	ask();
	is(queues[0].avail, virtio_get16(at(USED(0) + 2)), "a notification executes the request");
	is(signals[1], 0, "without MSI-X there is no interrupt");
	set_config(MSIX + 2, 2, 0x8000);
	ask();
	is(signals[1], 0, "a vector is masked at first");
	is(get(0x5000, 1), 2, "and its interrupt pending");
	set(0x4000 + 16 + 12, 4, 0);
	is(signals[1], 1, "unmasked, it is sent");
	is(get(0x5000, 1), 0, "and no longer pending");
	ask();
	is(signals[1], 2, "the next one is sent at once");
	set_config(MSIX + 2, 2, 0xc000);
	ask();
	is(signals[1], 2, "the function mask holds it back");
	set_config(MSIX + 2, 2, 0x8000);
	is(signals[1], 3, "until it is taken off");
	set(0x4000, 8, 0x1122334455667788);
	is(get(0x4004, 4), 0x11223344, "the table keeps what the driver writes");
	set(0x4000 + 16 * VIRTIO_PCI_VECTORS - 4, 8, ~0ull);
	is(get(0x4000 + 16 * VIRTIO_PCI_VECTORS - 4, 4), 1, "but nothing that reaches behind it");
	set(0x1a, 2, 0xffff);
	ask();
	is(signals[1], 3, "a queue without a vector does not interrupt");
	virtio_config_changed(&rng.dev);
	set(0x4000 + 12, 4, 0);
	is(signals[0], 1, "the configuration has a vector of its own");
}

/* --- snapshots --------------------------------------------------------------------------- */

static void snapshots(void)
{
	struct virtio_pci_state back = { 0 };
	struct snap_section s = { .tag = VIRTIO_PCI_TAG };
	struct snap_reader r;
	size_t bad = 0;

	make();
	drive();
	set_config(MSIX + 2, 2, 0x8000);
	ask();
	virtio_pci_section.put(&s, &pci.state);
	r = snap_reader(&s);
	ok(virtio_pci_section.get(&r, &back, RAM_BYTES) && !snap_left(&r), "the state is decoded");
	ok(!memcmp(&back, &pci.state, sizeof(back)), "as it was");
	for (size_t len = 0; len < s.len; len++) {
		struct snap_section part = s;

		part.len = len;
		r = snap_reader(&part);
		bad += virtio_pci_section.get(&r, &back, RAM_BYTES) && !r.bad;
	}
	is(bad, 0, "a part of it is not");
	s.bytes[0] = 0x80; /* the command */
	r = snap_reader(&s);
	ok(!virtio_pci_section.get(&r, &back, RAM_BYTES), "nor a command that no driver can set");
	s.bytes[0] = (uint8_t)(pci.state.command >> 8);
	s.bytes[2 + 4 + 2] |= 1; /* message control */
	r = snap_reader(&s);
	ok(!virtio_pci_section.get(&r, &back, RAM_BYTES), "nor such a message control");
	s.bytes[2 + 4 + 2] &= 0xfe;
	r = snap_reader(&s);
	ok(virtio_pci_section.get(&r, &back, RAM_BYTES), "but what it was before");
	s.bytes[2 + 3] = 1; /* BAR: not aligned */
	r = snap_reader(&s);
	ok(!virtio_pci_section.get(&r, &back, RAM_BYTES), "nor a BAR that no driver can set");
	free(s.bytes);
}

int main(void)
{
	make_ram();
	identify();
	bar();
	access_by_capability();
	registers();
	vectors();
	snapshots();
	free(ram.host);
	return tap_done();
}
