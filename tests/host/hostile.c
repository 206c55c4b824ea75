/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile.c: see hostile.h. Its devices: a disk that it may spoil, a good disk, a network card, random
 * numbers, a console. Sector n of both disks has the text of the number n, but for sector 0 of the good one:
 * the seed. First it makes each mistake that a device must notice, and looks whether it has: NEEDS_RESET.
 * Then come rounds of random nonsense. After each mistake and each round the good disk reads right, and so
 * does the spoilt one after a reset. There is a checkpoint now and then, for a scenario that takes snapshots
 * there.
 */
#include "hostile.h"

#include "guest/guest.h"

#define BAD  0
#define GOOD 1

#define SECTOR     512
#define SECTORS    64 /* of a disk */
#define ROUNDS     60
#define CHECKPOINT 10 /* rounds */
#define QUEUES     4
#define TRIES      20000 /* to see something that must come */

#define NEXT     1
#define WRITE    2
#define INDIRECT 4

struct abi_shared shared;
int crashing;

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

/* A queue of the guest's own, and a request. */
#define SIZE 8
struct ring {
	struct desc desc[SIZE] __attribute__((aligned(16)));
	uint16_t avail[2 + SIZE + 1] __attribute__((aligned(16)));
	uint16_t used[2 + 4 * SIZE + 1] __attribute__((aligned(16)));
	struct desc table[SIZE] __attribute__((aligned(16))); /* indirect */
	uint8_t header[16], status, data[SECTOR];
};
static struct ring good, bad;

static uint64_t seeds[ABI_CPUS];

uint64_t any(void)
{
	uint64_t *seed = &seeds[arch_cpu() % ABI_CPUS];

	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void set_seed(uint64_t number)
{
	seeds[arch_cpu()] = 0x9e3779b97f4a7c15ull * (number + 1);
}

uint32_t below(uint32_t n)
{
	return (uint32_t)(any() >> 33) % n;
}

int once_in(uint32_t n)
{
	return !below(n);
}

uint64_t hostile_address(void)
{
	switch (below(8)) {
	case 0: return RAM_BYTES + below(0x10000);
	case 1: return -(uint64_t)below(0x1000);
	case 2: return any() | 1ull << 40;
	case 3: return RAM_BYTES - below(64);
	default: return SANDBOX + below(SANDBOX_BYTES);
	}
}

/* virtio 1 is little-endian, and the guest need not be. */
static uint16_t le16(uint16_t n)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap16(n) : n;
}

static uint32_t le32(uint32_t n)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap32(n) : n;
}

static uint64_t le64(uint64_t n)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(n) : n;
}

static void barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static int machine; /* vCPUs are hostile to it: interrupts are restarts, or what comes while a mode is open */

/* What hardly anybody calls: nothing is injected, and interrupts stay closed. */
void record(unsigned int kind, uint32_t number, uint64_t parm, uint64_t parm2)
{
	if (!machine)
		crash("interrupt %u 0x%x 0x%lx 0x%lx", kind, number, parm, parm2);
}

_Noreturn void crash(const char *format, ...)
{
	struct line line = { .length = 0 };
	va_list args;

	if (__atomic_exchange_n(&crashing, 1, __ATOMIC_SEQ_CST))
		arch_crashed();
	shared.stopped = ABI_CRASHED;
	line_add(&line, "hostile: ");
	va_start(args, format);
	line_vadd(&line, format, args);
	va_end(args);
	line_add(&line, "\n");
	line_print(&line);
	arch_crashed();
}

/* --- a driver that keeps to the rules --------------------------------- */

static void describe(struct desc *d, const void *at, uint32_t len, uint16_t flags, uint16_t next)
{
	*d = (struct desc){ le64((uint64_t)at), le32(len), le16(flags), le16(next) };
}

static void clear(void *at, uint64_t len)
{
	for (uint8_t *b = at; len; len--)
		*b++ = 0;
}

