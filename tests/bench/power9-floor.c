/* SPDX-License-Identifier: BSD-2-Clause */
/* The floor on power9: the bare system calls to run the benchmark's guest (argv[1]: its flat image), and no
 * more. */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "guest/abi.h"

#define RAM     (64ul << 20)
#define PAGE    65536ul
#define SOURCES 64

static int must(int rc)
{
	if (rc < 0)
		_exit(1);
	return rc;
}

static void slot(int vm, unsigned nr, uint64_t gpa, void *p, uint64_t size)
{
	struct kvm_userspace_memory_region s = { nr, 0, gpa, size, (uintptr_t)p };

	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &s));
}

static void attr(int xive, uint32_t group, uint64_t nr, void *value)
{
	struct kvm_device_attr a = { 0, group, nr, (uintptr_t)value };

	must(ioctl(xive, KVM_SET_DEVICE_ATTR, &a));
}

static void *map(int fd, size_t size, size_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
}

int main(int argc, char **argv)
{
	struct kvm_create_device xive = { .type = KVM_DEV_TYPE_XIVE };
	struct kvm_ppc_mmuv3_cfg mmu = { KVM_PPC_MMUV3_RADIX | KVM_PPC_MMUV3_GTSE, 1ULL << 63 };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR }, irq = { .cap = KVM_CAP_PPC_IRQ_XIVE };
	int kvm = must(open("/dev/kvm", O_RDWR)), vm = must(ioctl(kvm, KVM_CREATE_VM, 1)), vcpu, file,
	    prints = 0;
	char *ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_regs regs = { .pc = BENCH_BASE, .msr = 0x8000000000001001ULL };
	size_t esb = 2 * (ABI_MSI_BASE + SOURCES) * PAGE;
	uint32_t servers = 1;
	uint64_t msi = 0, lpcr;
	struct kvm_one_reg reg = { KVM_REG_PPC_LPCR_64, (uintptr_t)&lpcr };
	struct kvm_run *run;

	(void)argc;
	slot(vm, 0, 0, ram, RAM);
	must(ioctl(vm, KVM_PPC_CONFIGURE_V3_MMU, &mmu));
	must(ioctl(vm, KVM_CREATE_DEVICE, &xive));
	attr((int)xive.fd, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS, &servers);
	attr((int)xive.fd, KVM_DEV_XIVE_GRP_SOURCE, 0, &msi);
	for (int i = 0; i < SOURCES; i++)
		attr((int)xive.fd, KVM_DEV_XIVE_GRP_SOURCE, (uint64_t)(ABI_MSI_BASE + i), &msi);
	slot(vm, 1, ABI_TIMA_GPA, map((int)xive.fd, 4 * PAGE, 0), 4 * PAGE);
	slot(vm, 2, ABI_ESB_GPA, map((int)xive.fd, esb, 4 * PAGE), esb);
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0));
	run = map(vcpu, (size_t)must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0)), 0);
	must(ioctl(vcpu, KVM_ENABLE_CAP, &papr));
	irq.args[0] = xive.fd;
	must(ioctl(vcpu, KVM_ENABLE_CAP, &irq));
	must(ioctl(vcpu, KVM_GET_ONE_REG, &reg));
	lpcr |= 0x02020000;
	must(ioctl(vcpu, KVM_SET_ONE_REG, &reg));
	file = must(open(argv[1], O_RDONLY));
	must((int)read(file, ram + BENCH_BASE, 65536));
	must(ioctl(vcpu, KVM_SET_REGS, &regs));
	for (;;) {
		must(ioctl(vcpu, KVM_RUN, 0));
		if (run->exit_reason != KVM_EXIT_PAPR_HCALL)
			return 1;
		if (run->papr_hcall.nr == 0x58)
			must((int)write(1, prints++ ? "y\n" : "x\n", 2));
		run->papr_hcall.ret = 0;
	}
}
