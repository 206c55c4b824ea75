/* SPDX-License-Identifier: BSD-2-Clause */
/* devices.c: the two consoles, the level device. */
#include <errno.h>
#include <stdlib.h>

#include "devices/hvterm.h"
#include "devices/level.h"
#include "devices/sclp.h"
#include "tap.h"

#define RAM_SIZE 0x3000
#define WRITE    0x00760005

static struct ram ram = { .size = RAM_SIZE, .fd = -1 };
static struct sclp sclp = { .ram = &ram };
static struct error err;
static char *printed;
static size_t printed_len;

static void put16(uint64_t gpa, unsigned v)
{
	ram.host[gpa] = (uint8_t)(v >> 8);
	ram.host[gpa + 1] = (uint8_t)v;
}

/* Appends an event buffer at gpa; returns the address behind it. */
static uint64_t event(uint64_t gpa, unsigned len, uint8_t type, const char *text)
{
	put16(gpa, len);
	ram.host[gpa + 2] = type;
	ram.host[gpa + 3] = 0;
	memcpy(ram.host + gpa + 6, text, strlen(text));
	return gpa + 6 + strlen(text);
}

static int call(uint64_t command, uint64_t sccb, unsigned *response, const char *text)
{
	struct io io = { .space = IO_SCLP, .addr = command, .arg = sccb };
	int rc;

	sclp.out = open_memstream(&printed, &printed_len);
	*response = 0;
	rc = sclp_io(&sclp, &io, &err);
	fclose(sclp.out);
	if (!rc) {
		*response = (unsigned)ram.host[sccb + 6] << 8 | ram.host[sccb + 7];
		ok(io.raise && io.parm == (uint32_t)sccb, "the service signal names the SCCB");
	}
	ok(!strcmp(printed, text), "printed: \"%s\"", text);
	free(printed);
	return rc;
}

static void sclp_good(void)
{
	unsigned response;
	uint64_t end;

	memset(ram.host, 0, RAM_SIZE);
	end = event(0x1008, 6 + 5, 0x1a, "Hello");
	put16(0x1000, (unsigned)(end - 0x1000));
	is(call(WRITE, 0x1000, &response, "Hello"), 0, "write event data");
	is(response, 0x0020, "is done");
	is(ram.host[0x1008 + 3], 0x80, "the event is marked accepted");
	end = event(0x1008, 6 + 2, 0x1a, "a\n");
	end = event(end, 6, 0x1a, "");
	end = event(end, 6 + 3, 0x1a, "bcd");
	put16(0x1000, (unsigned)(end - 0x1000));
	is(call(WRITE, 0x1000, &response, "a\nbcd"), 0, "three event buffers, one without text");
	is(response, 0x0020, "are done");
	put16(0x1000, 8);
	is(call(WRITE, 0x1000, &response, ""), 0, "no event buffer at all");
	is(response, 0x0020, "is done");
	end = event(0x2000 + 8, 4096 - 8, 0x1a, "");
	memset(ram.host + 0x2000 + 14, 'x', 4096 - 14);
	put16(0x2000, 4096);
	sclp.out = open_memstream(&printed, &printed_len);
	is(sclp_io(&sclp, &(struct io){ .addr = WRITE, .arg = 0x2000 }, &err), 0,
	   "the largest, at RAM's end");
	fclose(sclp.out);
	is(printed_len, 4096 - 14, "prints all");
	free(printed);
}

