/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.c: what a power9 machine is made of. See vmm/arch.h. Read next: hcall.c, xive.c. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "fdt.h"
#include "irqchip.h"
#include "machine.h"
#include "modes.h"
#include "pci.h"
#include "platform.h"
#include "vmm/arch.h"
#include "vmm/hook.h"
#include "vmm/vcpu.h"
#include "vmm/vm.h"
#include "vmm/vm_virtio.h"

static const struct kvm_need needs[] = {
	{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT", "for pausing vCPUs" },
	{ KVM_CAP_ONE_REG, "KVM_CAP_ONE_REG", "for saving registers" },
	{ KVM_CAP_DEVICE_CTRL, "KVM_CAP_DEVICE_CTRL", "for the interrupt controller" },
	{ KVM_CAP_PPC_PAPR, "KVM_CAP_PPC_PAPR", "for hypercalls" },
	{ KVM_CAP_PPC_MMU_RADIX, "KVM_CAP_PPC_MMU_RADIX",
	  "for a guest's memory; load kvm-hv on a POWER9 in radix mode" },
	{ 0, NULL, NULL },
};

const struct arch_info arch_info = {
	.name = "power9",
	.images.elf = { EM_PPC64, .big = true, .little = true, .relative = R_PPC64_RELATIVE,
	                .base = 4 << 20 },
	.ram_min = 64 << 20,
	.ram_align = 64 << 10, /* the page size that KVM's event queues ask of the host */
	.ram_default = 64 << 20,
	.vm_type = 1, /* KVM_VM_PPC_HV */
	.vm_remedy = "load the module kvm-hv",
	.needs = needs,
};

/* Below this, so that a guest loaded at 0 has room. */
#define FDT_BELOW (256ULL << 20)
#define RTAS_ROOM 4096
#define PAGE_MASK 0xffffULL

/* KVM does H_SET_MODE for breakpoints, if told, and hands on the rest of it. */
static int enable_calls(struct vm *vm, struct error *err)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_ENABLE_HCALL, .args = { H_SET_MODE, 1 } };
	long rc = kvm_call(&vm->fd, KVM_ENABLE_CAP, &cap);

	return rc < 0 ? kvm_failed(err, rc, &vm->fd, NULL, "KVM_ENABLE_CAP(PPC_ENABLE_HCALL, H_SET_MODE)")
	              : 0;
}

/* --- devices ---------------------------------------------------------- */

static int create_hvterm(struct vm *vm, struct device *device, struct error *err)
{
	struct hvterm *term = device->self = &vm->devices->hvterm;

	term->out = vm->config->console;
	return bus_add(&vm->bus, IO_VIO, P9_VTY, 1, "vty", hvterm_io, term, err);
}

static int save_hvterm(void *self, void *state, struct error *err)
{
	const struct hvterm *term = self;

	(void)err;
	*(struct fifo *)state = term->in;
	return 0;
}

static int load_hvterm(void *self, const void *state, struct error *err)
{
	struct hvterm *term = self;

	(void)err;
	term->in = *(const struct fifo *)state;
	return 0;
}

static const struct device_ops hvterm_device = {
	.name = "terminal",
	.tag = HVTERM_TAG,
	.create = create_hvterm,
	.save = save_hvterm,
	.load = load_hvterm,
};

/* A line of the level device is a source. */
static int line_changed(void *arg, unsigned line, bool level, struct error *err)
{
	struct vm *vm = arg;

	return irqchip_level(vm->irqchip, P9_LSI_BASE + line, level, err);
}

static int create_level(struct vm *vm, struct device *device, struct error *err)
{
	struct level *level = device->self = &vm->devices->level;

	*level = (struct level){ .base = P9_LEVEL, .changed = line_changed, .arg = vm };
	return bus_add(&vm->bus, IO_MMIO, P9_LEVEL, LEVEL_LINES, "level", level_io, level, err);
}

/* Its lines are saved with their sources. */
static const struct device_ops level_device = { .name = "level", .create = create_level };

/* In this order they are created, saved and loaded. */
static const struct device_ops *const devices[] = { &hvterm_device, &level_device, NULL };

