/* SPDX-License-Identifier: BSD-2-Clause */
/* sclp.c: each command of the SCLP, each response, both ways of each console. */
#include "devices/sclp/sclp.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"
#include "vmm/snapshot/device_section.h"

#define RAM_SIZE   0x3000
#define SCP        0x00020001
#define SCP_FORCED 0x00120001
#define CPU        0x00010001
#define WRITE      0x00760005
#define READ       0x00770005
#define MASK       0x00780005
#define AT         0x1000 /* where the SCCB is */

#define ASCII   0x1a
#define MESSAGE 0x02
#define COMMAND 0x01
#define QUIESCE 0x1d
#define BIT(t)  (1ULL << (64 - (t)))

static struct ram ram = { .size = RAM_SIZE, .fd = -1 };
static struct sclp sclp = { .ram = &ram, .cpus = 3 };
static struct error err;
static char *printed;
static size_t printed_len;

static unsigned get16(uint64_t gpa)
{
	return (unsigned)ram.host[gpa] << 8 | ram.host[gpa + 1];
}

static void put16(uint64_t gpa, unsigned v)
{
	ram.host[gpa] = (uint8_t)(v >> 8);
	ram.host[gpa + 1] = (uint8_t)v;
}

static void fresh(unsigned sccb_len)
{
	memset(ram.host, 0, RAM_SIZE);
	sclp.state = (struct sclp_state){ .line_mode = sclp.state.line_mode };
	put16(AT, sccb_len);
}

static int service_call(uint64_t command, uint64_t sccb, bool *pending)
{
	struct io io = { .space = IO_SCLP, .addr = command, .arg = sccb };
	int rc;

	free(printed);
	sclp.out = open_memstream(&printed, &printed_len);
	rc = sclp_io(&sclp, &io, &err);
	fclose(sclp.out);
	*pending = io.parm & 7;
	if (!rc && !(io.raise && (io.parm & ~1U) == (uint32_t)sccb))
		ok(false, "the service signal names the SCCB");
	return rc;
}

/* The response code of a command with the SCCB at AT. */
static unsigned call(uint64_t command)
{
	bool pending;

	if (service_call(command, AT, &pending))
		return 0;
	if (pending != sclp_event_pending(&sclp))
		ok(false, "the signal says whether an event is pending");
	return get16(AT + 6);
}

/* --- what all commands have in common --------------------------------- */

static void any_command(void)
{
	static const struct {
		const char *what;
		uint64_t command, sccb;
		unsigned len, response;
	} cases[] = {
		{ "an unknown command", 0x00990001, AT, 16, 0x01f0 },
		{ "a command word of 0", 0, AT, 16, 0x01f0 },
		{ "all ones", 0xffffffff, AT, 16, 0x01f0 },
		{ "an SCCB across a 4K boundary", WRITE, 0x1ff0, 19, 0x0100 },
		{ "one that ends there", WRITE, 0x1ff8, 8, 0x0020 },
		{ "an SCCB beyond RAM", WRITE, RAM_SIZE - 16, 19, 0x0100 },
		{ "a huge length", WRITE, AT, 0xffff, 0x0100 },
		{ "the header is RAM's last 8 bytes", WRITE, RAM_SIZE - 8, 8, 0x0020 },
		{ "the third byte of a command word is a parameter", MASK | 0xff00, AT, 8, 0x0300 },
	};
	bool pending;

	for (unsigned len = 0; len < 8; len += 7) {
		struct io io = { .space = IO_SCLP, .addr = SCP, .arg = AT };

		fresh(len);
		is(sclp_io(&sclp, &io, &err), 0, "an SCCB of %u bytes, shorter than its header", len);
		ok(!io.raise && !get16(AT + 6), "asks for no signal and has no response");
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh(0);
		put16(cases[i].sccb, cases[i].len);
		is(service_call(cases[i].command, cases[i].sccb, &pending), 0, "%s", cases[i].what);
		is(get16(cases[i].sccb + 6), cases[i].response, "gives its response code");
	}
	fresh(0);
	ram.size -= 8;
	put16(ram.size - 8, 16);
	is(service_call(WRITE, ram.size - 8, &pending), 0, "RAM that ends within a page");
	is(get16(ram.size - 2), 0x0100, "ends the SCCB, too");
	ram.size += 8;
	is(service_call(WRITE, RAM_SIZE, &pending), -EIO, "an SCCB behind RAM's end");
	is(service_call(WRITE, UINT64_MAX - 7, &pending), -EIO, "a header at the end of the address space");
	has(err.text, "outside memory", "says why");
}

