/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doorbell_power9.c: doorbells between vCPUs that KVM_CAP_PPC_SMT makes threads of one core, and DPDES, the
 * register in which one is pending (KVM alone: zpvm gives each vCPU a core of its own, see HACKING.md). TAP.
 *
 * Needs a newer QEMU than 7.2 (10 or later): that one ends when a guest is to get a doorbell. In all of them
 * msgsndp is right only as the first instruction of a translation block, so there is a branch before it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/tap.h"

#define PAGE       65536UL
#define LPCR_ILE   0x02000000ULL         /* little-endian interrupts */
#define MSR        0x8000000000001001ULL /* 64-bit, machine checks on, little-endian, real mode */
#define MSR_EE     0x8000ULL
#define MSGSNDP_R3 0x7c00191c
#define HCALL      0x58 /* one that KVM leaves to us: it ends KVM_RUN */
#define SECONDS    20   /* for what should come at once, on a busy machine */

enum { AT_SEND = 0x1000, AT_LOOP = 0x2000, AT_CEDE = 0x3000 };

/* lis 3,0x2800; ori 3,3,1: a doorbell for thread 1 of this core (Power ISA 3.0 B, Book III, 11.3) */
static const uint32_t send[] = { 0x3c602800, 0x60630001,         0x48000004,
	                         MSGSNDP_R3, 0x38600000 | HCALL, 0x44000022 };
static const uint32_t loop[] = { 0x48000000 };
static const uint32_t cede[] = { 0x386000e0 /* li 3,H_CEDE */, 0x44000022, 0x48000000 };
/* At 0xa00: li 3,HCALL; li 4,0xa00; sc 1 */
static const uint32_t handler[] = { 0x38600000 | HCALL, 0x38800a00, 0x44000022 };

struct machine {
	int vm, vcpu[2];
	struct kvm_run *run[2];
	char *ram;
};

static int must(int rc, const char *what)
{
	if (rc < 0) {
		printf("Bail out! %s: %s\n", what, strerror(errno));
		exit(1);
	}
	return rc;
}

static uint64_t reg(int vcpu, unsigned long call, uint64_t id, uint64_t value)
{
	struct kvm_one_reg r = { id, (uintptr_t)&value };

	must(ioctl(vcpu, call, &r), "KVM_GET_ONE_REG or KVM_SET_ONE_REG");
	return value;
}

