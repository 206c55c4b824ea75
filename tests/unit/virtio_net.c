/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_net.c: frames between a driver and a peer, who may be slow, gone or wrong. */
#include "devices/virtio/virtio_net.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"
#include "virtio_driver.h"
#include "vmm/snapshot/device_section.h"

#define HEADER   12
#define BUFFER   2048u
#define RX       0
#define TX       1
#define FEATURES (1ull << 5 | 1ull << 16)

static struct virtio_net net, other;
static struct error err;
static char dir[] = "/tmp/virtio_net.XXXXXX", path[100], words[200];
static int peer, tap_end;

static uint8_t status(struct virtio_net *n)
{
	uint8_t config[8];

	virtio_config(&n->dev, 0, config, sizeof(config));
	return config[6];
}

/* The device connects to us. */
static void connected(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	unlink(path);
	if (bind(listener, (struct sockaddr *)&name, sizeof(name)) || listen(listener, 1))
		perror(path);
	is(virtio_net_open(&net, words, NULL, &err), 0, "stream: connects to who listens");
	peer = accept(listener, NULL, NULL);
	close(listener);
	is(start(&net.dev, FEATURES), 0, "and starts");
}

static void disconnected(void)
{
	virtio_net_close(&net);
	close(peer);
	unlink(path);
}

static void buffers(unsigned n)
{
	while (n--)
		request(RX, &(struct part){ DATA + BUFFER * (queues[RX].desc % ENTRIES), BUFFER, true }, 1);
	virtio_notify(&net.dev, RX);
}

/* A length, then n of its bytes. */
static void peer_sends(uint32_t length, const char *bytes, size_t n)
{
	uint8_t all[5000] = { (uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8),
		              (uint8_t)length };

	memcpy(all + 4, bytes, n);
	if (send(peer, all, 4 + n, 0) != (ssize_t)(4 + n))
		perror("send");
}

static void peer_adds(const char *bytes)
{
	if (send(peer, bytes, strlen(bytes), 0) < 0)
		perror("send");
}

static void guest_sends(const char *text, uint32_t len)
{
	const uint32_t to = DATA + 0x80000;

	memset(at(to), 0, HEADER);
	memcpy(at(to + HEADER), text, strlen(text));
	request(TX, &(struct part){ to, HEADER + len, false }, 1);
	virtio_notify(&net.dev, TX);
}

static void receive(void)
{
	uint32_t head, len;

	connected();
	is(status(&net), 1, "the link is up");
	peer_sends(5, "first", 5);
	io(&net.dev);
	ok(!used(RX, &head, &len), "without a buffer a frame waits");
	buffers(3);
	ok(used(RX, &head, &len) && len == HEADER + 5, "with one it comes");
	ok(!memcmp(at(DATA + HEADER), "first", 5), "as it was sent");
	ok(!memcmp(at(DATA), (uint8_t[HEADER]){ [10] = 1 }, HEADER), "after a header of one buffer");
	is(seen.interrupts[RX], 1, "with an interrupt");
	peer_sends(10, "seco", 4);
	io(&net.dev);
	io(&net.dev);
	ok(!used(RX, &head, &len), "a piece of a frame waits for the rest");
	peer_adds("nd one");
	io(&net.dev);
	ok(used(RX, &head, &len) && len == HEADER + 10 &&
	           !memcmp(at(DATA + BUFFER + HEADER), "second one", 10),
	   "then all of it comes");
	if (send(peer, "\0\0", 2, 0) != 2)
		perror("send");
	io(&net.dev);
	if (send(peer, "\0\3abc\0\0\0\0\0\0\0\2de", 15, 0) != 15)
		perror("send");
	io(&net.dev);
	ok(used(RX, &head, &len) && len == HEADER + 3, "a length in two pieces");
	ok(!used(RX, &head, &len), "(there is no buffer for the next)");
	buffers(1);
	ok(used(RX, &head, &len) && len == HEADER + 2, "a frame of no bytes is passed over");
	disconnected();
}

static void transmit(void)
{
	char bytes[100];

	connected();
	guest_sends("hello", 5);
	is(used_len(TX), 0, "the guest's frame is taken");
	is(recv(peer, bytes, sizeof(bytes), MSG_DONTWAIT), 9, "and sent");
	ok(!memcmp(bytes, "\0\0\0\5hello", 9), "after its length, without the header");
	request(TX, &(struct part){ DATA, HEADER - 1, false }, 1);
	virtio_notify(&net.dev, TX);
	is(used_len(TX), 0, "what is shorter than a header is taken");
	is(recv(peer, bytes, sizeof(bytes), MSG_DONTWAIT), -1, "and not sent");
	disconnected();
}

