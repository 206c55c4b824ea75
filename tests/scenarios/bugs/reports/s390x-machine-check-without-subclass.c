/* SPDX-License-Identifier: BSD-2-Clause */
/* See s390x-machine-check-without-subclass.md. Built by: gcc -O2 -Wl,--s390-pgste */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define SIZE        0x100000UL            /* of memory, and what its address is a multiple of */
#define START       0x1000                /* a DIAGNOSE, which ends KVM_RUN */
#define CR14_DAMAGE 0x02000000ULL         /* subclass: external damage */
#define MCIC_DAMAGE 0x0400000000000000ULL /* external damage */
#define HANDLER     0x2000                /* of machine checks: a DIAGNOSE */

static int must(int rc, const char *what)
{
	if (rc < 0) {
		printf("%s: %s\n", what, strerror(errno));
		exit(2);
	}
	return rc;
}

/* External damage, a machine check of a vCPU, by this call: whether the vCPU takes it. */
static int taken(int kvm, unsigned long call, void *check)
{
	struct kvm_userspace_memory_region slot = { .memory_size = SIZE };
	int vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM"), vcpu;
	char pending[4096],
		*ram = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_s390_irq_state state = { (uintptr_t)pending, 0, sizeof(pending), { 0 } };
	struct kvm_sregs sregs;
	struct kvm_run *run;

	ram += -(uintptr_t)ram & (SIZE - 1);
	ram[START] = ram[HANDLER] = (char)0x83;
	*(uint64_t *)(ram + 0x1e0) = 0x0000000180000000ULL; /* machine-check new PSW */
	*(uint64_t *)(ram + 0x1e8) = HANDLER;
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
	sregs.crs[14] |= CR14_DAMAGE;
	must(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	must(ioctl(vcpu, call, check), "injecting");
	run->psw_mask = 0x0004000180000000ULL; /* machine checks are enabled */
	run->psw_addr = START;
	must(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
	printf("%s, %d bytes of interrupts are pending\n", run->psw_addr >= HANDLER ? "taken" : "not taken",
	       must(ioctl(vcpu, KVM_S390_GET_IRQ_STATE, &state), "KVM_S390_GET_IRQ_STATE"));
	return run->psw_addr >= HANDLER;
}

int main(void)
{
	struct kvm_s390_interrupt old = { .type = KVM_S390_MCHK, .parm = CR14_DAMAGE, .parm64 = MCIC_DAMAGE };
	struct kvm_s390_irq irq = { .type = KVM_S390_MCHK,
		                    .u.mchk = { .cr14 = CR14_DAMAGE, .mcic = MCIC_DAMAGE } };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), by_irq, by_old;

	printf("KVM_S390_IRQ: ");
	by_irq = taken(kvm, KVM_S390_IRQ, &irq);
	printf("KVM_S390_INTERRUPT: ");
	by_old = taken(kvm, KVM_S390_INTERRUPT, &old);
	printf("%s: the machine check is taken by way of KVM_S390_IRQ %d, of KVM_S390_INTERRUPT %d times\n",
	       by_irq && by_old ? "right" : "wrong", by_irq, by_old);
	return !by_irq || !by_old;
}
