/* SPDX-License-Identifier: BSD-2-Clause */
/* hostile-s390x.c: see hostile.h: virtio-ccw. Subchannel 0 is the console's, device n is on n + 1. */
#include <stddef.h>

#include "guest/guest.h"
#include "hostile.h"

#define ORB_FORMAT_1 0x00800000
#define ORB_PATHS    0x0000ff00

#define CCW_CD  0x80
#define CCW_CC  0x40
#define CCW_SLI 0x20
#define CCW_IDA 0x04
#define CCW_TIC 0x08

enum {
	SET_VQ = 0x13,
	RESET = 0x33,
	SET_IND = 0x43,
	SET_CONF_IND = 0x53,
	SET_IND_ADAPTER = 0x73,
	SET_VIRTIO_REV = 0x83,
	READ_STATUS = 0x72,
	WRITE_FEAT = 0x11,
	WRITE_STATUS = 0x31,
};

struct ccw {
	uint8_t command, flags;
	uint16_t count;
	uint32_t address;
};

struct orb {
	uint32_t parameter, flags, program;
	uint32_t rest[5];
} __attribute__((aligned(8)));

#define PROGRAM 16
static struct ccw program[PROGRAM] __attribute__((aligned(8)));
static uint32_t addresses[128] __attribute__((aligned(4096))); /* IDAWs */
static uint64_t words[32];                                     /* addresses of rings and indicators */
static uint32_t schib[13], irb[24];

#define CHANNEL(name, opcode)                                       \
	static unsigned name(uint32_t id, void *block)              \
	{                                                           \
		register uint64_t r1 asm("1") = id;                 \
		unsigned cc;                                        \
                                                                    \
		asm volatile("	.insn	s," opcode ",0(%[block])\n" \
		             "	ipm	%[cc]"                           \
		             : [cc] "=d"(cc)                        \
		             : [block] "a"(block), "d"(r1)          \
		             : "cc", "memory");                     \
		return cc >> 28;                                    \
	}
CHANNEL(start_subchannel, "0xb2330000")
CHANNEL(test_subchannel, "0xb2350000")
CHANNEL(store_subchannel, "0xb2340000")
CHANNEL(modify_subchannel, "0xb2320000")
CHANNEL(clear_subchannel, "0xb2300000")
CHANNEL(halt_subchannel, "0xb2310000")
CHANNEL(resume_subchannel, "0xb2380000")
CHANNEL(cancel_subchannel, "0xb2760000")

static uint32_t id_of(unsigned dev)
{
	return 0x10000 | (dev + 1);
}

/* What is under way ends by itself, or is ended: it may be suspended, or never end. */
static void finish(uint32_t id)
{
	for (unsigned i = 0; i < 3 && test_subchannel(id, irb) == 1; i++)
		;
	clear_subchannel(id, irb);
	while (test_subchannel(id, irb) == 1)
		;
}

/* True: the device has accepted it. */
static int command(unsigned dev, uint8_t code, const void *data, uint16_t count)
{
	struct orb orb = { .flags = ORB_FORMAT_1 | ORB_PATHS, .program = (uint32_t)(uint64_t)program };
	uint32_t id = id_of(dev);

	test_subchannel(id, irb); /* status from before */
	program[0] = (struct ccw){ code, CCW_SLI, count, (uint32_t)(uint64_t)data };
	if (start_subchannel(id, &orb)) { /* it is busy, or nonsense has disabled it */
		finish(id);
		if (start_subchannel(id, &orb))
			return 0;
	}
	while (test_subchannel(id, irb))
		;
	return irb[2] >> 16 == 0x0c00;
}

static void enable(unsigned dev, int on)
{
	store_subchannel(id_of(dev), schib);
	schib[1] = (schib[1] & ~0x00800000u) | (on ? 0x00800000 : 0);
	while (modify_subchannel(id_of(dev), schib))
		finish(id_of(dev));
}

/* The revision can be set anew after the subchannel was disabled. */
void transport_open(unsigned dev)
{
	const uint16_t revision[2] = { 2, 0 };

	finish(id_of(dev));
	enable(dev, 0);
	enable(dev, 1);
	if (!command(dev, SET_VIRTIO_REV, revision, sizeof(revision)))
		crash("device %u: no revision 2", dev);
	transport_reset(dev);
}

void transport_reset(unsigned dev)
{
	if (!command(dev, RESET, NULL, 0))
		crash("device %u: no reset", dev);
}

uint8_t transport_status(unsigned dev)
{
	uint8_t status = 0;
	const uint16_t revision[2] = { 2, 0 };

	if (command(dev, READ_STATUS, &status, 1))
		return status;
	/* Nonsense has disabled it. */
	enable(dev, 1);
	command(dev, SET_VIRTIO_REV, revision, sizeof(revision));
	return command(dev, READ_STATUS, &status, 1) ? status : 0xff;
}

void transport_set_status(unsigned dev, uint8_t status)
{
	command(dev, WRITE_STATUS, &status, 1);
}

void transport_accept(unsigned dev, unsigned window, uint32_t features)
{
	uint8_t b[5] = { (uint8_t)features, (uint8_t)(features >> 8), (uint8_t)(features >> 16),
		         (uint8_t)(features >> 24), (uint8_t)window };

	command(dev, WRITE_FEAT, b, sizeof(b));
}

