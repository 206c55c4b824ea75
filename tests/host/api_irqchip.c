/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_irqchip.c: what KVM itself answers on power9, call by call, where zpvm
 * would not ask: each error that is documented or implemented (kernel
 * devices/xive.rst, xics.rst), and what KVM does silently. TAP; argv[1] is the test
 * guest.
 *
 * No vCPU gets queues of two priorities: that would bring the host down.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "api_irqchip.h"
#include "arch/power9/fdt.h"
#include "arch/power9/platform.h"

/* --- creating and connecting ------------------------------------------ */

static void test_create(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE);
	struct kvm_fd second = new_device(&m.vm, KVM_DEV_TYPE_XIVE),
		      older = new_device(&m.vm, KVM_DEV_TYPE_XICS);

	is(-second.fd, EEXIST, "a second XIVE is EEXIST");
	is(-older.fd, EEXIST, "a XICS beside it too");
	close_all(&m);
}

static void test_connect(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE), other = build(KVM_DEV_TYPE_XIVE),
		       xics = build(KVM_DEV_TYPE_XICS);
	int event = eventfd(0, 0);
	struct kvm_fd plain;

	/* In older kernels the vCPU stayed loaded: its next call, which is the next line, had the host's list
	 * of them corrupt. */
	is(-kvm_call(&m.vcpu[0], KVM_ENABLE_CAP, (struct kvm_enable_cap *)8), EFAULT,
	   "KVM_ENABLE_CAP from nowhere: EFAULT");
	ctrl_servers(&m, 2);
	ctrl_servers(&other, 2);
	is(-connect_xive(&m.vcpu[0], 4711, 0), EBADF, "connect to no file: EBADF");
	is(-connect_xive(&m.vcpu[0], event, 0), EPERM, "... to a file that is no device: EPERM");
	is(-connect_xive(&m.vcpu[0], other.dev.fd, 0), EPERM, "... to another VM's device: EPERM");
	is(-connect_xive(&m.vcpu[0], xics.dev.fd, 0), EPERM, "... to a XICS: EPERM");
	is(-connect_cap(&m.vcpu[0], KVM_CAP_IRQ_XICS, m.dev.fd, 0), EPERM, "... as XICS to a XIVE: EPERM");
	is(-connect_xive(&m.vcpu[0], m.dev.fd, 2), EINVAL, "a server that is not below NR_SERVERS: EINVAL");
	is(connect_xive(&m.vcpu[0], m.dev.fd, 0), 0, "connect");
	is(-connect_xive(&m.vcpu[0], m.dev.fd, 1), EBUSY, "connect again: EBUSY");
	is(-connect_xive(&m.vcpu[1], m.dev.fd, 0), EEXIST, "a server that is taken: EEXIST");
	/* After EEXIST KVM has marked the vCPU nowhere: it can still connect. */
	is(connect_xive(&m.vcpu[1], m.dev.fd, 1), 0, "... and another one is not");
	/* KVM_ENABLE_CAP checks all of the vCPU at its end. */
	plain = adopt(kvm_call_value(&other.vm, KVM_CREATE_VCPU, 5));
	ctrl_servers(&other, 8);
	is(-connect_xive(&plain, other.dev.fd, 5), EINVAL, "connect without PAPR: EINVAL");
	is(-connect_xive(&plain, other.dev.fd, 5), EBUSY, "... although it has taken effect");
	kvm_close(&plain);
	close(event);
	close_all(&m);
	close_all(&other);
	close_all(&xics);
}

static void test_ctrl(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE);

	is(kvm_attr_set(&m.dev, "", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_RESET, NULL), 0, "RESET");
	is(kvm_attr_set(&m.dev, "", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_EQ_SYNC, NULL), 0, "EQ_SYNC");
	is(-kvm_attr_set(&m.dev, "", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS, NULL), EFAULT,
	   "NR_SERVERS from nowhere: EFAULT");
	is(-ctrl_servers(&m, 0), EINVAL, "no server: EINVAL, not documented");
	is(-ctrl_servers(&m, 16385), EINVAL, "more than there are vCPU ids: EINVAL");
	is(ctrl_servers(&m, 16384), 0, "as many as there are ids (KVM cuts it)");
	is(ctrl_servers(&m, 2), 0, "fewer again");
	connect_xive(&m.vcpu[0], m.dev.fd, 0);
	is(-ctrl_servers(&m, 2), EBUSY, "when a vCPU has connected: EBUSY");
	kvm_close(&m.vcpu[0]);
	is(-ctrl_servers(&m, 2), EBUSY, "... and when it is gone");
	is(-kvm_attr_set(&m.dev, "", KVM_DEV_XIVE_GRP_CTRL, 4, NULL), ENXIO, "another control: ENXIO");
	is(-kvm_attr_set(&m.dev, "", 6, 0, NULL), ENXIO, "another group: ENXIO");
	is(-kvm_attr_get(&m.dev, "", KVM_DEV_XIVE_GRP_SOURCE, 0, NULL), ENXIO,
	   "a source cannot be read: ENXIO");
	is(kvm_attr_has(&m.dev, "", KVM_DEV_XIVE_GRP_SOURCE, 0xfffff), 0, "HAS: the last source");
	is(-kvm_attr_has(&m.dev, "", KVM_DEV_XIVE_GRP_SOURCE, 0x100000), ENXIO, "HAS: one more: ENXIO");
	is(kvm_attr_has(&m.dev, "", KVM_DEV_XIVE_GRP_EQ_CONFIG, UINT64_MAX), 0, "HAS: any queue at all");
	close_all(&m);
}