/* --- READ SCP INFO, READ CPU INFO ------------------------------------- */

static void read_scp(void)
{
	static const uint8_t blanks[8] = { 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40 };

	fresh(4096);
	memset(ram.host + AT + 8, 0xff, 4096 - 8);
	is(call(SCP), 0x0010, "READ SCP INFO");
	is(get16(AT + 8), 0, "no MiB of storage: there are less than one");
	is(ram.host[AT + 10], 1, "an increment is 1 MiB");
	is(get16(AT + 16), 3, "three CPUs");
	is(get16(AT + 18), 128, "their entries' offset");
	ok(!memcmp(ram.host + AT + 24, blanks, 8), "the load parameter is blank");
	is(ram.host[AT + 48], 0x08, "READ CPU INFO is offered");
	is(get16(AT + 120), 2, "the highest CPU address");
	for (unsigned i = 0; i < 3; i++)
		ok(ram.host[AT + 128 + 16 * i] == i && !ram.host[AT + 129 + 16 * i], "CPU %u", i);
	is(ram.host[AT + 128 + 48], 0, "and no more");
	is(get16(AT), 4096, "the length stays");
	fresh(4096);
	is(call(SCP_FORCED), 0x0010, "READ SCP INFO, forced");
	fresh(128 + 3 * 16);
	is(call(SCP), 0x0010, "an SCCB that is just long enough");
	fresh(128 + 3 * 16 - 1);
	is(call(SCP), 0x0300, "one that is not");
	sclp.cpus = 248;
	fresh(4096);
	is(call(SCP), 0x0010, "as many CPUs as an SCCB can hold");
	is(ram.host[AT + 4096 - 16], 247, "the last");
	sclp.cpus = 249;
	is(call(SCP), 0x0300, "one more");
	sclp.cpus = 3;
}

static void read_scp_storage(void)
{
	struct ram big = { .size = 65535ULL << 20, .host = ram.host, .fd = -1 };

	sclp.ram = &big;
	fresh(4096);
	is(call(SCP), 0x0010, "a large machine");
	ok(get16(AT + 8) == 65535 && !get16(AT + 110), "its increments");
	big.size += 1 << 20;
	is(call(SCP), 0x0010, "a larger one");
	ok(!get16(AT + 8) && get16(AT + 108) == 1 && !get16(AT + 110), "in the field for large numbers");
	is(ram.host[AT + 10], 1, "of 1 MiB, still");
	sclp.ram = &ram;
}

static void read_cpu(void)
{
	fresh(4096);
	memset(ram.host + AT + 8, 0xff, 4096 - 8);
	is(call(CPU), 0x0010, "READ CPU INFO");
	ok(get16(AT + 8) == 3 && get16(AT + 10) == 24, "three are configured");
	ok(get16(AT + 12) == 0 && get16(AT + 14) == 72, "none on standby");
	for (unsigned i = 0; i < 3; i++)
		is(ram.host[AT + 24 + 16 * i], i, "CPU %u", i);
	fresh(24 + 48 - 1);
	is(call(CPU), 0x0300, "an SCCB that is too short");
	fresh(24 + 48);
	is(call(CPU | 0x0500), 0x0010, "one that is not, and a command word with a parameter");
}

/* --- WRITE EVENT MASK ------------------------------------------------- */

static unsigned write_mask(unsigned len, unsigned mask_len, uint64_t receive)
{
	memset(ram.host + AT, 0, 4096);
	put16(AT, len);
	put16(AT + 10, mask_len);
	for (unsigned i = 0; i < 8 && i < mask_len; i++)
		ram.host[AT + 12 + i] = (uint8_t)(receive >> (56 - 8 * i));
	return call(MASK);
}