static void sclp_wrong(void)
{
	static const struct {
		const char *what;
		uint64_t command, sccb;
		unsigned len, event_len, type, response;
		const char *text;
	} cases[] = {
		{ "an unknown command", 0x00120001, 0x1000, 19, 11, 0x1a, 0x01f0, "" },
		{ "an SCCB shorter than its header", WRITE, 0x1000, 7, 11, 0x1a, 0x0300, "" },
		{ "length 0", WRITE, 0x1000, 0, 11, 0x1a, 0x0300, "" },
		{ "an SCCB across a 4K boundary", WRITE, 0x1ff0, 19, 11, 0x1a, 0x0100, "" },
		{ "an SCCB beyond RAM", WRITE, 0x2ff0, 19, 11, 0x1a, 0x0100, "" },
		{ "a huge length", WRITE, 0x1000, 0xffff, 11, 0x1a, 0x0100, "" },
		{ "an event type that nobody takes", WRITE, 0x1000, 19, 11, 2, 0x40f0, "" },
		{ "an event buffer longer than the SCCB", WRITE, 0x1000, 19, 12, 0x1a, 0x72f0, "" },
		{ "bytes behind the event buffer", WRITE, 0x1000, 19, 10, 0x1a, 0x72f0, "Hell" },
		{ "an event buffer shorter than its header", WRITE, 0x1000, 19, 5, 0x1a, 0x73f0, "" },
		{ "an event buffer of length 0", WRITE, 0x1000, 19, 0, 0x1a, 0x73f0, "" },
	};
	unsigned response;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(ram.host, 0, RAM_SIZE);
		if (cases[i].sccb < RAM_SIZE - 0x20)
			event(cases[i].sccb + 8, cases[i].event_len, (uint8_t)cases[i].type, "Hello");
		put16(cases[i].sccb, cases[i].len);
		is(call(cases[i].command, cases[i].sccb, &response, cases[i].text), 0, "%s", cases[i].what);
		is(response, cases[i].response, "gives its response code");
	}
	memset(ram.host, 0, RAM_SIZE);
	put16(RAM_SIZE - 8, 8);
	is(call(WRITE, RAM_SIZE - 8, &response, ""), 0, "the SCCB's header is RAM's last 8 bytes");
	is(response, 0x0020, "is done");
	put16(RAM_SIZE - 8, 9);
	is(call(WRITE, RAM_SIZE - 8, &response, ""), 0, "one byte more");
	is(response, 0x0100, "is not");
	ram.size -= 8;
	put16(ram.size - 8, 16);
	is(call(WRITE, ram.size - 8, &response, ""), 0, "RAM that ends within a page");
	is(response, 0x0100, "ends the SCCB, too");
	ram.size += 8;
	is(call(WRITE, RAM_SIZE - 7, &response, ""), -EIO, "a header across RAM's end");
	is(call(WRITE, UINT64_MAX - 7, &response, ""), -EIO, "a header at the end of the address space");
	has(err.text, "outside memory", "says why");
}

static void hvterm(void)
{
	struct hvterm term = { .out = open_memstream(&printed, &printed_len) };
	struct io io = { .space = IO_VIO, .write = true, .len = 5, .data = "Hello, world 16" };

	is(hvterm_io(&term, &io, &err), 0, "five bytes");
	ok(printed_len == 5 && !memcmp(printed, "Hello", 5), "are printed at once");
	io.len = 0;
	is(hvterm_io(&term, &io, &err), 0, "none");
	io.len = 16;
	is(hvterm_io(&term, &io, &err), 0, "sixteen");
	is(printed_len, 21, "are printed, zeros too");
	io.len = 17;
	is(hvterm_io(&term, &io, &err), -EIO, "seventeen are too many");
	io = (struct io){ .space = IO_VIO, .len = 16 };
	is(hvterm_io(&term, &io, &err), 0, "a read");
	is(io.len, 0, "gives nothing");
	ok(!io.raise && printed_len == 21, "and does nothing");
	fclose(term.out);
	free(printed);
}

struct changes {
	unsigned count, line;
	bool level;
};

static int changed(void *arg, unsigned line, bool up, struct error *why)
{
	*(struct changes *)arg = (struct changes){ ((struct changes *)arg)->count + 1, line, up };
	return line == 3 ? error_set(why, -EPERM, "not line 3") : 0;
}

static void level(void)
{
	struct changes seen = { 0 };
	struct level dev = { .base = 0x1000, .changed = changed, .arg = &seen };
	struct io io = { .space = IO_MMIO, .addr = 0x1002, .len = 1, .data = { 0xff } };

	is(level_io(&dev, &io, &err), 0, "a load of a line's register");
	is(io.data[0], 0, "it is down");
	is(level_set(&dev, 2, true, &err), 0, "it goes up");
	ok(seen.count == 1 && seen.line == 2 && seen.level, "whoever listens is told");
	is(level_set(&dev, 2, true, &err), 0, "up again");
	is(seen.count, 1, "is no change");
	level_io(&dev, &io, &err);
	is(io.data[0], 1, "the guest sees it");
	io.write = true;
	io.data[0] = 0xfe;
	is(level_io(&dev, &io, &err), 0, "a store without the one");
	ok(seen.count == 1 && dev.line[2], "leaves it up");
	io.data[0] = 1;
	is(level_io(&dev, &io, &err), 0, "a store of a one");
	ok(seen.count == 2 && !seen.level && !dev.line[2], "quiets it");
	is(level_set(&dev, LEVEL_LINES, true, &err), -EINVAL, "there is no fifth line");
	is(level_set(&dev, 3, true, &err), -EPERM, "what the listener says is passed on");
	io.len = 4;
	is(level_io(&dev, &io, &err), -EIO, "a register has one byte");
}

int main(void)
{
	ram.host = malloc(RAM_SIZE);
	sclp_good();
	sclp_wrong();
	hvterm();
	level();
	free(ram.host);
	return tap_done();
}
