/* SPDX-License-Identifier: BSD-2-Clause */
/* pci.c: see pci.h. Read next: devices/virtio/virtio_pci.h. */
#include "pci.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "devices.h"
#include "irqchip.h"
#include "platform.h"
#include "vmm/hook.h"
#include "vmm/arch.h"
#include "vmm/vm_virtio.h"

_Static_assert(P9_PCI_SLOTS *VIRTIO_PCI_BAR_SIZE <= P9_PCI_SIZE, "the window has room for all BARs");

/* --- the functions ------------------------------------------------------ */

static uint32_t first_bar(unsigned slot)
{
	return P9_PCI_MEMORY + slot * VIRTIO_PCI_BAR_SIZE;
}

/* The last sources are those of the functions, as scenarios name the first. */
static uint32_t source_of(const struct pci *pci, unsigned slot, unsigned vector)
{
	return (uint32_t)(P9_MSI_BASE + pci->vm->irqchip->messages - (slot + 1) * VIRTIO_PCI_VECTORS +
	                  vector);
}

/* The source's P and Q merge what comes too fast, as hardware does; one that is off drops it. */
static void signal(void *arg, unsigned vector)
{
	const struct pci_slot *slot = arg;
	struct irqchip *chip = slot->pci->vm->irqchip;
	const struct arch_irq irq = { source_of(slot->pci, slot->number, vector) };
	const struct p9_source *s = irqchip_source(chip, irq.source);
	struct error err;

	if (irqchip_check_on(chip, s, &err))
		return;
	hook_raised(chip->vm, &irq, false);
	if (chip->ops->trigger(chip, s, &err)) {
		hook_raised(chip->vm, &irq, true);
		trace_note(chip->vm->trace, "pci slot %u: %s", slot->number, err.text);
	}
}

static void work(void *arg)
{
	const struct pci_slot *slot = arg;

	vm_virtio_need(slot->pci->vm, slot->pci->functions[slot->number].dev);
}

/* A BAR is where the guest has put it. An address that no function decodes reads as ones, as on any PCI bus.
 */
static int window_io(void *device, struct io *io, struct error *err)
{
	struct pci *pci = device;
	uint32_t address = (uint32_t)(io->addr - P9_PCI) + P9_PCI_MEMORY;

	(void)err;
	for (unsigned i = 0; i < pci->count; i++) {
		struct virtio_pci *f = &pci->functions[i];

		if (!virtio_pci_decodes(f, address))
			continue;
		if (io->write)
			virtio_pci_bar_write(f, address - f->state.bar, io->data, io->len);
		else
			virtio_pci_bar_read(f, address - f->state.bar, io->data, io->len);
		return 0;
	}
	if (!io->write)
		memset(io->data, 0xff, io->len);
	return 0;
}

/* --- notifications that KVM looks for --------------------------------------- */

/* The BAR in which it is to do so; 0: none. Of two functions at one address the first one decodes it. */
static uint32_t notified_in(const struct pci *pci, unsigned slot)
{
	uint32_t bar = pci->functions[slot].state.bar;
	unsigned first = 0;

	while (first < slot && !virtio_pci_decodes(&pci->functions[first], bar))
		first++;
	return first == slot && virtio_pci_decodes(&pci->functions[slot], bar) && bar >= P9_PCI_MEMORY &&
	                       bar - P9_PCI_MEMORY < P9_PCI_SIZE
	               ? bar
	               : 0;
}

/* Without a length KVM compares addresses alone, and need not look at the instruction. */
static int set_notified(struct pci_slot *slot, uint32_t bar, struct error *err)
{
	struct virtio_device *dev = slot->pci->functions[slot->number].dev;
	struct kvm_ioeventfd at = { .addr = P9_PCI + (bar - P9_PCI_MEMORY) + VIRTIO_PCI_NOTIFY };
	int rc = 0;

	for (unsigned i = 0; i < dev->type->queues && !rc; i++, at.addr += VIRTIO_PCI_NOTIFY_MULTIPLIER)
		rc = vm_virtio_notify_at(slot->pci->vm, dev, i, bar ? &at : NULL, err);
	slot->notified = bar;
	return rc;
}