static void mask(void)
{
	fresh(0);
	is(write_mask(28, 4, BIT(ASCII) | BIT(COMMAND)), 0x0020, "WRITE EVENT MASK of four bytes");
	is(sclp.state.receive, BIT(ASCII) | BIT(COMMAND), "the guest's");
	ok(!memcmp(ram.host + AT + 20, "\0\0\0\x40\0\0\0\x48", 8), "the machine's");
	is(write_mask(44, 8, UINT64_MAX), 0x0020, "eight bytes");
	is(sclp.state.receive, UINT64_MAX, "the guest's");
	ok(!memcmp(ram.host + AT + 28, "\0\0\0\x40\0\0\0\0\0\0\0\x48\0\0\0\0", 16), "the machine's");
	sclp.state.line_mode = true;
	is(write_mask(28, 4, 0), 0x0020, "with the operator's console");
	ok(!memcmp(ram.host + AT + 20, "\x40\0\0\0\x80\0\0\x08", 8), "the machine's");
	is(write_mask(16, 1, BIT(COMMAND)), 0x0020, "one byte");
	ok(sclp.state.receive == BIT(COMMAND) && ram.host[AT + 14] == 0x40 && ram.host[AT + 15] == 0x80,
	   "is a mask, too");
	sclp.state.line_mode = false;
	is(write_mask(4096, 1021, BIT(ASCII)), 0x0020, "the longest");
	ok(sclp.state.receive == BIT(ASCII) && ram.host[AT + 12 + 3 * 1021 + 3] == 0x48, "too");
	is(write_mask(4096, 0, 0), 0x74f0, "length 0");
	is(write_mask(4096, 1022, 0), 0x74f0, "too long");
	is(write_mask(4096, 0xffff, 0), 0x74f0, "far too long");
	is(write_mask(27, 4, 0), 0x0300, "an SCCB that is shorter than its masks");
	is(write_mask(11, 4, 0), 0x0300, "and than their length");
	is(sclp.state.receive, BIT(ASCII), "an error leaves the mask alone");
}

/* --- WRITE EVENT DATA ------------------------------------------------- */

/* Appends an event buffer at gpa; returns the address behind it. */
static uint64_t event(uint64_t gpa, unsigned len, uint8_t type, const char *text)
{
	put16(gpa, len);
	ram.host[gpa + 2] = type;
	ram.host[gpa + 3] = 0;
	memcpy(ram.host + gpa + 6, text, strlen(text));
	return gpa + 6 + strlen(text);
}

static void write_ascii(void)
{
	uint64_t end;

	fresh(0);
	end = event(AT + 8, 6 + 5, ASCII, "Hello");
	put16(AT, (unsigned)(end - AT));
	is(call(WRITE), 0x0020, "WRITE EVENT DATA");
	ok(!strcmp(printed, "Hello"), "prints");
	is(ram.host[AT + 8 + 3], 0x80, "the event is marked accepted");
	end = event(AT + 8, 6 + 2, ASCII, "a\n");
	end = event(end, 6, ASCII, "");
	end = event(end, 6 + 3, ASCII, "bcd");
	put16(AT, (unsigned)(end - AT));
	is(call(WRITE), 0x0020, "three event buffers, one without text");
	ok(!strcmp(printed, "a\nbcd"), "print");
	put16(AT, 8);
	is(call(WRITE), 0x0020, "no event buffer at all");
	event(AT + 8, 4096 - 8, ASCII, "");
	memset(ram.host + AT + 14, 'x', 4096 - 14);
	put16(AT, 4096);
	is(call(WRITE), 0x0020, "the largest");
	is(printed_len, 4096 - 14, "prints all");
}

