/* SPDX-License-Identifier: BSD-2-Clause */
/* See power9-xive-queue-count.md. Built by: gcc -O2 */
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

#define PAGE   65536UL
#define SOURCE 16
#define TIMES  20000
#define EQ(n)  ((uint64_t)(n) << KVM_XIVE_EQ_SERVER_SHIFT | 5) /* the queue of priority 5 of server n */

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
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, vcpu, xive, error = 0, i;
	uint64_t msi = 0, off = 1ULL << KVM_XIVE_SOURCE_MASKED_SHIFT;
	uint64_t on = (uint64_t)SOURCE << KVM_XIVE_SOURCE_EISN_SHIFT | 5;
	uint32_t servers = 1;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM");
	if (!ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_PPC_IRQ_XIVE) || sysconf(_SC_PAGESIZE) != PAGE) {
		printf("cannot be tried: no XIVE with pages of 64 KiB\n");
		return 77;
	}
	slot.userspace_addr =
		(uintptr_t)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "memory");
	must(ioctl(vm, KVM_CREATE_DEVICE, &device), "XIVE");
	xive = (int)device.fd;
	must(attr(xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS, &servers), "NR_SERVERS");
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	must(ioctl(vcpu, KVM_ENABLE_CAP, &papr), "PAPR");
	join.args[0] = (uint64_t)xive;
	must(ioctl(vcpu, KVM_ENABLE_CAP, &join), "IRQ_XIVE");
	must(attr(xive, KVM_DEV_XIVE_GRP_SOURCE, SOURCE, &msi), "SOURCE");
	must(attr(xive, KVM_DEV_XIVE_GRP_EQ_CONFIG, EQ(0), &queue), "EQ_CONFIG");
	for (i = 0; i < TIMES; i++) {
		if (attr(xive, KVM_DEV_XIVE_GRP_SOURCE_CONFIG, SOURCE, &on)) {
			error = errno;
			break;
		}
		must(attr(xive, KVM_DEV_XIVE_GRP_SOURCE_CONFIG, SOURCE, &off), "masking");
	}
	if (i == TIMES) {
		printf("right: a source was masked and unmasked %d times\n", i);
		return 0;
	}
	must(attr(xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_RESET, NULL), "RESET");
	must(attr(xive, KVM_DEV_XIVE_GRP_EQ_CONFIG, EQ(0), &queue), "EQ_CONFIG again");
	printf("after a reset, with the queue configured again: %s\n",
	       attr(xive, KVM_DEV_XIVE_GRP_SOURCE_CONFIG, SOURCE, &on) ? strerror(errno) : "accepted");
	printf("wrong: the only source of a queue was unmasked %d times, then: %s\n", i, strerror(error));
	return 1;
}