/* BARs or commands may have changed: what has moved leaves its place before another one takes it. */
static int follow_bars(struct pci *pci, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < pci->count; i++)
		if (pci->slots[i].notified && pci->slots[i].notified != notified_in(pci, i))
			set_notified(&pci->slots[i], 0, err);
	for (unsigned i = 0; i < pci->count && !rc; i++)
		if (pci->slots[i].notified != notified_in(pci, i))
			rc = set_notified(&pci->slots[i], notified_in(pci, i), err);
	return rc;
}

/* --- a function as a device of the machine --------------------------------- */

static int create(struct vm *vm, struct device *device, struct error *err)
{
	device->self = &vm->devices->pci->slots[device->number];
	return device->number ? 0
	                      : bus_add(&vm->bus, IO_MMIO, P9_PCI, P9_PCI_SIZE, "pci", window_io,
	                                vm->devices->pci, err);
}

static struct virtio_pci *function_of(const void *self)
{
	const struct pci_slot *slot = self;

	return &slot->pci->functions[slot->number];
}

static int save(void *self, void *state, struct error *err)
{
	(void)err;
	*(struct virtio_pci_state *)state = function_of(self)->state;
	return 0;
}

static int load(void *self, const void *state, struct error *err)
{
	function_of(self)->state = *(const struct virtio_pci_state *)state;
	return follow_bars(((struct pci_slot *)self)->pci, err);
}

static const struct device_ops function_device = {
	.name = "PCI function",
	.tag = VIRTIO_PCI_TAG,
	.create = create,
	.save = save,
	.load = load,
};

/* Who asks for so many, on the command line, is at fault. */
static int full(struct error *err)
{
	error_set(err, -ENOSPC, "the machine has room for %d virtio devices", P9_PCI_SLOTS);
	return error_blame(err, -ENOSPC, FAULT_USAGE);
}

int arch_virtio_connect(struct vm *vm, struct virtio_device *dev, struct error *err)
{
	struct pci *pci = vm->devices->pci ? vm->devices->pci : calloc(1, sizeof(*pci));
	unsigned slot = pci ? pci->count : 0;
	struct virtio_pci_host host = { .signal = signal, .work = work, .lock = &vm->bus.lock };
	int rc;

	if (!pci)
		return error_set(err, -ENOMEM, "out of memory");
	if (slot == P9_PCI_SLOTS)
		return full(err);
	vm->devices->pci = pci;
	pci->vm = vm;
	host.arg = &pci->slots[slot];
	pci->slots[slot] = (struct pci_slot){ .pci = pci, .number = slot };
	virtio_pci_init(&pci->functions[slot], dev, &vm->ram, &host, first_bar(slot));
	pci->count++;
	rc = follow_bars(pci, err);
	return rc ? rc : device_add(&vm->device_list, vm, &function_device, slot, err);
}

int pci_check_sources(const struct vm *vm, struct error *err)
{
	unsigned count = vm->devices->pci ? vm->devices->pci->count : 0;
	size_t needed = (size_t)count * VIRTIO_PCI_VECTORS + 1; /* the first is the terminal's */

	if (count && !vm->irqchip->ops->type)
		return error_blame(err,
		                   error_set(err, -EPERM, "--irqchip=none: there can be no virtio devices"),
		                   FAULT_USAGE);
	return !count || needed <= vm->irqchip->messages
	               ? 0
	               : error_set(err, -ENOSPC, "%u PCI devices need %zu message sources, there are %zu",
	                           count, needed, vm->irqchip->messages);
}

unsigned pci_describe(const struct pci *pci, struct fdt_function functions[P9_PCI_SLOTS])
{
	unsigned count = pci ? pci->count : 0;

	for (unsigned i = 0; i < count; i++)
		functions[i] = (struct fdt_function){
			.vendor = VIRTIO_PCI_VENDOR,
			.device = VIRTIO_PCI_DEVICE + pci->functions[i].dev->type->id,
			.revision = VIRTIO_PCI_REVISION,
			.class = virtio_pci_class(&pci->functions[i]),
			.subsystem = pci->functions[i].dev->type->id,
			.bar = pci->functions[i].state.bar,
			.bar_size = VIRTIO_PCI_BAR_SIZE,
			.vectors = VIRTIO_PCI_VECTORS,
		};
	return count;
}