static void write_wrong(void)
{
	static const struct {
		const char *what;
		unsigned len, event_len, type, response;
	} cases[] = {
		{ "an event type that nobody takes", 19, 11, 3, 0x40f0 },
		{ "a message to the operator, whose console is not there", 19, 11, MESSAGE, 0x40f0 },
		{ "a store-data request", 19, 11, 0x1b, 0x40f0 },
		{ "event type 0", 19, 11, 0, 0x40f0 },
		{ "the highest event type", 19, 11, 0xff, 0x40f0 },
		{ "an event buffer longer than the SCCB", 19, 12, ASCII, 0x72f0 },
		{ "bytes behind the event buffer", 19, 10, ASCII, 0x72f0 },
		{ "an event buffer shorter than its header", 19, 5, ASCII, 0x73f0 },
		{ "an event buffer of length 0", 19, 0, ASCII, 0x73f0 },
	};
	uint64_t end;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh(cases[i].len);
		event(AT + 8, cases[i].event_len, (uint8_t)cases[i].type, "Hello");
		is(call(WRITE), cases[i].response, "%s", cases[i].what);
		ok(!printed_len && !ram.host[AT + 8 + 3], "nothing is printed nor accepted");
	}
	fresh(19);
	event(AT + 8, 11, ASCII, "Hello");
	ram.host[AT + 2] = 1;
	is(call(WRITE), 0x40f0, "a function code that is not 0");
	fresh(0);
	end = event(AT + 8, 7, ASCII, "a");
	end = event(end, 7, 3, "b");
	end = event(end, 7, ASCII, "c");
	put16(AT, (unsigned)(end - AT));
	ram.host[AT + 8 + 7 + 3] = 0x81;
	is(call(WRITE), 0x40f0, "a wrong buffer between two good ones");
	ok(!strcmp(printed, "a"), "the first is printed");
	ok(ram.host[AT + 11] == 0x80 && ram.host[AT + 18] == 0x01 && !ram.host[AT + 25],
	   "and only that is accepted");
}

/* A message of one text object, as Linux makes it; returns the SCCB's length. */
static unsigned message(const char *text, unsigned len)
{
	fresh(8 + 6 + 12 + 60 + 10 + len);
	event(AT + 8, 6 + 12 + 60 + 10 + len, MESSAGE, "");
	put16(AT + 14, 12 + 60 + 10 + len); /* the block: length, type, tag, revision */
	put16(AT + 16, 1);
	memcpy(ram.host + AT + 18, "\xd4\xc4\xc2\x40\0\0\0\1", 8);
	put16(AT + 26, 60); /* the general object */
	put16(AT + 28, 1);
	put16(AT + 86, 10 + len); /* the text object */
	put16(AT + 88, 4);
	put16(AT + 90, 0x1000);
	memcpy(ram.host + AT + 96, text, len);
	return 96 + len;
}

static void write_message(void)
{
	unsigned len = message("\xc8\x89\x4f", 3);

	sclp.state.line_mode = true;
	is(call(WRITE), 0x0020, "a message to the operator");
	ok(!strcmp(printed, "Hi!\n"), "is a line in ASCII");
	is(ram.host[AT + 11], 0x80, "accepted");
	/* A second text object in the block. */
	put16(AT + len, 12);
	put16(AT + len + 2, 4);
	memcpy(ram.host + AT + len + 10, "\x81\x82", 2);
	put16(AT, len + 12);
	put16(AT + 8, len - 8 + 12);
	put16(AT + 14, len - 14 + 12);
	is(call(WRITE), 0x0020, "two text objects");
	ok(!strcmp(printed, "Hi!\nab\n"), "are two lines");
	message("", 0);
	is(call(WRITE), 0x0020, "a text object without text");
	ok(!strcmp(printed, "\n"), "is an empty line");
	len = message("\xc8\x89", 2);
	put16(AT + 14, len - 14 - 12);
	is(call(WRITE), 0x0020, "a block that ends before the text object");
	ok(!printed_len, "prints nothing");
}

static void message_wrong(const char *what, unsigned offset, unsigned value, unsigned response)
{
	message("\xc8\x89\x4f", 3);
	put16(AT + offset, value);
	is(call(WRITE), response, "a message with %s", what);
	ok(!printed_len && !ram.host[AT + 11], "is not printed nor accepted");
}

