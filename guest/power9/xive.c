/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xive.c: external interrupts, as a guest of PAPR's "exploitation mode" sees
 * them (PAPR, "XIVE Exploitation Mode": the H_INT_* hypercalls; register
 * offsets as Linux has them in arch/powerpc/include/asm/xive-regs.h).
 *
 * A source has two state bits, P (pending) and Q (queued: triggered again
 * while pending), behind its ESB management page. A trigger that finds it idle
 * writes an entry to the event queue of the (server, priority) that the source
 * is routed to, and tells the vCPU through its thread management area, the
 * TIMA: the interrupt at 0x500. The vCPU acknowledges, which raises its
 * priority (CPPR) to that of the interrupt, empties the queue, ends each
 * source's interrupt at its ESB, and lowers its priority again.
 *
 * All of TIMA, ESB and queues is big-endian.
 */
#include "guest.h"
#include "arch/power9/platform.h"
#include "power9/cpu.h"

#define H_INT_GET_SOURCE_INFO   0x3a8
#define H_INT_SET_SOURCE_CONFIG 0x3ac
#define H_INT_SET_QUEUE_CONFIG  0x3b8
#define H_INT_ESB               0x3c8
#define H_SUCCESS               0

/* Flags: of H_INT_GET_SOURCE_INFO, bits 60, 61 and 62 of the first result; what the two others take. */
#define SOURCE_H_INT_ESB       8 /* its ESB is reached by hypercall only */
#define SOURCE_LSI             4 /* level-sensitive */
#define SOURCE_TRIGGER         2 /* the management page is the trigger page, too */
#define SOURCE_CONFIG_SET_EISN 2
#define QUEUE_ALWAYS_NOTIFY    1

/* The OS page of the TIMA: acknowledge (16 bits: NSR and CPPR), and the CPPR alone. */
#define TIMA_ACK  0x810
#define TIMA_CPPR 0x11
#define NSR_EO    0x80 /* an external interrupt for the operating system */

/* Loads: one ends a level-sensitive interrupt; the PQ bits as they are; and as they were, after setting them
 * to 00, idle. */
#define ESB_LOAD_EOI  0x000
#define ESB_GET       0x800
#define ESB_SET_PQ_00 0xc00
#define ESB_SET_PQ_01 0xd00
#define PQ            3
#define PQ_OFF        1
#define PQ_QUEUED     3 /* triggered once more */

/*
 * Entries are 32 bits: a generation bit, which flips at each turn of the queue
 * and so tells new ones from old ones; then the EISN, the guest's own name of
 * the source. Here that is its number.
 */
#define QUEUES_BASE 0x200000       /* outside the image; aligned to their size */
#define PRIORITIES  ABI_PRIORITIES /* 0 to 6; 7 is the hypervisor's */
#define GENERATION  0x80000000u

/* Page addresses, unless it is reached by hypercall. */
struct source {
	int routed;
	int by_hcall;
	uint64_t management;
	uint64_t trigger;
	uint32_t taken;
	uint32_t count_only;
};

#define SOURCES (P9_MSI_BASE + 4096)

/* Behind the load and the store that end an interrupt (guest/abi.h, struct abi_eoi). */
extern const char eoi_first[], eoi_end[];

static struct abi_queue queues[ABI_CPUS][PRIORITIES];
static struct source sources[SOURCES];
static struct spinlock route_lock;

/* What each vCPU accepts between interrupts; whether routes have been forgotten while something was pending.
 */
static uint8_t accept[ABI_CPUS];
static int forgotten;

/*
 * Access to TIMA and ESB. Loads and stores there have effects, so each is
 * complete before what comes next begins.
 */

static uint64_t load64(uint64_t address)
{
	uint64_t n = *(volatile uint64_t *)address;

	asm volatile("sync" : : : "memory");
	return __builtin_bswap64(n);
}

static void store64(uint64_t address, uint64_t n)
{
	asm volatile("sync" : : : "memory");
	*(volatile uint64_t *)address = __builtin_bswap64(n);
}

static uint16_t load16(uint64_t address)
{
	uint16_t n = *(volatile uint16_t *)address;

	asm volatile("sync" : : : "memory");
	return __builtin_bswap16(n);
}

static void store8(uint64_t address, uint8_t n)
{
	asm volatile("sync" : : : "memory");
	*(volatile uint8_t *)address = n;
}