/* The device is ready, and its first queue is this. */
static void drive(unsigned dev, struct ring *r)
{
	clear(r, sizeof(*r));
	transport_open(dev);
	transport_set_status(dev, STATUS_DRIVER);
	transport_accept(dev, 0, 0);
	transport_accept(dev, 1, 1); /* VIRTIO_F_VERSION_1 */
	transport_set_status(dev, STATUS_DRIVER | STATUS_FEATURES_OK);
	if (transport_queue(dev, 0, SIZE, (uint64_t)r->desc, (uint64_t)r->avail, (uint64_t)r->used))
		crash("device %u has refused a queue", dev);
	transport_set_status(dev, STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
	if (transport_status(dev) != (STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK))
		crash("device %u does not start: status 0x%x", dev, transport_status(dev));
}

/* The request to read a sector, which a mistake can then be made in. */
static void prepare(struct ring *r, uint64_t sector)
{
	clear(r->header, sizeof(r->header));
	r->header[8] = (uint8_t)sector;
	r->status = 0xff;
	describe(&r->desc[0], r->header, sizeof(r->header), NEXT, 1);
	describe(&r->desc[1], r->data, SECTOR, NEXT | WRITE, 2);
	describe(&r->desc[2], &r->status, 1, WRITE, 0);
	r->avail[2 + le16(r->avail[1]) % SIZE] = 0;
}

static void submit(unsigned dev, struct ring *r, uint16_t requests)
{
	barrier();
	*(volatile uint16_t *)&r->avail[1] = le16((uint16_t)(le16(r->avail[1]) + requests));
	barrier();
	transport_notify(dev, 0);
}

static const uint8_t *read_sector(unsigned dev, struct ring *r, uint64_t sector)
{
	uint16_t used = r->used[1];

	prepare(r, sector);
	submit(dev, r, 1);
	for (unsigned i = 0; *(volatile uint16_t *)&r->used[1] == used; i++)
		if (i > TRIES && transport_status(dev) & STATUS_NEEDS_RESET)
			crash("device %u needs a reset, but has got a good request", dev);
	barrier();
	if (r->status || le16(r->used[1]) != (uint16_t)(le16(used) + 1))
		crash("device %u: sector %lu: status %u, %u requests done, then %u", dev, sector, r->status,
		      le16(used), le16(r->used[1]));
	return r->data;
}

static uint64_t number(const uint8_t *text)
{
	uint64_t n = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		n = 10 * n + *text - '0';
	return n;
}

static void reads_right(unsigned dev, struct ring *r)
{
	uint64_t sector = 1 + below(SECTORS - 1), found = number(read_sector(dev, r, sector));

	if (found != sector)
		crash("device %u: sector %lu has %lu", dev, sector, found);
}

/* Whatever was done to the others. A reset makes all good again, except what was written. */
static void all_is_well(void)
{
	reads_right(GOOD, &good);
	drive(BAD, &bad);
	read_sector(BAD, &bad, below(SECTORS));
	transport_reset(BAD);
	if (transport_status(BAD))
		crash("status 0x%x after a reset", transport_status(BAD));
}

/* --- mistakes --------------------------------------------------------- */

enum mistake {
	TOO_MANY,
	BEYOND_RING,
	BEYOND_TABLE,
	LOOP,
	NO_MEMORY,
	WRAPS,
	TOO_LONG,
	ORDER,
	NO_STATUS,
	TABLE_LENGTH,
	TABLE_EMPTY,
	TABLE_NO_MEMORY,
	TABLE_IN_TABLE,
	TABLE_NOT_LAST,
	MISTAKES
};

static void indirect(struct ring *r, uint32_t len, uint16_t flags)
{
	r->table[0] = r->desc[0];
	r->table[1] = r->desc[1];
	r->table[2] = r->desc[2];
	describe(&r->desc[0], r->table, len, (uint16_t)(INDIRECT | flags), 1);
}

static void make(enum mistake what, struct ring *r)
{
	switch (what) {
	case TOO_MANY: break; /* see below */
	case BEYOND_RING: r->avail[2] = le16(SIZE); break;
	case BEYOND_TABLE: r->desc[0].next = le16(SIZE); break;
	case LOOP: r->desc[0].next = 0; break;
	case NO_MEMORY: r->desc[1].addr = le64(RAM_BYTES - SECTOR + 1); break;
	case WRAPS: r->desc[1].addr = le64(-(uint64_t)SECTOR / 2); break;
	case TOO_LONG: r->desc[1].len = le32(0xffffffff); break;
	case ORDER: r->desc[0].flags = le16(NEXT | WRITE), r->desc[1].flags = le16(NEXT); break;
	case NO_STATUS: r->desc[0].flags = 0; break;
	case TABLE_LENGTH: indirect(r, 3 * sizeof(struct desc) + 1, 0); break;
	case TABLE_EMPTY: indirect(r, 0, 0); break;
	case TABLE_NO_MEMORY:
		indirect(r, 3 * sizeof(struct desc), 0);
		r->desc[0].addr = le64(RAM_BYTES - 16);
		break;
	case TABLE_IN_TABLE:
		indirect(r, 3 * sizeof(struct desc), 0);
		r->table[0] = r->desc[0];
		break;
	case TABLE_NOT_LAST: indirect(r, 3 * sizeof(struct desc), NEXT); break;
	case MISTAKES: break;
	}
}

static void must_need_reset(unsigned what)
{
	for (unsigned i = 0; !(transport_status(BAD) & STATUS_NEEDS_RESET); i++)
		if (i == TRIES)
			crash("mistake %u: the device does not need a reset", what);
}

static void mistakes(void)
{
	for (enum mistake m = 0; m < MISTAKES; m++) {
		drive(BAD, &bad);
		prepare(&bad, 1);
		make(m, &bad);
		submit(BAD, &bad, m == TOO_MANY ? SIZE + 1 : 1);
		must_need_reset(m);
		/* It does nothing until then. */
		prepare(&bad, 1);
		submit(BAD, &bad, 1);
		if (bad.status != 0xff || bad.used[1])
			crash("mistake %u: the device goes on", (unsigned)m);
		all_is_well();
	}
}

/* Rings that cannot be: the transport refuses them, or the device needs a reset. */
static void wrong_rings(void)
{
	const uint64_t r = SANDBOX, wrong[][4] = {
		{ SIZE, r + 8, r, r },     { SIZE, r, r + 1, r },          { SIZE, r, r, r + 2 },
		{ SIZE, RAM_BYTES, r, r }, { SIZE, r, RAM_BYTES - 16, r }, { SIZE, r, r, -4ull },
	};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		drive(BAD, &bad);
		transport_open(BAD);
		transport_queue(BAD, 0, (unsigned)wrong[i][0], wrong[i][1], wrong[i][2], wrong[i][3]);
		must_need_reset(MISTAKES + i);
		all_is_well();
	}
}