static void write_message_wrong(void)
{
	message_wrong("a block longer than the event", 14, 86, 0x72f0);
	message_wrong("a block shorter than its header", 14, 11, 0x72f0);
	message_wrong("a block of another type", 16, 2, 0x73f0);
	message_wrong("another tag", 20, 0xc241, 0x73f0);
	message_wrong("an object of length 0", 26, 0, 0x72f0);
	message_wrong("an object shorter than its header", 26, 3, 0x72f0);
	message_wrong("an object longer than the block", 26, 74, 0x72f0);
	message_wrong("bytes behind the last object", 14, 84, 0x72f0);
	message_wrong("a text object shorter than its header", 86, 9, 0x72f0);
	message_wrong("a text object longer than the block", 86, 14, 0x72f0);
	fresh(8 + 6 + 11);
	event(AT + 8, 6 + 11, MESSAGE, "");
	is(call(WRITE), 0x72f0, "a message that is shorter than a block's header");
	fresh(14);
	event(AT + 8, 6, MESSAGE, "");
	is(call(WRITE), 0x72f0, "one of nothing");
	fresh(19);
	event(AT + 8, 11, ASCII, "Hello");
	is(call(WRITE), 0x40f0, "text for the ASCII console, which is not there");
	ok(!printed_len && !ram.host[AT + 11], "is not printed nor accepted");
	sclp.state.line_mode = false;
}

/* --- READ EVENT DATA -------------------------------------------------- */

static size_t type(const char *text)
{
	return sclp_type(&sclp, (const uint8_t *)text, strlen(text));
}

static size_t type_line(const char *text)
{
	return sclp_type_line(&sclp, (const uint8_t *)text, strlen(text));
}

/* With a function code, the control byte for an answer of variable length. */
static unsigned read_data(unsigned len, uint8_t function, uint8_t variable)
{
	memset(ram.host + AT, 0xee, 4096);
	put16(AT, len);
	ram.host[AT + 2] = function;
	ram.host[AT + 5] = variable;
	return call(READ);
}

static void read_ascii(void)
{
	fresh(0);
	sclp.state.receive = BIT(ASCII);
	is(read_data(4096, 0, 0), 0x60f0, "READ EVENT DATA without an event");
	is(type("hello"), 5, "five bytes are typed");
	ok(sclp_event_pending(&sclp), "that is an event");
	is(read_data(4096, 0, 0), 0x0020, "it is read");
	ok(get16(AT) == 4096 && get16(AT + 8) == 6 + 1 + 5 && ram.host[AT + 10] == ASCII &&
	           !ram.host[AT + 11] && !get16(AT + 12),
	   "an event buffer");
	ok(!memcmp(ram.host + AT + 14, "\0hello\0", 7), "the first byte says that it is data");
	ok(!sclp_event_pending(&sclp), "it is gone");
	type("abc");
	is(read_data(64, 0, 0x80), 0x0020, "with an answer of variable length");
	ok(get16(AT) == 8 + 6 + 1 + 3 && ram.host[AT + 5] == 0 && ram.host[AT + 18] == 0, "is its length");
	type("abcdef");
	is(read_data(8 + 6 + 1 + 4, 0, 0), 0x0020, "a short SCCB");
	ok(!memcmp(ram.host + AT + 15, "abcd", 4) && sclp_event_pending(&sclp), "takes what fits");
	is(read_data(8 + 6 + 1, 0, 0), 0x75f0, "one where nothing fits");
	is(read_data(8 + 5, 0, 0), 0x0300, "one without room for an event's header");
	is(read_data(4096, 2, 0), 0x40f0, "an unknown function code");
	sclp.state.receive = BIT(COMMAND);
	is(read_data(4096, 0, 0), 0x62f0, "there is an event, but masked");
	ok(!sclp_event_pending(&sclp), "which is not pending");
	sclp.state.receive = 0;
	is(read_data(4096, 0, 0), 0x62f0, "all are masked");
	sclp.state.receive = BIT(ASCII);
	is(read_data(4096, 0, 0), 0x0020, "it has not gone away");
	ok(!memcmp(ram.host + AT + 15, "ef", 2), "it is the rest");
}

