/* SPDX-License-Identifier: BSD-2-Clause */
/* See power9-kvm-run-clobbers-fp.md. Built by: gcc -O2 -mcpu=power9 -D_GNU_SOURCE */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 65536UL
#define RUNS 40
#define SPIN 30000000ULL /* rounds of the guest's loop: tens of milliseconds */

/* mtctr 4; bdnz .; sc 1: a loop, then a hypercall, which ends KVM_RUN */
static const uint32_t code[] = { 0x7c8903a6, 0x42000000, 0x44000022 };

typedef uint64_t registers[64][2]; /* vs0 to vs63: f0 to f31 are in vs0 to vs31, v0 to v31 are vs32 to vs63 */

static int must(int rc, const char *what)
{
	if (rc < 0) {
		printf("%s: %s\n", what, strerror(errno));
		exit(2);
	}
	return rc;
}

/* ioctl(vcpu, KVM_RUN, 0) with these vector-scalar registers; after it they are in out. */
static __attribute__((noinline)) long run(int vcpu, registers in, registers out)
{
	register long r0 __asm__("r0") = 54, r3 __asm__("r3") = vcpu, r4 __asm__("r4") = KVM_RUN;
	register long r5 __asm__("r5") = 0;
	register uint64_t *from __asm__("r14") = in[0], *to __asm__("r15") = out[0];

	__asm__ volatile(".set i, 0\n .rept 64\n lxv i, i*16(%4)\n .set i, i+1\n .endr\n"
	                 "sc\n"
	                 ".set i, 0\n .rept 64\n stxv i, i*16(%5)\n .set i, i+1\n .endr"
	                 : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5)
	                 : "r"(from), "r"(to)
	                 : "memory", "cr0", "ctr", "xer", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "fr0",
	                   "fr1", "fr2", "fr3", "fr4", "fr5", "fr6", "fr7", "fr8", "fr9", "fr10", "fr11",
	                   "fr12", "fr13", "fr14", "fr15", "fr16", "fr17", "fr18", "fr19", "fr20", "fr21",
	                   "fr22", "fr23", "fr24", "fr25", "fr26", "fr27", "fr28", "fr29", "fr30", "fr31",
	                   "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12",
	                   "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24",
	                   "v25", "v26", "v27", "v28", "v29", "v30", "v31");
	return r3;
}

/* How often KVM_RUN came back with other registers. */
static void tried(int vcpu, const char *when, int *fp, int *vr)
{
	static registers mine __attribute__((aligned(16))), after __attribute__((aligned(16)));
	struct kvm_regs regs = { .msr = 0x8000000000000001ULL }; /* 64-bit, little-endian, at 0 */

	for (unsigned i = 0; i < 64; i++)
		mine[i][0] = mine[i][1] = 0xc0ffee00 + i;
	*fp = *vr = 0;
	for (int i = 0; i < RUNS; i++) {
		regs.gpr[3] = 0x58; /* a hypercall that KVM leaves to us */
		regs.gpr[4] = SPIN;
		must(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
		must((int)run(vcpu, mine, after), "KVM_RUN");
		*fp += memcmp(mine[0], after[0], 32 * 16) != 0;
		*vr += memcmp(mine[32], after[32], 32 * 16) != 0;
		if (memcmp(mine, after, sizeof(mine)) && *fp + *vr <= 2)
			printf("vs14: %llx, then %llx; v20: %llx, then %llx\n", (long long)mine[14][0],
			       (long long)after[14][0], (long long)mine[52][0], (long long)after[52][0]);
	}
	printf("%s: of %d KVM_RUNs %d changed the caller's vs0 to vs31, %d its v0 to v31\n", when, RUNS, *fp,
	       *vr);
}

int main(void)
{
	struct kvm_ppc_mmuv3_cfg mmu = { KVM_PPC_MMUV3_RADIX, 1ULL << 63 };
	struct kvm_userspace_memory_region slot = { .memory_size = PAGE };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), fp, vr, vm, vcpu;
	cpu_set_t cpu;
	pid_t other;
	void *ram;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM");
	ram = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memcpy(ram, code, sizeof(code));
	slot.userspace_addr = (uintptr_t)ram;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "memory");
	must(ioctl(vm, KVM_PPC_CONFIGURE_V3_MMU, &mmu), "KVM_PPC_CONFIGURE_V3_MMU");
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	must(ioctl(vcpu, KVM_ENABLE_CAP, &papr), "PAPR");
	for (unsigned i = 0; i < 64; i++) {
		uint64_t value[2] = { 0xdead00 + i, 0xdead00 + i };
		struct kvm_one_reg reg = { i < 32 ? KVM_REG_PPC_VSR(i) : KVM_REG_PPC_VR(i - 32),
			                   (uintptr_t)value };

		must(ioctl(vcpu, KVM_SET_ONE_REG, &reg), "KVM_SET_ONE_REG");
	}
	tried(vcpu, "alone", &fp, &vr);
	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	must(sched_setaffinity(0, sizeof(cpu), &cpu), "sched_setaffinity");
	other = must(fork(), "fork");
	while (!other)
		; /* a process that wants the same CPU */
	tried(vcpu, "beside another process", &fp, &vr);
	kill(other, SIGKILL);
	printf("%s\n", fp + vr ? "wrong: KVM_RUN returns with the guest's registers"
	                       : "right: KVM_RUN keeps the caller's registers");
	return fp + vr > 0;
}
