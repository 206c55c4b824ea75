/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio.c: what all virtio devices have in common, its state in a snapshot, the console, random bytes. */
#include "devices/virtio/virtio.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "devices/virtio/virtio_console.h"
#include "devices/virtio/virtio_rng.h"
#include "tap.h"
#include "virtio_driver.h"
#include "vmm/snapshot/device_section.h"

#define BAD_FEATURE (1ull << 40)

static struct virtio_rng rng;
static struct error err;

/* --- status, features, registers -------------------------------------------- */

static void negotiate(void)
{
	virtio_rng_open(&rng, NULL, NULL);
	virtio_connect(&rng.dev, &ram, &host);
	is(virtio_status(&rng.dev), 0, "a new device is reset");
	is(virtio_features(&rng.dev, 1), 1, "it offers VERSION_1");
	is(virtio_features(&rng.dev, 0), VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX,
	   "and features of rings");
	is(virtio_features(&rng.dev, 2), 0, "and nothing beyond bit 63");
	virtio_set_status(&rng.dev, VIRTIO_ACKNOWLEDGE);
	is(virtio_set_status(&rng.dev, VIRTIO_FEATURES_OK), -EINVAL, "a driver of version 0.9 is refused");
	is(virtio_status(&rng.dev), VIRTIO_ACKNOWLEDGE, "FEATURES_OK does not become set");
	virtio_accept(&rng.dev, 1, 1 | (uint32_t)(BAD_FEATURE >> 32));
	is(virtio_set_status(&rng.dev, VIRTIO_FEATURES_OK), -EINVAL, "so is a feature that was not offered");
	virtio_accept(&rng.dev, 1, 1);
	is(virtio_set_status(&rng.dev, VIRTIO_DRIVER_OK), -EINVAL, "DRIVER_OK needs FEATURES_OK");
	is(virtio_set_status(&rng.dev, VIRTIO_FEATURES_OK), 0, "VERSION_1 alone is enough");
	virtio_accept(&rng.dev, 0, ~0u);
	is(virtio_accepted(&rng.dev, 0), 0, "it is too late to accept more");
	virtio_set_status(&rng.dev, VIRTIO_DRIVER);
	is(virtio_status(&rng.dev), VIRTIO_ACKNOWLEDGE | VIRTIO_FEATURES_OK | VIRTIO_DRIVER,
	   "no bit is cleared");
	virtio_set_status(&rng.dev, VIRTIO_NEEDS_RESET);
	ok(!(virtio_status(&rng.dev) & VIRTIO_NEEDS_RESET), "the driver cannot set NEEDS_RESET");
	virtio_set_status(&rng.dev, 0);
	ok(!virtio_status(&rng.dev) && !virtio_accepted(&rng.dev, 1), "but by a reset all is");
}

