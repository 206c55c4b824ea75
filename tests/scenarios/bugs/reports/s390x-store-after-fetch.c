/* SPDX-License-Identifier: BSD-2-Clause */
/* See s390x-store-after-fetch.md. Built by: gcc -O2 -Wl,--s390-pgste */
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
#define START   0x1000     /* the program */
#define HANDLER 0x2000     /* of program interruptions: a DIAGNOSE */

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
	/* IC 1,0(2); STC 1,0(2); DIAGNOSE, which ends KVM_RUN: a page is fetched from, then stored to. */
	static const uint8_t program[] = { 0x43, 0x10, 0x20, 0x00, 0x42, 0x10, 0x20, 0x00, 0x83 };
	struct kvm_userspace_memory_region slot = { .memory_size = SIZE };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, vcpu;
	struct kvm_run *run;
	char *ram;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	if (ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_S390_COW)) {
		printf("cannot be tried: this machine has ESOP\n");
		return 77;
	}
	ram = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ram += -(uintptr_t)ram & (SIZE - 1);
	memcpy(ram + START, program, sizeof(program));
	ram[HANDLER] = (char)0x83;
	*(uint64_t *)(ram + 0x1d0) = 0x0000000180000000ULL; /* program new PSW */
	*(uint64_t *)(ram + 0x1d8) = HANDLER;
	slot.userspace_addr = (uintptr_t)ram;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot)) {
		printf("cannot be tried: no memory for a VM: %s (see s390x-memory-limit-zero)\n",
		       strerror(errno));
		return 77;
	}
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	run = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED,
	           vcpu, 0);
	run->s.regs.gprs[2] = 0x3000;
	run->kvm_dirty_regs = KVM_SYNC_GPRS;
	run->psw_mask = 0x0000000180000000ULL;
	run->psw_addr = START;
	must(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
	if (run->psw_addr >= HANDLER)
		printf("wrong: program interruption %u at %llx\n", *(uint16_t *)(ram + 0x8e),
		       *(unsigned long long *)(ram + 0x158));
	else
		printf("right: a page can be stored to after it was fetched from; PSW %llx\n",
		       (unsigned long long)run->psw_addr);
	return run->psw_addr >= HANDLER;
}
