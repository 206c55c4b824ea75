/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_irqchip.c: what KVM itself answers on power9, call by call, where zpvm
 * would not ask: each error that is documented or implemented (kernel
 * devices/xive.rst, xics.rst), and what KVM does silently. TAP; argv[1] is the test
 * guest.
 *
 * No vCPU gets queues of two priorities: that would bring the host down.
 */
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
	size_t size = 2 * 8 * PAGE;
	uint8_t *map;

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
	munmap(map, size);
	close_all(&m);
}

/* Runs a vCPU up to a hypercall that is ours. */
static long run_to_hypercall(const struct machine *m)
{
	static const uint8_t sc[] = { 0x44, 0x00, 0x00, 0x22 };
	struct kvm_regs regs = { .msr = 1ULL << 63, .gpr[3] = 0xf000 };
	struct kvm_run *run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, m->vcpu[0].fd, 0);
	long reason;

	memcpy(m->ram, sc, sizeof(sc));
	if (run == MAP_FAILED || kvm_call(&m->vcpu[0], KVM_SET_REGS, &regs) ||
	    kvm_call_value(&m->vcpu[0], KVM_RUN, 0))
		return -1;
	reason = run->exit_reason;
	munmap(run, PAGE);
	return reason;
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
	int32_t status;

	make(&m, 3, 0);
	is(-kvm_call(&bare, KVM_IRQ_LINE, &plain), ENXIO, "KVM_IRQ_LINE without a controller: ENXIO");
	is(kvm_call(&m.vm, KVM_IRQ_LINE, &plain), 0, "KVM_IRQ_LINE of no source: 0");
	is(line(&m, 0x999, 1, &status), 0, "KVM_IRQ_LINE_STATUS of no source: 0");
	is(-status, EINVAL, "... its status is EINVAL");
	is(line(&m, 3, 1, &status), 0, "of a source");
	is(status, 0, "... it is 0");
	is(kvm_call(&m.vm, KVM_IRQFD, &irqfd), 0, "an irqfd of no source is taken");
	irqfd.gsi = 3;
	is(-kvm_call(&m.vm, KVM_IRQFD, &irqfd), EBUSY, "a second one of that eventfd: EBUSY");
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
	test_sources();
	test_queues();
	if (!skipped_for_pages("queues, what is silent, reset, counts, mappings, contexts, lines")) {
		test_silence();
		test_reset();
		test_closed();
		test_count();
		test_mappings();
		test_vp_state();
		test_lines();
	}
	test_xics();
	test_xics_reading();
	return api_end();
}