static void registers(void)
{
	struct virtio_device *dev = &rng.dev;
	uint8_t bytes[8];

	virtio_connect(dev, &ram, &host);
	ok(virtio_queue(dev, 0) && !virtio_queue(dev, 1), "there is one queue");
	is(virtio_queue(dev, 0)->size, 64, "of the largest size at first");
	is(virtio_set_queue_size(dev, 0, 0), -EINVAL, "not of size 0");
	is(virtio_set_queue_size(dev, 0, 24), -EINVAL, "nor of one that is no power of two");
	is(virtio_set_queue_size(dev, 0, 128), -EINVAL, "nor of one that is larger");
	is(virtio_set_queue_size(dev, 1, 16), -EINVAL, "there is no other queue to set");
	virtio_set_queue_address(dev, 0, VIRTIO_DESC, RAM_BYTES - 64 * 16 + 16);
	virtio_set_queue_address(dev, 0, VIRTIO_AVAIL, AVAIL(0));
	virtio_set_queue_address(dev, 0, VIRTIO_USED, USED(0));
	is(virtio_enable_queue(dev, 0), -EINVAL, "a table that ends behind memory");
	ok(virtio_status(dev) & VIRTIO_NEEDS_RESET, "needs a reset");
	virtio_reset(dev);
	virtio_set_queue_address(dev, 0, VIRTIO_DESC, DESC(0) + 8);
	is(virtio_enable_queue(dev, 0), -EINVAL, "so does one that is not aligned");
	virtio_reset(dev);
	virtio_set_queue_address(dev, 0, VIRTIO_DESC, UINT64_MAX - 15);
	is(virtio_enable_queue(dev, 0), -EINVAL, "and one whose end wraps");
	virtio_reset(dev);
	virtio_set_queue_address(dev, 0, VIRTIO_DESC, RAM_BYTES - 64 * 16);
	is(virtio_enable_queue(dev, 0), 0, "one that ends with memory is good");
	is(virtio_set_queue_size(dev, 0, 32), -EINVAL, "the size of an enabled queue stays");
	is(virtio_set_queue_address(dev, 0, VIRTIO_USED, 0), -EINVAL, "and its addresses");
	virtio_disable_queue(dev, 0);
	ok(!virtio_queue(dev, 0)->enabled && !virtio_queue(dev, 0)->desc, "until it is disabled");
	memset(bytes, 0xaa, sizeof(bytes));
	virtio_config(dev, 0xfffffff0, bytes, sizeof(bytes));
	ok(!memcmp(bytes, (uint8_t[8]){ 0 }, 8), "configuration space beyond its end is zero");
}

/* --- requests ------------------------------------------------------------------ */

static bool is_zero(uint64_t gpa, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		if (*at(gpa + i))
			return false;
	return true;
}

static void requests(void)
{
	const struct part two[] = { { DATA, 10, true }, { DATA + 4096, 300, true } };
	struct virtio_device *dev = &rng.dev;
	uint32_t head, len;

	is(start(dev, 0), 0, "a driver without other features starts the device");
	request(0, two, 2);
	virtio_notify(dev, 1);
	ok(!used(0, &head, &len), "notifying a queue that is not there does nothing");
	virtio_notify(dev, 0);
	ok(used(0, &head, &len) && head == 0 && len == 310, "random bytes, in two parts");
	ok(!is_zero(DATA, 10) && !is_zero(DATA + 4096 + 250, 50) && is_zero(DATA + 10, 4086) &&
	           is_zero(DATA + 4096 + 300, 100),
	   "and nowhere else");
	is(seen.interrupts[0], 1, "one interrupt");
	virtio_notify(dev, 0);
	is(seen.interrupts[0], 1, "none for nothing");
	virtio_put16(at(AVAIL(0)), 1);
	request(0, two, 2);
	virtio_notify(dev, 0);
	ok(used(0, &head, &len) && head == 2 && seen.interrupts[0] == 1, "none if the driver wants none");
	virtio_put16(at(AVAIL(0)), 0);
	/* An indirect table, after an ordinary descriptor (2.7.5.3.2). */
	memset(at(DATA), 0, 8192);
	put_desc(TABLE, 0, DATA, 16, D_WRITE | D_NEXT, 1);
	put_desc(TABLE, 1, DATA + 32, 16, D_WRITE, 0);
	put_desc(DESC(0), 5, DATA + 64, 16, D_WRITE | D_NEXT, 7);
	put_desc(DESC(0), 7, TABLE, 32, D_INDIRECT, 0);
	offer(0, 5);
	virtio_notify(dev, 0);
	ok(used(0, &head, &len) && head == 5 && len == 48, "an indirect table");
	ok(!is_zero(DATA, 16) && is_zero(DATA + 16, 16) && !is_zero(DATA + 32, 16) && !is_zero(DATA + 64, 16),
	   "and its buffers");
	virtio_set_status(dev, 0);
	request(0, two, 2);
	virtio_notify(dev, 0);
	ok(!used(0, &head, &len), "a device that was reset does nothing");
}

