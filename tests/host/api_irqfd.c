/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_irqfd.c: what KVM answers to wrong routes and irqfds, what becomes of an
 * eventfd's count, and saves under fire: nothing that is signalled meanwhile
 * is lost or doubled. TAP; argv[1] is the test guest.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "arch/s390x/adapter.h"
#include "arch/s390x/flic.h"
#include "arch/s390x/route.h"
#include "api.h"

#define SAVES        8
#define MOST_ROUTES  4096
#define MOST_DEVICES 1000 /* of KVM's own on a bus */

/* In guest memory, where the guest is not. */
#define SUMMARY   0x80000
#define INDICATOR 0x80008
#define SENT      0x80010 /* ours: how often it was signalled */

static const struct s390_adapter adapter = { .id = 3, .isc = 2 };

static long irqfd(const struct kvm_fd *vm, int fd, uint32_t gsi, uint32_t flags)
{
	struct kvm_irqfd k = { .fd = (uint32_t)fd, .gsi = gsi, .flags = flags };

	return kvm_call(vm, KVM_IRQFD, &k);
}

/* --- wrong arguments -------------------------------------------------- */

static void test_without_irqchip(void)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_S390_IRQCHIP };
	int fd = eventfd(0, EFD_NONBLOCK);
	struct kvm_fd vm;

	kvm_fd_set(&vm, (int)kvm_call_value(&kvm, KVM_CREATE_VM, arch_info.vm_type), NULL, "vm");
	is(-kvm_call_value(&vm, KVM_CREATE_IRQCHIP, 0), EINVAL, "KVM_CREATE_IRQCHIP without its capability");
	is(-irqfd(&vm, -1, 0, 8), EINVAL, "KVM_IRQFD: a flag that is none: EINVAL");
	is(-irqfd(&vm, -1, 0, 0), EBADF, "... then, no file: EBADF");
	is(irqfd(&vm, fd, 0, 0), 0, "without an irqchip there is no EAGAIN");
	is(kvm_call(&vm, KVM_ENABLE_CAP, &cap), 0, "the capability");
	is(kvm_call_value(&vm, KVM_CREATE_IRQCHIP, 0), 0, "KVM_CREATE_IRQCHIP");
	is(kvm_call_value(&vm, KVM_CREATE_IRQCHIP, 0), 0, "... and again");
	kvm_close(&vm);
	close(fd);
}

static void test_irqfd_errors(struct vm *vm)
{
	int fd = eventfd(0, EFD_NONBLOCK), null = open("/dev/null", O_RDWR);

	is(-irqfd(&vm->fd, null, 0, 0), EINVAL, "a file that is no eventfd: EINVAL");
	is(-irqfd(&vm->fd, -1, 0, KVM_IRQFD_FLAG_DEASSIGN), EBADF, "off, no file: EBADF");
	is(irqfd(&vm->fd, fd, 9, KVM_IRQFD_FLAG_DEASSIGN), 0, "off, of what is not on, is no error");
	is(irqfd(&vm->fd, fd, 100000, 0), 0, "a GSI is not looked at");
	is(-irqfd(&vm->fd, fd, 100000, 0), EBUSY, "the eventfd again: EBUSY");
	is(-irqfd(&vm->fd, fd, 1, 0), EBUSY, "... for another GSI too");
	is(irqfd(&vm->fd, fd, 1, KVM_IRQFD_FLAG_DEASSIGN), 0, "off with another GSI is no error");
	is(-irqfd(&vm->fd, fd, 1, 0), EBUSY, "... and leaves it on");
	is(irqfd(&vm->fd, fd, 100000, KVM_IRQFD_FLAG_DEASSIGN), 0, "off");
	is(irqfd(&vm->fd, fd, 1, 0), 0, "and on for another");
	irqfd(&vm->fd, fd, 1, KVM_IRQFD_FLAG_DEASSIGN);
	close(fd);
	close(null);
}

