/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_flic.c: what FLIC answers to wrong arguments, in the order in which they
 * are looked at, and what it merges; what zpvm makes of an answer in the
 * middle of a list. TAP; argv[1] is the test guest.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/s390x/event.h"
#include "arch/s390x/flic.h"
#include "api.h"

#define ENTRY ((uint64_t)sizeof(struct kvm_s390_irq))
#define NONE  ((void *)8) /* no memory is there */

#define REFUSED 10000

/* A VM as KVM makes it, without any capability enabled. */
struct bare {
	struct kvm_fd vm, flic;
};

static bool bare_make(struct bare *b)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_FLIC };
	long rc = kvm_call_value(&kvm, KVM_CREATE_VM, arch_info.vm_type);

	kvm_fd_set(&b->vm, (int)rc, NULL, "vm");
	rc = rc < 0 ? rc : kvm_call(&b->vm, KVM_CREATE_DEVICE, &device);
	kvm_fd_set(&b->flic, (int)device.fd, NULL, "flic");
	return rc >= 0;
}

static void bare_close(struct bare *b)
{
	kvm_close(&b->flic);
	kvm_close(&b->vm);
}

static long set(const struct kvm_fd *flic, uint32_t group, uint64_t attr, const void *addr)
{
	return kvm_attr_set(flic, "group", group, attr, addr);
}

static long get(const struct kvm_fd *flic, uint32_t group, uint64_t attr, void *addr)
{
	return kvm_attr_get(flic, "group", group, attr, addr);
}

/* How many floating interrupts are pending; then none. */
static long drain(const struct kvm_fd *flic)
{
	static struct kvm_s390_irq all[64];
	long count = get(flic, KVM_DEV_FLIC_GET_ALL_IRQS, sizeof(all), all);

	set(flic, KVM_DEV_FLIC_CLEAR_IRQS, 0, NULL);
	return count;
}

/* Two entries at the end of memory: a third is EFAULT. */
static struct kvm_s390_irq *two_entries(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *bytes = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(bytes + page, page);
	return (struct kvm_s390_irq *)(bytes + page) - 2;
}

static void test_device(struct bare *b)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_FLIC };
	struct kvm_device_attr attr = { .group = KVM_DEV_FLIC_CLEAR_IRQS, .flags = UINT32_MAX };
	pid_t child;
	int status = 0;

	is(-kvm_call(&b->vm, KVM_CREATE_DEVICE, &device), EINVAL, "a second FLIC: EINVAL, not EEXIST");
	device.flags = KVM_CREATE_DEVICE_TEST;
	is(kvm_call(&b->vm, KVM_CREATE_DEVICE, &device), 0, "... though the test says that it could be");
	device.type = 4711;
	is(-kvm_call(&b->vm, KVM_CREATE_DEVICE, &device), ENODEV, "a device of no type: ENODEV");
	is(-kvm_call_value(&b->flic, KVM_CREATE_VCPU, 0), ENOTTY, "a VM's call on the device: ENOTTY");
	for (uint32_t group = 1; group < FLIC_GROUPS; group++)
		is(kvm_attr_has(&b->flic, "group", group, UINT64_MAX), 0,
		   "group %u is there, whatever the attribute", group);
	is(-kvm_attr_has(&b->flic, "group", FLIC_GROUPS, 0), ENXIO, "the group behind the last: ENXIO");
	is(-kvm_attr_has(&b->flic, "group", 0, 0), ENXIO, "group 0: ENXIO");
	is(-set(&b->flic, FLIC_GROUPS, 0, NULL), EINVAL, "... which a set answers with EINVAL");
	is(-get(&b->flic, FLIC_GROUPS, 0, NULL), EINVAL, "... and a get");
	is(-get(&b->flic, KVM_DEV_FLIC_ENQUEUE, 0, NULL), EINVAL, "a get of what can be set: EINVAL");
	is(-set(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, 0, NULL), EINVAL, "a set of what can be got: EINVAL");
	is(kvm_call(&b->flic, KVM_SET_DEVICE_ATTR, &attr), 0, "flags are not looked at");
	fflush(stdout);
	child = fork();
	if (!child)
		_exit((int)-set(&b->flic, KVM_DEV_FLIC_CLEAR_IRQS, 0, NULL));
	waitpid(child, &status, 0);
	is(WEXITSTATUS(status), EIO, "another process: EIO");
	kvm_close(&b->flic);
	device = (struct kvm_create_device){ .type = KVM_DEV_TYPE_FLIC };
	is(-kvm_call(&b->vm, KVM_CREATE_DEVICE, &device), EINVAL, "a FLIC lives until its VM does");
}

