/* SPDX-License-Identifier: BSD-2-Clause */
/* See s390x-no-clock-comparator-in-steps.md. Built by: gcc -O2 -Wl,--s390-pgste */
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
#include <time.h>
#include <unistd.h>

#define SIZE    0x100000UL /* of memory, and what its address is a multiple of */
#define START   0x1000     /* a loop of one instruction */
#define HANDLER 0x2000     /* of external interruptions: a DIAGNOSE */

static int must(int rc, const char *what)
{
	if (rc < 0) {
		printf("%s: %s\n", what, strerror(errno));
		exit(2);
	}
	return rc;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* A loop, or an enabled wait, while the clock comparator or the CPU timer has expired: whether it is
 * interrupted in a second. */
static int interrupted(int kvm, uint64_t subclass, int wait, int steps)
{
	struct kvm_guest_debug debug = { .control =
		                                 steps ? KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP : 0 };
	struct kvm_userspace_memory_region slot = { .memory_size = SIZE };
	int vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM"), vcpu;
	char *ram = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	double start = now();
	struct kvm_sregs sregs;
	struct kvm_run *run;

	ram += -(uintptr_t)ram & (SIZE - 1);
	*(uint32_t *)(ram + START) = 0xa7f40000; /* J */
	ram[HANDLER] = (char)0x83;
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
	sregs.crs[0] |= subclass;
	must(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	run->s.regs.ckc = 0; /* both have expired */
	run->s.regs.cputm = -1ULL;
	run->kvm_dirty_regs = KVM_SYNC_ARCH0;
	must(ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug), "KVM_SET_GUEST_DEBUG");
	run->psw_mask = 0x0100000180000000ULL | (wait ? 0x0002000000000000ULL : 0);
	run->psw_addr = START;
	alarm(1);
	while (run->psw_addr < HANDLER && now() < start + 1)
		if (ioctl(vcpu, KVM_RUN, 0) && errno != EINTR)
			must(-1, "KVM_RUN");
	alarm(0);
	close(vcpu);
	close(vm);
	return run->psw_addr >= HANDLER;
}

int main(void)
{
	static const struct {
		const char *name;
		uint64_t subclass;
	} timers[] = { { "clock comparator", 0x800 }, { "CPU timer", 0x400 } };
	struct sigaction action = { .sa_handler = on_alarm };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), all = 1;

	sigaction(SIGALRM, &action, NULL);
	for (unsigned i = 0; i < 4; i++)
		for (int steps = 0; steps < 2; steps++) {
			int taken = interrupted(kvm, timers[i / 2].subclass, i % 2, steps);

			printf("%s, %s, %s: %s\n", timers[i / 2].name, i % 2 ? "wait" : "loop",
			       steps ? "single steps" : "run", taken ? "taken" : "not taken in a second");
			all &= taken;
		}
	printf("%s\n", all ? "right: each timer interrupts" : "wrong: a timer that does not interrupt");
	return !all;
}