/* --- sources and queues ----------------------------------------------- */

static void test_sources(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE);

	ctrl_servers(&m, 2);
	is(-make(&m, 1 << 20, 0), E2BIG, "source 0x100000: E2BIG");
	is(-target(&m, 7, 0, PRIO, false, 7), ENOENT, "the target of a source in no block: ENOENT");
	is(-sync_source(&m, 7), ENOENT, "its sync too");
	is(-kvm_attr_set(&m.dev, "", KVM_DEV_XIVE_GRP_SOURCE, 7, NULL), EFAULT,
	   "a source from nowhere: EFAULT");
	is(-target(&m, 7, 0, PRIO, false, 7), EINVAL, "... its block was made all the same: EINVAL");
	is(-sync_source(&m, 7), EINVAL, "sync of one that was not made: EINVAL");
	is(make(&m, 7, 0), 0, "a source");
	is(make(&m, 7, KVM_XIVE_LEVEL_SENSITIVE | KVM_XIVE_LEVEL_ASSERTED), 0,
	   "made again as level-sensitive");
	is(sync_source(&m, 7), 0, "sync");
	is(sync_source(&m, 7 | 1ULL << 32), 0, "sync of number 0x100000007 is that of 7");
	is(-kvm_attr_set(&m.dev, "", KVM_DEV_XIVE_GRP_SOURCE_CONFIG, 7, NULL), EFAULT,
	   "a target from nowhere: EFAULT");
	is(-target(&m, 7, 0, PRIO, false, 7), EINVAL, "a server that has not connected: EINVAL");
	connect_xive(&m.vcpu[0], m.dev.fd, 0);
	is(-target(&m, 7, 0, 7, false, 7), EINVAL, "priority 7: EINVAL");
	is(-target(&m, 7, 1, PRIO, false, 7), EINVAL, "another server: EINVAL");
	is(-target(&m, 7, 0, PRIO, false, 7), EBUSY, "a queue that is not configured: EBUSY, not ENXIO");
	is(target(&m, 7, 1, PRIO, true, 7), 0, "masked, no server is looked for");
	close_all(&m);
}

static void test_queues(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE);
	struct kvm_ppc_xive_eq eq, before;

	ctrl_servers(&m, 2);
	is(-queue(&m, 0, PRIO, 1, 16, 0), ENOENT, "the queue of a server that has not connected: ENOENT");
	is(-kvm_attr_get(&m.dev, "", KVM_DEV_XIVE_GRP_EQ_CONFIG, queue_id(0, PRIO), &eq), ENOENT,
	   "reading too");
	connect_xive(&m.vcpu[0], m.dev.fd, 0);
	is(-kvm_attr_set(&m.dev, "", KVM_DEV_XIVE_GRP_EQ_CONFIG, queue_id(0, PRIO), NULL), EFAULT,
	   "a queue from nowhere: EFAULT");
	is(-queue(&m, 0, 7, 1, 16, 0), EINVAL, "priority 7: EINVAL, though documented");
	is(-kvm_attr_get(&m.dev, "", KVM_DEV_XIVE_GRP_EQ_CONFIG, queue_id(0, 7), &eq), EINVAL, "reading too");
	is(-queue(&m, 0, PRIO, 0, 16, 0), EINVAL, "no ALWAYS_NOTIFY: EINVAL");
	is(-queue(&m, 0, PRIO, 3, 16, 0), EINVAL, "another flag: EINVAL");
	is(-queue(&m, 0, PRIO, 1, 12, 0), EINVAL, "4 KiB: EINVAL");
	is(-queue(&m, 0, PRIO, 1, 21, 0), EINVAL, "2 MiB: EINVAL");
	is(-queue(&m, 0, PRIO, 1, 16, 0x1000), EINVAL, "not aligned: EINVAL");
	is(-queue(&m, 0, PRIO, 1, 16, RAM), EINVAL, "outside memory: EINVAL");
	memset(&before, 0xa5, sizeof(before));
	eq = before;
	is(kvm_attr_get(&m.dev, "", KVM_DEV_XIVE_GRP_EQ_CONFIG, queue_id(0, PRIO), &eq), 0,
	   "reading one that is not configured");
	ok(!memcmp(&eq, &before, sizeof(eq)), "... writes nothing");
	if (sysconf(_SC_PAGESIZE) < (long)PAGE) {
		is(-queue(&m, 0, PRIO, 1, 16, 0), EINVAL, "a queue in a smaller page of the host: EINVAL");
		close_all(&m);
		return;
	}
	is(queue(&m, 0, PRIO, 1, 16, 0), 0, "a queue");
	is(queue(&m, 0, PRIO, 0xff, 0, 0), 0, "taken away, whatever the flags");
	for (int i = 0; i < 2000 && !queue(&m, 0, PRIO, 1, 16, (uint64_t)(i & 1) << 16); i++)
		;
	is(queue(&m, 0, PRIO, 1, 16, 0), 0, "configured again 2000 times");
	is(-kvm_attr_get(&m.dev, "", KVM_DEV_XIVE_GRP_EQ_CONFIG, queue_id(0, PRIO), NULL), EFAULT,
	   "read to nowhere: EFAULT");
	close_all(&m);
}