static void early(void)
{
	const struct part one = { DATA, 8, true };

	start(&rng.dev, 0);
	virtio_connect(&rng.dev, &ram, &host);
	virtio_accept(&rng.dev, 1, 1);
	virtio_set_status(&rng.dev, VIRTIO_FEATURES_OK);
	virtio_set_queue_size(&rng.dev, 0, ENTRIES);
	virtio_set_queue_address(&rng.dev, 0, VIRTIO_DESC, DESC(0));
	virtio_set_queue_address(&rng.dev, 0, VIRTIO_AVAIL, AVAIL(0));
	virtio_set_queue_address(&rng.dev, 0, VIRTIO_USED, USED(0));
	virtio_enable_queue(&rng.dev, 0);
	request(0, &one, 1);
	virtio_notify(&rng.dev, 0);
	is(used_len(0), UINT32_MAX, "nothing is used before DRIVER_OK");
	seen.works = 0;
	virtio_set_status(&rng.dev, VIRTIO_DRIVER_OK);
	is(seen.works, 1, "then the device asks for work");
	io(&rng.dev);
	is(used_len(0), 8, "which is what was made available before");
}

static void events(void)
{
	const struct part one = { DATA, 8, true };
	struct virtio_device *dev = &rng.dev;
	uint8_t *used_event, *avail_event;

	start(dev, VIRTIO_F_EVENT_IDX);
	used_event = at(AVAIL(0) + 4 + 2 * ENTRIES);
	avail_event = at(USED(0) + 4 + 8 * ENTRIES);
	virtio_put16(used_event, 1); /* an interrupt for the second */
	request(0, &one, 1);
	virtio_notify(dev, 0);
	is(seen.interrupts[0], 0, "event index: not for the first one");
	is(virtio_get16(avail_event), 1, "the device asks to be notified of the next one");
	request(0, &one, 1);
	virtio_notify(dev, 0);
	is(seen.interrupts[0], 1, "but for the second");
	request(0, &one, 1);
	virtio_notify(dev, 0);
	is(seen.interrupts[0], 1, "and not for the third");
	virtio_put16(used_event, 4);
	for (int i = 0; i < 5; i++)
		request(0, &one, 1);
	virtio_notify(dev, 0);
	is(seen.interrupts[0], 2, "once for five of which one is wanted");
	/* Indices wrap. */
	for (unsigned i = 0; i < 65536 - 8 - 2; i++) {
		request(0, &one, 1);
		virtio_notify(dev, 0);
	}
	seen.interrupts[0] = 0;
	virtio_put16(used_event, 0xffff);
	for (int i = 0; i < 4; i++)
		request(0, &one, 1);
	virtio_notify(dev, 0);
	is(seen.interrupts[0], 1, "also where the index wraps");
	is(virtio_get16(avail_event), 2, "and so does the device's");
}

/* More than a slice: the rest waits for virtio_work(). */
static void slices(void)
{
	struct virtio_device *dev = &rng.dev;
	unsigned count = 0;

	start(dev, 0);
	virtio_disable_queue(dev, 0);
	virtio_set_queue_size(dev, 0, 64);
	virtio_set_queue_address(dev, 0, VIRTIO_DESC, DESC(0));
	virtio_set_queue_address(dev, 0, VIRTIO_AVAIL, AVAIL(0));
	virtio_set_queue_address(dev, 0, VIRTIO_USED, USED(0));
	virtio_enable_queue(dev, 0);
	for (uint16_t i = 0; i < 64; i++) {
		put_desc(DESC(0), i, DATA, 128u << 10, D_WRITE, 0);
		virtio_put16(at(AVAIL(0) + 4 + 2 * i), i);
	}
	virtio_put16(at(AVAIL(0) + 2), 64);
	seen.works = 0;
	virtio_notify(dev, 0);
	is(virtio_get16(at(USED(0) + 2)), VIRTIO_SLICE_BYTES >> 17, "a slice");
	is(seen.works, 1, "the device asks for work");
	is(dev->due, 1, "for its queue");
	while (dev->due && count++ < 10)
		virtio_work(dev, NULL, 0);
	is(virtio_get16(at(USED(0) + 2)), 64, "and does the rest");
	is(count, 1, "in one more slice");
}

