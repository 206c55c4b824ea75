/* SPDX-License-Identifier: BSD-2-Clause */
/* See s390x-memory-limit-zero.md. Built by: gcc -O2 -Wl,--s390-pgste */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define SIZE 0x100000UL /* of memory, and what its address is a multiple of */

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
	struct kvm_userspace_memory_region slot = { .memory_size = SIZE };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, rc;
	uint64_t limit = 0;
	struct kvm_device_attr attr = { 0, KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_LIMIT_SIZE,
		                        (uintptr_t)&limit };
	char *ram;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	must(ioctl(vm, KVM_GET_DEVICE_ATTR, &attr), "KVM_S390_VM_MEM_LIMIT_SIZE");
	ram = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	slot.userspace_addr = (uintptr_t)ram + (-(uintptr_t)ram & (SIZE - 1));
	rc = ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot) ? -errno : 0;
	printf("a new VM may have 0x%llx bytes; ", (unsigned long long)limit);
	limit = 1UL << 40;
	printf("setting that to 1 TiB: %s\n",
	       ioctl(vm, KVM_SET_DEVICE_ATTR, &attr) ? strerror(errno) : "accepted");
	if (rc)
		printf("wrong: a new VM gets no memory: %s\n", strerror(-rc));
	else
		printf("right: a new VM gets memory\n");
	return rc != 0;
}