/* --- what is done silently -------------------------------------------- */

static volatile uint64_t *esb(const uint8_t *map, unsigned source, bool management, size_t offset)
{
	return (volatile uint64_t *)(map + (2 * source + management) * PAGE + offset);
}

static unsigned pq(const uint8_t *map, unsigned source)
{
	return __builtin_bswap64(*esb(map, source, true, 0x800)) & 3;
}

static uint32_t entry(const struct machine *m, unsigned page, unsigned i)
{
	kvm_attr_set(&m->dev, "", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_EQ_SYNC, NULL);
	return __builtin_bswap32(((volatile uint32_t *)(m->ram + page * PAGE))[i]);
}

static void test_silence(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE);
	size_t size = 2 * 8 * PAGE;
	uint8_t *map;

	ctrl_servers(&m, 2);
	connect_xive(&m.vcpu[0], m.dev.fd, 0);
	connect_xive(&m.vcpu[1], m.dev.fd, 1);
	make(&m, 3, 0);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m.dev.fd, (off_t)(4 * PAGE));
	is(pq(map, 3), 1, "a new source is off: PQ 01");
	queue(&m, 0, PRIO, 1, 16, 0);
	is(target(&m, 3, 1, PRIO, false, 0x33), 0, "a target without a queue, while another vCPU has one");
	(void)*esb(map, 3, true, 0xc00);
	*esb(map, 3, false, 0) = 0;
	is(entry(&m, 0, 0), 0x80000033, "... goes to that vCPU, silently");
	is(target(&m, 3, 0, PRIO, false, 0x33), 0, "the target that it has come to");
	is(target(&m, 3, 0, PRIO, true, 0x33), 0, "masked, with nothing else changed");
	(void)*esb(map, 3, true, 0xc00);
	*esb(map, 3, false, 0) = 0;
	is(entry(&m, 0, 1), 0x80000033, "... is not masked");
	is(target(&m, 3, 0, PRIO, true, 0x34), 0, "masked, with another EISN");
	(void)*esb(map, 3, true, 0xc00);
	*esb(map, 3, false, 0) = 0;
	is(entry(&m, 0, 2), 0, "... is masked");
	/* PQ is what a trigger left, and the target is gone. */
	target(&m, 3, 0, PRIO, false, 0x35);
	make(&m, 3, 0);
	is(pq(map, 3), 1, "made again it is off");
	(void)*esb(map, 3, true, 0xc00);
	*esb(map, 3, false, 0) = 0;
	is(entry(&m, 0, 2), 0, "... and points nowhere");
	munmap(map, size);
	close_all(&m);
}

/* RESET leaves the PQ bits of a source that is masked. */
static void test_reset(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE);
	struct kvm_ppc_xive_eq eq, before;
	size_t size = 2 * 8 * PAGE;
	uint8_t *map;

	memset(&before, 0xa5, sizeof(before));
	ctrl_servers(&m, 1);
	connect_xive(&m.vcpu[0], m.dev.fd, 0);
	make(&m, 3, 0);
	make(&m, 4, 0);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m.dev.fd, (off_t)(4 * PAGE));
	queue(&m, 0, PRIO, 1, 16, 0);
	target(&m, 3, 0, PRIO, false, 3);
	is(-target(&m, 3, 0, PRIO - 1, false, 3), EBUSY, "another priority, which has no queue: EBUSY");
	(void)*esb(map, 3, true, 0xc00);
	(void)*esb(map, 4, true, 0xc00);
	kvm_attr_set(&m.dev, "", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_RESET, NULL);
	is(pq(map, 3), 1, "after RESET a source that had a target is off");
	is(pq(map, 4), 0, "... and one that had none is not");
	eq = before;
	kvm_attr_get(&m.dev, "", KVM_DEV_XIVE_GRP_EQ_CONFIG, queue_id(0, PRIO), &eq);
	ok(!memcmp(&eq, &before, sizeof(eq)), "... and there is no queue: reading it writes nothing");
	munmap(map, size);
	close_all(&m);
}

#define LI_R3(value) (0x38600000U | (value))
#define HCALL        0x44000022U
#define STW_R3_AT_R4 0x90640000U
#define FOR_EVER     0x48000000U
#define MTDEC(reg)   (0x7c1603a6U | (reg) << 21)
#define COUNT_IN_R7  0x38e70001U
#define RFID         0x4c000024U
#define DECREMENTER  0x900
#define H_PROD       0xe8U
#define H_CEDE       0xe0U
#define H_IPOLL      0x70U
#define H_RTAS       0xf000U

static void put(const struct machine *m, size_t at, const uint32_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const uint32_t word = __builtin_bswap32(words[i]);

		memcpy(m->ram + at + 4 * i, &word, sizeof(word));
	}
}