static void test_get_all(struct bare *b)
{
	struct kvm_s390_irq one = { .type = KVM_S390_INT_PFAULT_DONE }, all[2];

	is(-get(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, 0, all), EINVAL, "GET_ALL_IRQS: no bytes are EINVAL");
	is(-get(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, KVM_S390_FLIC_MAX_BUFFER + 1, all), EINVAL,
	   "... one too many");
	is(get(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, 1, NONE), 0, "nothing pending: the address is not used");
	set(&b->flic, KVM_DEV_FLIC_ENQUEUE, ENTRY, &one);
	is(-get(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, ENTRY - 1, NONE), ENOMEM, "too short: ENOMEM");
	is(-get(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, ENTRY, NONE), EFAULT, "then EFAULT");
	is(get(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, ENTRY, all), 1, "one fits exactly; it returns how many");
	is(get(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, 2 * ENTRY - 1, all), 1, "and with bytes to spare");
	is(drain(&b->flic), 1, "... and it stays pending");
	for (unsigned i = 0; i < 2; i++)
		set(&b->flic, KVM_DEV_FLIC_ENQUEUE, ENTRY, &one);
	is(get(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, 2 * ENTRY, all), 2, "two fit exactly");
	drain(&b->flic);
	/* What is in no list is behind the lists. */
	for (unsigned i = 0; i < 2; i++) {
		struct kvm_s390_irq last = { .type = i ? KVM_S390_MCHK : KVM_S390_INT_SERVICE };

		if (!i)
			last.u.ext.ext_params = 0x7000;
		set(&b->flic, KVM_DEV_FLIC_ENQUEUE, ENTRY, &one);
		set(&b->flic, KVM_DEV_FLIC_ENQUEUE, ENTRY, &last);
		is(-get(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, ENTRY, all), ENOMEM,
		   "no room for the %s: ENOMEM", i ? "machine check" : "service signal");
		is(get(&b->flic, KVM_DEV_FLIC_GET_ALL_IRQS, 2 * ENTRY, all), 2, "... nothing is lost");
		drain(&b->flic);
	}
}

static void test_enqueue(struct bare *b)
{
	struct kvm_s390_irq *two = two_entries();

	memset(two, 0, 2 * ENTRY);
	is(set(&b->flic, KVM_DEV_FLIC_ENQUEUE, 0, NONE), 0, "ENQUEUE of nothing is no error");
	is(-set(&b->flic, KVM_DEV_FLIC_ENQUEUE, ENTRY - 1, NONE), EINVAL, "no multiple: EINVAL");
	is(-set(&b->flic, KVM_DEV_FLIC_ENQUEUE, (KVM_S390_FLIC_MAX_BUFFER / ENTRY + 1) * ENTRY, NONE), EINVAL,
	   "too many: EINVAL");
	is(-set(&b->flic, KVM_DEV_FLIC_ENQUEUE, ENTRY, NONE), EFAULT, "no memory: EFAULT");
	is(set(&b->flic, KVM_DEV_FLIC_ENQUEUE, 2 * ENTRY, two), 0, "entries of zeros are I/O interrupts");
	is(drain(&b->flic), 2, "... of subchannel 0");
	is(-set(&b->flic, KVM_DEV_FLIC_ENQUEUE, 3 * ENTRY, two), EFAULT, "three, of which two are there");
	is(drain(&b->flic), 2, "... and those are pending");
	is(set(&b->flic, KVM_DEV_FLIC_ENQUEUE, (1ULL << 32) + ENTRY, two), 0, "the length is cut to 32 bits");
	is(drain(&b->flic), 1, "... to one entry");
	is(-set(&b->flic, KVM_DEV_FLIC_ENQUEUE, (uint32_t)-16, two), EFAULT,
	   "a negative one that is a multiple is no length: until EFAULT");
	is(drain(&b->flic), 2, "... all that is there is pending");
	two[1].type = KVM_S390_RESTART;
	is(-set(&b->flic, KVM_DEV_FLIC_ENQUEUE, 2 * ENTRY, two), EINVAL, "the second never floats: EINVAL");
	is(drain(&b->flic), 1, "... the first is pending");
	two[0].type = KVM_S390_INT_PFAULT_INIT;
	is(-set(&b->flic, KVM_DEV_FLIC_ENQUEUE, ENTRY, two), EINVAL, "PFAULT_INIT is a vCPU's: EINVAL");
	two[0].type = KVM_S390_INT_SERVICE;
	two[0].u.ext.ext_params = 0x7000;
	two[1] = two[0];
	two[1].u.ext.ext_params = 0x8000;
	is(set(&b->flic, KVM_DEV_FLIC_ENQUEUE, 2 * ENTRY, two), 0, "a second service signal is no error");
	is(drain(&b->flic), 1, "... and dropped");
	is(-set(&b->flic, KVM_DEV_FLIC_APF_ENABLE, 1, NONE), 0, "APF_ENABLE looks at nothing");
	is(-set(&b->flic, KVM_DEV_FLIC_APF_DISABLE_WAIT, 1, NONE), 0, "nor does APF_DISABLE_WAIT");
}