/* Eventfds for a guest's notifications: there can be more of them than of KVM's devices. */
static void test_notifications(const struct vm *vm)
{
	struct kvm_ioeventfd k = { .addr = 0x10001,
		                   .len = 8,
		                   .fd = eventfd(0, EFD_NONBLOCK),
		                   .flags = KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY |
		                            KVM_IOEVENTFD_FLAG_DATAMATCH };
	unsigned good = 0;

	while (good < MOST_DEVICES + 2 && !kvm_call(&vm->fd, KVM_IOEVENTFD, &k))
		k.datamatch = ++good;
	is(good, MOST_DEVICES + 2, "an eventfd for each of many queues");
	k.datamatch = 0;
	is(-kvm_call(&vm->fd, KVM_IOEVENTFD, &k), EEXIST, "... but no second one for a queue: EEXIST");
	close(k.fd);
}

static struct kvm_irq_routing *routing(void)
{
	static struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[2];
	} r;

	memset(&r, 0, sizeof(r));
	r.head.nr = 2;
	for (unsigned i = 0; i < 2; i++)
		r.entries[i] = (struct kvm_irq_routing_entry){
			.gsi = i + 1,
			.type = KVM_IRQ_ROUTING_S390_ADAPTER,
			.u.adapter = { .ind_addr = INDICATOR, .summary_addr = SUMMARY, .adapter_id = 3 },
		};
	return &r.head;
}

static long route(const struct vm *vm, const struct kvm_irq_routing *r)
{
	return kvm_call(&vm->fd, KVM_SET_GSI_ROUTING, r);
}

static void test_route_errors(struct vm *vm)
{
	static struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[MOST_ROUTES];
	} most;
	struct kvm_irq_routing *r = routing();

	r->nr = MOST_ROUTES + 1;
	is(-route(vm, r), EINVAL, "4097 routes: EINVAL");
	(r = routing())->flags = 1;
	is(-route(vm, r), EINVAL, "flags: EINVAL");
	(r = routing())->entries[1].gsi = 4096;
	is(-route(vm, r), EINVAL, "GSI 4096: EINVAL");
	(r = routing())->entries[1].flags = 1;
	is(-route(vm, r), EINVAL, "a route's flags: EINVAL");
	(r = routing())->entries[1].gsi = 1;
	is(-route(vm, r), EINVAL, "a GSI twice: EINVAL");
	(r = routing())->entries[1].type = KVM_IRQ_ROUTING_IRQCHIP;
	is(-route(vm, r), EINVAL, "a pin of an irqchip: EINVAL");
	(r = routing())->entries[1].type = KVM_IRQ_ROUTING_MSI;
	is(-route(vm, r), EINVAL, "an MSI: EINVAL");
	(r = routing())->entries[1].u.adapter.ind_addr = vm->ram.size;
	is(-route(vm, r), EFAULT, "an indicator outside memory: EFAULT");
	(r = routing())->entries[1].u.adapter.summary_addr = vm->ram.size;
	is(-route(vm, r), EFAULT, "a summary outside memory: EFAULT");
	(r = routing())->entries[1].u.adapter.adapter_id = 4711;
	is(route(vm, r), 0, "an adapter that is not there is not looked at");
	for (unsigned i = 0; i < MOST_ROUTES; i++) {
		most.entries[i] = routing()->entries[0];
		most.entries[i].gsi = i;
	}
	most.head.nr = MOST_ROUTES;
	is(route(vm, &most.head), 0, "4096 routes");
	(r = routing())->nr = 0;
	is(route(vm, r), 0, "no routes");
}

/* --- what becomes of a count ------------------------------------------ */

static uint64_t *at(struct vm *vm, gpa_t gpa)
{
	return ram_at(&vm->ram, gpa, sizeof(uint64_t));
}

static size_t pending(struct vm *vm)
{
	struct s390_irq *irqs = NULL;
	struct error err;
	size_t count = 0;

	if (!flic_get_all(vm->irqchip, &irqs, &count, &err))
		free(irqs);
	return count;
}