/* vCPU 0 executes these words from address 0 on. The reason why it left, or -errno. */
static long run(const struct machine *m, struct kvm_regs *regs, const uint32_t *words, size_t n)
{
	struct kvm_run *run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, m->vcpu[0].fd, 0);
	long rc;

	if (run == MAP_FAILED)
		return -errno;
	put(m, 0, words, n);
	rc = kvm_call(&m->vcpu[0], KVM_SET_REGS, regs);
	if (!rc)
		rc = kvm_run(&m->vcpu[0]); /* not again if a signal ends it */
	if (!rc) {
		rc = run->exit_reason;
		/* A hypercall ends in the next KVM_RUN: this one, which enters no guest. */
		run->immediate_exit = 1;
		kvm_run(&m->vcpu[0]);
		run->immediate_exit = 0;
	}
	munmap(run, PAGE);
	return rc;
}

/* Runs a vCPU up to a hypercall that is ours. */
static long run_to_hypercall(const struct machine *m)
{
	static const uint32_t words[] = { HCALL };
	struct kvm_regs regs = { .msr = 1ULL << 63, .gpr[3] = H_RTAS };

	return run(m, &regs, words, 1);
}

/*
 * A vCPU whose controller was closed is no virtual processor any more: the next VM gets the same ones, and
 * when the first vCPU runs, it must not take what is pending for them.
 */
static void test_closed(void)
{
	struct machine first = build(KVM_DEV_TYPE_XIVE), next;
	uint64_t state[2] = { 0 };
	uint8_t *map;

	ctrl_servers(&first, 1);
	connect_xive(&first.vcpu[0], first.dev.fd, 0);
	kvm_close(&first.dev);
	next = build(KVM_DEV_TYPE_XIVE);
	ctrl_servers(&next, 1);
	connect_xive(&next.vcpu[0], next.dev.fd, 0);
	make(&next, 3, 0);
	map = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, next.dev.fd, (off_t)(4 * PAGE));
	queue(&next, 0, PRIO, 1, 16, PAGE);
	target(&next, 3, 0, PRIO, false, 3);
	(void)*esb(map, 3, true, 0xc00);
	*esb(map, 3, false, 0) = 0;
	is(run_to_hypercall(&first), KVM_EXIT_PAPR_HCALL, "a vCPU runs whose XIVE was closed");
	kvm_reg_get(&next.vcpu[0], KVM_REG_PPC_VP_STATE, state);
	is(((uint8_t *)state)[2], 0x80 >> PRIO, "... and takes nothing from the VM that came after");
	munmap(map, 16 * PAGE);
	close_all(&first);
	close_all(&next);
}

/* A vCPU whose controller was closed has no escalation: H_CEDE must not touch its pages, which are gone. */
static void test_cede_after_close(void)
{
	static const uint32_t words[] = { HCALL, LI_R3(H_CEDE), HCALL, LI_R3(0), HCALL };
	struct kvm_regs regs = { .msr = 1ULL << 63, .gpr[3] = H_PROD };
	struct machine m = build(KVM_DEV_TYPE_XIVE);

	ctrl_servers(&m, 1);
	connect_xive(&m.vcpu[0], m.dev.fd, 0);
	is(queue(&m, 0, PRIO, 1, 16, PAGE), 0, "a vCPU with a queue, and so with an escalation");
	put(&m, DECREMENTER, &words[3], 2); /* H_CEDE lets it in, if it is negative by now */
	is(run(&m, &regs, words, 5), KVM_EXIT_PAPR_HCALL, "... prods itself, cedes and goes on");
	kvm_close(&m.dev);
	is(run(&m, &regs, words, 5), KVM_EXIT_PAPR_HCALL, "... and when its XIVE was closed, too");
	close_all(&m);
}

/*
 * H_CEDE turns an escalation on, which an entry turns off again, and finds a timer that has expired already,
 * which the guest can take back. The decrementer's handler counts in register 7 and sets the timer to
 * register 6.
 */
static void test_cede_by_timer(void)
{
	static const uint32_t handler[] = { MTDEC(6U), COUNT_IN_R7, RFID };
	static const uint32_t twice[] = { MTDEC(5U), LI_R3(H_CEDE), HCALL, LI_R3(H_CEDE),
		                          HCALL,     LI_R3(0),      HCALL };
	static const uint32_t once[] = { MTDEC(5U), LI_R3(H_CEDE), HCALL, LI_R3(0), HCALL, LI_R3(0), HCALL };
	struct kvm_regs regs = { .msr = 1ULL << 63, .gpr[5] = ~0ULL, .gpr[6] = 0x800000 };
	struct machine m = build(KVM_DEV_TYPE_XIVE);

	ctrl_servers(&m, 1);
	connect_xive(&m.vcpu[0], m.dev.fd, 0);
	queue(&m, 0, PRIO, 1, 16, PAGE);
	put(&m, DECREMENTER, handler, 3);
	is(run(&m, &regs, twice, 7), KVM_EXIT_PAPR_HCALL, "a vCPU cedes until its timer comes, twice");
	kvm_call(&m.vcpu[0], KVM_GET_REGS, &regs);
	is((long)regs.gpr[7], 2, "... each time it has slept so long");
	regs = (struct kvm_regs){ .msr = 1ULL << 63, .gpr[5] = ~0ULL, .gpr[6] = 0x7fffffff };
	is(run(&m, &regs, once, 7), KVM_EXIT_PAPR_HCALL,
	   "it takes one interrupt, and sets its timer far ahead");
	is(kvm_run(&m.vcpu[0]), 0, "... it runs on");
	kvm_call(&m.vcpu[0], KVM_GET_REGS, &regs);
	is((long)regs.gpr[7], 1, "... without another one");
	close_all(&m);
}