static void read_selective(void)
{
	fresh(0);
	write_mask(28, 4, BIT(ASCII) | BIT(QUIESCE));
	type("x");
	fresh(0);
	write_mask(28, 4, BIT(ASCII) | BIT(QUIESCE));
	type("x");
	memset(ram.host + AT, 0, 64);
	put16(AT, 64);
	ram.host[AT + 2] = 1;
	ram.host[AT + 11] = 0x08;
	is(call(READ), 0x62f0, "selective: only signal quiesce");
	ram.host[AT + 11] = 0x40;
	is(call(READ), 0x0020, "only ASCII");
	ram.host[AT + 8] = 0x80;
	is(call(READ), 0x70f0, "what the receive mask does not have");
	put16(AT, 11);
	is(call(READ), 0x0300, "an SCCB that is shorter than the mask");
	sclp.state.receive = 0;
	put16(AT, 64);
	ram.host[AT + 8] = 0;
	is(call(READ), 0x70f0, "with nothing to be received");
}

static void read_command(void)
{
	fresh(0);
	sclp.state.receive = BIT(COMMAND);
	is(type_line("Hi!"), 3, "a part of a line");
	ok(!sclp_event_pending(&sclp), "is no command");
	is(read_data(4096, 0, 0), 0x60f0, "nothing to read");
	is(type_line(" x\nnext\r"), 8, "the rest, and another, ended by a carriage return");
	ok(sclp_event_pending(&sclp), "are");
	is(read_data(8 + 6 + 16 + 4, 0, 0), 0x75f0, "an SCCB that is too short");
	is(read_data(4096, 0, 0x80), 0x0020, "both are read");
	is(get16(AT), 8 + 22 + 5 + 22 + 4, "in two event buffers");
	ok(get16(AT + 8) == 27 && ram.host[AT + 10] == COMMAND, "a command");
	ok(!memcmp(ram.host + AT + 14, "\0\x15\x13\x10\0\x11\x12\x12\0\x0d\x13\x20\x09\x31\x07\x30", 16),
	   "its vectors, with their lengths");
	ok(!memcmp(ram.host + AT + 30, "\xc8\x89\x4f\x40\xa7", 5), "its text in EBCDIC");
	ok(get16(AT + 35) == 26 && !memcmp(ram.host + AT + 57, "\x95\x85\xa7\xa3", 4), "the next");
	ok(!sclp_event_pending(&sclp) && !sclp.state.line.len, "no more");
	type_line("\n");
	is(read_data(4096, 0, 0x80), 0x0020, "an empty line");
	is(get16(AT), 8 + 22, "is a command without text");
}

static void read_long_command(void)
{
	char line[301] = "";

	fresh(0);
	sclp.state.receive = BIT(COMMAND);
	memset(line, 'x', 251);
	type_line(line);
	ok(!sclp_event_pending(&sclp), "a line as long as a command can be waits for its end");
	type_line("\n");
	is(read_data(4096, 0, 0x80), 0x0020, "has it");
	is(get16(AT), 8 + 22 + 251, "is one command");
	ok(ram.host[AT + 26] == 255 && !sclp.state.line.len, "of the greatest length");
	memset(line, 'y', 300);
	type_line(line);
	is(read_data(8 + 22 + 260, 0, 0x80), 0x0020, "a longer one, though without its end");
	is(get16(AT), 8 + 22 + 251, "comes in pieces");
	type_line("\n");
	is(read_data(4096, 0, 0x80), 0x0020, "the rest");
	is(get16(AT), 8 + 22 + 49, "is the next");
}

static void quiesce(void)
{
	fresh(0);
	ok(!sclp_quiesce(&sclp) && !sclp.state.quiesce, "signal quiesce to a guest that does not listen");
	sclp.state.receive = BIT(QUIESCE) | BIT(ASCII) | BIT(COMMAND);
	ok(sclp_quiesce(&sclp) && sclp_event_pending(&sclp), "to one that does");
	ok(sclp_quiesce(&sclp), "twice is once");
	type("a");
	type_line("b\n");
	is(read_data(8 + 8, 0, 0), 0x75f0, "an SCCB that is too short for it");
	is(read_data(4096, 0, 0x80), 0x0020, "read with all else");
	is(get16(AT), 8 + 9 + 23 + 8, "three events");
	ok(get16(AT + 8) == 9 && ram.host[AT + 10] == QUIESCE && !ram.host[AT + 14] && !get16(AT + 15),
	   "quiesce first, without a time limit");
	ok(ram.host[AT + 19] == COMMAND && ram.host[AT + 42] == ASCII, "then the operator, then the console");
	ok(!sclp_event_pending(&sclp), "no more");
}

