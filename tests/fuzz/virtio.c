/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio.c: fuzzes the virtio devices. The first byte chooses one; then come steps of 16 bytes, each a number
 * and its operands: what a driver or a peer does; the rest, from a step of 0xff on, is memory.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devices/virtio/virtio_blk.h"
#include "devices/virtio/virtio_console.h"
#include "devices/virtio/virtio_net.h"
#include "devices/virtio/virtio_rng.h"
#include "fuzz.h"
#include "vmm/snapshot/device_section.h"

#define RAM_BYTES 0x10000
#define STEP      16
#define STEPS     32
#define DISK      (40u * DISK_SECTOR)
#define WORK_MAX  8 /* times that work is done in one step */

static struct {
	struct virtio_device *dev;
	struct virtio_blk blk;
	struct virtio_net net;
	struct virtio_rng rng;
	struct virtio_console console;
	int ends[2]; /* the device's and the peer's */
	bool due;    /* the device has asked for work */
	FILE *null;
} m;

static void interrupt(void *arg, int queue)
{
	(void)arg;
	must(queue >= -1 && queue < m.dev->type->queues);
}

static void ask_for_work(void *arg)
{
	(void)arg;
	m.due = true;
}

static int give_end(const char *name, struct error *err)
{
	(void)name;
	(void)err;
	return m.ends[0];
}

/* A file of this size, the same for each input. */
static void open_disk(const char *words)
{
	static const uint8_t zeros[DISK];
	static int file = -1;
	struct error err;
	char text[64];

	if (file < 0)
		file = memfd_create("disk", MFD_CLOEXEC);
	must(file >= 0 && pwrite(file, zeros, sizeof(zeros), 0) == sizeof(zeros));
	snprintf(text, sizeof(text), "/proc/self/fd/%d%s", file, words);
	must(!virtio_blk_open(&m.blk, text, &err));
	m.dev = &m.blk.dev;
}

