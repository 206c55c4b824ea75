/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sclp.c: the console, by way of the service-call logical processor. SERVICE
 * CALL hands over a control block (SCCB) and is answered twice: at once by a
 * response code in the block, and later by a service signal, an external
 * interruption that names the block. (Not in the Principles of Operation; as
 * Linux has it in drivers/s390/char/sclp.h.)
 *
 * The signal is floating: any vCPU may take it. It must not show up in the log,
 * which is the VMM's. So after each SERVICE CALL only the service signal is
 * opened, until ours has come, of which nobody hears. One with another block's
 * address that was pending before comes first, and is logged as ever.
 *
 * A signal without a block's address says that there is something to read, or
 * (KVM) nothing at all. While the console listens these are its own, too: it
 * says so in the shared block, for the VMM's books.
 */
#include "guest.h"
#include "s390x/lowcore.h"

#define SCLP_WRITE_EVENT_DATA 0x00760005
#define SCLP_READ_EVENT_DATA  0x00770005
#define SCLP_WRITE_EVENT_MASK 0x00780005
#define SCLP_BUSY             2      /* condition code */
#define SCLP_NORMAL           0x0020 /* response codes */
#define SCLP_NO_EVENT         0x60f0
#define SCLP_SUPPRESSED       0x62f0
#define SCLP_VARIABLE         0x80 /* the last control byte: the answer may shorten the block */

/* Event types: the operator's command and the message to him, ASCII text, signal quiesce. Masks. */
#define SCLP_COMMAND      0x01
#define SCLP_MESSAGE      0x02
#define SCLP_ASCII        0x1a
#define SCLP_QUIESCE      0x1d
#define SCLP_MASK(type)   (1u << (32 - (type)))
#define SCLP_COMMAND_TEXT 16 /* bytes of vectors in front of a command's text */

struct event {
	uint16_t length;
	uint8_t type;
	uint8_t flags;
	uint16_t reserved;
	uint8_t data[498];
} __attribute__((packed));

/* A message to the operator: a message data block with a message text object (EBCDIC). */
struct message {
	uint16_t length;
	uint16_t type;
	uint32_t tag; /* "MDB " */
	uint32_t revision;
	uint16_t object_length;
	uint16_t object_type;
	uint16_t line_type;
	uint8_t alarm;
	uint8_t reserved[3];
} __attribute__((packed));

/* Below 2G, on a doubleword and within a page: its alignment is its size. */
struct sccb {
	uint16_t length;
	uint8_t function;
	uint8_t control[3];
	uint16_t response;
	union {
		struct event event;
		struct {
			uint16_t reserved;
			uint16_t length;
			uint32_t receive, send, sclp_receive, sclp_send;
		} mask;
	};
} __attribute__((aligned(512)));
_Static_assert(sizeof(struct sccb) == 512, "SCCB");
_Static_assert(sizeof(((struct line *)0)->text) <= sizeof(((struct event *)0)->data), "a line fits");

static struct sccb sccb;
static uint32_t answered, events;

void sclp_init(void)
{
	shared.console = (uint32_t)(uint64_t)&sccb;
}

int sclp_service_signal(uint32_t parm)
{
	if ((parm & SCLP_SCCB) == shared.console)
		__atomic_store_n(&answered, 1, __ATOMIC_RELEASE);
	if (parm & ~SCLP_SCCB)
		__atomic_store_n(&events, 1, __ATOMIC_RELEASE);
	if (!(parm & SCLP_SCCB))
		return (int)__atomic_load_n(&shared.listening, __ATOMIC_RELAXED);
	return (parm & SCLP_SCCB) == (uint32_t)(uint64_t)&sccb;
}

static unsigned int service_call(uint32_t command)
{
	unsigned int cc;

	asm volatile(".insn	rre,0xb2200000,%[command],%[sccb]\n"
	             "	ipm	%[cc]\n"
	             "	srl	%[cc],28"
	             : [cc] "=d"(cc)
	             : [command] "d"(command), [sccb] "d"(&sccb)
	             : "cc", "memory");
	return cc;
}