/* --- the state -------------------------------------------------------- */

static void full(void)
{
	static uint8_t bytes[FIFO_ROOM];

	fresh(0);
	memset(bytes, 'x', sizeof(bytes));
	is(sclp_type(&sclp, bytes, 4000), 4000, "many bytes are typed");
	is(sclp_type(&sclp, bytes, 4000), 96, "and as many as there is room for");
	is(sclp_type_line(&sclp, bytes, 4096), 4096, "the operator has room of his own");
	is(sclp_type_line(&sclp, bytes, 1), 0, "as much");
	sclp.state.receive = BIT(ASCII);
	is(read_data(4096, 0, 0), 0x0020, "an SCCB full");
	is(get16(AT + 8), 4096 - 8, "of them");
	is(sclp_type(&sclp, bytes, 4096), 4096 - 15, "leaves room for more");
}

static void codec(void)
{
	static struct sclp_state back;
	struct snapshot snap;
	struct snap_section *s;
	struct snap_reader r;

	fresh(0);
	sclp.state =
		(struct sclp_state){ .receive = 0x0123456789abcdef, .mask_length = 1021, .quiesce = true };
	type("typed");
	type_line("a line\nand");
	snap_init(&snap, "any");
	s = snap_add(&snap, SNAP_TAG('S', 'C', 'L', 'P'), 0, 1);
	sclp_section.put(s, &sclp.state);
	r = snap_reader(s);
	ok(sclp_section.get(&r, &back, 0) && !snap_left(&r), "through the codec");
	ok(!memcmp(&back, &sclp.state, sizeof(back)), "all is there");
	s->bytes[8] = 0x03;
	s->bytes[9] = 0xfe;
	r = snap_reader(s);
	ok(!sclp_section.get(&r, &back, 0), "a mask that is too long is refused");
	s->bytes[9] = 0xfd;
	s->bytes[10] = 2;
	r = snap_reader(s);
	ok(!sclp_section.get(&r, &back, 0), "and a flag that is none");
	snap_free(&snap);
}

/* Signals that wait: up to 16 SCCBs, on doublewords, none twice. */
static void waiting(void)
{
	static const struct {
		const char *what;
		uint8_t count;
		uint32_t sccbs[17];
		bool good;
	} cases[] = {
		{ "one", 1, { 8 }, true },
		{ "three", 3, { 0x7ffffff8, 8, 0x1000 }, true },
		{ "sixteen",
		  16,
		  { 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128 },
		  true },
		{ "none", 0, { 0 }, false },
		{ "one more",
		  17,
		  { 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 136 },
		  false },
		{ "at address 0", 1, { 0 }, false },
		{ "not on a doubleword", 1, { 12 }, false },
		{ "the same twice", 2, { 8, 8 }, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sclp_state back = { .receive = 0 };
		struct snapshot snap;
		struct snap_section *s;
		struct snap_reader r;

		snap_init(&snap, "any");
		s = snap_add(&snap, SNAP_TAG('S', 'I', 'G', 'S'), 0, 1);
		snap_put8(s, cases[i].count);
		for (unsigned k = 0; k < cases[i].count; k++)
			snap_put32(s, cases[i].sccbs[k]);
		r = snap_reader(s);
		is(sclp_waiting_section.get(&r, &back, 0), cases[i].good, "signals that wait: %s",
		   cases[i].what);
		if (cases[i].good)
			ok(back.waiting_count == cases[i].count &&
			           !memcmp(back.waiting, cases[i].sccbs, cases[i].count * 4u) &&
			           sclp_waits(&back, cases[i].sccbs[0]) && !sclp_waits(&back, 0x2000),
			   "in their order");
		snap_free(&snap);
	}
}

int main(void)
{
	ram.host = malloc(RAM_SIZE);
	any_command();
	read_scp();
	read_scp_storage();
	read_cpu();
	mask();
	write_ascii();
	write_wrong();
	write_message();
	write_message_wrong();
	read_ascii();
	read_selective();
	read_command();
	read_long_command();
	quiesce();
	full();
	codec();
	waiting();
	free(printed);
	free(ram.host);
	return tap_done();
}
