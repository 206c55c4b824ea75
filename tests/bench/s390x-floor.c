/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floor on s390x.
 *
 *   s390x-floor exits GUEST         as the benchmark's guest wants it
 *   s390x-floor inject
 *   s390x-floor latency TEST-GUEST
 *   s390x-floor state N
 *   s390x-floor revert TEST-GUEST
 */
#include "floor.h"

#define ALIGN (1ul << 20)

struct machine {
	int kvm, vm, flic, vcpu, ram_fd;
	char *ram;
	struct kvm_userspace_memory_region slot;
	struct kvm_run *run;
};

static struct machine machine(void)
{
	struct kvm_create_device flic = { .type = KVM_DEV_TYPE_FLIC };
	struct kvm_enable_cap suppression = { .cap = KVM_CAP_S390_AIS };
	struct machine m = { .kvm = must(open("/dev/kvm", O_RDWR)) };
	char *p = mmap(NULL, RAM + ALIGN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	m.vm = must(ioctl(m.kvm, KVM_CREATE_VM, 0));
	m.ram = map_ram((char *)(((uintptr_t)p + ALIGN - 1) & ~(ALIGN - 1)), &m.ram_fd);
	m.slot.memory_size = RAM;
	m.slot.userspace_addr = (uintptr_t)m.ram;
	must(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &m.slot));
	must(ioctl(m.vm, KVM_CREATE_DEVICE, &flic));
	m.flic = (int)flic.fd;
	must(ioctl(m.vm, KVM_ENABLE_CAP, &suppression));
	m.vcpu = must(ioctl(m.vm, KVM_CREATE_VCPU, 0));
	m.run = mmap(NULL, (size_t)must(ioctl(m.kvm, KVM_GET_VCPU_MMAP_SIZE, 0)), PROT_READ | PROT_WRITE,
	             MAP_SHARED, m.vcpu, 0);
	return m;
}

static void boot(struct machine *m, const char *image)
{
	uint64_t entry = load_elf(image, m->ram);

	must(ioctl(m->vcpu, KVM_S390_INITIAL_RESET, 0));
	m->run->psw_mask = 0x0000000180000000ULL;
	m->run->psw_addr = entry;
}

/* SERVICE CALL prints; everything else is let go. */
static _Noreturn int exits(const char *image)
{
	struct machine m = machine();
	struct kvm_s390_irq done = { .type = KVM_S390_INT_SERVICE };
	int prints = 0;

	boot(&m, image);
	for (;;) {
		must(ioctl(m.vcpu, KVM_RUN, 0));
		if (m.run->exit_reason != KVM_EXIT_S390_SIEIC || m.run->s390_sieic.ipa != 0xb220)
			continue;
		if ((uint32_t)m.run->s.regs.gprs[2] == 0x00760005) /* WRITE EVENT DATA */
			must((int)write(1, prints++ ? "y\n" : "x\n", 2));
		done.u.ext.ext_params = (uint32_t)m.run->s.regs.gprs[3];
		attr(m.flic, KVM_DEV_FLIC_ENQUEUE, sizeof(done), &done);
	}
}

static struct kvm_s390_irq io(unsigned schid, uint32_t parm)
{
	struct kvm_s390_irq irq = { .type = KVM_S390_INT_IO(0, 0, 0, schid & 0xffff) };

	irq.u.io.subchannel_id = 1;
	irq.u.io.subchannel_nr = (uint16_t)schid;
	irq.u.io.io_int_parm = parm;
	irq.u.io.io_int_word = 3 << 27;
	return irq;
}