static void test_clear_io(struct bare *b)
{
	struct kvm_s390_irq two[2] = { { .type = 7, .u.io = { .subchannel_id = 1, .subchannel_nr = 7 } } };
	uint32_t none = 0, seven = 0x10007;
	struct kvm_device_attr attr = { .group = KVM_DEV_FLIC_CLEAR_IO_IRQ, .flags = 1 };

	two[1] = two[0];
	is(-kvm_call(&b->flic, KVM_SET_DEVICE_ATTR, &attr), EINVAL, "CLEAR_IO_IRQ does look at the flags");
	is(-set(&b->flic, KVM_DEV_FLIC_CLEAR_IO_IRQ, 8, NONE), EINVAL, "another length: EINVAL");
	is(-set(&b->flic, KVM_DEV_FLIC_CLEAR_IO_IRQ, 4, NONE), EFAULT, "then EFAULT");
	is(-set(&b->flic, KVM_DEV_FLIC_CLEAR_IO_IRQ, 4, &none), EINVAL, "no subchannel: EINVAL");
	set(&b->flic, KVM_DEV_FLIC_ENQUEUE, 2 * ENTRY, two);
	is(set(&b->flic, KVM_DEV_FLIC_CLEAR_IO_IRQ, 4, &seven), 0, "one that has two");
	is(drain(&b->flic), 1, "... loses one");
	is(set(&b->flic, KVM_DEV_FLIC_CLEAR_IO_IRQ, 4, &seven), 0, "one that has none is no error");
}

static void test_adapters(struct bare *b)
{
	struct kvm_s390_io_adapter a = { .id = 64 };
	struct kvm_s390_io_adapter_req r = { .id = 5, .type = 103 };
	long rc;

	is(-set(&b->flic, KVM_DEV_FLIC_ADAPTER_REGISTER, 0, NONE), EFAULT, "ADAPTER_REGISTER: EFAULT");
	is(-set(&b->flic, KVM_DEV_FLIC_ADAPTER_REGISTER, 0, &a), EINVAL, "adapter 64: EINVAL");
	a = (struct kvm_s390_io_adapter){ .id = 5, .isc = 255 };
	is(set(&b->flic, KVM_DEV_FLIC_ADAPTER_REGISTER, 0, &a), 0, "ISC 255 is not looked at");
	is(-set(&b->flic, KVM_DEV_FLIC_ADAPTER_REGISTER, 0, &a), EINVAL, "the same again: EINVAL");
	is(-set(&b->flic, KVM_DEV_FLIC_ADAPTER_MODIFY, 0, NONE), EFAULT, "ADAPTER_MODIFY: EFAULT");
	is(-set(&b->flic, KVM_DEV_FLIC_ADAPTER_MODIFY, 0, &r), EINVAL, "a type that is none: EINVAL");
	r.type = KVM_S390_IO_ADAPTER_MASK;
	is(-set(&b->flic, KVM_DEV_FLIC_ADAPTER_MODIFY, 0, &r), EINVAL, "the mask of one without: EINVAL");
	r.type = KVM_S390_IO_ADAPTER_MAP;
	/* 7.3 pins the page, and this VM has no memory; of 7.2 it is not known. */
	rc = set(&b->flic, KVM_DEV_FLIC_ADAPTER_MODIFY, 0, &r);
	ok(host_since("7.3") ? rc < 0 : !rc || host_since("7.2"),
	   "MAP does nothing, or finds no page (since 7.3)");
	r.type = KVM_S390_IO_ADAPTER_UNMAP;
	rc = set(&b->flic, KVM_DEV_FLIC_ADAPTER_MODIFY, 0, &r);
	ok(host_since("7.3") ? rc < 0 : !rc || host_since("7.2"),
	   "nor does UNMAP, or it finds none that is mapped");
	r.id = 6;
	is(-set(&b->flic, KVM_DEV_FLIC_ADAPTER_MODIFY, 0, &r), EINVAL, "... but not of no adapter");
	is(-set(&b->flic, KVM_DEV_FLIC_AIRQ_INJECT, 6, NULL), EINVAL, "AIRQ_INJECT of no adapter: EINVAL");
	is(-set(&b->flic, KVM_DEV_FLIC_AIRQ_INJECT, 64, NULL), EINVAL, "... of adapter 64");
	is(set(&b->flic, KVM_DEV_FLIC_AIRQ_INJECT, (1ULL << 32) + 5, NONE), 0, "its id is cut to 32 bits");
	is(drain(&b->flic), 1, "... to an adapter that is there");
}