struct runner {
	struct machine m;
	long rc;
	volatile bool told, left;
};

static void wake(int sig)
{
	(void)sig;
}

static void *run_for_ever(void *arg)
{
	static const uint32_t words[] = { LI_R3(1), STW_R3_AT_R4, FOR_EVER };
	struct kvm_regs regs = { .msr = 1ULL << 63, .gpr[4] = PAGE };
	struct runner *r = arg;

	r->rc = run(&r->m, &regs, words, 3);
	r->left = true;
	return NULL;
}

static void *tell_later(void *arg)
{
	struct runner *r = ((void **)arg)[0];
	const pthread_t *thread = ((void **)arg)[1];

	usleep(300000);
	r->told = true;
	while (!r->left) {
		pthread_kill(*thread, SIGUSR1);
		usleep(100000);
	}
	return NULL;
}

/* What a vCPU that runs has of its controller cannot go under it: close() waits until it is out. */
static void test_close_while_running(void)
{
	struct runner r = { .m = build(KVM_DEV_TYPE_XIVE) };
	struct sigaction sa = { .sa_handler = wake };
	void *pair[2];
	pthread_t vcpu, teller;

	sigaction(SIGUSR1, &sa, NULL);
	ctrl_servers(&r.m, 1);
	connect_xive(&r.m.vcpu[0], r.m.dev.fd, 0);
	pthread_create(&vcpu, NULL, run_for_ever, &r);
	while (!*(volatile uint32_t *)(r.m.ram + PAGE) && !r.left)
		usleep(1000); /* until the guest says that it runs */
	pair[0] = &r;
	pair[1] = &vcpu;
	pthread_create(&teller, NULL, tell_later, pair);
	kvm_close(&r.m.dev);
	ok(r.told, "a XIVE is closed when its vCPU has been told to leave, not while it runs");
	pthread_join(teller, NULL);
	pthread_join(vcpu, NULL);
	is(-r.rc, EINTR, "... which it was");
	close_all(&r.m);
}

/* Of SMT guests ids are far apart: 2048 is the second block of ids, whose first one has core 4. */
static void test_ids(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE);
	struct kvm_fd bare = adopt(kvm_call_value(&kvm, KVM_CREATE_VM, 1));
	struct kvm_enable_cap smt = { .cap = KVM_CAP_PPC_SMT };
	unsigned long most = (unsigned long)kvm_call_value(&kvm, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	struct kvm_fd far, same;

	smt.args[0] = 8;
	is(kvm_call(&bare, KVM_ENABLE_CAP, &smt), 0, "a VM whose cores have 8 threads");
	far = adopt(kvm_call_value(&bare, KVM_CREATE_VCPU, most));
	ok(far.fd >= 0, "vCPU %lu, of at most that many vCPUs", most);
	same = adopt(kvm_call_value(&bare, KVM_CREATE_VCPU, 4));
	is(-same.fd, EINVAL, "... vCPU 4 would be on the same core: EINVAL");
	is(-kvm_call_value(&m.vm, KVM_CREATE_VCPU, most), EINVAL, "with one thread there is no such vCPU");
	kvm_close(&far);
	kvm_close(&same);
	kvm_close(&bare);
	close_all(&m);
}

/* Each new target counts against its queue, and none is ever given back. */
static void test_count(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE);
	unsigned count = 0;
	long rc = 0;

	ctrl_servers(&m, 1);
	connect_xive(&m.vcpu[0], m.dev.fd, 0);
	make(&m, 3, 0);
	queue(&m, 0, PRIO, 1, 16, 0);
	while (count < 20000 && !(rc = target(&m, 3, 0, PRIO, false, 1 + count % 2)))
		count++;
	ok(rc == -EBUSY && count == 16382, "a source is targeted %u times, then EBUSY", count);
	queue(&m, 0, PRIO, 0, 0, 0);
	queue(&m, 0, PRIO, 1, 16, 0);
	is(-target(&m, 3, 0, PRIO, false, 3), EBUSY, "... also with the queue made anew");
	close_all(&m);
}

/* --- mappings --------------------------------------------------------- */

static sigjmp_buf fault;

static void on_fault(int sig)
{
	siglongjmp(fault, sig);
}

/* The signal that a load gives, 0: none. */
static int load_gives(const volatile uint8_t *at)
{
	int sig = sigsetjmp(fault, 1);

	if (!sig)
		(void)*(const volatile uint64_t *)at;
	return sig;
}

static int map_gives(const struct machine *m, size_t pages, size_t offset)
{
	void *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, m->dev.fd,
	               (off_t)(offset * PAGE));

	if (p == MAP_FAILED)
		return errno;
	munmap(p, pages * PAGE);
	return 0;
}

