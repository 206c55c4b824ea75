/* SPDX-License-Identifier: BSD-2-Clause */
/* See s390x-event-comes-twice.md. Built by: gcc -O2 -Wl,--s390-pgste */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define SIZE    0x100000UL /* of memory, and what its address is a multiple of */
#define START   0x1000     /* a DIAGNOSE, which ends KVM_RUN */
#define HANDLER 0x2000     /* of external interruptions: a DIAGNOSE */

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
	struct kvm_s390_interrupt event = { .type = KVM_S390_INT_SERVICE, .parm = 1 };
	struct kvm_userspace_memory_region slot = { .memory_size = SIZE };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, vcpu, count;
	struct kvm_sregs sregs;
	struct kvm_run *run;
	char *ram;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	ram = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ram += -(uintptr_t)ram & (SIZE - 1);
	ram[START] = ram[HANDLER] = (char)0x83;
	*(uint64_t *)(ram + 0x1b0) = 0x0000000180000000ULL; /* external new PSW */
	*(uint64_t *)(ram + 0x1b8) = HANDLER;
	slot.userspace_addr = (uintptr_t)ram;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot)) {
		printf("cannot be tried: no memory for a VM: %s (see s390x-memory-limit-zero)\n",
		       strerror(errno));
		exit(77);
	}
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	run = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED,
	           vcpu, 0);
	must(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.crs[0] |= 0x200; /* service signals */
	must(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");

	must(ioctl(vm, KVM_S390_INTERRUPT, &event), "KVM_S390_INTERRUPT");
	for (count = 0; count < 5; count++) {
		run->psw_mask = 0x0100000180000000ULL; /* external interruptions are enabled */
		run->psw_addr = START;
		must(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
		if (run->psw_addr < HANDLER)
			break;
		printf("external interruption 0x%04x, parameter %u\n", *(uint16_t *)(ram + 0x86),
		       *(uint32_t *)(ram + 0x80));
	}
	printf("%s: one event, %d interruptions\n", count == 1 ? "right" : "wrong", count);
	return count != 1;
}