/* Takes the service signal if it is pending; with PSW_WAIT, as soon as it is. */
static void service_signal_take(uint64_t wait)
{
	uint64_t cr0 = cr0_store();

	cr0_load(CR0_SERVICE);
	psw_switch(PSW_64 | PSW_EXT | wait);
	psw_switch(PSW_CLOSED);
	cr0_load(cr0);
}

/*
 * The response code. Spins for the signal, for another vCPU may take it, and
 * nobody would wake this one. A crash may have come out of a handler: it must
 * not let another in, and says nothing if that is in the way.
 */
static unsigned int sclp(uint32_t command)
{
	unsigned int cc;

	sccb.response = 0;
	__atomic_store_n(&answered, 0, __ATOMIC_RELEASE);
	while ((cc = service_call(command)) == SCLP_BUSY && !crashing)
		service_signal_take(0);
	if (cc && !crashing)
		crash("SCLP command 0x%08x: condition code %u", command, cc);
	while (!crashing && !__atomic_load_n(&answered, __ATOMIC_ACQUIRE))
		service_signal_take(0);
	return sccb.response;
}

/* sccb.event has its data, of that length. Returns the response code. */
static unsigned int event_try(uint8_t type, unsigned int length)
{
	sccb.function = 0;
	sccb.event.type = type;
	sccb.event.flags = 0;
	sccb.event.length = (uint16_t)(offsetof(struct event, data) + length);
	sccb.length = (uint16_t)(offsetof(struct sccb, event) + sccb.event.length);
	return sclp(SCLP_WRITE_EVENT_DATA);
}

static void event_write(uint8_t type, unsigned int length)
{
	unsigned int response = event_try(type, length);

	/* Nobody will read this; the second try to say it ends the VM. */
	if (response != SCLP_NORMAL && !crashing)
		crash("SCLP: response 0x%04x", response);
}

/* A message of one line, which is in EBCDIC behind the header. */
static void message_write(unsigned int length)
{
	struct message *m = (struct message *)sccb.event.data;

	*m = (struct message){
		.length = (uint16_t)(sizeof(*m) + length),
		.type = 1,
		.tag = 0xd4c4c240,
		.revision = 1,
		.object_length = (uint16_t)(sizeof(*m) - offsetof(struct message, object_length) + length),
		.object_type = 4,
		.line_type = 0x1000, /* the end of the text */
	};
	event_write(SCLP_MESSAGE, sizeof(*m) + length);
}

/* Code page 500, from the blank on. */
static const uint8_t ebcdic[] = {
	0x40, 0x4f, 0x7f, 0x7b, 0x5b, 0x6c, 0x50, 0x7d, 0x4d, 0x5d, 0x5c, 0x4e, 0x6b, 0x60, 0x4b, 0x61,
	0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0x7a, 0x5e, 0x4c, 0x7e, 0x6e, 0x6f,
	0x7c, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6,
	0xd7, 0xd8, 0xd9, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0x4a, 0xe0, 0x5a, 0x5f, 0x6d,
	0x79, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96,
	0x97, 0x98, 0x99, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xc0, 0xbb, 0xd0, 0xa1,
};

/* The ASCII console, if the machine has it; else lines of the operator's. */
void arch_write(const char *text, unsigned int length)
{
	uint8_t *line = sccb.event.data + sizeof(struct message);
	unsigned int i;

	for (i = 0; i < length; i++)
		sccb.event.data[i] = (uint8_t)text[i];
	if (event_try(SCLP_ASCII, length) == SCLP_NORMAL || crashing)
		return;
	for (i = 0; i < length && text[i] != '\n'; i++)
		line[i] = (uint8_t)text[i] - 32u < sizeof(ebcdic) ? ebcdic[(uint8_t)text[i] - 32] : 0x6f;
	message_write(i);
}