/* Of a VM without suppression, and of one with. */
static void test_suppression(struct bare *b, const struct kvm_fd *with)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_S390_AIS };
	struct kvm_s390_ais_req req = { .isc = 8, .mode = 2 };
	const struct kvm_s390_ais_all modes = { .simm = 0x81, .nimm = 0x80 };
	struct kvm_s390_ais_all all;
	long vcpu;

	is(-set(&b->flic, KVM_DEV_FLIC_AISM, 0, NONE), EOPNOTSUPP, "AISM, off: EOPNOTSUPP before EFAULT");
	is(-get(&b->flic, KVM_DEV_FLIC_AISM_ALL, sizeof(all) - 1, NONE), EINVAL,
	   "AISM_ALL: a get looks at the length first");
	is(-get(&b->flic, KVM_DEV_FLIC_AISM_ALL, sizeof(all), NONE), EOPNOTSUPP, "... then EOPNOTSUPP");
	is(-set(&b->flic, KVM_DEV_FLIC_AISM_ALL, 0, NONE), EOPNOTSUPP, "a set does not, EOPNOTSUPP");
	vcpu = kvm_call_value(&b->vm, KVM_CREATE_VCPU, 0);
	is(-kvm_call(&b->vm, KVM_ENABLE_CAP, &cap), EBUSY, "with a vCPU it is too late: EBUSY");
	close((int)vcpu);
	is(-set(with, KVM_DEV_FLIC_AISM, 0, NONE), EFAULT, "AISM, on: EFAULT");
	is(-set(with, KVM_DEV_FLIC_AISM, 0, &req), EINVAL, "ISC 8: EINVAL");
	req.isc = 7;
	is(-set(with, KVM_DEV_FLIC_AISM, 0, &req), EINVAL, "mode 2: EINVAL");
	is(-get(with, KVM_DEV_FLIC_AISM_ALL, sizeof(all), NONE), EFAULT, "AISM_ALL: EFAULT");
	is(get(with, KVM_DEV_FLIC_AISM_ALL, UINT64_MAX, &all), 0, "a get takes any length that suffices");
	is(-set(with, KVM_DEV_FLIC_AISM_ALL, 0, NONE), EFAULT, "... EFAULT");
	is(set(with, KVM_DEV_FLIC_AISM_ALL, 0, &modes), 0, "a set takes any length");
	get(with, KVM_DEV_FLIC_AISM_ALL, sizeof(all), &all);
	ok(!memcmp(&all, &modes, sizeof(all)), "... and both modes of each subclass");
}

/* The guest takes what is pending; how many it has taken in all. */
static unsigned let_take(struct vm *vm)
{
	static const uint64_t none[ABI_ARGS];
	struct error err;
	unsigned which;

	if (checkpoint_command(vm, 0, ABI_CMD_ENABLE, none, &err))
		return 0;
	vm_resume(vm);
	vm_wait(vm, 0, 20000, &which);
	vm_pause(vm, &err);
	return checkpoint_shared(vm)->taken;
}