static void open_net(bool tap)
{
	struct error err;

	must(!socketpair(AF_UNIX, (tap ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_NONBLOCK, 0, m.ends));
	must(!virtio_net_open(&m.net, "tap=x,mac=02:00:00:00:00:01", give_end, &err));
	m.net.tap = tap;
	m.dev = &m.net.dev;
}

static void open_rng(void)
{
	virtio_rng_open(&m.rng, NULL, NULL);
	m.dev = &m.rng.dev;
}

static void open_console(void)
{
	virtio_console_open(&m.console, m.null, 80, 25);
	m.dev = &m.console.dev;
}

static void open_raw(void)
{
	open_disk("");
}

static void open_cow(void)
{
	open_disk(",cow");
}

static void open_ro(void)
{
	open_disk(",ro");
}

static void open_tap(void)
{
	open_net(true);
}

static void open_stream(void)
{
	open_net(false);
}

/* By the first byte. */
/* clang-format off */
#define KIND(name, open) \
	{ open, &virtio_##name##_section, virtio_##name##_save, virtio_##name##_load, virtio_##name##_fits }
/* clang-format on */
static const struct kind {
	void (*open)(void);
	const struct device_section *section;
	int (*save)(void *self, void *state, struct error *err);
	int (*load)(void *self, const void *state, struct error *err);
	int (*fits)(const void *self, const void *state, struct error *err);
} kinds[] = { KIND(blk, open_raw),    KIND(blk, open_cow), KIND(blk, open_ro),         KIND(net, open_tap),
	      KIND(net, open_stream), KIND(rng, open_rng), KIND(console, open_console) };

static void close_device(void)
{
	if (m.dev == &m.blk.dev)
		virtio_blk_close(&m.blk);
	if (m.dev == &m.net.dev)
		virtio_net_close(&m.net);
	if (m.ends[1] >= 0)
		close(m.ends[1]);
}

/* A driver's start, with rings where the input has memory for them. */
static void start(uint64_t features)
{
	virtio_reset(m.dev);
	virtio_accept(m.dev, 0, (uint32_t)features & virtio_features(m.dev, 0));
	virtio_accept(m.dev, 1, 1);
	must(!virtio_set_status(m.dev, VIRTIO_FEATURES_OK));
	for (unsigned q = 0; q < m.dev->type->queues; q++) {
		must(!virtio_set_queue_size(m.dev, q, 8));
		virtio_set_queue_address(m.dev, q, VIRTIO_DESC, 0x400 * q);
		virtio_set_queue_address(m.dev, q, VIRTIO_AVAIL, 0x400 * q + 0x100);
		virtio_set_queue_address(m.dev, q, VIRTIO_USED, 0x400 * q + 0x200);
		must(!virtio_enable_queue(m.dev, q));
	}
	must(!virtio_set_status(m.dev, VIRTIO_DRIVER_OK));
}

/* The I/O thread. */
static void work(void)
{
	struct pollfd fds[VIRTIO_FDS_MAX];
	unsigned n = virtio_poll(m.dev, fds);

	must(n <= VIRTIO_FDS_MAX);
	poll(fds, n, 0);
	m.due = false;
	virtio_work(m.dev, fds, n);
}

static void peer(const uint8_t *bytes, size_t len)
{
	uint8_t ignored[4096];

	if (m.dev == &m.console.dev)
		virtio_console_input(&m.console, bytes, len);
	if (m.ends[1] < 0)
		return;
	if (len)
		send(m.ends[1], bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		while (recv(m.ends[1], ignored, sizeof(ignored), MSG_DONTWAIT) > 0)
			;
}

static void step(const struct ram *ram, const uint8_t *b)
{
	unsigned queue = b[1] % 4, value = virtio_get16(b + 2);
	uint64_t address = virtio_get64(b + 8);
	uint8_t config[32];

	switch (b[0] % 14) {
	case 0: start(address); break;
	case 1:
	case 2: virtio_notify(m.dev, queue); break;
	case 3: virtio_set_status(m.dev, b[2]); break;
	case 4: virtio_accept(m.dev, queue, virtio_get32(b + 4)); break;
	case 5: virtio_set_queue_size(m.dev, queue, (uint16_t)value); break;
	case 6: virtio_set_queue_address(m.dev, queue, b[2] % 3, address); break;
	case 7: virtio_enable_queue(m.dev, queue); break;
	case 8: virtio_disable_queue(m.dev, queue); break;
	case 9: virtio_config(m.dev, virtio_get32(b + 4), config, b[2] % sizeof(config)); break;
	case 10: peer(b + 2, b[1] % (STEP - 2)); break;
	case 11: memcpy(ram->host + value % (RAM_BYTES - 8), b + 8, 8); break;
	case 12:
		if (m.ends[1] >= 0 && b[1] == 0x80)
			shutdown(m.ends[1], SHUT_RDWR);
		break;
	default: work();
	}
	for (unsigned i = 0; i < WORK_MAX && m.due; i++)
		work();
}

/* A state that a driver can bring about passes through a snapshot, fits, and loads. */
static void snapshot(const struct kind *kind)
{
	struct snap_section s = { .tag = 1 };
	void *state = calloc(1, kind->section->size);
	struct snap_reader r;
	struct error err;

	must(!kind->save(m.dev->device, state, &err));
	kind->section->put(&s, state);
	if (kind->section->release)
		kind->section->release(state);
	memset(state, 0, kind->section->size);
	r = snap_reader(&s);
	must(kind->section->get(&r, state, RAM_BYTES) && !r.bad && !snap_left(&r));
	must(!kind->fits(m.dev->device, state, &err) && !kind->load(m.dev->device, state, &err));
	free(s.bytes);
	free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct virtio_host host = { .interrupt = interrupt, .work = ask_for_work };
	struct ram ram = { .host = aligned_alloc(4096, RAM_BYTES), .size = RAM_BYTES, .fd = -1 };
	const struct kind *kind;
	size_t steps = 0, rest;

	if (!m.null)
		m.null = fopen("/dev/null", "w");
	memset(ram.host, 0, RAM_BYTES);
	kind = &kinds[size ? data[0] % (sizeof(kinds) / sizeof(kinds[0])) : 0];
	m.ends[0] = m.ends[1] = -1;
	m.due = false;
	kind->open();
	virtio_connect(m.dev, &ram, &host);
	data += size > 0;
	size -= size > 0;
	while (steps < STEPS && (steps + 1) * STEP <= size && data[steps * STEP] != 0xff)
		steps++;
	rest = size - steps * STEP;
	memcpy(ram.host, data + steps * STEP, rest < RAM_BYTES ? rest : RAM_BYTES);
	for (size_t i = 0; i < steps; i++) {
		step(&ram, data + i * STEP);
		snapshot(kind);
	}
	close_device();
	free(ram.host);
	return 0;
}