/* The peer does not read: frames wait in the queue, and none is lost or torn. */
static void slow_peer(void)
{
	enum { FRAME = 60000, FRAMES = 400 };
	unsigned sent = 0, done = 0, got = 0, frames = 0;
	static uint8_t bytes[4 + FRAME];
	bool good = true;
	char text[9];

	connected();
	while (queues[TX].avail - done < ENTRIES) { /* until the queue is full */
		snprintf(text, sizeof(text), "%08u", sent++);
		guest_sends(text, FRAME);
		while (used_len(TX) != UINT32_MAX)
			done++;
	}
	ok(done < sent && net.out.len, "%u frames are in the socket, %u in the queue", done, sent - done);
	seen.works = 0;
	io(&net.dev);
	is(used_len(TX), UINT32_MAX, "nothing moves");
	/* All requests of the test have the same buffer: those in the queue are sent as the last one. */
	for (unsigned tries = 0; frames < sent && tries < 100000; tries++) {
		ssize_t n = recv(peer, bytes + got, sizeof(bytes) - got, MSG_DONTWAIT);

		got += n > 0 ? (unsigned)n : 0;
		if (got == sizeof(bytes)) {
			good &= !memcmp(bytes, "\0\0\xea\x60", 4);
			good &= frames >= done || (unsigned)atoi((char *)bytes + 4) == frames;
			frames++;
			got = 0;
		}
		io(&net.dev);
	}
	is(frames, sent, "when it reads, all frames come");
	ok(good, "whole, and in order");
	while (used_len(TX) != UINT32_MAX)
		done++;
	is(done, sent, "and the driver has its buffers back");
	disconnected();
}

static void wrong_frames(void)
{
	uint32_t head, len;
	static char big[3000];

	connected();
	buffers(2);
	peer_sends(3000, big, 3000);
	peer_sends(2, "ok", 2);
	for (int i = 0; i < 4; i++)
		io(&net.dev);
	ok(used(RX, &head, &len) && len == HEADER + 2,
	   "a frame that is longer than the buffer is lost, the next is not");
	peer_sends(NET_FRAME_MAX + 1, "", 0);
	io(&net.dev);
	is(status(&net), 0, "a length that is too large closes the connection");
	is(seen.changes, 1, "the guest is interrupted");
	guest_sends("x", 1);
	is(used_len(TX), 0, "what the guest then sends is lost");
	io(&net.dev);
	disconnected();
}

static void closed(void)
{
	connected();
	buffers(1);
	close(peer);
	io(&net.dev);
	ok(status(&net) == 0 && seen.changes == 1, "the peer closes: the link goes down");
	io(&net.dev);
	disconnected();
	connected();
	close(peer);
	io(&net.dev);
	ok(status(&net) == 0, "also if the guest has no buffers");
	disconnected();
	connected();
	close(peer);
	guest_sends("x", 1);
	ok(status(&net) == 0 && used_len(TX) == 0, "also if the guest notices first");
	disconnected();
}

/* --- two devices meet ----------------------------------------------------------------- */

static void meet(void)
{
	struct stat st;

	is(virtio_net_open(&other, words, NULL, &err), 0, "the first one finds nobody, and listens");
	is(status(&other), 0, "its link is down");
	virtio_connect(&other.dev, &ram, &host);
	io(&other.dev);
	is(virtio_net_open(&net, words, NULL, &err), 0, "the second one connects");
	start(&net.dev, FEATURES);
	is(status(&net), 1, "its link is up");
	io(&other.dev);
	is(status(&other), 1, "and so is that of the first");
	guest_sends("hi", 2);
	virtio_net_close(&net);
	start(&other.dev, FEATURES);
	request(RX, &(struct part){ DATA, BUFFER, true }, 1);
	io(&other.dev);
	ok(used_len(RX) == HEADER + 2 && !memcmp(at(DATA + HEADER), "hi", 2), "a frame arrives");
	io(&other.dev);
	request(RX, &(struct part){ DATA, BUFFER, true }, 1);
	io(&other.dev);
	ok(status(&other) == 0 && seen.changes, "the second one goes: the link is down");
	is(virtio_net_open(&net, words, NULL, &err), 0, "a third one connects");
	io(&other.dev);
	is(status(&other), 1, "and the link is up");
	virtio_net_close(&net);
	virtio_net_close(&other);
	is(stat(path, &st), -1, "no socket is left");
	is(virtio_net_open(&other, words, NULL, &err), 0, "a program listens");
	close(other.listener); /* as if it had been killed */
	is(virtio_net_open(&net, words, NULL, &err), 0, "its socket is no obstacle when it is gone");
	ok(net.listener >= 0, "to listen there");
	virtio_net_close(&net);
}

/* --- TAP ------------------------------------------------------------------------------- */

/* As a TAP interface, a packet socket gives and takes a frame at a time. */
static int fake_tap(const char *name, struct error *why)
{
	int ends[2];

	if (strcmp(name, "tap7"))
		return error_set(why, -ENODEV, "no such interface");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends))
		return -errno;
	tap_end = ends[1];
	return ends[0];
}