/* The presenter starts with CPPR 0: nothing is more favoured, so nothing comes. */
void xive_accept(uint8_t cppr)
{
	accept[arch_cpu()] = cppr;
	store8(platform.tima + TIMA_CPPR, cppr);
}

/*
 * Routes
 */

static uint32_t queue_entries(void)
{
	return 1u << (platform.queue_shift - 2);
}

static void queue_configure(unsigned int cpu, uint64_t server, uint64_t priority)
{
	struct abi_queue *queue = &queues[cpu][priority];
	uint64_t address = QUEUES_BASE + ((cpu * PRIORITIES + priority) << platform.queue_shift);
	uint64_t out[4];
	int64_t rc;
	uint32_t i;

	for (i = 0; i < queue_entries(); i++)
		((volatile uint32_t *)address)[i] = 0;
	queue->place = GENERATION;
	queue->used = 1;
	queue->address = address;
	shared.queues = (uint32_t)(uint64_t)queues;
	shared.eoi = (struct abi_eoi){ (uint32_t)(uint64_t)eoi_first, (uint32_t)(uint64_t)eoi_end };
	rc = hcall(
		H_INT_SET_QUEUE_CONFIG,
		(const uint64_t[5]){ QUEUE_ALWAYS_NOTIFY, server, priority, address, platform.queue_shift },
		out);
	if (rc != H_SUCCESS)
		crash("H_INT_SET_QUEUE_CONFIG of server %lu, priority %lu: %ld", server, priority, rc);
}

static void source_find(uint64_t number)
{
	struct source *source = &sources[number];
	uint64_t out[4];
	int64_t rc = hcall(H_INT_GET_SOURCE_INFO, (const uint64_t[5]){ 0, number }, out);

	if (rc != H_SUCCESS)
		crash("H_INT_GET_SOURCE_INFO of source 0x%lx: %ld", number, rc);
	if (out[0] & SOURCE_LSI && !(out[0] & SOURCE_H_INT_ESB))
		crash("source 0x%lx has flags 0x%lx: level-sensitive, and EOI not by H_INT_ESB", number,
		      out[0]);
	source->by_hcall = (out[0] & SOURCE_H_INT_ESB) != 0;
	source->management = out[1];
	source->trigger = out[0] & SOURCE_TRIGGER ? out[1] : out[2];
}

/* A load from the management page of a source, by whichever way it has. */
static uint64_t source_load(uint64_t number, uint64_t offset)
{
	uint64_t out[4];
	int64_t rc;

	if (!sources[number].by_hcall)
		return load64(sources[number].management + offset);
	rc = hcall(H_INT_ESB, (const uint64_t[5]){ 0, number, offset }, out);
	if (rc != H_SUCCESS)
		crash("H_INT_ESB of source 0x%lx, offset 0x%lx: %ld", number, offset, rc);
	return out[0];
}

/* The queue before the source that needs it, the mask last. */
void xive_route(uint64_t number, uint64_t server, uint64_t priority)
{
	uint64_t out[4];
	unsigned int cpu = platform_cpu(server);
	int64_t rc;

	if (number >= SOURCES || priority >= PRIORITIES)
		crash("cannot route source 0x%lx to server %lu, priority %lu", number, server, priority);
	spin_lock(&route_lock);
	if (cpu < ABI_CPUS && !queues[cpu][priority].address)
		queue_configure(cpu, server, priority);
	source_find(number);
	rc = hcall(H_INT_SET_SOURCE_CONFIG,
	           (const uint64_t[5]){ SOURCE_CONFIG_SET_EISN, number, server, priority, number }, out);
	if (rc != H_SUCCESS)
		crash("H_INT_SET_SOURCE_CONFIG of source 0x%lx to server %lu, priority %lu: %ld", number,
		      server, priority, rc);
	sources[number].routed = 1;
	if ((source_load(number, ESB_SET_PQ_00) & PQ) == PQ_QUEUED && !sources[number].by_hcall)
		store64(sources[number].trigger, 0);
	spin_unlock(&route_lock);
}

int64_t xive_retarget(uint64_t number, uint64_t vcpu)
{
	uint64_t out[4], priority = 0;

	if (vcpu >= platform.cpus)
		crash("there is no vCPU %lu", vcpu);
	while (priority < PRIORITIES && !queues[vcpu][priority].address)
		priority++;
	return hcall(H_INT_SET_SOURCE_CONFIG,
	             (const uint64_t[5]){ 0, number, platform.servers[vcpu], priority }, out);
}

