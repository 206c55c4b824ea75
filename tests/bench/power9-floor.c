/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floor on power9.
 *
 *   power9-floor exits GUEST       as the benchmark's guests want it
 *   power9-floor inject
 *   power9-floor latency TEST-GUEST
 *   power9-floor state N
 *   power9-floor revert TEST-GUEST
 */
#include <endian.h>
#include <sys/eventfd.h>

#include "arch/power9/fdt.h"
#include "arch/power9/platform.h"
#include "floor.h"

#define PAGE      65536ul
#define TIMA_SIZE (4 * PAGE)
#define MSIS      64 /* message sources, when nothing else is said */
#define LSIS      4  /* level-sensitive ones, which zpvm's machine has too */
#define VCPUS     2
#define QUEUE     0x200000 /* a queue page of ours */
#define PRIORITY  5
#define MSR       0x8000000000001001ULL

/* Loads from a source's management page. */
#define ESB_GET    0x800
#define ESB_SET_PQ 0xc00 /* + 0x100 * PQ */

struct machine {
	int kvm, vm, xive, vcpu[VCPUS];
	struct kvm_run *run[VCPUS];
	char *ram;
	int ram_fd;
	uint8_t *tima, *esb;
	size_t esb_size;
	unsigned msis, vcpus;
};

static void slot(int vm, unsigned nr, uint64_t gpa, void *p, uint64_t size)
{
	struct kvm_userspace_memory_region s = { nr, 0, gpa, size, (uintptr_t)p };

	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &s));
}

static void *map(int fd, size_t size, size_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
}

static void xive_make(struct machine *m)
{
	struct kvm_create_device xive = { .type = KVM_DEV_TYPE_XIVE };
	uint32_t servers = m->vcpus;
	uint64_t msi = 0, lsi = KVM_XIVE_LEVEL_SENSITIVE;

	must(ioctl(m->vm, KVM_CREATE_DEVICE, &xive));
	m->xive = (int)xive.fd;
	attr(m->xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS, &servers);
	for (unsigned i = 0; i < m->vcpus; i++)
		attr(m->xive, KVM_DEV_XIVE_GRP_SOURCE, i, &msi);
	for (unsigned i = 0; i < LSIS; i++)
		attr(m->xive, KVM_DEV_XIVE_GRP_SOURCE, P9_LSI_BASE + i, &lsi);
	for (unsigned i = 0; i < m->msis; i++)
		attr(m->xive, KVM_DEV_XIVE_GRP_SOURCE, P9_MSI_BASE + i, &msi);
	m->esb_size = 2 * (P9_MSI_BASE + m->msis) * PAGE;
	m->tima = map(m->xive, TIMA_SIZE, 0);
	m->esb = map(m->xive, m->esb_size, TIMA_SIZE);
	slot(m->vm, 1, P9_TIMA, m->tima, TIMA_SIZE);
	slot(m->vm, 2, P9_ESB, m->esb, m->esb_size);
}

static void xive_unmake(struct machine *m)
{
	slot(m->vm, 1, P9_TIMA, NULL, 0);
	slot(m->vm, 2, P9_ESB, NULL, 0);
	munmap(m->tima, TIMA_SIZE);
	munmap(m->esb, m->esb_size);
	close(m->xive);
}

static void connect_vcpu(struct machine *m, unsigned i)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_IRQ_XIVE };

	cap.args[0] = (uint64_t)m->xive;
	cap.args[1] = i;
	must(ioctl(m->vcpu[i], KVM_ENABLE_CAP, &cap));
}

static void vcpu_make(struct machine *m, unsigned i)
{
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };
	uint64_t lpcr;
	struct kvm_one_reg reg = { KVM_REG_PPC_LPCR_64, (uintptr_t)&lpcr };

	m->vcpu[i] = must(ioctl(m->vm, KVM_CREATE_VCPU, i));
	m->run[i] = map(m->vcpu[i], (size_t)must(ioctl(m->kvm, KVM_GET_VCPU_MMAP_SIZE, 0)), 0);
	must(ioctl(m->vcpu[i], KVM_ENABLE_CAP, &papr));
	connect_vcpu(m, i);
	must(ioctl(m->vcpu[i], KVM_GET_ONE_REG, &reg));
	lpcr |= 0x02020000;
	must(ioctl(m->vcpu[i], KVM_SET_ONE_REG, &reg));
}