static void tap(void)
{
	char bytes[100];

	is(virtio_net_open(&net, "tap=tap8", fake_tap, &err), -ENODEV, "tap: an interface that there is not");
	is(virtio_net_open(&net, "tap=tap7,mac=02:00:00:00:be:EF", fake_tap, &err), 0,
	   "tap: one that there is");
	ok(!memcmp(net.port.mac, "\2\0\0\0\xbe\xef", 6), "with this address");
	start(&net.dev, FEATURES);
	is(status(&net), 1, "tap: the link is up");
	guest_sends("frame", 5);
	is(read(tap_end, bytes, sizeof(bytes)), 5, "tap: a frame, without a length");
	buffers(1);
	if (write(tap_end, "answer", 6) != 6)
		perror("write");
	io(&net.dev);
	ok(used_len(RX) == HEADER + 6 && !memcmp(at(DATA + HEADER), "answer", 6), "tap: and one that comes");
	virtio_net_close(&net);
	close(tap_end);
}

/* --- snapshots ---------------------------------------------------------------------------- */

static void snapshot(void)
{
	struct virtio_net_state state = { 0 }, back;
	struct snap_section s = { .tag = 1 };
	struct snap_reader r;
	uint8_t config[8];

	connected();
	virtio_net_save(&net, &state, &err);
	virtio_net_section.put(&s, &state);
	r = snap_reader(&s);
	ok(virtio_net_section.get(&r, &back, RAM_BYTES) && !snap_left(&r),
	   "a state passes through a section");
	ok(!memcmp(back.port.mac, net.port.mac, NET_MAC) && back.port.up, "with address and link");
	disconnected();
	virtio_net_open(&net, words, NULL, &err); /* listens */
	virtio_connect(&net.dev, &ram, &host);
	is(virtio_net_fits(&net, &back, &err), 0, "it fits a new device");
	is(virtio_net_load(&net, &back, &err), 0, "which loads it");
	virtio_config(&net.dev, 0, config, sizeof(config));
	ok(!memcmp(config, state.port.mac, NET_MAC), "the guest keeps its address");
	is(seen.changes, 0, "it is not interrupted by the restore");
	virtio_work(&net.dev, NULL, 0);
	is(seen.changes, 1, "but then, as the link is down now");
	virtio_net_close(&net);
	s.bytes[s.len - 1] = 2;
	r = snap_reader(&s);
	ok(!virtio_net_section.get(&r, &back, RAM_BYTES), "a link that is neither up nor down is refused");
	s.len--;
	r = snap_reader(&s);
	ok(!virtio_net_section.get(&r, &back, RAM_BYTES), "and a section that is cut");
	free(s.bytes);
}

/* --- open ------------------------------------------------------------------------------------ */

static void errors(void)
{
	static const struct {
		const char *text, *why;
		int code;
	} cases[] = {
		{ "", "tap=NAME or stream=PATH", -EINVAL },
		{ "tap=", "tap=NAME or stream=PATH", -EINVAL },
		{ "user", "'user'", -EINVAL },
		{ "stream=/nonexistent/dir/socket", "/nonexistent/dir/socket", -ENOENT },
		{ "tap=tap7,mtu=9000", "'mtu=9000'", -EINVAL },
		{ "tap=tap7,mac=02:00:00:00:00", "six bytes", -EINVAL },
		{ "tap=tap7,mac=02:00:00:00:00:0g", "six bytes", -EINVAL },
		{ "tap=tap7,mac=02:00:00:00:00:00:", "six bytes", -EINVAL },
		{ "tap=tap7,mac=03:00:00:00:00:00", "group address", -EINVAL },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is(virtio_net_open(&net, cases[i].text, fake_tap, &err), cases[i].code, "'%s'",
		   cases[i].text);
		has(err.text, cases[i].why, "as the error says");
	}
	close(open(path, O_CREAT | O_WRONLY, 0600));
	is(virtio_net_open(&net, words, NULL, &err), -ENOTSOCK, "a file that is no socket");
	ok(!access(path, F_OK), "is left alone");
	unlink(path);
	is(virtio_net_open(&net, "tap=tap7", fake_tap, &err), 0, "an interface without an address");
	is(net.port.mac[0] & 3, 2, "gets one that is local, and of one station");
	virtio_net_close(&net);
	close(tap_end);
}

int main(void)
{
	make_ram();
	if (!mkdtemp(dir))
		perror(dir);
	snprintf(path, sizeof(path), "%s/socket", dir);
	snprintf(words, sizeof(words), "stream=%s", path);
	receive();
	transmit();
	slow_peer();
	wrong_frames();
	closed();
	meet();
	tap();
	snapshot();
	errors();
	rmdir(dir);
	free(ram.host);
	return tap_done();
}