static uint64_t left_in(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static void signal_fd(int fd, uint64_t count)
{
	if (write(fd, &count, sizeof(count)) != sizeof(count))
		ok(false, "a signal");
}

/* Off and on: all that was signalled has been injected. */
static void settle(struct vm *vm, int fd)
{
	irqfd(&vm->fd, fd, 1, KVM_IRQFD_FLAG_DEASSIGN);
	irqfd(&vm->fd, fd, 1, 0);
}

static void test_counts(struct vm *vm)
{
	struct kvm_irq_routing *r = routing();
	int fd = eventfd(3, EFD_NONBLOCK);

	route(vm, r);
	irqfd(&vm->fd, fd, 1, 0);
	for (int i = 0; i < 1000 && !pending(vm); i++)
		usleep(1000);
	is(pending(vm), 1, "a count of 3 fires when the irqfd goes on: one interrupt");
	is(left_in(fd), 3, "... and still stands in the eventfd");
	signal_fd(fd, 2);
	is(left_in(fd), 0, "a signal's count is gone at once");
	signal_fd(fd, 1);
	irqfd(&vm->fd, fd, 1, KVM_IRQFD_FLAG_DEASSIGN);
	is(pending(vm), 1, "the summary bit is on: no other interrupt");
	*at(vm, SUMMARY) = 0;
	signal_fd(fd, 2);
	is(left_in(fd), 2, "off, the count stays");
	is(pending(vm), 1, "... and does nothing");
	signal_fd(fd, 2);
	irqfd(&vm->fd, fd, 1, 0);
	irqfd(&vm->fd, fd, 1, KVM_IRQFD_FLAG_DEASSIGN);
	is(pending(vm), 2, "on and off: it has fired");
	is(left_in(fd), 0, "... and its count is gone");

	r = routing();
	r->entries[0].u.adapter.adapter_id = 4;
	route(vm, r);
	*at(vm, SUMMARY) = *at(vm, INDICATOR) = 0;
	irqfd(&vm->fd, fd, 1, 0);
	signal_fd(fd, 1);
	settle(vm, fd);
	ok(pending(vm) == 2 && !*at(vm, SUMMARY) && !*at(vm, INDICATOR) && !left_in(fd),
	   "routed to an adapter that is not there: lost without a trace");
	r->nr = 0;
	route(vm, r);
	signal_fd(fd, 1);
	settle(vm, fd);
	route(vm, routing());
	settle(vm, fd);
	ok(pending(vm) == 2 && !*at(vm, SUMMARY), "without a route: lost, a route that comes is too late");
	irqfd(&vm->fd, fd, 1, KVM_IRQFD_FLAG_DEASSIGN);
	(r = routing())->nr = 0;
	route(vm, r);
	close(fd);
	kvm_attr_set(&vm->irqchip->fd, "CLEAR_IRQS", KVM_DEV_FLIC_CLEAR_IRQS, 0, NULL);
}

/* --- saves under fire ------------------------------------------------- */

struct fire {
	struct vm *vm;
	struct irqfd *fd;
	bool stop;
	uint64_t sent;
};

/* A device: counts, signals, and waits until KVM has set both bits, which the guest then would turn off. */
static void *keep_signalling(void *arg)
{
	struct fire *f = arg;
	uint64_t *summary = at(f->vm, SUMMARY), *indicator = at(f->vm, INDICATOR), *sent = at(f->vm, SENT);

	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE)) {
		struct error err;

		__atomic_store_n(sent, ++f->sent, __ATOMIC_SEQ_CST);
		irqfd_signal(f->fd, 1, &err);
		while (!__atomic_load_n(summary, __ATOMIC_ACQUIRE))
			sched_yield();
		__atomic_store_n(indicator, 0, __ATOMIC_SEQ_CST);
		__atomic_store_n(summary, 0, __ATOMIC_SEQ_CST);
		usleep(100);
	}
	return NULL;
}

/* What is pending in a snapshot, floating or in the eventfd, against what its memory says was sent. */
static void check_snapshot(struct vm *vm, const struct state_bytes *bytes, unsigned *early, unsigned *wrong)
{
	struct arch_state *state;
	struct error err = { .text = "" };
	uint64_t sent, count;

	if (state_load(vm, bytes, false, &err) || state_look(vm, SNAP_IRQ, &state, &err)) {
		ok(false, "a restore (%s)", err.text);
		return;
	}
	sent = *at(vm, SENT);
	count = arch_codec->pending(state);
	arch_codec->free(state);
	/* It may have counted, and signalled after the save had looked. */
	*early += count + 1 == sent;
	*wrong += count != sent && count + 1 != sent;
}