static void test_merging(struct vm *vm)
{
	struct kvm_s390_irq sclp[2] = { { .type = KVM_S390_INT_SERVICE, .u.ext.ext_params = 1 },
		                        { .type = KVM_S390_INT_SERVICE, .u.ext.ext_params = 0x7001 } };
	struct kvm_s390_irq mchk[2] = { { .type = KVM_S390_MCHK }, { .type = KVM_S390_MCHK } }, got;
	const struct kvm_fd *flic = &vm->irqchip->fd;
	const struct abi_record *log = checkpoint_shared(vm)->log;
	uint32_t parm[EVENT_SIGNALS];
	struct error err = { .text = "" };
	unsigned n;

	set(flic, KVM_DEV_FLIC_ENQUEUE, ENTRY, sclp);
	is(drain(flic), 1, "a service signal of an event: one entry");
	set(flic, KVM_DEV_FLIC_ENQUEUE, ENTRY, sclp);
	is(event_try(vm->kvm, parm, &err), let_take(vm), "... taken as often as in a scratch VM (%s)",
	   err.text);
	n = checkpoint_shared(vm)->taken;
	is(log[0].parm, parm[0], "... first with the parameter that it has there");
	ok(parm[0] == 3 || parm[0] == 1, "... which has all event bits, or that which was injected (%x)",
	   parm[0]);
	ok(n == 1 || (n == 2 && !log[1].parm && !parm[1]), "... then, by this KVM or not, as parameter 0");
	set(flic, KVM_DEV_FLIC_ENQUEUE, ENTRY, sclp + 1);
	is(let_take(vm), n + 2, "one of an SCCB and an event is taken twice");
	ok(log[n].parm == parm[0] && log[n + 1].parm == 0x7000, "... the event, then the SCCB (%x, %x)",
	   (unsigned)log[n].parm, (unsigned)log[n + 1].parm);

	mchk[0].u.mchk = (struct kvm_s390_mchk_info){ .cr14 = 0x1f000000, .mcic = 0x0040000000000001 };
	mchk[1].u.mchk = (struct kvm_s390_mchk_info){ .ext_damage_code = 7, .mcic = 0x0000000000000100 };
	set(flic, KVM_DEV_FLIC_ENQUEUE, 2 * ENTRY, mchk);
	is(get(flic, KVM_DEV_FLIC_GET_ALL_IRQS, ENTRY, &got), 1, "two floating machine checks are one");
	is(got.u.mchk.mcic, 0x0040000000000101, "... with the bits of both");
	is(got.u.mchk.cr14, 0x10000000, "... of control register 14 the channel report's alone");
	is(got.u.mchk.ext_damage_code, 0, "... and nothing else");
	drain(flic);
}

/* The 32-bit parameter of a virtio interrupt, which is older than the one of 64 bits, and which zpvm never
 * sets. */
static void test_short_parameter(struct vm *vm)
{
	struct kvm_s390_irq virtio = { .type = KVM_S390_INT_VIRTIO,
		                       .u.ext = { .ext_params = 0x11223344, .ext_params2 = 0x5566 } };

	set(&vm->irqchip->fd, KVM_DEV_FLIC_ENQUEUE, ENTRY, &virtio);
	let_take(vm);
	is(*(uint32_t *)ram_at(&vm->ram, 0x80, 4), 0x11223344, "a virtio interrupt has a parameter at 80");
	is(*(uint64_t *)ram_at(&vm->ram, 0x11b8, 8), 0x5566, "... and another one at 11b8");
}

static void test_list_is_told(struct vm *vm)
{
	static const struct s390_irq list[] = {
		{ .type = 1, .io = { 1, 1, 0, 0 } }, { .type = S390_SERVICE, .ext = { 0x7000, 0 } },
		{ .type = 2, .io = { 1, 2, 0, 0 } }, { .type = S390_RESTART },
		{ .type = 3, .io = { 1, 3, 0, 0 } },
	};
	struct error err = { .text = "" };
	size_t done = 9;

	is(flic_enqueue(vm->irqchip, list, 3, &done, &err), 0, "a good list");
	is(done, 3, "... goes in");
	is(-flic_enqueue(vm->irqchip, list, 5, &done, &err), EINVAL, "a list whose fourth entry is wrong");
	is(done, 3, "... goes in up to there, beside what was pending");
	has(err.text, "ENQUEUE(restart), 3 of 5 went in: EINVAL", "... told, with the one that is wrong");
	is(drain(&vm->irqchip->fd), 5, "... and so it is");
	is(-flic_enqueue(vm->irqchip, list, (1ULL << 32) / ENTRY + 1, &done, &err), EINVAL,
	   "a list beyond KVM's largest is not even looked at");
	is(done, 0, "... and none goes in");
}

static void test_needs(const struct kvm_fd *flic)
{
	static const struct kvm_attr_need needs[] = { { KVM_DEV_FLIC_ENQUEUE, 0, "ENQUEUE", "for this" },
		                                      { 4711, 0, "FROB", "for that" },
		                                      { 4712, 0, "FROB_ALL", "for all" },
		                                      { 0, 0, NULL, NULL } };
	struct error err = { .text = "" };

	is(-kvm_check_attrs(flic, needs, &err), EOPNOTSUPP, "missing attributes are noticed");
	is(strcmp(err.text, "this host's flic lacks FROB (for that), FROB_ALL (for all)"), 0,
	   "... and named, with their use");
}

