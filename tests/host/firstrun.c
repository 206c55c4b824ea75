/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * firstrun: runs a guest of two instructions on each CPU of the s390x host. The first instruction that
 * Hercules executes under SIE on one of its CPUs leaves the guest's PSW two bytes too far if it is
 * single-stepped (PER), and executes zeros if its page is not in the host's page table. This is the
 * emulator's: it makes the guest's part of that CPU's state just then. So the first guest is this one, which
 * does not mind.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kvm.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB 0x100000ul

static long must(const char *what, long rc)
{
	if (rc >= 0)
		return rc;
	perror(what);
	exit(1);
}

/* NOPR, and a DIAGNOSE that KVM does not know: an exit. */
static const uint8_t code[] = { 0x07, 0x00, 0x83, 0x00, 0x09, 0x99 };

int main(void)
{
	int kvm = (int)must("/dev/kvm", open("/dev/kvm", O_RDWR));
	int vm = (int)must("KVM_CREATE_VM", ioctl(kvm, KVM_CREATE_VM, 0));
	char *room = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *ram = (char *)(((uintptr_t)room + MIB - 1) & ~(MIB - 1));
	struct kvm_userspace_memory_region slot = { .memory_size = MIB, .userspace_addr = (uintptr_t)ram };
	int vcpu = (int)must("KVM_CREATE_VCPU", ioctl(vm, KVM_CREATE_VCPU, 0));
	size_t size = (size_t)must("KVM_GET_VCPU_MMAP_SIZE", ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
	struct kvm_run *run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (room == MAP_FAILED || run == MAP_FAILED)
		must("mmap", -1);
	memcpy(ram, code, sizeof(code));
	must("KVM_SET_USER_MEMORY_REGION", ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot));
	for (int i = 0; i < cpus; i++) {
		cpu_set_t one;

		CPU_ZERO(&one);
		CPU_SET(i, &one);
		must("sched_setaffinity", sched_setaffinity(0, sizeof(one), &one));
		must("KVM_S390_INITIAL_RESET", ioctl(vcpu, KVM_S390_INITIAL_RESET, 0));
		run->psw_mask = 0x180000000;
		run->psw_addr = 0;
		must("KVM_RUN", ioctl(vcpu, KVM_RUN, 0));
	}
	return 0;
}