/* --- what no driver should do ----------------------------------------------------- */

static void hostile(void)
{
	static const struct {
		const char *what, *how;
		struct {
			uint64_t addr;
			uint32_t len;
			uint16_t flags, next;
		} d[2];
		uint16_t head, avail;
	} cases[] = {
		{ "a head beyond the table", "beyond its table", { { 0 } }, ENTRIES, 1 },
		{ "more requests than entries",
		  "more requests",
		  { { DATA, 1, D_WRITE, 0 } },
		  0,
		  ENTRIES + 1 },
		{ "a next beyond the table",
		  "beyond its table",
		  { { DATA, 1, D_WRITE | D_NEXT, ENTRIES } },
		  0,
		  1 },
		{ "a loop", "too many", { { DATA, 1, D_WRITE | D_NEXT, 0 } }, 0, 1 },
		{ "a loop of nothing", "too many", { { DATA, 0, D_WRITE | D_NEXT, 0 } }, 0, 1 },
		{ "a buffer behind memory", "not in memory", { { RAM_BYTES, 1, D_WRITE, 0 } }, 0, 1 },
		{ "one that ends there", "not in memory", { { RAM_BYTES - 1, 2, D_WRITE, 0 } }, 0, 1 },
		{ "one whose end wraps", "not in memory", { { UINT64_MAX, 2, D_WRITE, 0 } }, 0, 1 },
		{ "one of 4 GiB", "too long", { { 0, UINT32_MAX, D_WRITE, 0 } }, 0, 1 },
		{ "reading after writing",
		  "after one to write",
		  { { DATA, 1, D_WRITE | D_NEXT, 1 }, { DATA, 1, 0, 0 } },
		  0,
		  1 },
		{ "an empty table", "length of an indirect", { { TABLE, 0, D_INDIRECT, 0 } }, 0, 1 },
		{ "a piece of a table", "length of an indirect", { { TABLE, 24, D_INDIRECT, 0 } }, 0, 1 },
		{ "a table that is too long",
		  "length of an indirect",
		  { { TABLE, 4112, D_INDIRECT, 0 } },
		  0,
		  1 },
		{ "a table behind memory", "not in memory", { { RAM_BYTES, 16, D_INDIRECT, 0 } }, 0, 1 },
		{ "a table whose address wraps",
		  "not in memory",
		  { { UINT64_MAX - 7, 16, D_INDIRECT, 0 } },
		  0,
		  1 },
		{ "a table with a next", "not the last", { { TABLE, 16, D_INDIRECT | D_NEXT, 1 } }, 0, 1 },
		{ "a table of tables", "not the last", { { DESC(0), 16, D_INDIRECT, 0 } }, 0, 1 },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct virtio_device *dev = &rng.dev;

		start(dev, 0);
		for (uint16_t j = 0; j < 2; j++)
			put_desc(DESC(0), j, cases[i].d[j].addr, cases[i].d[j].len, cases[i].d[j].flags,
			         cases[i].d[j].next);
		virtio_put16(at(AVAIL(0) + 4), cases[i].head);
		virtio_put16(at(AVAIL(0) + 2), cases[i].avail);
		virtio_notify(dev, 0);
		ok(virtio_status(dev) & VIRTIO_NEEDS_RESET && seen.changes == 1 && !seen.interrupts[0],
		   "%s: the device needs a reset, and says so", cases[i].what);
		has(dev->queues[0].broken ? dev->queues[0].broken : "", cases[i].how, "because of that");
		virtio_notify(dev, 0);
		virtio_work(dev, NULL, 0);
		is(virtio_get16(at(USED(0) + 2)), 0, "and does nothing more");
	}
}

