/* SPDX-License-Identifier: BSD-2-Clause */
/* gdb_packet.c: gdb's packets, good and bad, and what is asked for in them. */
#include "vmm/debug/gdb_packet.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

static struct gdb_input_state in;
static struct gdb_request request;
static struct gdb_reply reply;
static char frame[GDB_FRAME_MAX];

/* What the last of these bytes leads to. */
static enum gdb_input feed(const char *bytes)
{
	enum gdb_input what = GDB_NOTHING;

	for (; *bytes; bytes++)
		what = gdb_input(&in, (uint8_t)*bytes);
	return what;
}

static enum gdb_kind kind_of(const char *packet)
{
	gdb_request(packet, strlen(packet), &request);
	return request.kind;
}

static void test_frames(void)
{
	ok(feed("$?#3f") == GDB_PACKET && !strcmp(in.data, "?"), "a packet");
	ok(feed("++$g#67") == GDB_PACKET && !strcmp(in.data, "g"), "acknowledgements before it");
	ok(feed("$g#68") == GDB_DAMAGED, "a wrong sum");
	ok(feed("$g#6x") == GDB_DAMAGED, "a sum that is no number");
	ok(feed("x$$g#8B") == GDB_PACKET && !strcmp(in.data, "$g"),
	   "a $ inside is a byte, and the sum may be in capitals");
	ok(feed("$X0,1:}\x03#9f") == GDB_PACKET && in.len == 6 && in.data[5] == '#', "an escape");
	ok(feed("\x03") == GDB_INTERRUPT && feed("-") == GDB_REFUSED, "what is no packet");
	ok(feed("$\x03-#30") == GDB_PACKET, "inside one it is");
	feed("$");
	for (unsigned i = 0; i < GDB_PACKET_MAX; i++)
		feed("a");
	ok(feed("#00") == GDB_PACKET && in.len == GDB_PACKET_MAX, "the longest packet (%u bytes)",
	   GDB_PACKET_MAX);
	feed("$");
	for (unsigned i = 0; i < 3 * GDB_PACKET_MAX; i++)
		feed("a");
	ok(feed("#00") == GDB_DAMAGED && in.len == GDB_PACKET_MAX, "one that is longer");
	ok(feed("$c#63") == GDB_PACKET, "and then a good one");
}

static void test_requests(void)
{
	ok(kind_of("m1f0,10") == GDB_LOAD && request.address == 0x1f0 && request.size == 0x10, "m");
	ok(kind_of("M0,2:beef") == GDB_STORE && request.count == 2 && request.bytes[1] == 0xef, "M");
	ok(kind_of("X10,3:a:#") == GDB_STORE && request.count == 3 && request.bytes[2] == '#', "X");
	ok(kind_of("P1c=00ff") == GDB_SET_ONE && request.number == 0x1c && request.count == 2, "P");
	ok(kind_of("Z2,8,4") == GDB_INSERT && request.number == 2 && request.address == 8 &&
	           request.size == 4,
	   "Z");
	ok(kind_of("Hg-1") == GDB_SELECT && request.thread == GDB_ALL_THREADS, "Hg-1");
	ok(kind_of("Hc2") == GDB_SELECT_RUN && request.thread == 2, "Hc2");
	ok(kind_of("c") == GDB_CONTINUE && kind_of("C05") == GDB_CONTINUE && kind_of("bc") == GDB_BACK,
	   "c, C, bc");
	ok(kind_of("s") == GDB_STEP && request.thread == 0 && kind_of("bs") == GDB_STEP_BACK, "s, bs");
	ok(kind_of("vCont?") == GDB_ACTIONS && kind_of("vCont;c") == GDB_CONTINUE, "vCont?, vCont;c");
	ok(kind_of("vCont;s:2;c") == GDB_STEP && request.thread == 2, "vCont;s:2;c: a thread steps");
	ok(kind_of("vCont;C11:1;c") == GDB_CONTINUE && kind_of("vCont;c:-1") == GDB_CONTINUE,
	   "vCont: all go on");
	ok(kind_of("qRcmd,7368") == GDB_MONITOR && !strcmp((char *)request.bytes, "sh"), "qRcmd");
	ok(kind_of("qXfer:features:read:target.xml:10,ff") == GDB_FEATURES &&
	           !strcmp(request.text, "target.xml") && request.address == 0x10 && request.size == 0xff,
	   "qXfer");
	ok(kind_of("qC") == GDB_CURRENT && kind_of("qCRC:0,4") == GDB_UNKNOWN, "qC is not qCRC");
	ok(kind_of("qSupported:swbreak+;xmlRegisters=i386") == GDB_SUPPORTED, "qSupported");
	ok(kind_of("vMustReplyEmpty") == GDB_UNKNOWN && kind_of("") == GDB_UNKNOWN &&
	           kind_of("gx") == GDB_UNKNOWN,
	   "what is not known");
}

static void test_nonsense(void)
{
	static const char *const all[] = {
		"m",
		"m,",
		"m1",
		"m1,",
		"m1,2x",
		"m11111111111111111,2",
		"M0,2:beefcafe",
		"M0,2:be",
		"M0,2:beex",
		"Mffffffffffffffff,1:1",
		"X0,5:abc",
		"P=00",
		"P1",
		"Z0,1",
		"Z,,",
		"Hgx",
		"T",
		"vCont;x",
		"vCont;s:",
		"vCont;c;;",
		"vCont;C",
		"qRcmd,7",
		"qXfer:features:read:target.xml",
		"qXfer:features:read:target.xml:0",
		"qXfer:features:read:a-name-of-more-than-thirty-one-characters:0,1",
		"qThreadExtraInfo,"
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ok(kind_of(all[i]) == GDB_MALFORMED, "%s makes no sense", all[i]);
}

static void test_replies(void)
{
	size_t len;

	gdb_text(&reply, "T%02x", 5);
	gdb_hex(&reply, "\xbe\xef", 2);
	len = gdb_frame(&reply, frame);
	ok(len == 11 && !memcmp(frame, "$T05beef#4b", len), "an answer");
	reply.len = 0;
	gdb_raw(&reply, "a#$}*", 5);
	len = gdb_frame(&reply, frame);
	ok(len == 13 && !memcmp(frame, "$a}\x03}\x04}]}\n#c3", len), "with escapes");
	reply.len = 0;
	for (unsigned i = 0; i < GDB_PACKET_MAX; i++)
		gdb_raw(&reply, "##", 2);
	gdb_hex(&reply, "x", 1);
	gdb_text(&reply, "more");
	ok(reply.len == GDB_PACKET_MAX && gdb_frame(&reply, frame) == GDB_FRAME_MAX, "the longest answer");
}

int main(void)
{
	test_frames();
	test_requests();
	test_nonsense();
	test_replies();
	return tap_done();
}
