/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.c: what an s390x machine is made of. See vmm/arch.h. Read next: exits.c, flic.c. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "clock.h"
#include "flic.h"
#include "channel.h"
#include "devices.h"
#include "linux.h"
#include "service.h"
#include "watchdog.h"
#include "vmm/arch.h"
#include "vmm/vm_clock.h"
#include "vmm/vm_virtio.h"

static const struct kvm_need needs[] = {
	{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT", "for pausing vCPUs" },
	{ KVM_CAP_SYNC_REGS, "KVM_CAP_SYNC_REGS", "for a vCPU's registers at an exit" },
	{ KVM_CAP_ONE_REG, "KVM_CAP_ONE_REG", "for saving timers" },
	{ KVM_CAP_MP_STATE, "KVM_CAP_MP_STATE", "for starting and stopping vCPUs" },
	{ KVM_CAP_VM_ATTRIBUTES, "KVM_CAP_VM_ATTRIBUTES", "for saving the TOD clock" },
	{ KVM_CAP_DEVICE_CTRL, "KVM_CAP_DEVICE_CTRL", "for the floating interrupt controller" },
	{ KVM_CAP_S390_INJECT_IRQ, "KVM_CAP_S390_INJECT_IRQ", "for injecting interrupts" },
	{ KVM_CAP_S390_IRQ_STATE, "KVM_CAP_S390_IRQ_STATE", "for saving a vCPU's pending interrupts" },
	{ KVM_CAP_S390_USER_SIGP, "KVM_CAP_S390_USER_SIGP", "for the orders of SIGNAL PROCESSOR" },
	{ KVM_CAP_S390_VCPU_RESETS, "KVM_CAP_S390_VCPU_RESETS", "for resetting vCPUs" },
	{ KVM_CAP_S390_SKEYS, "KVM_CAP_S390_SKEYS", "for saving storage keys" },
	{ KVM_CAP_S390_CSS_SUPPORT, "KVM_CAP_S390_CSS_SUPPORT", "for channel I/O" },
	{ KVM_CAP_S390_MEM_OP, "KVM_CAP_S390_MEM_OP", "for the operands of I/O instructions" },
	{ 0, NULL, NULL },
};

const struct arch_info arch_info = {
	.name = "s390x",
	.images = { .elf = { EM_S390, .big = true, .relative = R_390_RELATIVE, .base = 4 << 20 },
	            .s390_linux = true },
	.ram_min = 1 << 20,
	.ram_align = 1 << 20, /* a memory slot is made of segments (kvm: KVM_SET_USER_MEMORY_REGION) */
	.ram_default = 64 << 20,
	.vm_type = 0,
	.vm_remedy =
		"zpvm must be linked with -Wl,--s390-pgste, or the host run with sysctl vm.allocate_pgste=1",
	.needs = needs,
};

int arch_choose_irqchip(const struct kvm_fd *kvm, const char *word, const char **name, struct error *err)
{
	(void)kvm;
	err->text[0] = 0;
	*name = word && !strcmp(word, "none") ? "none" : "flic";
	if (word && strcmp(word, *name) && strcmp(word, "auto"))
		return error_set(err, -EINVAL, "irqchip %s: this machine has flic, none or auto", word);
	return 0;
}

/* In this order they are created, saved and loaded. */
static const struct device_ops *const devices[] = { &css_device, &sclp_device, &watchdog_device, NULL };

static int enable(struct vm *vm, uint32_t capability, const char *name, struct error *err)
{
	struct kvm_enable_cap cap = { .cap = capability };
	long rc = kvm_call(&vm->fd, KVM_ENABLE_CAP, &cap);

	return rc < 0 ? kvm_failed(err, rc, &vm->fd, NULL, "KVM_ENABLE_CAP(%s)", name) : 0;
}

/*
 * Linux 7.2 and 7.3 compute a limit of 0 where SCLP does not report the largest address (hamaxpow), and a
 * limit can only be lowered (tests/scenarios/bugs/reports/s390x-memory-limit-zero.md).
 */
int arch_ram_refused(const struct vm *vm, int rc, struct error *err)
{
	uint64_t limit = 0;
	struct kvm_device_attr attr = { .group = KVM_S390_VM_MEM_CTRL,
		                        .attr = KVM_S390_VM_MEM_LIMIT_SIZE,
		                        .addr = (uintptr_t)&limit };

	if (kvm_call(&vm->fd, KVM_GET_DEVICE_ATTR, &attr) < 0 || limit >= vm->ram.size)
		return rc;
	if (limit)
		return error_set(err, -ERANGE,
		                 "guest memory of %llu MiB: this host's KVM has at most %llu MiB",
		                 (unsigned long long)vm->ram.size >> 20, (unsigned long long)limit >> 20);
	return error_set(
		err, -EOPNOTSUPP,
		"this host's KVM gives memory to no VM: its limit (KVM_S390_VM_MEM_LIMIT_SIZE) is 0 bytes, "
		"and a VM cannot raise it; a bug of Linux 7.2 and 7.3 on machines that report no "
		"hamaxpow: boot an earlier kernel, or one that has it mended");
}

int arch_machine_create(struct vm *vm, struct error *err)
{
	int rc;

	if (vm->config->vcpu_stride > 1)
		return error_set(err, -ERANGE,
		                 "vcpu-stride %u: on s390x a vCPU's id is its CPU address, and the guest "
		                 "expects them without gaps",
		                 vm->config->vcpu_stride);
	rc = enable(vm, KVM_CAP_S390_USER_SIGP, "S390_USER_SIGP", err);
	/* Without it the guest is told KVM's name. */
	if (!rc)
		rc = kvm_extension(vm->kvm, KVM_CAP_S390_USER_STSI, err);
	if (rc > 0)
		rc = enable(vm, KVM_CAP_S390_USER_STSI, "S390_USER_STSI", err);
	if (rc)
		return rc;
	vm->devices = calloc(1, sizeof(*vm->devices));
	if (!vm->devices)
		return error_set(err, -ENOMEM, "out of memory");
	rc = devices_add(&vm->device_list, vm, devices, err);
	if (!rc)
		rc = flic_create(vm, err);
	return rc ? rc : vm_virtio_create(vm, err);
}

void arch_machine_destroy(struct vm *vm)
{
	flic_destroy(vm->irqchip);
	devices_destroy(&vm->device_list);
	free(vm->devices);
}

int arch_vcpu_create(struct vcpu *vcpu, struct error *err)
{
	/* Without it KVM answers condition code 3 to each I/O instruction: subchannels have floating
	 * interrupts. */
	bool channels = !vcpu->id && flic_is_there(vcpu->vm->irqchip);
	int rc = channels ? channel_enable(vcpu, err) : 0;

	if (!rc)
		rc = cpu_reset(vcpu, CPU_RESET_INITIAL, err);
	return rc ? rc : cpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED, err);
}

/* Later than 2042 there is another epoch, which KVM may refuse. */
static int start_clock(struct vm *vm, struct error *err)
{
	struct clock_reading since_1970 = { .low = TOD_1970 };

	return arch_clock_set(vm, &since_1970, clock_start(vm), err);
}

int arch_boot(struct vm *vm, const struct image *image, const struct boot *boot, struct error *err)
{
	int rc = linux_put(&vm->ram, image, boot, err);

	if (!rc && vm->config->clock_offset)
		rc = start_clock(vm, err);
	if (rc)
		return rc;
	vm->vcpus[0].run->psw_mask = PSW_64;
	vm->vcpus[0].run->psw_addr = image->entry;
	return cpu_set_mp_state(&vm->vcpus[0], KVM_MP_STATE_OPERATING, err);
}

int arch_irq_reset(struct vm *vm, struct error *err)
{
	int rc = flic_reset(vm->irqchip, err);

	/* Status that is pending has an interruption; the other devices stay as they are. */
	css_device.reset(vm->devices->channel);
	/* It takes the local interrupts, and leaves the registers. */
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		rc = cpu_reset(&vm->vcpus[i], CPU_RESET_NORMAL, err);
	return rc;
}
