/* SPDX-License-Identifier: BSD-2-Clause */
/* See power9-xive-wrong-vcpu.md. Built by: gcc -O2 */
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

#define PAGE    65536UL
#define SOURCE  2
#define EISN    0x33
#define TRIGGER (2 * SOURCE * PAGE) /* in the mapping of the ESB pages, as of the source's even page */
#define EQ(n)   ((uint64_t)(n) << KVM_XIVE_EQ_SERVER_SHIFT | 5) /* the queue of priority 5 of server n */

static int must(int rc, const char *what)
{
	if (rc < 0) {
		printf("%s: %s\n", what, strerror(errno));
		exit(2);
	}
	return rc;
}

static int attr(int device, uint32_t group, uint64_t nr, void *value)
{
	struct kvm_device_attr a = { 0, group, nr, (uintptr_t)value };

	return ioctl(device, KVM_SET_DEVICE_ATTR, &a);
}

int main(void)
{
	struct kvm_ppc_xive_eq queue = { KVM_XIVE_EQ_ALWAYS_NOTIFY, 16, 0, 1, 0, { 0 } };
	struct kvm_userspace_memory_region slot = { .memory_size = PAGE };
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_XIVE };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR }, join = { .cap = KVM_CAP_PPC_IRQ_XIVE };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, vcpu, xive, rc;
	uint64_t msi = 0, to_0 = (uint64_t)EISN << KVM_XIVE_SOURCE_EISN_SHIFT | 5;
	volatile uint32_t *ram;
	uint32_t servers = 2;
	char *esb;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM");
	if (!ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_PPC_IRQ_XIVE) || sysconf(_SC_PAGESIZE) != PAGE) {
		printf("cannot be tried: no XIVE with pages of 64 KiB\n");
		return 77;
	}
	ram = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	slot.userspace_addr = (uintptr_t)ram;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "memory");
	must(ioctl(vm, KVM_CREATE_DEVICE, &device), "XIVE");
	xive = (int)device.fd;
	must(attr(xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS, &servers), "NR_SERVERS");
	for (unsigned i = 0; i < servers; i++) {
		vcpu = must(ioctl(vm, KVM_CREATE_VCPU, i), "KVM_CREATE_VCPU");
		must(ioctl(vcpu, KVM_ENABLE_CAP, &papr), "PAPR");
		join.args[0] = (uint64_t)xive;
		join.args[1] = i;
		must(ioctl(vcpu, KVM_ENABLE_CAP, &join), "IRQ_XIVE");
	}
	must(attr(xive, KVM_DEV_XIVE_GRP_SOURCE, SOURCE, &msi), "SOURCE");
	must(attr(xive, KVM_DEV_XIVE_GRP_EQ_CONFIG, EQ(1), &queue), "EQ_CONFIG of vCPU 1");
	rc = attr(xive, KVM_DEV_XIVE_GRP_SOURCE_CONFIG, SOURCE, &to_0);
	if (rc) {
		printf("right: vCPU 0 has no such queue: %s\n", strerror(errno));
		return 0;
	}
	esb = mmap(NULL, TRIGGER + 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, xive, 4 * PAGE);
	(void)*(volatile uint64_t *)(esb + TRIGGER + PAGE + 0xc00); /* PQ = 00 */
	*(volatile uint64_t *)(esb + TRIGGER) = 0;
	must(attr(xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_EQ_SYNC, NULL), "EQ_SYNC");
	printf("wrong: the source was accepted for vCPU 0, and the queue of vCPU 1 has %08x\n",
	       __builtin_bswap32(ram[0]));
	return 1;
}