/* --- the machine ------------------------------------------------------ */

int arch_ram_refused(const struct vm *vm, int rc, struct error *err)
{
	(void)vm;
	(void)err;
	return rc;
}

int arch_machine_create(struct vm *vm, struct error *err)
{
	int rc;

	vm->devices = calloc(1, sizeof(*vm->devices));
	if (!vm->devices)
		return error_set(err, -ENOMEM, "out of memory");
	/* Radix from the start; the table itself is the guest's to register. */
	rc = modes_set_mmu(vm, 0, true, err);
	if (!rc)
		rc = enable_calls(vm, err);
	if (rc)
		return rc;
	/* Linux never makes the hypercall that would turn it on, and other hypervisors do not wait for it. */
	vm->devices->modes.vty_signals = true;
	rc = devices_add(&vm->device_list, vm, devices, err);
	if (!rc)
		rc = vm_virtio_create(vm, err);
	if (!rc)
		rc = irqchip_create(vm, err);
	return rc ? rc : pci_check_sources(vm, err);
}

void arch_machine_destroy(struct vm *vm)
{
	irqchip_destroy(vm->irqchip);
	devices_destroy(&vm->device_list);
	if (vm->devices)
		free(vm->devices->pci);
	free(vm->devices);
}

void machine_vty_signal(struct vm *vm)
{
	const struct devices *d = vm->devices;
	const struct arch_irq irq = { P9_VTY_SOURCE };
	const struct p9_source *s = irqchip_source(vm->irqchip, irq.source);
	unsigned dropped = 0, room = 0;
	struct error why;
	bool known, counts;

	if (!s || !d->modes.vty_signals || !d->hvterm.in.len)
		return;
	/*
	 * A source that is off drops it: the guest will look by itself when it has turned it on. XICS keeps
	 * what comes while a source is masked, and cannot say so: where that can be known, nothing is sent.
	 */
	known = irqchip_room(vm->irqchip, s, false, &dropped, &room);
	if (!known && !vm_running(vm))
		return;
	counts = known ? room && !dropped : d->vty_asked;
	if (counts)
		hook_raised(vm, &irq, false);
	if ((irqchip_check_on(vm->irqchip, s, &why) || vm->irqchip->ops->trigger(vm->irqchip, s, &why)) &&
	    counts)
		hook_raised(vm, &irq, true);
}

int arch_input(struct vm *vm, const char *console, const uint8_t *bytes, size_t len, struct error *err)
{
	struct fifo *in = &vm->devices->hvterm.in;
	bool first;
	size_t taken;

	if (console && !strcmp(console, "virtio"))
		return vm_virtio_input(vm, bytes, len, err);
	if (console && strcmp(console, "hvterm"))
		return error_set(err, -EINVAL, "console %s is not one of: hvterm, virtio", console);
	pthread_mutex_lock(&vm->bus.lock);
	/* The guest reads until there is nothing left, so one interrupt is enough until then. */
	first = !in->len;
	taken = fifo_put(in, bytes, len);
	if (first)
		machine_vty_signal(vm);
	pthread_mutex_unlock(&vm->bus.lock);
	return (int)taken;
}

int arch_quiesce(struct vm *vm, struct error *err)
{
	(void)vm;
	return error_set(err, -EOPNOTSUPP,
	                 "this machine has no EPOW interrupt to ask a power9 guest to shut down");
}

int arch_vcpu_create(struct vcpu *vcpu, struct error *err)
{
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };
	long rc = kvm_call(&vcpu->fd, KVM_ENABLE_CAP, &papr); /* before it connects */

	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_ENABLE_CAP(PPC_PAPR)");
	rc = irqchip_connect(vcpu->vm->irqchip, vcpu, err);
	return rc ? (int)rc : cpu_set_lpcr(vcpu, err);
}