static int inject(void)
{
	struct kvm_s390_irq batch[BENCH_BATCHES];
	struct machine m = machine();
	uint64_t since = 0;

	for (int i = -BENCH_WARM; i < BENCH_INJECT; i++) {
		struct kvm_s390_irq irq = io(1, 1);

		if (!i)
			since = now();
		attr(m.flic, KVM_DEV_FLIC_ENQUEUE, sizeof(irq), &irq);
	}
	stopwatch("singly", BENCH_INJECT, since);
	since = now();
	for (int i = 0; i < BENCH_BATCHES; i++) {
		for (int k = 0; k < BENCH_BATCHES; k++)
			batch[k] = io(1, 1);
		attr(m.flic, KVM_DEV_FLIC_ENQUEUE, sizeof(batch), batch);
	}
	stopwatch("batches", BENCH_BATCHES * BENCH_BATCHES, since);
	return 0;
}

/* DIAGNOSE r1, r3 is the checkpoint: r1 its number, r3 the shared block. */
static void to_checkpoint(void *machine, struct runner *r)
{
	struct machine *m = machine;

	for (;;) {
		must(ioctl(m->vcpu, KVM_RUN, 0));
		if (m->run->exit_reason == KVM_EXIT_S390_SIEIC && m->run->s390_sieic.ipa >> 8 == 0x83)
			break;
	}
	r->shared = (struct abi_shared *)(m->ram + m->run->s.regs.gprs[m->run->s390_sieic.ipa & 15]);
	m->run->s.regs.gprs[m->run->s390_sieic.ipa >> 4 & 15] = 0;
	m->run->kvm_dirty_regs |= KVM_SYNC_GPRS;
}

static void inject_one(void *machine)
{
	struct kvm_s390_irq irq = io(1, 1);

	attr(((struct machine *)machine)->flic, KVM_DEV_FLIC_ENQUEUE, sizeof(irq), &irq);
}

static int latencies(const char *image)
{
	struct machine m = machine();
	struct runner r;

	boot(&m, image);
	runner_start(&r, to_checkpoint, &m);
	latency(&r, "asleep", ABI_CMD_WAIT, inject_one);
	latency(&r, "looping", ABI_CMD_SPIN, inject_one);
	return 0;
}

static int state(unsigned long count)
{
	struct kvm_mp_state stopped = { KVM_MP_STATE_STOPPED };
	struct kvm_s390_ais_all ais, none = { 0, 0 };
	struct kvm_s390_irq *irqs, local[4];
	struct kvm_s390_irq_state get = { .buf = (uintptr_t)local, .len = sizeof(local) };
	struct machine m = machine();
	uint64_t since;
	int n;

	for (unsigned long i = 0; i < count; i++) {
		struct kvm_s390_irq irq = io((unsigned)i, (uint32_t)i);

		attr(m.flic, KVM_DEV_FLIC_ENQUEUE, sizeof(irq), &irq);
	}

	for (int i = 0; i < BENCH_CYCLES; i++) {
		since = now();
		must(ioctl(m.vcpu, KVM_S390_GET_IRQ_STATE, &get));
		irqs = malloc(count * sizeof(*irqs));
		n = attr_get(m.flic, KVM_DEV_FLIC_GET_ALL_IRQS, count * sizeof(*irqs), irqs);
		attr_get(m.flic, KVM_DEV_FLIC_AISM_ALL, sizeof(ais), &ais);
		stopwatch("save", count, since);

		since = now();
		attr(m.flic, KVM_DEV_FLIC_CLEAR_IRQS, 0, NULL);
		attr(m.flic, KVM_DEV_FLIC_AISM_ALL, sizeof(none), &none);
		must(ioctl(m.vcpu, KVM_S390_INITIAL_RESET, 0));
		must(ioctl(m.vcpu, KVM_SET_MP_STATE, &stopped));
		attr(m.flic, KVM_DEV_FLIC_AISM_ALL, sizeof(ais), &ais);
		attr(m.flic, KVM_DEV_FLIC_ENQUEUE, (size_t)n * sizeof(*irqs), irqs);
		stopwatch("restore", count, since);
		free(irqs);
	}
	return (unsigned long)n != count;
}

