/* SPDX-License-Identifier: BSD-2-Clause */
/* See power9-timer-before-boot.md. Built by: gcc -O2 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 65536UL
#define OFFSET \
	(1ULL << 40) /* of the guest's time base: the guest was made elsewhere, 36 minutes ago or more */
#define SECOND     (1ULL << 29)  /* in ticks, about */
#define LPCR_EXTRA 0x02020000ULL /* LD: a decrementer of more than 32 bits, ILE: little-endian interrupts */

static int must(int rc, const char *what)
{
	if (rc < 0) {
		printf("%s: %s\n", what, strerror(errno));
		exit(2);
	}
	return rc;
}

static uint64_t reg(int vcpu, unsigned long call, uint64_t id, uint64_t value)
{
	struct kvm_one_reg r = { id, (uintptr_t)&value };

	must(ioctl(vcpu, call, &r), "KVM_GET_ONE_REG or KVM_SET_ONE_REG");
	return value;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* A vCPU in H_CEDE, whose decrementer expired at this time of its time base: whether it wakes up in two
 * seconds. */
static int wakes(int kvm, uint64_t expiry)
{
	static const uint32_t code[] = { 0x44000022 /* sc 1 */, 0x60000000 /* nop */, 0x48000000 /* b . */ };
	static const uint32_t handler[] = { 0x38600058 /* li 3,0x58 */,
		                            0x44000022 /* sc 1, which ends KVM_RUN */ };
	struct kvm_ppc_mmuv3_cfg mmu = { KVM_PPC_MMUV3_RADIX, 1ULL << 63 };
	struct kvm_userspace_memory_region slot = { .memory_size = PAGE };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };
	struct kvm_regs regs = { .pc = 0x1000, .msr = 0x8000000000001001ULL };
	struct kvm_run *run;
	int vm = must(ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM"), vcpu, rc;
	char *ram = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	memcpy(ram + 0x1000, code, sizeof(code));
	memcpy(ram + 0x900, handler, sizeof(handler));
	slot.userspace_addr = (uintptr_t)ram;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "memory");
	must(ioctl(vm, KVM_PPC_CONFIGURE_V3_MMU, &mmu), "KVM_PPC_CONFIGURE_V3_MMU");
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	must(ioctl(vcpu, KVM_ENABLE_CAP, &papr), "PAPR");
	run = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED,
	           vcpu, 0);
	reg(vcpu, KVM_SET_ONE_REG, KVM_REG_PPC_LPCR_64,
	    reg(vcpu, KVM_GET_ONE_REG, KVM_REG_PPC_LPCR_64, 0) | LPCR_EXTRA);
	reg(vcpu, KVM_SET_ONE_REG, KVM_REG_PPC_TB_OFFSET, OFFSET);
	reg(vcpu, KVM_SET_ONE_REG, KVM_REG_PPC_DEC_EXPIRY, expiry);
	regs.gpr[3] = 0xe0; /* H_CEDE */
	must(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
	alarm(1);
	rc = ioctl(vcpu, KVM_RUN, 0);
	alarm(0);
	if (rc < 0 && errno != EINTR)
		must(rc, "KVM_RUN");
	close(vcpu);
	close(vm);
	return rc ? 0 : run->papr_hcall.nr == 0x58;
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), since, before;

	sigaction(SIGALRM, &action, NULL);
	since = wakes(kvm, OFFSET + SECOND / 2);
	before = wakes(kvm, OFFSET - SECOND / 2);
	printf("%s: a vCPU in H_CEDE whose timer expired after the host's boot %s, before it %s\n",
	       since && before ? "right" : "wrong", since ? "wakes up" : "sleeps",
	       before ? "wakes up" : "sleeps");
	return !since || !before;
}