static void start_at(int vcpu, uint64_t pc, uint64_t msr)
{
	struct kvm_regs regs = { .pc = pc, .msr = msr };

	must(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

static struct machine machine(int kvm)
{
	struct kvm_ppc_mmuv3_cfg mmu = { KVM_PPC_MMUV3_RADIX, 1ULL << 63 };
	struct kvm_userspace_memory_region slot = { .memory_size = PAGE };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };
	struct kvm_enable_cap smt = { .cap = KVM_CAP_PPC_SMT, .args = { 2 } };
	size_t size = (size_t)must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
	struct machine m = { .vm = must(ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM") };

	m.ram = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memcpy(m.ram + AT_SEND, send, sizeof(send));
	memcpy(m.ram + AT_LOOP, loop, sizeof(loop));
	memcpy(m.ram + AT_CEDE, cede, sizeof(cede));
	memcpy(m.ram + 0xa00, handler, sizeof(handler));
	slot.userspace_addr = (uintptr_t)m.ram;
	must(ioctl(m.vm, KVM_ENABLE_CAP, &smt), "KVM_CAP_PPC_SMT");
	must(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &slot), "memory");
	must(ioctl(m.vm, KVM_PPC_CONFIGURE_V3_MMU, &mmu), "KVM_PPC_CONFIGURE_V3_MMU");
	for (int i = 0; i < 2; i++) {
		int vcpu = m.vcpu[i] = must(ioctl(m.vm, KVM_CREATE_VCPU, i), "KVM_CREATE_VCPU");

		must(ioctl(vcpu, KVM_ENABLE_CAP, &papr), "PAPR");
		m.run[i] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
		reg(vcpu, KVM_SET_ONE_REG, KVM_REG_PPC_LPCR_64,
		    reg(vcpu, KVM_GET_ONE_REG, KVM_REG_PPC_LPCR_64, 0) | LPCR_ILE);
	}
	return m;
}

static void destroy(struct machine *m)
{
	close(m->vcpu[0]);
	close(m->vcpu[1]);
	close(m->vm);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Runs the vCPU until its hypercall, whose first argument this is; 0: it made none in so many seconds. */
static uint64_t call_of(const struct machine *m, int i, unsigned seconds)
{
	int rc;

	alarm(seconds);
	rc = ioctl(m->vcpu[i], KVM_RUN, 0);
	alarm(0);
	if (rc < 0 && errno != EINTR)
		must(rc, "KVM_RUN");
	return rc || m->run[i]->exit_reason != KVM_EXIT_PAPR_HCALL || m->run[i]->papr_hcall.nr != HCALL
	               ? 0
	               : m->run[i]->papr_hcall.args[0];
}

static uint64_t dpdes(const struct machine *m)
{
	return reg(m->vcpu[1], KVM_GET_ONE_REG, KVM_REG_PPC_DPDES, 0);
}

static void rings(const struct machine *m)
{
	start_at(m->vcpu[0], AT_SEND, MSR);
	alarm(SECONDS);
	must(ioctl(m->vcpu[0], KVM_RUN, 0), "KVM_RUN of the sender");
	alarm(0);
}

/* One that is sent while the other thread runs, or is in H_CEDE. */
static void *run_other(void *arg)
{
	struct machine *m = arg;

	return ioctl(m->vcpu[1], KVM_RUN, 0) ? NULL : m->run[1];
}

static void test_live(int kvm, uint64_t at, const char *what)
{
	struct machine m = machine(kvm);
	pthread_t other;
	void *got = NULL;

	start_at(m.vcpu[1], at, MSR | (at == AT_LOOP ? MSR_EE : 0)); /* H_CEDE turns EE on */
	pthread_create(&other, NULL, run_other, &m);
	usleep(300000);
	rings(&m);
	for (int i = 0; i < SECONDS * 10 && pthread_tryjoin_np(other, &got); i++) {
		usleep(100000);
		if (i == SECONDS * 10 - 2)
			pthread_kill(other, SIGALRM);
	}
	ok(got && m.run[1]->papr_hcall.nr == HCALL && m.run[1]->papr_hcall.args[0] == 0xa00,
	   "a doorbell reaches a thread of the same core that %s", what);
	is(dpdes(&m), 0, "... once");
	destroy(&m);
}

/* One that is pending is in DPDES, from where another VM gets it. */
static void test_pending(int kvm)
{
	struct machine m = machine(kvm), second = machine(kvm);

	is(dpdes(&m), 0, "no doorbell, no bit in DPDES");
	start_at(m.vcpu[1], AT_LOOP, MSR);
	rings(&m);
	is(call_of(&m, 1, 1), 0, "a thread whose MSR[EE] is off does not take it");
	is(dpdes(&m), 1, "it is in DPDES");
	reg(second.vcpu[1], KVM_SET_ONE_REG, KVM_REG_PPC_DPDES, dpdes(&m));
	start_at(second.vcpu[1], AT_LOOP, MSR | MSR_EE);
	is(call_of(&second, 1, SECONDS), 0xa00, "a VM whose DPDES is set to that takes it");
	is(dpdes(&second), 0, "and then has none");
	start_at(second.vcpu[1], AT_LOOP, MSR | MSR_EE);
	is(call_of(&second, 1, 1), 0, "it comes once");
	start_at(m.vcpu[1], AT_LOOP, MSR | MSR_EE);
	is(call_of(&m, 1, SECONDS), 0xa00, "the first VM still takes its own");
	destroy(&m);
	destroy(&second);
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm");

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGALRM, &action, NULL);
	test_pending(kvm);
	test_live(kvm, AT_LOOP, "loops");
	test_live(kvm, AT_CEDE, "is in H_CEDE");
	close(kvm);
	return tap_done();
}
