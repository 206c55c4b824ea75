/* SPDX-License-Identifier: BSD-2-Clause */
/* See power9-xics-poll.md. Built by: gcc -O2 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define PAGE    65536UL
#define SOURCE  0x10
#define H_IPOLL 0x70

#define RIGHT (0xff000000UL | SOURCE) /* CPPR and XIRR of vCPU 1 */

/* sc 1; li r3, 0x58; sc 1: the second one is a hypercall that KVM leaves to us */
static const uint32_t code[] = { 0x44000022, 0x38600058, 0x44000022 };

static int must(int rc, const char *what)
{
	if (rc < 0) {
		printf("%s: %s\n", what, strerror(errno));
		exit(2);
	}
	return rc;
}

int main(void)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_XICS };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR }, join = { .cap = KVM_CAP_IRQ_XICS };
	struct kvm_ppc_mmuv3_cfg mmu = { KVM_PPC_MMUV3_RADIX, 1ULL << 63 };
	struct kvm_userspace_memory_region slot = { .memory_size = PAGE };
	struct kvm_irq_level line = { .irq = SOURCE, .level = 1 };
	struct kvm_regs poller = { .msr = 0x8000000000000001ULL }; /* 64-bit, little-endian, at 0 */
	struct kvm_regs polled = { .gpr[4] = 0x4444 };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, vcpu[2];
	uint64_t source = 1 | 5ULL << KVM_XICS_PRIORITY_SHIFT;
	uint64_t open_to_all = 0xffULL << KVM_REG_PPC_ICP_CPPR_SHIFT | 0xffULL << KVM_REG_PPC_ICP_MFRR_SHIFT |
	                       0xffULL << KVM_REG_PPC_ICP_PPRI_SHIFT;
	struct kvm_device_attr attr = { 0, KVM_DEV_XICS_GRP_SOURCES, SOURCE, (uintptr_t)&source };
	struct kvm_one_reg icp = { KVM_REG_PPC_ICP_STATE, (uintptr_t)&open_to_all };
	void *ram;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM");
	if (ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_PPC_IRQ_XIVE) <= 0) {
		printf("cannot be tried: no XICS on XIVE\n");
		return 77;
	}
	ram = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memcpy(ram, code, sizeof(code));
	slot.userspace_addr = (uintptr_t)ram;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "memory");
	must(ioctl(vm, KVM_PPC_CONFIGURE_V3_MMU, &mmu), "KVM_PPC_CONFIGURE_V3_MMU");
	must(ioctl(vm, KVM_CREATE_DEVICE, &device), "XICS");
	for (unsigned i = 0; i < 2; i++) {
		vcpu[i] = must(ioctl(vm, KVM_CREATE_VCPU, i), "KVM_CREATE_VCPU");
		must(ioctl(vcpu[i], KVM_ENABLE_CAP, &papr), "PAPR");
		join.args[0] = device.fd;
		join.args[1] = i;
		must(ioctl(vcpu[i], KVM_ENABLE_CAP, &join), "IRQ_XICS");
	}
	must(ioctl((int)device.fd, KVM_SET_DEVICE_ATTR, &attr), "SOURCES");
	must(ioctl(vcpu[1], KVM_SET_ONE_REG, &icp), "ICP_STATE");
	must(ioctl(vcpu[1], KVM_SET_REGS, &polled), "KVM_SET_REGS");
	must(ioctl(vm, KVM_IRQ_LINE, &line), "KVM_IRQ_LINE");
	poller.gpr[3] = H_IPOLL;
	poller.gpr[4] = 1; /* the other vCPU's server number */
	must(ioctl(vcpu[0], KVM_SET_REGS, &poller), "KVM_SET_REGS");
	must(ioctl(vcpu[0], KVM_RUN, 0), "KVM_RUN");
	must(ioctl(vcpu[0], KVM_GET_REGS, &poller), "KVM_GET_REGS");
	must(ioctl(vcpu[1], KVM_GET_REGS, &polled), "KVM_GET_REGS");
	if (poller.gpr[4] == RIGHT && polled.gpr[4] == 0x4444) {
		printf("right: the answer is in r4 of the vCPU that asked\n");
		return 0;
	}
	printf("wrong: vCPU 0 asked, its r4 is %llx; vCPU 1 did not run, its r4 was 4444, and is %llx\n",
	       (unsigned long long)poller.gpr[4], (unsigned long long)polled.gpr[4]);
	return 1;
}