static void test_mappings(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE);
	uint8_t *tima = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, m.dev.fd, 0);
	uint8_t *pages =
		mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, m.dev.fd, (off_t)(4 * PAGE));

	signal(SIGBUS, on_fault);
	is(map_gives(&m, 5, 0), EINVAL, "more than four pages of TIMA: EINVAL");
	is(map_gives(&m, 1, 2), EINVAL, "a TIMA page by itself: EINVAL");
	is(map_gives(&m, 2, 6), EINVAL, "ESB pages from the middle: EINVAL");
	is(map_gives(&m, 2 << 20, 4), 0, "all ESB pages");
	is(map_gives(&m, (2 << 20) + 1, 4), EINVAL, "one more: EINVAL");
	make(&m, 3, 0);
	is(load_gives(tima), SIGBUS, "TIMA page 0: SIGBUS");
	is(load_gives(tima + PAGE), SIGBUS, "page 1: SIGBUS");
	is(load_gives(tima + 3 * PAGE), SIGBUS, "page 3, the user's: SIGBUS");
	is(load_gives(pages + 7 * PAGE + 0x800), 0, "a source's management page");
	is(load_gives(pages + 4 * PAGE), SIGBUS, "the page of a source that was not made: SIGBUS");
	signal(SIGBUS, SIG_DFL);
	munmap(tima, 4 * PAGE);
	munmap(pages, 16 * PAGE);
	close_all(&m);
}

/* --- registers, lines, irqfds ----------------------------------------- */

static void test_vp_state(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE), xics = build(KVM_DEV_TYPE_XICS);
	uint64_t value[2] = { 0, 0xa5a5a5a5a5a5a5a5 };

	is(-kvm_reg_get(&m.vcpu[0], KVM_REG_PPC_VP_STATE, value), ENXIO,
	   "VP_STATE of a vCPU by itself: ENXIO");
	is(-kvm_reg_set(&m.vcpu[0], KVM_REG_PPC_VP_STATE, value), ENXIO, "setting it too");
	is(-kvm_reg_get(&m.vcpu[0], KVM_REG_PPC_ICP_STATE, value), ENXIO, "and ICP_STATE");
	ctrl_servers(&m, 2);
	connect_xive(&m.vcpu[0], m.dev.fd, 0);
	is(kvm_reg_get(&m.vcpu[0], KVM_REG_PPC_VP_STATE, value), 0, "of one that has connected");
	ok(((uint8_t *)value)[1] == 0 && ((uint8_t *)value)[4] == 0xff, "big-endian: CPPR 0, ack 0xff");
	is(kvm_reg_set(&m.vcpu[0], KVM_REG_PPC_VP_STATE, value), 0, "set");
	is(kvm_reg_get(&m.vcpu[0], KVM_REG_PPC_ICP_STATE, value), 0,
	   "ICP_STATE of it is answered, and means nothing");
	connect_cap(&xics.vcpu[0], KVM_CAP_IRQ_XICS, xics.dev.fd, 0);
	is(-kvm_reg_get(&xics.vcpu[0], KVM_REG_PPC_VP_STATE, value), EPERM, "VP_STATE with XICS: EPERM");
	is(kvm_reg_get(&xics.vcpu[0], KVM_REG_PPC_ICP_STATE, value), 0, "ICP_STATE with XICS");
	kvm_close(&xics.dev);
	is(-kvm_reg_get(&xics.vcpu[0], KVM_REG_PPC_ICP_STATE, value), ENXIO,
	   "... whose device is closed: ENXIO");
	close_all(&m);
	close_all(&xics);
}

static void test_lines(void)
{
	struct machine m = build(KVM_DEV_TYPE_XIVE);
	struct kvm_fd bare = adopt(kvm_call_value(&kvm, KVM_CREATE_VM, 1));
	struct kvm_irq_level plain = { .irq = 0x999, .level = 1 };
	struct kvm_irqfd irqfd = { .fd = (uint32_t)eventfd(0, EFD_NONBLOCK), .gsi = 0x999 };
	uint64_t signals = 1;
	int32_t status;

	make(&m, 3, 0);
	is(-kvm_call(&bare, KVM_IRQ_LINE, &plain), ENXIO, "KVM_IRQ_LINE without a controller: ENXIO");
	is(-kvm_call(&bare, KVM_IRQFD, &irqfd), EAGAIN, "an irqfd without a controller: EAGAIN");
	is(kvm_call(&m.vm, KVM_IRQ_LINE, &plain), 0, "KVM_IRQ_LINE of no source: 0");
	is(line(&m, 0x999, 1, &status), 0, "KVM_IRQ_LINE_STATUS of no source: 0");
	is(-status, EINVAL, "... its status is EINVAL");
	is(line(&m, 3, 1, &status), 0, "of a source");
	is(status, 0, "... it is 0");
	is(kvm_call(&m.vm, KVM_IRQFD, &irqfd), 0, "an irqfd of no source is taken");
	irqfd.gsi = 3;
	is(-kvm_call(&m.vm, KVM_IRQFD, &irqfd), EBUSY, "a second one of that eventfd: EBUSY");
	ok(write((int)irqfd.fd, &signals, 8) == 8 && read((int)irqfd.fd, &signals, 8) < 0 && errno == EAGAIN,
	   "a signal of it is in the eventfd no more");
	close((int)irqfd.fd);
	kvm_close(&bare);
	close_all(&m);
}

/* --- XICS ------------------------------------------------------------- */