/*
 * Input
 */

/* The machine sends no event afterwards that is not in the mask. */
static void mask_write(uint32_t receive)
{
	unsigned int response;

	sccb.function = 0;
	sccb.length = offsetof(struct sccb, mask) + sizeof(sccb.mask);
	sccb.mask.length = sizeof(sccb.mask.receive);
	sccb.mask.receive = receive;
	sccb.mask.send = SCLP_MASK(SCLP_MESSAGE) | SCLP_MASK(SCLP_ASCII);
	response = sclp(SCLP_WRITE_EVENT_MASK);
	if (response != SCLP_NORMAL)
		crash("WRITE EVENT MASK: response 0x%04x", response);
}

static void listen(void)
{
	__atomic_store_n(&shared.listening, 1, __ATOMIC_RELEASE);
	mask_write(SCLP_MASK(SCLP_COMMAND) | SCLP_MASK(SCLP_ASCII) | SCLP_MASK(SCLP_QUIESCE));
}

/* What was signalled before is taken first: nobody else is to hear of it. */
static void listen_no_more(void)
{
	mask_write(0);
	service_signal_take(0);
	__atomic_store_n(&shared.listening, 0, __ATOMIC_RELEASE);
}

/* Waits for events; their bytes, behind one another, into data. */
static unsigned int events_read(uint8_t *data)
{
	unsigned int i, response;

	for (;;) {
		__atomic_store_n(&events, 0, __ATOMIC_RELEASE);
		sccb.function = 0;
		sccb.control[2] = SCLP_VARIABLE;
		sccb.length = sizeof(sccb);
		response = sclp(SCLP_READ_EVENT_DATA);
		if (response == SCLP_NORMAL)
			break;
		if (response != SCLP_NO_EVENT && response != SCLP_SUPPRESSED)
			crash("READ EVENT DATA: response 0x%04x", response);
		while (!__atomic_load_n(&events, __ATOMIC_ACQUIRE))
			service_signal_take(PSW_WAIT);
	}
	for (i = 0; i < sccb.length - offsetof(struct sccb, event); i++)
		data[i] = ((const uint8_t *)&sccb.event)[i];
	return i;
}

/* A command goes back as a message, in the EBCDIC that it came in. Not 0 when it was "stop". */
static int command_echo(const uint8_t *text, unsigned int length)
{
	static const uint8_t stop[] = { 0xa2, 0xa3, 0x96, 0x97 };
	uint8_t *line = sccb.event.data + sizeof(struct message);
	unsigned int i;

	for (i = 0; i < length && i < sizeof(stop) && text[i] == stop[i]; i++)
		;
	if (i == length && i == sizeof(stop))
		return 1;
	for (i = 0; i < length; i++)
		line[i] = text[i];
	message_write(length);
	return 0;
}

/* Not 0: the end. */
static int event_echo(struct line *line, const struct event *event)
{
	unsigned int i, length = event->length - (unsigned int)offsetof(struct event, data);

	switch (event->type) {
	case SCLP_ASCII:
		/* The first byte says that it is data. */
		for (i = 1; i < length; i++)
			if (echo(line, (char)event->data[i]))
				return 1;
		return 0;
	case SCLP_COMMAND: return command_echo(event->data + SCLP_COMMAND_TEXT, length - SCLP_COMMAND_TEXT);
	case SCLP_QUIESCE: print("signal quiesce\n"); return 1;
	default: crash("event of type 0x%02x", event->type);
	}
}

void arch_echo(void)
{
	static uint8_t data[sizeof(struct event)];
	struct line line = { .length = 0 };
	unsigned int at, length;
	int end = 0;

	listen();
	while (!end) {
		length = events_read(data);
		for (at = 0; at < length && !end; at += ((const struct event *)(data + at))->length)
			end = event_echo(&line, (const struct event *)(data + at));
	}
	listen_no_more();
}
