/* SPDX-License-Identifier: BSD-2-Clause */
/* devices.c: the power9 terminal, the level device, and what the consoles are made of. The SCLP has sclp.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "devices/ebcdic.h"
#include "devices/hvterm.h"
#include "devices/level.h"
#include "tap.h"
#include "vmm/snapshot/snapshot.h"

static struct error err;
static char *printed;
static size_t printed_len;

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

static void typed(void)
{
	struct hvterm term = { .out = NULL };
	struct io io = { .space = IO_VIO, .len = 16 };

	is(fifo_put(&term.in, (const uint8_t *)"twenty bytes of text", 20), 20, "twenty bytes are typed");
	is(hvterm_io(&term, &io, &err), 0, "a read");
	ok(io.len == 16 && !memcmp(io.data, "twenty bytes of ", 16), "gives the first sixteen");
	io.len = 2;
	is(hvterm_io(&term, &io, &err), 0, "a read of two");
	ok(io.len == 2 && !memcmp(io.data, "te", 2), "gives the next");
	io.len = 16;
	is(hvterm_io(&term, &io, &err), 0, "a third");
	ok(io.len == 2 && !memcmp(io.data, "xt", 2), "gives the rest");
	is(hvterm_io(&term, &io, &err), 0, "a fourth");
	is(io.len, 0, "gives nothing");
}

static void fifo(void)
{
	static struct fifo f, back;
	static uint8_t bytes[FIFO_ROOM + 10];
	struct snapshot snap;
	struct snap_section *s;
	struct snap_reader r;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	is(fifo_put(&f, bytes, 10), 10, "ten bytes");
	is(fifo_put(&f, bytes + 10, sizeof(bytes) - 10), FIFO_ROOM - 10, "many more: as many as fit");
	is(fifo_put(&f, bytes, 1), 0, "then none");
	snap_init(&snap, "any");
	s = snap_add(&snap, SNAP_TAG('F', 'I', 'F', 'O'), 0, 1);
	fifo_encode(&f, s);
	r = snap_reader(s);
	ok(fifo_decode(&back, &r) && !snap_left(&r), "full, through the codec");
	ok(back.len == f.len && !memcmp(back.bytes, f.bytes, f.len), "the same");
	s->bytes[0] = 0x10;
	s->bytes[1] = 0x01;
	r = snap_reader(s);
	ok(!fifo_decode(&back, &r), "a length of more than there is room for is refused");
	s->bytes[0] = 0x0f;
	s->len = 100;
	r = snap_reader(s);
	ok(!fifo_decode(&back, &r), "and of more than there is");
	s->len = 1;
	r = snap_reader(s);
	ok(!fifo_decode(&back, &r), "and none");
	snap_free(&snap);
	is(fifo_get(&f, bytes, 3), 3, "three are read");
	is(fifo_put(&f, (const uint8_t *)"abcd", 4), 3, "there is room for three");
	is(fifo_get(&f, bytes, sizeof(bytes)), FIFO_ROOM, "the rest");
	ok(bytes[0] == 21 && !memcmp(bytes + FIFO_ROOM - 3, "abc", 3), "in their order");
	is(fifo_get(&f, bytes, 1), 0, "then none");
}

static void ebcdic(void)
{
	uint8_t text[] = "Az09 [!]\n\xe4", all[128];

	ebcdic_from_ascii(text, sizeof(text) - 1);
	ok(!memcmp(text, "\xc1\xa9\xf0\xf9\x40\x4a\x4f\x5a\x25\x6f", sizeof(text) - 1),
	   "code page 500; what it lacks is a question mark");
	for (size_t i = 0; i < 128; i++)
		all[i] = (uint8_t)i;
	ebcdic_from_ascii(all, 128);
	ebcdic_to_ascii(all, 128);
	bool same = true;
	for (size_t i = 0; i < 128; i++)
		same &= all[i] == i;
	ok(same, "all of ASCII, there and back");
	text[0] = 0x41;
	ebcdic_to_ascii(text, 1);
	is(text[0], '?', "and what ASCII lacks");
}

int main(void)
{
	hvterm();
	level();
	typed();
	fifo();
	ebcdic();
	return tap_done();
}