static void test_fire(struct vm *vm, struct vm *other)
{
	const struct s390_route to = { .gsi = 1, .adapter = 3, .indicator = INDICATOR, .summary = SUMMARY };
	struct fire f = { .vm = vm };
	struct state_bytes bytes[SAVES] = { { 0 } };
	unsigned early = 0, wrong = 0, saves = 0;
	struct error err = { .text = "" };
	pthread_t thread;

	*at(vm, SUMMARY) = *at(vm, INDICATOR) = 0;
	ok(!route_set(vm->irqchip, &to, &err) && !route_irqfd(vm->irqchip, 1, true, &err), "a route (%s)",
	   err.text);
	f.fd = &vm->irqchip->routes.all[0].fd;
	pthread_create(&thread, NULL, keep_signalling, &f);
	for (; saves < SAVES && !state_save(vm, SNAP_VM, &bytes[saves], &err); saves++)
		usleep(2000);
	__atomic_store_n(&f.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	is(saves, SAVES, "saves while the irqfd is signalled (%s)", err.text);
	ok(f.sent > SAVES, "... %" PRIu64 " times", f.sent);
	routes_hold(vm->irqchip, &err);
	is(pending(vm), f.sent, "in the VM that goes on none is lost, none doubled");
	for (unsigned i = 0; i < saves; i++) {
		check_snapshot(other, &bytes[i], &early, &wrong);
		free(bytes[i].bytes);
	}
	is(wrong, 0, "nor in a snapshot (of %u, %u were caught between its count and its signal)", saves,
	   early);
}

/* --- what an irqfd leaves of the host's memory ------------------------- */

#define PINS 250 /* pages for indicators, and as many for their summaries */

/* Signals an irqfd for each of many pages of a VM, and destroys it. */
static bool signal_many_pages(void)
{
	static struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[PINS];
	} r;
	static int fds[PINS];
	struct vm_config c = config(16 << 20, 1);
	struct error err = { .text = "" };
	struct vm vm;
	bool good;

	if (start(&vm, &c, &err) || vm_pause(&vm, &err) || adapter_register(vm.irqchip, &adapter, &err))
		return false;
	r.head.nr = PINS;
	for (unsigned i = 0; i < PINS; i++)
		r.entries[i] = (struct kvm_irq_routing_entry){
			.gsi = i,
			.type = KVM_IRQ_ROUTING_S390_ADAPTER,
			.u.adapter = { .ind_addr = (4 << 20) + i * 4096,
			               .summary_addr = (8 << 20) + i * 4096,
			               .adapter_id = 3 },
		};
	good = !route(&vm, &r.head);
	for (unsigned i = 0; i < PINS; i++) {
		fds[i] = eventfd(1, EFD_NONBLOCK);
		good = fds[i] >= 0 && !irqfd(&vm.fd, fds[i], i, 0) && good;
	}
	for (unsigned i = 0; i < PINS; i++)
		for (unsigned tries = 0; good && !*at(&vm, r.entries[i].u.adapter.summary_addr); tries++) {
			good = tries < 20000;
			usleep(1000);
		}
	vm_destroy(&vm);
	for (unsigned i = 0; i < PINS; i++)
		close(fds[i]);
	return good;
}

static void test_pins(void)
{
	struct rlimit files = { 2 * PINS, 2 * PINS };
	int64_t before, lost;

	if (setrlimit(RLIMIT_NOFILE, &files)) {
		ok(true, "pages that stay pinned # SKIP so many files are not allowed");
		return;
	}
	signal_many_pages();
	before = free_kib();
	ok(signal_many_pages(), "%d irqfds are signalled, each with pages of its own", PINS);
	lost = gone_kib(before, PINS * 2);
	ok(lost < PINS * 2, "... which are free when the VM is gone (%" PRId64 " KiB are not)", lost);
}

int main(int argc, char **argv)
{
	struct vm_config c = config(arch_info.ram_min, 1);
	struct error err = { .text = "" };
	struct vm vm, other;

	if (api_begin(argc, argv))
		return 1;
	if (!ok(!start(&vm, &c, &err) && !vm_pause(&vm, &err) && !start(&other, &c, &err) &&
	                !vm_pause(&other, &err) && !adapter_register(vm.irqchip, &adapter, &err),
	        "two VMs, and an adapter (%s)", err.text))
		return tap_done();
	test_without_irqchip();
	test_irqfd_errors(&vm);
	test_route_errors(&vm);
	test_notifications(&other);
	test_counts(&vm);
	test_fire(&vm, &other);
	vm_destroy(&vm);
	vm_destroy(&other);
	test_pins();
	return api_end();
}