int transport_queue(unsigned dev, unsigned queue, unsigned size, uint64_t desc, uint64_t avail, uint64_t used)
{
	const struct {
		uint64_t desc;
		uint32_t reserved;
		uint16_t queue, size;
		uint64_t avail, used;
	} info = { desc, 0, (uint16_t)queue, (uint16_t)size, avail, used };

	return !command(dev, SET_VQ, &info, sizeof(info));
}

static uint64_t notify(uint64_t function, uint64_t id, uint64_t queue)
{
	register uint64_t r1 asm("1") = function;
	register uint64_t r2 asm("2") = id;
	register uint64_t r3 asm("3") = queue;
	register uint64_t r4 asm("4") = 0;

	asm volatile("diag	2,4,0x500" : "+d"(r2) : "d"(r1), "d"(r3), "d"(r4) : "cc", "memory");
	return r2;
}

void transport_notify(unsigned dev, unsigned queue)
{
	notify(3, id_of(dev), queue);
}

/* Where a channel program may have its data, too. */
static uint32_t address_31(void)
{
	return (uint32_t)hostile_address() & 0x7fffffff;
}

static uint32_t in_sandbox_or_beyond(void)
{
	uint32_t at = address_31();

	return at < SANDBOX ? at | 0x40000000 : at;
}

/* Commands that tell the device where something is. */
static int is_set(uint8_t code)
{
	return (code & 0xf) == 3 && code > 3;
}

/* A channel program of random commands, lengths and flags. What is transferred by it is random, too. */
static void nonsense_program(unsigned dev)
{
	static const uint8_t codes[] = { 0x13, 0x33, 0x43, 0x53, 0x12, 0x11, 0x22, 0x21,
		                         0x31, 0x32, 0x72, 0x83, 0x03, 0x04, 0xe4, 0x08 };
	struct orb orb = { .flags =
		                   ORB_FORMAT_1 | ORB_PATHS | (once_in(3) ? (uint32_t)any() & 0x0f7b0080 : 0),
		           .program = once_in(9) ? in_sandbox_or_beyond() : (uint32_t)(uint64_t)program };

	for (unsigned i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		addresses[i] = in_sandbox_or_beyond() & (i ? ~0xfffu : ~0u);
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		words[i] = hostile_address();
	for (unsigned i = 0; i < PROGRAM; i++) {
		struct ccw *c = &program[i];

		*c = (struct ccw){ once_in(9) ? (uint8_t)any() : codes[below(sizeof(codes))],
			           once_in(3) ? (uint8_t)any() : (uint8_t)(CCW_CC | CCW_SLI),
			           (uint16_t)(once_in(4) ? any() : below(40)), in_sandbox_or_beyond() };
		if (is_set(c->command)) {
			c->flags = CCW_CC | CCW_SLI;
			c->count = (uint16_t)below(40);
			c->address = (uint32_t)(uint64_t)&words[below(8)];
		} else if (c->flags & CCW_IDA) {
			c->address = (uint32_t)(uint64_t)&addresses[below(8)];
		}
		if ((c->command & 0xf) == CCW_TIC)
			*c = (struct ccw){ CCW_TIC, 0, 0, (uint32_t)(uint64_t)&program[below(PROGRAM)] };
	}
	finish(id_of(dev));
	start_subchannel(id_of(dev), &orb);
	switch (below(8)) {
	case 0: halt_subchannel(id_of(dev), irb); break;
	case 1: clear_subchannel(id_of(dev), irb); break;
	case 2: resume_subchannel(id_of(dev), irb); break;
	case 3: cancel_subchannel(id_of(dev), irb); break;
	default: break;
	}
	finish(id_of(dev));
}

/* Bits far from the address, too: of the indicators there are as many as memory has. */
static void nonsense_indicators(unsigned dev)
{
	static struct {
		uint64_t summary, at, bit;
		uint8_t isc;
	} __attribute__((packed)) area;
	uint64_t address = hostile_address();

	area.summary = hostile_address();
	area.at = hostile_address() - (once_in(3) ? 0 : 0x8000);
	if (area.at < SANDBOX)
		area.at = SANDBOX;
	area.bit = once_in(4) ? any() : below(2000);
	area.isc = once_in(4) ? (uint8_t)any() : (uint8_t)below(8);
	if (once_in(2))
		command(dev, SET_IND_ADAPTER, &area, sizeof(area));
	else
		command(dev, once_in(2) ? SET_IND : SET_CONF_IND, &address, sizeof(address));
}

/* A queue's size and addresses are wrong in each way that a field can be. */
static void nonsense_notify(void)
{
	notify(3, once_in(2) ? any() : id_of(below(DEVICES + 3)), any());
}

static void nonsense_subchannel(unsigned dev)
{
	store_subchannel(id_of(dev), schib);
	schib[1] ^= (uint32_t)any() & 0x38c00000; /* ISC, enabled, limit mode; no measurement */
	schib[0] = (uint32_t)any();
	modify_subchannel(id_of(dev), schib);
	finish(id_of(dev));
}

void transport_nonsense(unsigned dev)
{
	const uint16_t revision[2] = { (uint16_t)below(5), (uint16_t)once_in(3) };

	switch (below(8)) {
	case 0:
		nonsense_subchannel(dev);
		enable(dev, 1);
		command(dev, SET_VIRTIO_REV, revision, sizeof(revision));
		break;
	case 1:
	case 2: nonsense_indicators(dev); break;
	case 3: nonsense_notify(); break;
	default: nonsense_program(dev); break;
	}
}