static void test_xics(void)
{
	struct machine m = build(KVM_DEV_TYPE_XICS);
	struct kvm_rtas_token_args token = { "ibm,set-xive", 6 }, none = { "ibm,no-such", 7 };
	uint32_t servers = 2, zero = 0;
	uint64_t value = 0;

	is(-kvm_attr_set(&m.dev, "", KVM_DEV_XICS_GRP_CTRL, KVM_DEV_XICS_NR_SERVERS, &zero), EINVAL,
	   "XICS: no server: EINVAL");
	is(kvm_attr_set(&m.dev, "", KVM_DEV_XICS_GRP_CTRL, KVM_DEV_XICS_NR_SERVERS, &servers), 0, "two");
	is(-xics_set(&m, 15, 0), ENOENT, "source 15: ENOENT");
	is(-xics_set(&m, 1 << 20, 0), ENOENT, "source 0x100000: ENOENT");
	is(-xics_get(&m, 16, &value), ENOENT, "reading one in no block: ENOENT");
	is(-kvm_attr_set(&m.dev, "", KVM_DEV_XICS_GRP_SOURCES, 16, NULL), EFAULT, "from nowhere: EFAULT");
	is(-xics_get(&m, 16, &value), ENOENT, "reading one that was not made: ENOENT");
	is(-connect_cap(&m.vcpu[0], KVM_CAP_IRQ_XICS, 4711, 0), EBADF, "connect to no file: EBADF");
	is(-connect_cap(&m.vcpu[0], KVM_CAP_IRQ_XICS, m.dev.fd, 2), EINVAL, "server 2 of two: EINVAL");
	is(connect_cap(&m.vcpu[0], KVM_CAP_IRQ_XICS, m.dev.fd, 0), 0, "connect");
	is(-connect_cap(&m.vcpu[0], KVM_CAP_IRQ_XICS, m.dev.fd, 1), EBUSY, "again: EBUSY");
	is(-connect_cap(&m.vcpu[1], KVM_CAP_IRQ_XICS, m.dev.fd, 0), EEXIST, "a server that is taken: EEXIST");
	is(-kvm_attr_set(&m.dev, "", KVM_DEV_XICS_GRP_CTRL, KVM_DEV_XICS_NR_SERVERS, &servers), EBUSY,
	   "NR_SERVERS now: EBUSY");
	is(xics_set(&m, 16, 9 | (uint64_t)PRIO << KVM_XICS_PRIORITY_SHIFT), 0,
	   "a source to a server that is not there: 0, on XIVE");
	is(-kvm_attr_get(&m.dev, "", KVM_DEV_XICS_GRP_SOURCES, 16, NULL), EFAULT, "read to nowhere: EFAULT");
	is(-kvm_attr_set(&m.dev, "", 3, 0, NULL), ENXIO, "another group: ENXIO");
	is(-kvm_call(&m.vm, KVM_PPC_RTAS_DEFINE_TOKEN, &none), ENOENT,
	   "an RTAS call that KVM has not: ENOENT");
	is(kvm_call(&m.vm, KVM_PPC_RTAS_DEFINE_TOKEN, &token), 0, "one that it has");
	is(-kvm_call(&m.vm, KVM_PPC_RTAS_DEFINE_TOKEN, &token), EEXIST, "the same token again: EEXIST");
	close_all(&m);
}

/*
 * In older kernels a guest that said so had KVM write its answer wherever it liked, behind the arguments:
 * CVE-2021-37576.
 */
static void test_xics_rtas(void)
{
	static const uint32_t words[] = { HCALL, LI_R3(0), HCALL };
	struct kvm_regs regs = { .msr = 1ULL << 63, .gpr[3] = H_RTAS, .gpr[4] = PAGE };
	struct machine m = build(KVM_DEV_TYPE_XICS);
	struct kvm_rtas_token_args token = { "ibm,set-xive", 6 };
	uint32_t args[3] = { __builtin_bswap32(6), __builtin_bswap32(15), __builtin_bswap32(1) };

	connect_cap(&m.vcpu[0], KVM_CAP_IRQ_XICS, m.dev.fd, 0);
	kvm_call(&m.vm, KVM_PPC_RTAS_DEFINE_TOKEN, &token);
	memcpy(m.ram + PAGE, args, sizeof(args));
	is(run(&m, &regs, words, 3), KVM_EXIT_PAPR_HCALL, "an RTAS call of 15 arguments, too many for it");
	args[1] = __builtin_bswap32(16);
	memcpy(m.ram + PAGE, args, sizeof(args));
	is(-run(&m, &regs, words, 3), EINVAL, "... of 16, more than there is room for: EINVAL");
	close_all(&m);
}

/*
 * H_IPOLL of another vCPU answers what that one has waiting. KVM 6.1 puts the answer into that vCPU's
 * register 4 (tests/scenarios/bugs/power9/poll-of-another-vcpu); wherever it is, it must be right.
 */
