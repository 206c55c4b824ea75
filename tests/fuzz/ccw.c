/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ccw.c: any storage, any I/O instructions. The input's first bytes are
 * instructions with their operands, the rest is storage. Nothing is read or written
 * outside it, all ends, there is at most one interruption pending, and only with status. There are two
 * devices, a 3215 console and a virtio one.
 */
#include <string.h>

#include "devices/bytes.h"
#include "devices/css/channel_state.h"
#include "devices/css/subchannel.h"
#include "devices/virtio/virtio_ccw.h"
#include "devices/virtio/virtio_console.h"
#include "fuzz.h"
#include "vmm/snapshot/device_section.h"

#define RAM_SIZE     0x4000
#define INSTRUCTIONS 8 /* at most */
#define OPERANDS     16

#define DEVICES 2
static unsigned pending[DEVICES];

static struct virtio_console console;
static struct virtio_ccw ccw;

static void interrupt(void *arg, uint32_t id, uint32_t parm, unsigned isc)
{
	(void)arg;
	(void)parm;
	must(id >> 16 == 1 && (id & 0xffff) < DEVICES && isc < 8 && !pending[id & 0xffff]);
	pending[id & 0xffff]++;
}

static void withdraw(void *arg, uint32_t id, uint32_t parm, unsigned isc)
{
	(void)arg;
	(void)parm;
	must(id >> 16 == 1 && (id & 0xffff) < DEVICES && isc < 8);
	pending[id & 0xffff] = 0;
}

static uint64_t ticks;

static uint64_t now(void *arg)
{
	(void)arg;
	return ticks += 100000;
}

static void work(void *arg)
{
	(void)arg;
}

static void report(void *arg)
{
	(void)arg;
}

static void attention(void *arg)
{
	css_attention(arg, 1);
}

static void adapter(void *arg, unsigned isc)
{
	(void)arg;
	must(isc < 8);
}

static uint8_t key(void *arg, gpa_t page)
{
	(void)arg;
	must(page < RAM_SIZE && !(page & 0xfff));
	return (uint8_t)(page >> 8 | 0x08);
}

static void instruction(struct css *css, struct con3215 *con, const uint8_t *b)
{
	uint8_t block[CHSC_SIZE] = { 0 };
	uint32_t id = b[1] & 0x80 ? get32(b + 12) : css_id(b[1] & 1);

	switch (b[0] & 15) {
	case 0:
		memcpy(block, b, OPERANDS);
		must(css_modify(css, id, block) <= 3);
		break;
	case 1: css_store(css, id, block); break;
	case 2:
		if (!css_test(css, id, block))
			css_tested(css, id);
		break;
	case 3: css_clear(css, id); break;
	case 4: css_halt(css, id); break;
	case 5: css_resume(css, id); break;
	case 6: css_cancel(css, id); break;
	case 7:
		memcpy(block, b + 2, OPERANDS - 2);
		css_call(css, block);
		break;
	case 8: css_reset_path(css, get32(b + 4)); break;
	case 9: css_reported(css); break;
	case 10: css_vary(css, b[1] & 1, b[2] & 1); break;
	case 11:
		con3215_input(con, b + 2, OPERANDS - 2);
		css_kick(css, 0);
		break;
	case 12: css_monitor(css, get32(b + 2), get64(b + 6) % (2 * RAM_SIZE)); break;
	case 13: css_notify(css, id, b[2] & 3); break;
	case 14: /* as the I/O thread does */
		virtio_console_input(&console, b + 2, OPERANDS - 2);
		virtio_work(&console.dev, NULL, 0);
		break;
	default: css_start(css, id, b + 2);
	}
}

/* A state that the guest can bring about passes through a snapshot. */
static void snapshot(const struct css *css)
{
	const struct channel_state state = { .css = css->state };
	struct channel_state back = { .css.count = 0 };
	struct virtio_ccw_state virtio = { .revision = 0 };
	struct snapshot snap;
	struct snap_reader r;
	uint32_t tag = 3;

	snap_init(&snap, "s390x");
	for (const struct device_section *of = &css_section; of; of = of->more, tag++) {
		of->put(snap_add(&snap, tag, 0, 1), &state);
		r = snap_open(&snap, tag, 0, 1);
		must(of->get(&r, &back, 0) && !snap_left(&r));
	}
	virtio_ccw_section.put(snap_add(&snap, 2, 0, 1), &ccw.state);
	r = snap_open(&snap, 2, 0, 1);
	must(virtio_ccw_section.get(&r, &virtio, RAM_SIZE) && !snap_left(&r));
	snap_free(&snap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ram ram = { .host = calloc(1, RAM_SIZE), .size = RAM_SIZE, .fd = -1 };
	FILE *null = fopen("/dev/null", "w");
	uint8_t schib[SCHIB_SIZE] = { 0, 0, 0, 0, 0, 0x80, 0, 0, 0x80 };
	struct con3215 con;
	struct css css = {
		.host = { .interrupt = interrupt,
		          .withdraw = withdraw,
		          .report = report,
		          .work = work,
		          .now = now },
		.memory = { .ram = &ram, .key = key },
	};
	const struct virtio_ccw_host host = {
		.arg = &css, .attention = attention, .adapter = adapter, .work = work
	};
	size_t n = size / OPERANDS < INSTRUCTIONS ? size / OPERANDS : INSTRUCTIONS,
	       rest = size - n * OPERANDS;

	if (rest)
		memcpy(ram.host, data + n * OPERANDS, rest < RAM_SIZE ? rest : RAM_SIZE);
	memset(pending, 0, sizeof(pending));
	con3215_init(&con, null);
	css_attach(&css, 9, &con.dev);
	virtio_console_open(&console, null, 80, 25);
	virtio_ccw_init(&ccw, &console.dev, &ram, &host);
	css_attach(&css, 0x100, &ccw.channel);
	for (unsigned i = 0; i < DEVICES; i++)
		css_modify(&css, css_id(i), schib);
	for (size_t i = 0; i < n; i++) {
		instruction(&css, &con, data + i * OPERANDS);
		for (unsigned k = 0; k < DEVICES; k++)
			must(pending[k] == (css.state.subchannels[k].ctrl & SCSW_PENDING));
		snapshot(&css);
	}
	fclose(null);
	free(ram.host);
	return 0;
}
