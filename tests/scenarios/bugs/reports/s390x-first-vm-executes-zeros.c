/* SPDX-License-Identifier: BSD-2-Clause */
/* See s390x-first-vm-executes-zeros.md. gcc -O2 -Wl,--s390-pgste -o s390x-first-vm-executes-zeros
 * s390x-first-vm-executes-zeros.c */
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

#define SIZE    0x100000UL /* of memory, and what its address is a multiple of */
#define START   0x1000     /* the program: a DIAGNOSE, which ends KVM_RUN */
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
	struct kvm_userspace_memory_region slot = { .memory_size = SIZE };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, vcpu,
	    file = must(memfd_create("ram", 0), "memfd");
	struct {
		uint64_t mask, address;
	} program_new = { 0x0000000180000000ULL, HANDLER };
	struct kvm_run *run;
	char *ram;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	/* Written to the file: none of its pages is in our page table. */
	must(ftruncate(file, SIZE), "ftruncate");
	must((int)pwrite(file, &program_new, sizeof(program_new), 0x1d0), "pwrite");
	must((int)pwrite(file, "\x83", 1, START), "pwrite");
	must((int)pwrite(file, "\x83", 1, HANDLER), "pwrite");
	ram = mmap(NULL, 2 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ram += -(uintptr_t)ram & (SIZE - 1);
	mmap(ram, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
	slot.userspace_addr = (uintptr_t)ram;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot)) {
		printf("cannot be tried: no memory for a VM: %s (see s390x-memory-limit-zero)\n",
		       strerror(errno));
		return 77;
	}
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	run = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED,
	           vcpu, 0);
	run->psw_mask = 0x0000000180000000ULL;
	run->psw_addr = START;
	must(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
	if (run->psw_addr >= START && run->psw_addr < HANDLER) {
		printf("right: the program was executed\n");
		return 0;
	}
	printf("wrong: exit %u, PSW %llx, program interruption %u at %llx; the program's byte is %02x\n",
	       run->exit_reason, (unsigned long long)run->psw_addr, *(uint16_t *)(ram + 0x8e),
	       *(unsigned long long *)(ram + 0x158), (uint8_t)ram[START]);
	return 1;
}