/* --- snapshots ---------------------------------------------------------------------- */

static void round_trip(void)
{
	const struct part one = { DATA, 8, true };
	struct virtio_device *dev = &rng.dev;
	struct virtio_state before = { 0 }, after = { 0 }, bad;
	struct snap_section s = { .tag = 1 };
	struct snap_reader r;
	unsigned refused = 0;

	start(dev, VIRTIO_F_EVENT_IDX);
	for (int i = 0; i < 3; i++)
		request(0, &one, 1);
	virtio_notify(dev, 0);
	request(0, &one, 1);
	dev->due = 1;
	is(virtio_rng_save(&rng, &before, &err), 0, "a device is saved");
	virtio_rng_section.put(&s, &before);
	r = snap_reader(&s);
	ok(virtio_rng_section.get(&r, &after, RAM_BYTES) && !snap_left(&r),
	   "its state passes through a section");
	r = snap_reader(&s);
	ok(!virtio_rng_section.get(&r, &bad, USED(0)), "but not into less memory");
	virtio_rng_open(&rng, NULL, NULL);
	virtio_connect(dev, &ram, &host);
	is(virtio_rng_fits(&rng, &after, &err), 0, "it fits a new device");
	is(virtio_rng_load(&rng, &after, &err), 0, "which loads it");
	virtio_rng_save(&rng, &after, &err);
	ok(!memcmp(&before, &after, sizeof(before)), "and then has the same state");
	seen.works = 0;
	after.due = 0; /* the driver has not notified the device yet */
	virtio_load(dev, &after);
	is(seen.works, 1, "a device asks for work when it is loaded");
	virtio_work(dev, NULL, 0);
	is(virtio_get16(at(USED(0) + 2)), 4, "the request that was not executed is");
	for (size_t len = 0; len < s.len; len++) {
		struct snap_reader cut = { s.bytes, s.bytes + len, false, false };

		refused += !virtio_rng_section.get(&cut, &bad, RAM_BYTES);
	}
	is(refused, s.len, "a section that is cut anywhere is refused");
	bad = before;
	bad.id = VIRTIO_ID_NET;
	is(virtio_fits(dev, &bad, &err), -EINVAL, "another kind of device does not fit");
	bad = before;
	bad.features |= BAD_FEATURE;
	is(virtio_fits(dev, &bad, &err), -EINVAL, "nor another feature");
	bad = before;
	bad.queues[0].used = RAM_BYTES - 4;
	is(virtio_fits(dev, &bad, &err), -EINVAL, "nor a ring outside of memory");
	has(err.text, "rings of queue 0", "which the error names");
	bad = before;
	bad.queues[0].size = 128;
	is(virtio_fits(dev, &bad, &err), -EINVAL, "nor a larger queue");
	free(s.bytes);
}

/* A state whose fields are all different passes through its section, and is described. */
static void all_fields(void)
{
	struct virtio_console_state from, to = { 0 };
	struct snap_section s = { .tag = 1 };
	struct outline out = { 0 };
	char *text = NULL;
	size_t size = 0;
	struct snap_reader r;
	FILE *f = open_memstream(&text, &size);

	memset(&from, 0, sizeof(from));
	from.virtio.id = VIRTIO_ID_CONSOLE;
	from.virtio.count = 2;
	from.virtio.status = 0x4f;
	from.virtio.generation = 3;
	from.virtio.due = 2;
	from.virtio.features = VIRTIO_F_VERSION_1 | 5;
	for (unsigned i = 0; i < 2; i++) {
		struct virtqueue_state *q = &from.virtio.queues[i];

		q->enabled = i;
		q->size = (uint16_t)(8 << i);
		q->desc = DESC(i);
		q->avail = AVAIL(i);
		q->used = USED(i);
		q->next_avail = (uint16_t)(0x101 + i);
		q->next_used = (uint16_t)(0x202 + i);
		q->signalled = (uint16_t)(0x303 + i);
	}
	fifo_put(&from.in, (const uint8_t *)"ls", 2);
	virtio_console_section.put(&s, &from);
	r = snap_reader(&s);
	ok(virtio_console_section.get(&r, &to, RAM_BYTES) && !snap_left(&r), "a console's state");
	ok(!memcmp(&from, &to, sizeof(from)), "is the same after its section");
	virtio_console_section.describe(&to, 7, &out);
	outline_print(&out, f);
	fclose(f);
	has(text, "virtio-console.7.status           0x4f", "it is described");
	has(text, "virtio-console.7.queue.1.next-used  515", "with its queues");
	has(text, "virtio-console.7.typed            ls", "and what was typed");
	outline_free(&out);
	free(text);
	free(s.bytes);
}