static void test_xics_poll(void)
{
	static const uint32_t words[] = { HCALL, LI_R3(0), HCALL };
	struct kvm_regs regs = { .msr = 1ULL << 63, .gpr[3] = H_IPOLL, .gpr[4] = 1 }, other = { 0 };
	uint64_t icp = 0xffULL << KVM_REG_PPC_ICP_CPPR_SHIFT | 0xff << KVM_REG_PPC_ICP_MFRR_SHIFT |
	               0xff << KVM_REG_PPC_ICP_PPRI_SHIFT;
	struct machine m = build(KVM_DEV_TYPE_XICS);
	int32_t status;

	for (uint64_t server = 0; server < 2; server++)
		connect_cap(&m.vcpu[server], KVM_CAP_IRQ_XICS, m.dev.fd, server);
	xics_set(&m, 16, 1 | (uint64_t)PRIO << KVM_XICS_PRIORITY_SHIFT);
	is(kvm_reg_set(&m.vcpu[1], KVM_REG_PPC_ICP_STATE, &icp), 0, "a vCPU that takes all priorities");
	line(&m, 16, 1, &status);
	is(run(&m, &regs, words, 3), KVM_EXIT_PAPR_HCALL, "H_IPOLL of it by another");
	kvm_call(&m.vcpu[0], KVM_GET_REGS, &regs);
	kvm_call(&m.vcpu[1], KVM_GET_REGS, &other);
	is((long)(regs.gpr[4] == 1 ? other.gpr[4] : regs.gpr[4]), 0xff000010,
	   "... its CPPR is 0xff, and source 16 waits");
	close_all(&m);
}

/* KVM looks at all queues when the first source is read, and again only when all have been. */
static void test_xics_reading(void)
{
	struct machine m = build(KVM_DEV_TYPE_XICS);
	uint64_t first = 0, again = 0, other = 0;
	int32_t status;

	connect_cap(&m.vcpu[0], KVM_CAP_IRQ_XICS, m.dev.fd, 0);
	xics_set(&m, 16, (uint64_t)PRIO << KVM_XICS_PRIORITY_SHIFT);
	xics_set(&m, 17, (uint64_t)PRIO << KVM_XICS_PRIORITY_SHIFT);
	xics_get(&m, 16, &first);
	line(&m, 16, 1, &status);
	xics_get(&m, 16, &again);
	ok(!(first & KVM_XICS_PENDING) && !(again & KVM_XICS_PENDING),
	   "a source read twice is as it was the first time");
	xics_get(&m, 16, &again);
	xics_get(&m, 17, &other);
	ok(again & KVM_XICS_PENDING && again & KVM_XICS_PRESENTED && !(other & KVM_XICS_PENDING),
	   "after as many reads as there are sources KVM looks again");
	close_all(&m);
}

/* A controller that is made anew counts its sources from 0: KVM looks again when these have been read. */
static void test_xics_again(void)
{
	struct machine m = build(KVM_DEV_TYPE_XICS);
	uint64_t value = 0;
	int32_t status;

	for (int i = 0; i < 2; i++) {
		if (i) {
			kvm_close(&m.dev);
			m.dev = new_device(&m.vm, KVM_DEV_TYPE_XICS);
		}
		connect_cap(&m.vcpu[0], KVM_CAP_IRQ_XICS, m.dev.fd, 0);
		xics_set(&m, 16, (uint64_t)PRIO << KVM_XICS_PRIORITY_SHIFT);
		xics_get(&m, 16, &value);
	}
	ok(!(value & KVM_XICS_PENDING), "a XICS made anew in its VM has no interrupt");
	line(&m, 16, 1, &status);
	xics_get(&m, 16, &value);
	ok(value & KVM_XICS_PENDING, "... until it gets one");
	close_all(&m);
}

/* The machine's own table, from which its device tree is made: what guests look for has the name they know.
 */
static void test_services(void)
{
	static const struct rtas_service known[] = {
		{ .name = "power-off", .token = P9_RTAS_POWER_OFF },
		{ .name = "ibm,os-term", .token = P9_RTAS_OS_TERM },
		{ .name = "start-cpu", .token = P9_RTAS_START_CPU },
		{ .name = "stop-self", .token = P9_RTAS_STOP_SELF },
		{ .name = "query-cpu-stopped-state", .token = P9_RTAS_QUERY_CPU },
		{ .name = "ibm,set-xive", .token = P9_RTAS_SET_XIVE, .xics = true },
		{ .name = "ibm,get-xive", .token = P9_RTAS_GET_XIVE, .xics = true },
		{ .name = "ibm,int-on", .token = P9_RTAS_INT_ON, .xics = true },
		{ .name = "ibm,int-off", .token = P9_RTAS_INT_OFF, .xics = true },
		{ .name = "system-reboot", .token = P9_RTAS_REBOOT },
		{ .name = "get-time-of-day", .token = P9_RTAS_TIME_OF_DAY },
		{ .name = NULL },
	};

	for (const struct rtas_service *k = known; k->name; k++) {
		const struct rtas_service *s = rtas_services;

		while (s->name && strcmp(s->name, k->name))
			s++;
		ok(s->name && s->token == k->token && s->xics == k->xics && s->xics == !s->call,
		   "RTAS has %s", k->name);
	}
}

int main(int argc, char **argv)
{
	if (api_begin(argc, argv))
		return 1;
	test_services();
	test_create();
	test_connect();
	test_ctrl();
	test_ids();
	test_sources();
	test_queues();
	if (!skipped_for_pages("queues, what is silent, reset, counts, mappings, contexts, lines")) {
		test_silence();
		test_reset();
		test_closed();
		test_cede_after_close();
		test_cede_by_timer();
		test_close_while_running();
		test_count();
		test_mappings();
		test_vp_state();
		test_lines();
	}
	test_xics();
	test_xics_rtas();
	test_xics_poll();
	test_xics_reading();
	test_xics_again();
	return api_end();
}
