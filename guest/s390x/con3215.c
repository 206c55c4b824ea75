/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * con3215.c: a driver for the console of type 3215, which is subchannel 0: as any
 * driver of channel I/O, it starts a program, waits for the interruption and
 * tests the subchannel (Principles of Operation, chapters 14 and 15).
 */
#include "guest.h"
#include "s390x/lowcore.h"

#define SUBCHANNEL 0x10000 /* subsystem-identification word */
#define PARM       0x3215  /* interruption parameter */

#define CMD_WRITE 0x09 /* with carrier return */
#define CMD_READ  0x0a
#define CCW_SLI   0x20 /* the line may be shorter */

#define STATUS_ATTENTION 0x80
#define STATUS_END       0x0c /* channel end, device end */

#define LINE 128

struct schib {
	uint32_t parm;
	uint16_t flags; /* ISC, enabled, ... */
	uint16_t devno;
	uint8_t rest[44];
};

struct irb {
	uint32_t control;
	uint32_t ccw;
	uint8_t device_status;
	uint8_t subchannel_status;
	uint16_t count;
	uint8_t rest[52];
};

struct orb {
	uint32_t parm;
	uint32_t control;
	uint32_t ccw;
};
#define ORB_FORMAT_1 0x00800000
#define ORB_ALL_PATH 0x0000ff00

struct ccw {
	uint8_t command;
	uint8_t flags;
	uint16_t count;
	uint32_t address;
};

static struct ccw ccw __attribute__((aligned(8)));
static struct schib schib;
static struct irb irb;
static uint8_t line[LINE];

static uint32_t came; /* interruptions of the subchannel that nobody has looked at */

void con3215_interrupt(uint32_t id)
{
	if (id == SUBCHANNEL)
		__atomic_store_n(&came, 1, __ATOMIC_RELEASE);
}

#define IO_INSTRUCTION(opcode, block)                                  \
	({                                                             \
		register uint64_t r1_ asm("r1") = SUBCHANNEL;          \
		unsigned int cc_;                                      \
                                                                       \
		asm volatile("	.insn	s," #opcode ",0(%[address])\n" \
		             "	ipm	%[cc]\n"                            \
		             "	srl	%[cc],28"                           \
		             : [cc] "=d"(cc_)                          \
		             : [address] "a"(block), "d"(r1_)          \
		             : "cc", "memory");                        \
		cc_;                                                   \
	})

/* EBCDIC has its letters in three runs of up to nine. */
static uint8_t to_ebcdic(char c)
{
	static const char runs[] = "abcdefghi       jklmnopqr        stuvwxyz";
	unsigned int i;

	if (c >= '0' && c <= '9')
		return (uint8_t)(0xf0 + c - '0');
	for (i = 0; runs[i]; i++)
		if (runs[i] == c && c != ' ')
			return (uint8_t)(0x81 + i);
	return 0x40; /* a blank */
}

static char to_ascii(uint8_t e)
{
	char c;

	for (c = 'z'; c >= 'a'; c--)
		if (to_ebcdic(c) == e)
			return c;
	return e >= 0xf0 && e <= 0xf9 ? (char)('0' + e - 0xf0) : ' ';
}

/* Enabled, on this ISC; it may have status already, and is enabled then. */
static void enable(uint64_t isc)
{
	unsigned int cc = IO_INSTRUCTION(0xb2340000, &schib);

	if (cc || schib.devno != 9)
		crash("STSCH: condition code %u, device %x", cc, schib.devno);
	schib.parm = PARM;
	schib.flags = (uint16_t)(isc << 11 | 0x80);
	cc = IO_INSTRUCTION(0xb2320000, &schib);
	if (cc > 1)
		crash("MSCH: condition code %u", cc);
}

/* Spins, for another vCPU may take the interruption, and nobody would wake this one. */
static uint8_t await_status(void)
{
	unsigned int cc;

	do {
		psw_switch(PSW_64 | PSW_IO);
		while (!__atomic_exchange_n(&came, 0, __ATOMIC_ACQUIRE))
			;
		psw_switch(PSW_CLOSED);
		cc = IO_INSTRUCTION(0xb2350000, &irb);
	} while (cc == 1); /* that of an earlier status */
	if (cc || irb.subchannel_status)
		crash("TSCH: condition code %u, control %x, status %02x %02x", cc, irb.control,
		      irb.device_status, irb.subchannel_status);
	return irb.device_status;
}

static void start(uint8_t command, uint16_t count)
{
	const struct orb orb = { PARM, ORB_FORMAT_1 | ORB_ALL_PATH, (uint32_t)(uint64_t)&ccw };
	unsigned int cc;
	uint8_t status;

	ccw = (struct ccw){ command, CCW_SLI, count, (uint32_t)(uint64_t)line };
	cc = IO_INSTRUCTION(0xb2330000, &orb);
	if (cc)
		crash("SSCH: condition code %u", cc);
	status = await_status();
	if (status != STATUS_END)
		crash("3215: device status %02x", status);
}

void con3215_print(uint64_t isc)
{
	static const char text[] = "hello from the 3215";
	unsigned int i;

	enable(isc);
	for (i = 0; text[i]; i++)
		line[i] = to_ebcdic(text[i]);
	start(CMD_WRITE, (uint16_t)i);
}

unsigned int con3215_read(uint64_t isc, uint64_t *first)
{
	uint8_t status;
	unsigned int i, length;

	enable(isc);
	status = await_status();
	if (status != STATUS_ATTENTION)
		crash("3215: device status %02x, not attention", status);
	start(CMD_READ, LINE);
	length = LINE - irb.count;
	*first = 0;
	for (i = 0; i < length && i < 8; i++)
		*first = *first << 8 | (uint8_t)to_ascii(line[i]);
	return length;
}
