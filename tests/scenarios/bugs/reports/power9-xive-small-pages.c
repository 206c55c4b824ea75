/* SPDX-License-Identifier: BSD-2-Clause */
/* See power9-xive-small-pages.md. Built by: gcc -O2 */
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

#define PAGE 65536L
#define EQ   5 /* the queue of priority 5 of server 0 */

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
	struct kvm_userspace_memory_region slot = { .memory_size = 256 * PAGE };
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_XIVE };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR }, join = { .cap = KVM_CAP_PPC_IRQ_XIVE };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, vcpu, xive, sizes = 0;
	uint32_t servers = 1;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM");
	if (sysconf(_SC_PAGESIZE) >= PAGE) {
		printf("cannot be tried: pages of 64 KiB or more\n");
		return 77;
	}
	if (!ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_PPC_IRQ_XIVE)) {
		printf("right: XIVE is not offered\n");
		return 0;
	}
	slot.userspace_addr = (uintptr_t)mmap(NULL, 256 * PAGE, PROT_READ | PROT_WRITE,
	                                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "memory");
	must(ioctl(vm, KVM_CREATE_DEVICE, &device), "XIVE");
	xive = (int)device.fd;
	must(attr(xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS, &servers), "NR_SERVERS");
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	must(ioctl(vcpu, KVM_ENABLE_CAP, &papr), "PAPR");
	join.args[0] = (uint64_t)xive;
	must(ioctl(vcpu, KVM_ENABLE_CAP, &join), "IRQ_XIVE");
	for (uint32_t shift = 12; shift <= 24; shift++) {
		queue.qshift = shift;
		if (attr(xive, KVM_DEV_XIVE_GRP_EQ_CONFIG, EQ, &queue))
			continue;
		sizes++;
		queue.qshift = 0;
		must(attr(xive, KVM_DEV_XIVE_GRP_EQ_CONFIG, EQ, &queue), "taking the queue away");
	}
	printf("%s: KVM_CAP_PPC_IRQ_XIVE is 1, pages are of %ld KiB, and %d sizes of a queue are accepted\n",
	       sizes ? "right" : "wrong", sysconf(_SC_PAGESIZE) >> 10, sizes);
	return !sizes;
}