/* Where an initial RAM disk goes: below the tree, or else at the end of memory, above it. 0: nowhere. */
static gpa_t initrd_place(const struct vm *vm, const struct image *image, uint64_t size, gpa_t tree,
                          gpa_t tree_end)
{
	gpa_t below = size <= tree ? (tree - size) & ~PAGE_MASK : 0;
	gpa_t above = size <= vm->ram.size ? (vm->ram.size - size) & ~PAGE_MASK : 0;

	if (below && (below >= image->high || below + size <= image->low))
		return below;
	return above >= tree_end && above >= image->high ? above : 0;
}

static int put_initrd(struct vm *vm, const struct image *image, const struct payload *initrd,
                      struct fdt_machine *machine, gpa_t tree, gpa_t tree_end, struct error *err)
{
	gpa_t at = initrd_place(vm, image, initrd->size, tree, tree_end);

	if (!at)
		return error_set(
			err, -ENOEXEC,
			"%s, an initial RAM disk of %llu bytes, does not fit into guest memory "
			"(0x%llx) beside the kernel (0x%llx to 0x%llx) and the device tree (0x%llx); "
			"give it more (-m)",
			initrd->name, (unsigned long long)initrd->size, (unsigned long long)vm->ram.size,
			(unsigned long long)image->low, (unsigned long long)image->high,
			(unsigned long long)tree);
	machine->initrd = at;
	machine->initrd_end = at + initrd->size;
	return payload_load(initrd, 0, &vm->ram, at, initrd->size, err);
}

/* The mode is the partition's: a vCPU that starts later starts in it, too. */
static int set_big_endian(struct vm *vm, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		rc = cpu_change_lpcr(&vm->vcpus[i], LPCR_ILE, 0, err);
	return rc;
}

int arch_boot(struct vm *vm, const struct image *image, const struct boot *boot, struct error *err)
{
	struct fdt_function functions[P9_PCI_SLOTS];
	struct fdt_machine machine = {
		.memory = vm->ram.size,
		.vcpus = vm->config->vcpus,
		.vcpu_stride = vcpu_id(vm, 1),
		.xics = vm->irqchip->ops == &xics_ops,
		.xive = vm->irqchip->ops == &xive_ops,
		.tima = P9_TIMA,
		.page_shift = vm->irqchip->page_shift,
		.services = rtas_services,
		.function_count = pci_describe(vm->devices->pci, functions),
		.functions = functions,
		.params = boot->params,
		.identity = vm->config->identity,
	};
	/* The tree, and behind it a page with the stub, whose address it has. */
	uint64_t top = (vm->ram.size < FDT_BELOW ? vm->ram.size : FDT_BELOW) - RTAS_ROOM;
	uint64_t room = fdt_room(vm->config->vcpus) + machine.function_count * FDT_FUNCTION_ROOM +
	                (boot->params ? strlen(boot->params) : 0);
	gpa_t at = top > room ? (top - room) & ~PAGE_MASK : 0;
	int rc = 0;

	if (image->high > at && image->low < top + RTAS_ROOM)
		return error_set(err, -ENOEXEC,
		                 "the guest's image reaches to 0x%llx; the device tree is at 0x%llx",
		                 (unsigned long long)image->high, (unsigned long long)at);
	machine.rtas = (uint32_t)top;
	vm->devices->modes.time_offset = vm->config->clock_offset;
	cpu_features(&machine.vmx, &machine.dfp);
	if (boot->initrd.name)
		rc = put_initrd(vm, image, &boot->initrd, &machine, at, top + RTAS_ROOM, err);
	if (rc)
		return rc;
	fdt_rtas_stub(ram_at(&vm->ram, top, FDT_RTAS_SIZE));
	rc = fdt_build(&machine, ram_at(&vm->ram, at, room), (uint32_t)room, err);
	if (!rc && image->big_endian)
		rc = set_big_endian(vm, err);
	return rc ? rc : cpu_start(&vm->vcpus[0], image->entry, at, err);
}

int arch_irq_reset(struct vm *vm, struct error *err)
{
	bool renewed;
	int rc = irqchip_reset(vm->irqchip, &renewed, err);

	for (unsigned i = 0; i < vm->vcpu_count && renewed && !rc; i++)
		rc = irqchip_connect(vm->irqchip, &vm->vcpus[i], err);
	return rc;
}