static struct machine machine(unsigned msis, unsigned vcpus)
{
	struct kvm_ppc_mmuv3_cfg mmu = { KVM_PPC_MMUV3_RADIX | KVM_PPC_MMUV3_GTSE, 1ULL << 63 };
	struct machine m = { .kvm = must(open("/dev/kvm", O_RDWR)), .msis = msis, .vcpus = vcpus };

	m.ram = map_ram(NULL, &m.ram_fd);
	m.vm = must(ioctl(m.kvm, KVM_CREATE_VM, 1));
	slot(m.vm, 0, 0, m.ram, RAM);
	must(ioctl(m.vm, KVM_PPC_CONFIGURE_V3_MMU, &mmu));
	xive_make(&m);
	for (unsigned i = 0; i < vcpus; i++)
		vcpu_make(&m, i);
	return m;
}

/* The device tree that the test guest looks into: as zpvm has it, but for the time to build it. */
static uint64_t device_tree(struct machine *m)
{
	static const struct rtas_service services[] = {
		/* what the guests look for */
		{ .name = "ibm,os-term", .token = P9_RTAS_OS_TERM },
		{ .name = "start-cpu", .token = P9_RTAS_START_CPU },
		{ .name = "stop-self", .token = P9_RTAS_STOP_SELF },
		{ .name = "power-off", .token = P9_RTAS_POWER_OFF },
		{ .name = "system-reboot", .token = P9_RTAS_REBOOT },
		{ .name = "query-cpu-stopped-state", .token = P9_RTAS_QUERY_CPU },
		{ .name = NULL },
	};
	struct fdt_machine what = {
		.memory = RAM,
		.vcpus = m->vcpus,
		.vcpu_stride = 1,
		.tima = P9_TIMA,
		.page_shift = 16,
		.services = services,
	};
	uint32_t room = fdt_room(m->vcpus);
	uint64_t at = (RAM - room) & ~(PAGE - 1);
	struct error err;

	must(fdt_build(&what, m->ram + at, room, &err));
	return at;
}

static void start(struct machine *m, unsigned i, uint64_t pc, uint64_t r3)
{
	struct kvm_regs regs = { .pc = pc, .msr = MSR };

	regs.gpr[3] = r3;
	must(ioctl(m->vcpu[i], KVM_SET_REGS, &regs));
}

/* --- what a guest asks for ---------------------------------------------- */

static void route(struct machine *m, uint64_t source, uint64_t server, uint64_t priority, uint64_t eisn)
{
	uint64_t value =
		eisn << KVM_XIVE_SOURCE_EISN_SHIFT | server << KVM_XIVE_SOURCE_SERVER_SHIFT | priority;

	attr(m->xive, KVM_DEV_XIVE_GRP_SOURCE_CONFIG, source, &value);
}

static void queue(struct machine *m, uint64_t server, uint64_t priority, uint64_t address)
{
	struct kvm_ppc_xive_eq eq = {
		.flags = KVM_XIVE_EQ_ALWAYS_NOTIFY, .qshift = 16, .qaddr = address, .qtoggle = 1
	};

	attr(m->xive, KVM_DEV_XIVE_GRP_EQ_CONFIG, server << KVM_XIVE_EQ_SERVER_SHIFT | priority, &eq);
}

static void *second(void *machine);

/* A buffer of big-endian words: token, numbers of arguments and results, then these. */
static void rtas(struct machine *m, uint32_t *words)
{
	uint32_t args = be32toh(words[1]);
	pthread_t thread;

	if (be32toh(words[0]) == P9_RTAS_OS_TERM)
		exit(1);
	if (be32toh(words[0]) == P9_RTAS_START_CPU) {
		start(m, 1, be32toh(words[4]), be32toh(words[5]));
		must(-pthread_create(&thread, NULL, second, m));
	}
	words[3 + args] = words[4 + args] = 0; /* done; a vCPU that is asked for is stopped */
}