/* Each byte of a section, changed: what is accepted can be written again. */
static void changed_sections(void)
{
	struct snap_section s = { .tag = 1 };
	struct virtio_state state = { 0 };
	unsigned refused = 0;

	virtio_save(&rng.dev, &state);
	virtio_put(&s, &state);
	for (size_t i = 0; i < s.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			struct snap_section again = { .tag = 1 };
			struct snap_reader r;

			s.bytes[i] ^= (uint8_t)(1u << bit);
			r = snap_reader(&s);
			if (virtio_get(&r, &state, VIRTIO_ID_RNG, RAM_BYTES)) {
				virtio_put(&again, &state);
				if (again.len != s.len || memcmp(again.bytes, s.bytes, s.len))
					ok(false, "bit %u of byte %zu is lost", bit, i);
			} else {
				refused++;
			}
			free(again.bytes);
			s.bytes[i] ^= (uint8_t)(1u << bit);
		}
	ok(refused > 20, "%u changes of a bit are refused, the others are kept", refused);
	free(s.bytes);
}

/* --- the console ------------------------------------------------------------------------ */

static void console(void)
{
	const struct part out[] = { { DATA, 3, false }, { DATA + 100, 4, false } },
			  in = { DATA + 200, 4, true };
	static struct virtio_console con;
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	uint8_t config[4];

	virtio_console_open(&con, f, 80, 25);
	start(&con.dev, 1);
	virtio_config(&con.dev, 0, config, 4);
	ok(virtio_get16(config) == 80 && virtio_get16(config + 2) == 25, "a console's size");
	memcpy(at(DATA), "abc", 3);
	memcpy(at(DATA + 100), "def\n", 4);
	request(1, out, 2);
	virtio_notify(&con.dev, 1);
	ok(used_len(1) == 0 && !strcmp(text, "abcdef\n"), "its output");
	is(virtio_console_input(&con, (const uint8_t *)"hello", 5), 5, "something is typed");
	is(con.in.len, 5, "and waits for a buffer");
	request(0, &in, 1);
	virtio_notify(&con.dev, 0);
	ok(used_len(0) == 4 && !memcmp(at(DATA + 200), "hell", 4) && con.in.len == 1, "it gets what fits");
	request(0, &in, 1);
	virtio_notify(&con.dev, 0);
	ok(used_len(0) == 1 && *at(DATA + 200) == 'o', "and the rest");
	request(0, &in, 1);
	virtio_notify(&con.dev, 0);
	is(used_len(0), UINT32_MAX, "nothing typed, nothing used");
	seen.interrupts[0] = 0;
	virtio_console_input(&con, (const uint8_t *)"x", 1);
	ok(used_len(0) == 1 && seen.interrupts[0] == 1, "a buffer that waits is used at once");
	fclose(f);
	free(text);
}

static unsigned config_interrupts(void)
{
	unsigned n = seen.changes;

	seen.changes = 0;
	return n;
}

