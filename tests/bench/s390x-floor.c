/* SPDX-License-Identifier: BSD-2-Clause */
/* The floor on s390x: the bare system calls to run the benchmark's guest (argv[1]: its flat image), and no
 * more. */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define RAM   (64ul << 20)
#define ALIGN (1ul << 20)

static int must(int rc)
{
	if (rc < 0)
		_exit(1);
	return rc;
}

int main(int argc, char **argv)
{
	struct kvm_create_device flic = { .type = KVM_DEV_TYPE_FLIC };
	struct kvm_userspace_memory_region slot = { .memory_size = RAM };
	int kvm = must(open("/dev/kvm", O_RDWR)), vm = must(ioctl(kvm, KVM_CREATE_VM, 0)), vcpu, file;
	char *p = mmap(NULL, RAM + ALIGN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_s390_irq done = { .type = KVM_S390_INT_SERVICE };
	struct kvm_device_attr enqueue = { 0, KVM_DEV_FLIC_ENQUEUE, sizeof(done), (uintptr_t)&done };
	struct kvm_run *run;
	int prints = 0;

	(void)argc;
	p = (char *)(((uintptr_t)p + ALIGN - 1) & ~(ALIGN - 1));
	slot.userspace_addr = (uintptr_t)p;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot));
	must(ioctl(vm, KVM_CREATE_DEVICE, &flic));
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0));
	run = mmap(NULL, (size_t)must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0)), PROT_READ | PROT_WRITE,
	           MAP_SHARED, vcpu, 0);
	file = must(open(argv[1], O_RDONLY));
	must((int)read(file, p + BENCH_BASE, 65536));
	must(ioctl(vcpu, KVM_S390_INITIAL_RESET, 0));
	run->psw_mask = 0x0000000180000000ULL;
	run->psw_addr = BENCH_BASE;
	for (;;) {
		must(ioctl(vcpu, KVM_RUN, 0));
		if (run->exit_reason != KVM_EXIT_S390_SIEIC || run->s390_sieic.ipa != 0xb220)
			continue;
		must((int)write(1, prints++ ? "y\n" : "x\n", 2));
		done.u.ext.ext_params = (uint32_t)run->s.regs.gprs[3];
		must(ioctl((int)flic.fd, KVM_SET_DEVICE_ATTR, &enqueue));
	}
}