/* --- nonsense --------------------------------------------------------- */

static void *sandbox(void)
{
	return (void *)(SANDBOX + (below(SANDBOX_BYTES) & ~15u));
}

/* Mostly of the table; descriptors are at multiples of 16 everywhere, so that none is made of two. */
static void fill_descriptors(struct desc *d, unsigned count)
{
	for (unsigned i = 0; i < count && (uint64_t)(d + 1) <= RAM_BYTES; i++, d++) {
		uint16_t flags = (uint16_t)(once_in(3) ? below(4) : once_in(9) ? any() : NEXT);
		uint64_t at = hostile_address();

		/* A table of descriptors is one that was made as one. */
		if (flags & INDIRECT)
			at &= ~15ull;
		d->addr = le64(at);
		d->len = le32(once_in(9) ? (uint32_t)any() : once_in(3) ? 1 + below(64) : 1u << below(12));
		d->flags = le16(flags);
		d->next = le16((uint16_t)(once_in(9) ? any() : below(8)));
	}
}

/* A header of a request to a disk. */
static void fill_header(uint8_t *h)
{
	static const uint8_t types[] = { 0, 0, 1, 1, 4, 8, 11, 13, 2, 99 };

	clear(h, 16);
	h[0] = types[below(sizeof(types))];
	h[8] = (uint8_t)below(SECTORS + 2);
	h[9 + below(7)] = once_in(9) ? (uint8_t)any() : 0;
}