/* The calls that the guests make. 1: it is at its checkpoint, and *shared its block. */
static int hcall(struct machine *m, struct kvm_run *run, uint64_t *shared)
{
	static int prints;
	uint64_t *arg = (uint64_t *)run->papr_hcall.args;

	if (run->exit_reason != KVM_EXIT_PAPR_HCALL)
		exit(1);
	run->papr_hcall.ret = 0;
	switch (run->papr_hcall.nr) {
	case 0x58: must((int)write(1, prints++ ? "y\n" : "x\n", 2)); break;
	case 0x3a8: /* flags, management page, trigger page, size */
		arg[0] = 0;
		arg[2] = P9_ESB + 2 * arg[1] * PAGE;
		arg[1] = arg[2] + PAGE;
		arg[3] = 16;
		break;
	case 0x3ac: route(m, arg[1], arg[2], arg[3], arg[4]); break;
	case 0x3b8: queue(m, arg[1], arg[2], arg[3]); break;
	case 0xf000: rtas(m, (uint32_t *)(m->ram + arg[0])); break;
	case ABI_CHECKPOINT_HCALL: *shared = arg[1]; return arg[0] == ABI_CP_READY;
	default: fprintf(stderr, "floor: hypercall 0x%llx\n", run->papr_hcall.nr); exit(1);
	}
	return 0;
}

static void *second(void *machine)
{
	struct machine *m = machine;
	uint64_t shared;

	do
		must(ioctl(m->vcpu[1], KVM_RUN, 0));
	while (!hcall(m, m->run[1], &shared));
	return NULL;
}

static void to_checkpoint(void *machine, struct runner *r)
{
	struct machine *m = machine;
	uint64_t shared = 0;

	do
		must(ioctl(m->vcpu[0], KVM_RUN, 0));
	while (!hcall(m, m->run[0], &shared));
	if (r)
		r->shared = (struct abi_shared *)(m->ram + shared);
}

/* --- what is measured --------------------------------------------------- */

static int exits(const char *image)
{
	struct machine m = machine(MSIS, VCPUS);

	start(&m, 0, load_elf(image, m.ram), device_tree(&m));
	to_checkpoint(&m, NULL);
	return 1;
}

static void esb_load(struct machine *m, uint64_t source, size_t offset, uint8_t *pq)
{
	*pq = be64toh(*(volatile uint64_t *)(m->esb + (2 * source + 1) * PAGE + offset)) & 3;
}

static void trigger(struct machine *m, uint64_t source)
{
	*(volatile uint64_t *)(m->esb + 2 * source * PAGE) = 0;
}

/* Every message source points at vCPU 0 and is on. */
static void route_all(struct machine *m)
{
	uint8_t pq;

	queue(m, 0, PRIORITY, QUEUE);
	for (uint64_t i = 0; i < m->msis; i++) {
		route(m, P9_MSI_BASE + i, 0, PRIORITY, P9_MSI_BASE + i);
		esb_load(m, P9_MSI_BASE + i, ESB_SET_PQ, &pq);
	}
}

static void irqfd(struct machine *m)
{
	struct kvm_irqfd on = { .fd = (uint32_t)eventfd(0, EFD_CLOEXEC), .gsi = P9_MSI_BASE };
	const uint64_t one = 1;
	uint64_t since;

	must(ioctl(m->vm, KVM_IRQFD, &on));
	since = now();
	for (int i = 0; i < BENCH_INJECT; i++)
		must((int)write((int)on.fd, &one, sizeof(one)));
	stopwatch("irqfd", BENCH_INJECT, since);
}

static int inject(void)
{
	struct machine m = machine(MSIS, 1);
	uint64_t since;

	route_all(&m);
	for (int i = 0; i < BENCH_WARM; i++)
		trigger(&m, P9_MSI_BASE);
	since = now();
	for (int i = 0; i < BENCH_INJECT; i++)
		trigger(&m, P9_MSI_BASE);
	stopwatch("singly", BENCH_INJECT, since);
	since = now();
	for (int i = 0; i < BENCH_BATCHES * BENCH_BATCHES; i++)
		trigger(&m, P9_MSI_BASE);
	stopwatch("batches", BENCH_BATCHES * BENCH_BATCHES, since);
	irqfd(&m);
	return 0;
}

static void inject_one(void *machine)
{
	trigger(machine, P9_MSI_BASE);
}