/* The terminal's size changes while the guest runs, and between a save and a load. */
static void console_size(void)
{
	static struct virtio_console con;
	struct virtio_console_state state;
	uint8_t generation, size[4];

	virtio_console_open(&con, stdout, 0, 0);
	is(virtio_features(&con.dev, 0) & 1, 1, "a size can be asked for that is not known");
	start(&con.dev, 1);
	virtio_config(&con.dev, 0, size, 4);
	is(virtio_get32(size), 0, "it is 0");
	config_interrupts();
	generation = virtio_generation(&con.dev);
	virtio_console_resize(&con, 0, 0);
	is(config_interrupts(), 0, "the same size is no change");
	virtio_console_resize(&con, 132, 43);
	is(config_interrupts(), 1, "another one is, which interrupts the driver");
	ok(virtio_generation(&con.dev) != generation, "the generation changes");
	virtio_config(&con.dev, 0, size, 4);
	ok(virtio_get16(size) == 132 && virtio_get16(size + 2) == 43, "and the driver reads it");
	virtio_console_save(&con, &state, &err);
	virtio_console_open(&con, stdout, 0, 0);
	virtio_connect(&con.dev, &ram, &host);
	is(virtio_console_fits(&con, &state, &err), 0, "a snapshot fits where there is no terminal");
	virtio_console_load(&con, &state, &err);
	virtio_console_input(&con, (const uint8_t *)"a", 1);
	is(config_interrupts(), 0, "and there is no size to announce");
	virtio_console_open(&con, stdout, 80, 24);
	virtio_connect(&con.dev, &ram, &host);
	virtio_console_load(&con, &state, &err);
	virtio_console_input(&con, (const uint8_t *)"", 0);
	is(config_interrupts(), 0, "on a terminal it is not announced while the driver is loaded");
	virtio_console_input(&con, (const uint8_t *)"a", 1);
	is(config_interrupts(), 1, "but with the first key");
	virtio_console_input(&con, (const uint8_t *)"b", 1);
	is(config_interrupts(), 0, "once");
	virtio_reset(&con.dev);
	virtio_console_input(&con, (const uint8_t *)"c", 1);
	is(config_interrupts(), 0, "a driver that has not started is not interrupted");
	start(&con.dev, 1);
	virtio_console_input(&con, (const uint8_t *)"d", 1);
	is(config_interrupts(), 1, "when it has, it is");
	start(&con.dev, 0);
	virtio_console_input(&con, (const uint8_t *)"e", 1);
	is(config_interrupts(), 0, "but not one that does not ask for the size");
}

/* --- random bytes from a file ---------------------------------------------- */

static void random_file(void)
{
	const struct part in = { DATA, 8, true };
	char path[] = "/tmp/zpvm-rng-XXXXXX";
	int fd = mkstemp(path);

	ok(write(fd, "0123456789", 10) == 10, "a file of ten bytes");
	is(virtio_rng_open(&rng, path, &err), 0, "is a source of random bytes");
	start(&rng.dev, 0);
	for (int i = 0; i < 3; i++)
		request(0, &in, 1);
	virtio_notify(&rng.dev, 0);
	ok(used_len(0) == 8 && used_len(0) == 2 && used_len(0) == 0, "it gives ten bytes, and then none");
	ok(!memcmp(at(DATA), "89234567", 8), "in their order");
	virtio_rng_close(&rng);
	close(fd);
	unlink(path);
	is(virtio_rng_open(&rng, path, &err), -ENOENT, "a file that is not there");
	has(err.text, path, "named in the error");
	is(virtio_rng_open(&rng, "/tmp", &err), -EISDIR, "a directory");
	is(err.fault, FAULT_DATA, "the fault of who named it");
}

int main(void)
{
	make_ram();
	negotiate();
	registers();
	requests();
	early();
	events();
	slices();
	hostile();
	round_trip();
	changed_sections();
	all_fields();
	console();
	console_size();
	random_file();
	free(ram.host);
	return tap_done();
}