/* --- what a VM leaves in the kernel ----------------------------------- */

/* Bytes in the kernel's caches for objects of any kind; 0 if only root may know. */
static uint64_t kernel_bytes(void)
{
	FILE *f = fopen("/proc/slabinfo", "r");
	uint64_t bytes = 0, active, all, size;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "kmalloc", 7) &&
		    sscanf(line, "%*s %" SCNu64 " %" SCNu64 " %" SCNu64, &active, &all, &size) == 3)
			bytes += all * size;
	if (f)
		fclose(f);
	return bytes;
}

/* Makes a VM and destroys it, with interrupts that are pending and adapters. */
static void live_once(unsigned interrupts, unsigned adapters)
{
	static struct kvm_s390_irq list[1000];
	struct kvm_s390_io_adapter a = { .isc = 3 };
	struct bare b;

	for (unsigned i = 0; i < 1000; i++)
		list[i].type = KVM_S390_INT_IO(0, 0, 0, 0);
	if (!bare_make(&b))
		return;
	for (unsigned i = 0; i < interrupts; i += 1000)
		set(&b.flic, KVM_DEV_FLIC_ENQUEUE, sizeof(list), list);
	for (a.id = 0; a.id < adapters; a.id++)
		set(&b.flic, KVM_DEV_FLIC_ADAPTER_REGISTER, 0, &a);
	bare_close(&b);
}

/* Completed page faults, as many as KVM holds, and so many for which there is no room. */
static void refuse_many(unsigned refused)
{
	static struct kvm_s390_irq list[S390_PFAULT_QUEUE / 16];
	struct bare b;
	unsigned good = 0;

	for (size_t i = 0; i < S390_PFAULT_QUEUE / 16; i++)
		list[i].type = KVM_S390_INT_PFAULT_DONE;
	if (!bare_make(&b))
		return;
	for (unsigned i = 0; i < 16; i++)
		good += !set(&b.flic, KVM_DEV_FLIC_ENQUEUE, sizeof(list), list);
	for (unsigned i = 0; i < refused; i++)
		good += set(&b.flic, KVM_DEV_FLIC_ENQUEUE, ENTRY, list) == -EBUSY;
	is(good, 16 + refused, "%u interrupts for which there is no room: EBUSY", refused);
	bare_close(&b);
}

static void test_leaves_nothing(void)
{
	uint64_t begin, first, second, third;

	live_once(1000, 64);
	begin = kernel_bytes();
	if (!begin) {
		ok(true, "what a VM leaves # SKIP only root may read /proc/slabinfo");
		return;
	}
	for (unsigned i = 0; i < 3; i++)
		live_once(30000, 0);
	first = kernel_bytes() - begin;
	ok((int64_t)first < 4000000, "VMs with 90,000 interrupts leave none of them (%" PRId64 " bytes)",
	   first);
	begin = kernel_bytes();
	for (unsigned i = 0; i < 60; i++)
		live_once(0, 64);
	second = kernel_bytes() - begin;
	ok((int64_t)second < 60000, "VMs with 3,840 adapters leave none of them (%" PRId64 " bytes)", second);
	refuse_many(0);
	begin = kernel_bytes();
	refuse_many(REFUSED);
	third = kernel_bytes() - begin;
	ok((int64_t)third < REFUSED * 30, "%d that are refused leave nothing (%" PRId64 " bytes)", REFUSED,
	   third);
}

int main(int argc, char **argv)
{
	struct vm_config c = config(arch_info.ram_min, 2);
	struct error err = { .text = "" };
	struct bare b;
	struct vm vm;

	if (api_begin(argc, argv))
		return 1;
	if (!ok(bare_make(&b), "a bare VM with a FLIC") ||
	    !ok(!start(&vm, &c, &err) && !vm_pause(&vm, &err), "a VM (%s)", err.text))
		return tap_done();
	test_get_all(&b);
	test_enqueue(&b);
	test_clear_io(&b);
	test_adapters(&b);
	test_suppression(&b, &vm.irqchip->fd);
	test_device(&b);
	bare_close(&b);
	test_merging(&vm);
	test_short_parameter(&vm);
	test_list_is_told(&vm);
	test_needs(&vm.irqchip->fd);
	vm_destroy(&vm);
	test_leaves_nothing();
	return api_end();
}