static void nonsense_in_rings(unsigned dev)
{
	struct desc *desc = sandbox();
	uint16_t *avail = sandbox(), *used = sandbox();
	unsigned queue = below(QUEUES), size = 1u << below(9);

	if (once_in(6))
		size = below(70000);
	transport_queue(dev, queue, size, once_in(9) ? hostile_address() : (uint64_t)desc,
	                once_in(9) ? hostile_address() : (uint64_t)avail,
	                once_in(9) ? hostile_address() : (uint64_t)used);
	if (!once_in(9))
		transport_set_status(dev, STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
	for (unsigned i = 1 + below(6); i; i--) {
		uint8_t *header = sandbox();

		fill_descriptors(desc, 16);
		fill_header(header);
		desc[0].addr = le64((uint64_t)header);
		desc[0].len = le32(16);
		desc[0].flags = le16(NEXT);
		for (unsigned n = 0; n < 20 && (uint64_t)(avail + 3 + n) < RAM_BYTES; n++)
			avail[2 + n] = le16((uint16_t)(once_in(20) ? any() : below(8)));
		avail[0] = le16((uint16_t)below(3));
		avail[1] = le16((uint16_t)(once_in(20) ? any() : le16(avail[1]) + below(4)));
		barrier();
		transport_notify(dev, once_in(6) ? (unsigned)any() : queue);
	}
}

static void nonsense(unsigned dev)
{
	switch (below(5)) {
	case 0: transport_set_status(dev, (uint8_t)any()); break;
	case 1: transport_accept(dev, once_in(4) ? (unsigned)any() : below(2), (uint32_t)any()); break;
	case 2: nonsense_in_rings(dev); break;
	default: transport_nonsense(dev); break;
	}
}

/* One of the others is spoilt, beginning where a driver would or where the last round has ended. */
static unsigned spoil(void)
{
	unsigned dev = below(DEVICES - 1);

	dev += dev >= GOOD;
	clear((void *)SANDBOX, SANDBOX_BYTES);
	if (!once_in(5)) {
		transport_open(dev);
		transport_set_status(dev, STATUS_DRIVER);
		transport_accept(dev, 0, once_in(3) ? 1u << 28 | 1u << 29 : 0);
		transport_accept(dev, 1, 1);
		transport_set_status(dev, STATUS_DRIVER | STATUS_FEATURES_OK);
	}
	for (unsigned i = 2 + below(20); i; i--)
		nonsense(dev);
	return dev;
}

/* --- all of it -------------------------------------------------------- */

/* A scenario lets the guest go on by any command. */
static uint32_t checkpoint(void)
{
	struct abi_mailbox *m = &shared.mailbox[arch_cpu()];
	uint32_t command;

	arch_checkpoint(ABI_CP_READY);
	command = m->command;
	m->command = ABI_CMD_NONE;
	return command;
}

static void rounds(void)
{
	unsigned needed = 0;

	for (unsigned i = 1; i <= ROUNDS; i++) {
		unsigned dev = spoil();

		transport_open(GOOD); /* on power9 another BAR may have been put above its own */
		drive(GOOD, &good);
		needed += (transport_status(dev) & STATUS_NEEDS_RESET) != 0;
		all_is_well();
		if (i % CHECKPOINT)
			continue;
		checkpoint();
		reads_right(GOOD, &good);
	}
	print("hostile: %u mistakes, %u rounds; after %u of these a reset was needed\n", MISTAKES, ROUNDS,
	      needed);
	if (!needed)
		crash("that is too few");
}

static _Noreturn void end(void)
{
	shared.stopped = ABI_STOPPED;
	arch_stop(0);
}

/* Commands until "stop": see hostile.h. The last one was `command`. */
static _Noreturn void hostile_vcpu(uint32_t command)
{
	unsigned int cpu = arch_cpu();
	const uint64_t *arg = shared.mailbox[cpu].arg;

	machine = 1;
	for (;; command = checkpoint())
		switch (command) {
		case ABI_CMD_START: arch_start((unsigned int)arg[0]); break;
		case ABI_CMD_FUZZ:
			set_seed(arg[0] + cpu);
			machine_nonsense(cpu, arg[1], arg[0] & 1);
			break;
		case ABI_CMD_STOP: end(); /* without a word: nonsense has told the console not to listen */
		default: break;
		}
}

_Noreturn void guest_main(unsigned int cpu)
{
	uint32_t command;

	shared.magic = ABI_MAGIC;
	shared.version = ABI_VERSION;
	command = checkpoint();
	if (cpu || command == ABI_CMD_START || command == ABI_CMD_FUZZ)
		hostile_vcpu(command);
	drive(GOOD, &good);
	set_seed(number(read_sector(GOOD, &good, 0)));
	mistakes();
	wrong_rings();
	rounds();
	end();
}