static const uint64_t reg_ids[] = { KVM_REG_S390_TODPR,     KVM_REG_S390_CPU_TIMER, KVM_REG_S390_CLOCK_COMP,
	                            KVM_REG_S390_PP,        KVM_REG_S390_GBEA,      KVM_REG_S390_PFTOKEN,
	                            KVM_REG_S390_PFCOMPARE, KVM_REG_S390_PFSELECT };
#define REGS (sizeof(reg_ids) / sizeof(reg_ids[0]))

static struct {
	struct kvm_regs gprs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
	uint64_t regs[REGS], psw_mask, psw_addr;
	struct kvm_s390_vm_tod_clock tod;
	struct kvm_s390_ais_all ais;
} saved;

static void tod(struct machine *m, unsigned long call)
{
	struct kvm_device_attr a = { 0, KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT, (uintptr_t)&saved.tod };

	must(ioctl(m->vm, call, &a));
}

static void save_machine(struct machine *m)
{
	must(ioctl(m->vcpu, KVM_GET_REGS, &saved.gprs));
	must(ioctl(m->vcpu, KVM_GET_SREGS, &saved.sregs));
	must(ioctl(m->vcpu, KVM_GET_FPU, &saved.fpu));
	for (size_t i = 0; i < REGS; i++) {
		struct kvm_one_reg reg = { reg_ids[i], (uintptr_t)&saved.regs[i] };

		must(ioctl(m->vcpu, KVM_GET_ONE_REG, &reg));
	}
	saved.psw_mask = m->run->psw_mask;
	saved.psw_addr = m->run->psw_addr;
	attr_get(m->flic, KVM_DEV_FLIC_AISM_ALL, sizeof(saved.ais), &saved.ais);
	tod(m, KVM_GET_DEVICE_ATTR);
}

static void restore_machine(void *machine)
{
	struct kvm_mp_state stopped = { KVM_MP_STATE_STOPPED }, operating = { KVM_MP_STATE_OPERATING };
	struct kvm_s390_ais_all none = { 0, 0 };
	struct machine *m = machine;
	uint8_t key;
	struct kvm_s390_skeys keys = { .count = 1, .skeydata_addr = (uintptr_t)&key };

	attr(m->flic, KVM_DEV_FLIC_CLEAR_IRQS, 0, NULL);
	attr(m->flic, KVM_DEV_FLIC_AISM_ALL, sizeof(none), &none);
	must(ioctl(m->vcpu, KVM_S390_INITIAL_RESET, 0));
	must(ioctl(m->vcpu, KVM_SET_MP_STATE, &stopped));
	must(ioctl(m->vm, KVM_S390_GET_SKEYS, &keys));
	tod(m, KVM_SET_DEVICE_ATTR);
	must(ioctl(m->vcpu, KVM_SET_REGS, &saved.gprs));
	must(ioctl(m->vcpu, KVM_SET_SREGS, &saved.sregs));
	must(ioctl(m->vcpu, KVM_SET_FPU, &saved.fpu));
	for (size_t i = 0; i < REGS; i++) {
		struct kvm_one_reg reg = { reg_ids[i], (uintptr_t)&saved.regs[i] };

		must(ioctl(m->vcpu, KVM_SET_ONE_REG, &reg));
	}
	m->run->psw_mask = saved.psw_mask;
	m->run->psw_addr = saved.psw_addr;
	must(ioctl(m->vcpu, KVM_SET_MP_STATE, &operating));
	attr(m->flic, KVM_DEV_FLIC_AISM_ALL, sizeof(saved.ais), &saved.ais);
}

static int revert(const char *image)
{
	struct machine m = machine();
	struct runner r;

	boot(&m, image);
	runner_start(&r, to_checkpoint, &m);
	save_machine(&m);
	reverts(&r, m.vm, m.ram_fd, &m.slot, restore_machine);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct floor_ways ways = { exits, inject, latencies, revert, state };

	return floor_main(argc, argv, &ways);
}