static int latencies(const char *image)
{
	struct machine m = machine(MSIS, 1);
	struct runner r;

	start(&m, 0, load_elf(image, m.ram), device_tree(&m));
	runner_start(&r, to_checkpoint, &m);
	runner_command(&r, ABI_CMD_ROUTE, P9_MSI_BASE, 0, PRIORITY);
	runner_wait(&r);
	latency(&r, "asleep", ABI_CMD_WAIT, inject_one);
	latency(&r, "looping", ABI_CMD_SPIN, inject_one);
	return 0;
}

struct saved {
	struct kvm_ppc_xive_eq eq;
	uint64_t vp[2];
	uint8_t page[PAGE];
	uint8_t pq[]; /* of the IPI, the level-sensitive and the message sources */
};

static uint64_t lisn(unsigned i)
{
	return !i ? 0 : i <= LSIS ? P9_LSI_BASE + i - 1 : P9_MSI_BASE + i - 1 - LSIS;
}

static unsigned sources(const struct machine *m)
{
	return 1 + LSIS + m->msis;
}

static void save(struct machine *m, struct saved *s)
{
	struct kvm_one_reg vp = { KVM_REG_PPC_VP_STATE, (uintptr_t)s->vp };
	uint8_t held;

	for (unsigned i = 0; i < sources(m); i++) {
		esb_load(m, lisn(i), ESB_GET, &s->pq[i]);
		if (s->pq[i] != 1)
			esb_load(m, lisn(i), ESB_SET_PQ + 0x200, &s->pq[i]);
	}
	attr(m->xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_EQ_SYNC, NULL);
	attr_get(m->xive, KVM_DEV_XIVE_GRP_EQ_CONFIG, PRIORITY, &s->eq);
	memcpy(s->page, m->ram + s->eq.qaddr, PAGE);
	must(ioctl(m->vcpu[0], KVM_GET_ONE_REG, &vp));
	for (unsigned i = 0; i < sources(m); i++)
		if (s->pq[i] != 1)
			esb_load(m, lisn(i), ESB_SET_PQ + 0x100 * s->pq[i], &held);
}

static void restore(struct machine *m, const struct saved *s)
{
	struct kvm_one_reg vp = { KVM_REG_PPC_VP_STATE, (uintptr_t)s->vp };
	struct kvm_ppc_xive_eq eq = s->eq;
	uint8_t was;

	/* Nothing else takes pending events out of the controller. */
	xive_unmake(m);
	xive_make(m);
	connect_vcpu(m, 0);
	memcpy(m->ram + s->eq.qaddr, s->page, PAGE);
	attr(m->xive, KVM_DEV_XIVE_GRP_EQ_CONFIG, PRIORITY, &eq);
	for (unsigned i = 1 + LSIS; i < sources(m); i++)
		route(m, lisn(i), 0, PRIORITY, lisn(i));
	must(ioctl(m->vcpu[0], KVM_SET_ONE_REG, &vp));
	for (unsigned i = 0; i < sources(m); i++)
		esb_load(m, lisn(i), ESB_SET_PQ + 0x100 * s->pq[i], &was);
}

static int state(unsigned long count)
{
	struct machine m = machine((unsigned)count, 1);
	struct saved *saved;
	uint64_t since;

	route_all(&m);
	for (int i = 0; i < BENCH_CYCLES; i++) {
		since = now();
		saved = malloc(sizeof(*saved) + sources(&m));
		save(&m, saved);
		stopwatch("save", count, since);
		since = now();
		restore(&m, saved);
		stopwatch("restore", count, since);
		free(saved);
	}
	return 0;
}

