/* SPDX-License-Identifier: BSD-2-Clause */
/* con3215.c: the console of type 3215, driven by channel programs. */
#include "devices/css/channel_state.h"

#include "ccw.h"
#include "vmm/snapshot/device_section.h"

static struct con3215 con;
static struct ccw_program program;
static char *printed;
static size_t printed_len;

static enum ccw_end start(uint64_t ccw)
{
	put64(AT, ccw);
	ccw_start(&program, AT, 0, 0);
	return ccw_run(&program, &memory, &con.dev);
}

static void fresh(void)
{
	prepare(NULL, 0);
	con3215_init(&con, open_memstream(&printed, &printed_len));
}

static void done(void)
{
	fclose(con.out);
	free(printed);
}

static size_t type(const char *text)
{
	return con3215_input(&con, (const uint8_t *)text, strlen(text));
}

static bool attention(void)
{
	return con.dev.attention(&con);
}

static void printing(void)
{
	static const uint8_t hello[] = { 0xc8, 0x85, 0x93, 0x93, 0x96, 0x15, 0x25, 0x4f, 0xff, 0xf0 };

	fresh();
	memcpy(ram.host + DATA, hello, sizeof(hello));
	is(start(F0(0x01, DATA, 0, 5)), CCW_ENDED, "write");
	ok(program.dstat == DSTAT_END && !program.cstat, "good");
	ok(!strcmp(printed, "Hello"), "printed, without a new line");
	start(F0(0x09, DATA, 0, 5));
	ok(!strcmp(printed, "HelloHello\n"), "with carrier return");
	start(F0(0x01, DATA + 5, 0, 5));
	ok(!strcmp(printed, "HelloHello\n\n\n!?0"), "new lines, and what ASCII has not");
	is(start(F0(0x0b, 0, 0, 1)), CCW_ENDED, "sound alarm");
	is(program.dstat, DSTAT_END, "is good");
	is(start(F0(0x05, DATA, 0, 1)), CCW_ENDED, "a command of others");
	ok(program.dstat == DSTAT_UNIT_CHECK && program.sense[0] == SENSE_COMMAND_REJECT, "is rejected");
	start(F0(CCW_SENSE_ID, ROOM, 0, 7));
	ok(!memcmp(ram.host + ROOM, (uint8_t[]){ 0xff, 0x32, 0x15, 0, 0x32, 0x15, 0 }, 7), "sense ID");
	put64(AT + 8, F0(8, AT, 0, 0));
	is(start(F0(0x09, DATA, CD, 5)), CCW_MORE, "a text without an end");
	ok(!strncmp(printed + 16, "HelloHelloHello", 15) && printed[printed_len - 1] == 'o',
	   "is printed on and on");
	done();
}

static void reading(void)
{
	fresh();
	is(start(F0(0x0a, ROOM, SLI, 80)), CCW_ACTIVE, "read inquiry waits");
	is(type("a"), 1, "a letter");
	is(ccw_run(&program, &memory, &con.dev), CCW_ACTIVE, "is no line");
	is(type("Bz09\n"), 5, "the line ends");
	is(ccw_run(&program, &memory, &con.dev), CCW_ENDED, "and the read");
	ok(program.count == 75 && program.dstat == DSTAT_END, "with its length");
	ok(!memcmp(ram.host + ROOM, (uint8_t[]){ 0x81, 0xc2, 0xa9, 0xf0, 0xf9, 0 }, 6), "in EBCDIC");
	ok(!attention(), "no attention for what has been read");
	type("one\ntwo\nthr");
	ok(attention(), "lines that nobody waits for: attention");
	ok(!attention(), "once");
	start(F0(0x0a, ROOM, SLI, 80));
	is(program.count, 77, "the first one");
	ok(attention(), "attention for the second one");
	start(F0(0x0a, ROOM, 0, 2));
	ok(program.cstat == CSTAT_INCORRECT_LENGTH && ram.host[ROOM + 1] == 0xa6 &&
	           ram.host[ROOM + 2] == 0x85,
	   "two bytes of it");
	ok(!attention(), "the rest of it is gone");
	is(start(F0(0x0a, ROOM, SLI, 80)), CCW_ACTIVE, "the third has not ended");
	type("ee\n");
	ccw_run(&program, &memory, &con.dev);
	is(program.count, 75, "now it has");
	type("\n");
	start(F0(0x0a, ROOM, SLI, 80));
	ok(program.count == 80 && program.dstat == DSTAT_END, "an empty line");
	done();
}

static void room(void)
{
	char many[CON3215_INPUT + 2];
	struct snapshot snap;
	struct snap_reader r;
	struct channel_state state = { .css.count = 0 }, back = { .css.count = 0 };

	fresh();
	memset(many, 'x', sizeof(many));
	many[sizeof(many) - 1] = 0;
	is(type("ab\n"), 3, "a line");
	is(type(many), CON3215_INPUT - 3, "there is room for so much");
	is(type("\n"), 0, "and no more");
	snap_init(&snap, "s390x");
	state.console = con.state;
	css_section.put(snap_add(&snap, 1, 0, 1), &state);
	r = snap_open(&snap, 1, 0, 1);
	ok(css_section.get(&r, &back, 0) && !snap_left(&r) &&
	           !memcmp(&back.console, &con.state, sizeof(con.state)),
	   "a snapshot has it all");
	snap_free(&snap);
	start(F0(0x0a, ROOM, SLI, 80));
	is(program.count, 78, "the line");
	is(type("\n"), 1, "makes room");
	start(F0(0x0a, ROOM, SLI, 0xffff));
	is(0xffff - program.count, CON3215_INPUT - 3, "for the end of the long one");
	done();
}

int main(void)
{
	ram.host = malloc(RAM_SIZE);
	printing();
	reading();
	room();
	free(ram.host);
	return tap_done();
}