void xive_forget(void)
{
	spin_lock(&route_lock);
	forgotten = 1;
	for (unsigned int i = 0; i < ABI_CPUS * PRIORITIES; i++)
		queues[i / PRIORITIES][i % PRIORITIES].address = 0;
	for (unsigned int i = 0; i < SOURCES; i++)
		sources[i].routed = 0;
	spin_unlock(&route_lock);
}

/*
 * Triggers of one's own
 */

static struct source *source_of(uint64_t number)
{
	if (number >= SOURCES || !sources[number].routed)
		crash("source 0x%lx was never routed", number);
	return &sources[number];
}

void xive_trigger(uint64_t number)
{
	store64(source_of(number)->trigger, 0);
}

uint32_t xive_taken(uint64_t number)
{
	return __atomic_load_n(&source_of(number)->taken, __ATOMIC_ACQUIRE);
}

int xive_quiet(uint64_t number)
{
	source_of(number);
	return !(source_load(number, ESB_GET) & PQ);
}

void xive_count_only(uint64_t number, int only)
{
	struct source *source = source_of(number);

	source->taken = 0;
	source->count_only = (uint32_t)only;
}

/*
 * The interrupt
 */

/* One copy, with its labels. Returns what PQ were; triggers the source anew if it was queued. */
static __attribute__((noinline)) uint64_t source_eoi(uint32_t number)
{
	register uint64_t pq asm("r5");
	register uint64_t load asm("r6") = sources[number].management + ESB_SET_PQ_00;
	register uint64_t trigger asm("r7") = sources[number].trigger;
	register uint64_t source asm("r8") = number;

	/* PQ are the last bits of a big-endian doubleword. */
	asm volatile("ld	%0,0(%1)\n"
	             "eoi_first:\n"
	             "	sync\n"
	             "	rldicl	9,%0,8,62\n"
	             "	cmpldi	9,3\n"
	             "	bne	eoi_end\n"
	             "	li	9,0\n"
	             "	std	9,0(%2)\n"
	             "eoi_end:"
	             : "=&r"(pq)
	             : "r"(load), "r"(trigger), "r"(source)
	             : "r9", "cr0", "memory");
	return __builtin_bswap64(pq);
}

static void source_end(uint32_t number, uint8_t priority)
{
	struct source *source;
	uint64_t pq = 0;

	if (number >= SOURCES || !sources[number].routed)
		crash("an event of source 0x%x, which was never routed", number);
	source = &sources[number];
	/* Before the end: whoever then finds it quiet has all of the count. */
	__atomic_fetch_add(&source->taken, 1, __ATOMIC_RELEASE);
	if (driver_call(number)) {
		pq = source->by_hcall ? source_load(number, ESB_LOAD_EOI) : source_eoi(number);
		/* It was turned off while its event was in the queue, and stays so. */
		if (!source->by_hcall && (pq & PQ) == PQ_OFF)
			source_load(number, ESB_SET_PQ_01);
	}
	if (!source->count_only)
		record(ABI_XIVE, number, priority, pq);
}

/* The acknowledgement covers all events of that priority, so none may stay. */
static void queue_empty(struct abi_queue *queue, uint8_t priority)
{
	volatile uint32_t *entries = (volatile uint32_t *)queue->address;

	for (;;) {
		uint32_t place = queue->place, index = place & ~GENERATION;
		uint32_t entry = __builtin_bswap32(entries[index]);

		if ((entry ^ place) & GENERATION)
			return;
		source_end(entry & ~GENERATION, priority);
		place = index + 1 < queue_entries() ? place + 1 : ~place & GENERATION;
		__atomic_store_n(&queue->place, place, __ATOMIC_RELEASE);
	}
}

void xive_interrupt(void)
{
	uint16_t ack = load16(platform.tima + TIMA_ACK);
	uint8_t nsr = ack >> 8, priority = ack & 0xff;
	struct abi_queue *queue = priority < PRIORITIES ? &queues[arch_cpu()][priority] : NULL;

	if (nsr & NSR_EO) {
		if (queue && queue->address)
			queue_empty(queue, priority);
		else if (!forgotten && !(queue && queue->used)) /* a reset leaves what is pending here */
			crash("an interrupt of priority %u, which has no queue", priority);
	}
	/* Without EO the interrupt was withdrawn in between, and nothing is there to be recorded. */
	store8(platform.tima + TIMA_CPPR, accept[arch_cpu()]);
}