static const uint64_t reg_ids[] = {
	KVM_REG_PPC_LPCR_64, KVM_REG_PPC_TB_OFFSET, KVM_REG_PPC_DEC_EXPIRY, KVM_REG_PPC_PSSCR,
	KVM_REG_PPC_FSCR,    KVM_REG_PPC_DSCR,      KVM_REG_PPC_DSISR,      KVM_REG_PPC_DAR,
	KVM_REG_PPC_AMR,     KVM_REG_PPC_UAMOR,     KVM_REG_PPC_IAMR,       KVM_REG_PPC_PPR,
	KVM_REG_PPC_TAR,     KVM_REG_PPC_BESCR,     KVM_REG_PPC_EBBHR,      KVM_REG_PPC_EBBRR,
	KVM_REG_PPC_PSPB,    KVM_REG_PPC_DPDES,     KVM_REG_PPC_VTB,        KVM_REG_PPC_IC,
	KVM_REG_PPC_TIDR,    KVM_REG_PPC_DAWR,      KVM_REG_PPC_DAWRX,      KVM_REG_PPC_CIABR,
	KVM_REG_PPC_PURR,    KVM_REG_PPC_SPURR,     KVM_REG_PPC_MMCR0,      KVM_REG_PPC_MMCR1,
	KVM_REG_PPC_MMCRA,   KVM_REG_PPC_MMCR2,     KVM_REG_PPC_PMC1,       KVM_REG_PPC_PMC2,
	KVM_REG_PPC_PMC3,    KVM_REG_PPC_PMC4,      KVM_REG_PPC_PMC5,       KVM_REG_PPC_PMC6,
	KVM_REG_PPC_SIAR,    KVM_REG_PPC_SDAR,      KVM_REG_PPC_SIER,       KVM_REG_PPC_VRSAVE,
	KVM_REG_PPC_VSCR,    KVM_REG_PPC_FPSCR,     KVM_REG_PPC_VPA_ADDR,   KVM_REG_PPC_VPA_SLB,
	KVM_REG_PPC_VPA_DTL
};
#define NAMED (sizeof(reg_ids) / sizeof(reg_ids[0]))
#define REGS  (NAMED + 64) /* and the vector-scalar registers */

static struct {
	struct kvm_regs regs;
	uint64_t one[REGS][2], vp[2];
	uint8_t pq[1 + LSIS + MSIS];
} saved;

static void one_reg(struct machine *m, unsigned long call, size_t i)
{
	struct kvm_one_reg reg = { i < NAMED        ? reg_ids[i]
		                   : i < NAMED + 32 ? KVM_REG_PPC_VSR(i - NAMED)
		                                    : KVM_REG_PPC_VR(i - NAMED - 32),
		                   (uintptr_t)saved.one[i] };

	must(ioctl(m->vcpu[0], call, &reg));
}

static void restore_machine(void *machine)
{
	struct kvm_ppc_mmuv3_cfg mmu = { KVM_PPC_MMUV3_RADIX | KVM_PPC_MMUV3_GTSE, 1ULL << 63 };
	struct machine *m = machine;

	struct kvm_one_reg vp = { KVM_REG_PPC_VP_STATE, (uintptr_t)saved.vp };
	uint8_t was;

	/* Nothing is pending: then this leaves nothing. */
	attr(m->xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_EQ_SYNC, NULL);
	attr(m->xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_RESET, NULL);
	must(ioctl(m->vm, KVM_PPC_CONFIGURE_V3_MMU, &mmu));
	for (size_t i = 1; i < REGS; i++) /* but for LPCR, which that has set */
		if (reg_ids[i < NAMED ? i : 0] != KVM_REG_PPC_TB_OFFSET)
			one_reg(m, KVM_SET_ONE_REG, i);
	must(ioctl(m->vcpu[0], KVM_SET_REGS, &saved.regs));
	must(ioctl(m->vcpu[0], KVM_SET_ONE_REG, &vp));
	for (unsigned i = 0; i < sources(m); i++)
		esb_load(m, lisn(i), ESB_SET_PQ + 0x100 * saved.pq[i], &was);
}

static int revert(const char *image)
{
	struct machine m = machine(MSIS, 1);
	struct kvm_one_reg vp = { KVM_REG_PPC_VP_STATE, (uintptr_t)saved.vp };
	struct kvm_userspace_memory_region ram = { 0, 0, 0, RAM, (uintptr_t)m.ram };
	struct runner r;

	start(&m, 0, load_elf(image, m.ram), device_tree(&m));
	runner_start(&r, to_checkpoint, &m);
	must(ioctl(m.vcpu[0], KVM_GET_ONE_REG, &vp));
	for (unsigned i = 0; i < sources(&m); i++)
		esb_load(&m, lisn(i), ESB_GET, &saved.pq[i]);
	for (size_t i = 0; i < REGS; i++)
		one_reg(&m, KVM_GET_ONE_REG, i);
	must(ioctl(m.vcpu[0], KVM_GET_REGS, &saved.regs));
	reverts(&r, m.vm, m.ram_fd, &ram, restore_machine);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct floor_ways ways = { exits, inject, latencies, revert, state };

	return floor_main(argc, argv, &ways);
}