/* --- RTAS ----------------------------------------------------------------- */

/* The function that a call names: its address, and the bridge's unit identifier. Also the register. NULL:
 * none. */
static struct virtio_pci *find(const struct rtas_call *c, unsigned *slot, unsigned *reg)
{
	struct pci *pci = c->vcpu->vm->devices->pci;
	uint32_t address = c->arg[0];

	*slot = address >> 11 & 31;
	*reg = (address & 0xff) | (address >> 20 & 0xf00);
	if (((uint64_t)c->arg[1] << 32 | c->arg[2]) != P9_PCI_BUID || address >> 16 & 0xff ||
	    address >> 8 & 7 || !pci || *slot >= pci->count)
		return NULL;
	return &pci->functions[*slot];
}

static bool is_aligned(uint32_t reg, uint32_t size)
{
	return (size == 1 || size == 2 || size == 4) && !(reg % size);
}

/* Address, unit identifier, size -> value. */
int pci_rtas_read(struct rtas_call *c)
{
	struct bus *bus = &c->vcpu->vm->bus;
	unsigned slot, reg;
	struct virtio_pci *f = find(c, &slot, &reg);

	if (!f || !is_aligned(reg, c->arg[3]))
		return RTAS_PARAMETER;
	pthread_mutex_lock(&bus->lock);
	c->result[0] = virtio_pci_config_read(f, reg, c->arg[3]);
	pthread_mutex_unlock(&bus->lock);
	return RTAS_SUCCESS;
}

/* Address, unit identifier, size, value. */
int pci_rtas_write(struct rtas_call *c)
{
	struct bus *bus = &c->vcpu->vm->bus;
	unsigned slot, reg;
	struct virtio_pci *f = find(c, &slot, &reg);
	int rc;

	if (!f || !is_aligned(reg, c->arg[3]))
		return RTAS_PARAMETER;
	pthread_mutex_lock(&bus->lock);
	virtio_pci_config_write(f, reg, c->arg[3], c->arg[4]);
	rc = follow_bars(c->vcpu->vm->devices->pci, &c->event->why);
	pthread_mutex_unlock(&bus->lock);
	if (rc) {
		c->event->kind = EVENT_ERROR;
		c->event->code = rc;
	}
	return RTAS_SUCCESS;
}

/*
 * Address, unit identifier, function, number of interrupts, sequence number -> number, sequence number. A
 * function always has its sources, so nothing has to be kept: a guest that asks for MSI-X gets as many as
 * there are, and one that returns them changes nothing. There is no MSI.
 */
int pci_rtas_change_msi(struct rtas_call *c)
{
	enum { CHANGE = 1, CHANGE_MSIX = 4 };
	uint32_t function = c->arg[3], wanted = c->arg[4];
	unsigned slot, reg;

	if (!find(c, &slot, &reg) || (function != CHANGE && function != CHANGE_MSIX) ||
	    (function == CHANGE && wanted))
		return RTAS_PARAMETER;
	c->result[0] = wanted < VIRTIO_PCI_VECTORS ? wanted : VIRTIO_PCI_VECTORS;
	c->result[1] = c->arg[5] + 1;
	return RTAS_SUCCESS;
}

/* Address, unit identifier, vector -> source, 0: it is not level-sensitive. */
int pci_rtas_query_source(struct rtas_call *c)
{
	unsigned slot, reg;

	if (!find(c, &slot, &reg) || c->arg[3] >= VIRTIO_PCI_VECTORS)
		return RTAS_PARAMETER;
	c->result[0] = source_of(c->vcpu->vm->devices->pci, slot, c->arg[3]);
	c->result[1] = 0;
	return RTAS_SUCCESS;
}
