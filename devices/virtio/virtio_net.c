/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_net.c: see virtio_net.h; net_stream.c finds the peer. Pure. */
#include "virtio_net.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_stream.h"

/* 5.1.3, 5.1.4 */
#define F_MAC          (1ull << 5)
#define F_STATUS       (1ull << 16)
#define CONFIG_MAC     0
#define CONFIG_STATUS  6
#define CONFIG_BYTES   8
#define STATUS_LINK_UP 1

/* 5.1.6: before each frame; all zero, but for num_buffers. */
#define HEADER_BYTES       12
#define HEADER_NUM_BUFFERS 10

#define READS_MAX 256 /* at once, so that a peer that sends nothing but lengths holds nobody up */

enum { RECEIVE, TRANSMIT, QUEUES };

static void config(struct virtio_device *dev, uint8_t *c)
{
	const struct virtio_net *net = dev->device;

	memcpy(c + CONFIG_MAC, net->port.mac, NET_MAC);
	virtio_put16(c + CONFIG_STATUS, net->fd >= 0 ? STATUS_LINK_UP : 0);
}

/* --- the connection ----------------------------------------------------------- */

/* What the driver knows may be old. */
static void report_link(struct virtio_net *net)
{
	bool up = net->fd >= 0;

	if (net->port.up == up)
		return;
	net->port.up = up;
	virtio_config_changed(&net->dev);
}

static void disconnect(struct virtio_net *net)
{
	close(net->fd);
	net->fd = -1;
	net->in.len = net->out.len = 0;
	report_link(net);
	net->dev.host.work(net->dev.host.arg); /* the machine waits for other descriptors now */
}

static size_t frame_len(const struct net_frame *f)
{
	uint32_t len;

	memcpy(&len, f->bytes, sizeof(len));
	return be32toh(len);
}

static void set_frame_len(struct net_frame *f, size_t len)
{
	uint32_t be = htobe32((uint32_t)len);

	memcpy(f->bytes, &be, sizeof(be));
	f->len = NET_LENGTH + len;
	f->done = 0;
}

static bool is_whole(const struct net_frame *f)
{
	return f->len > NET_LENGTH && f->len == NET_LENGTH + frame_len(f);
}

/* Reads what there is of the length or of the frame; 0: the peer has closed, or does not keep to the
 * protocol. */
static ssize_t read_stream(struct virtio_net *net)
{
	struct net_frame *f = &net->in;
	size_t whole = NET_LENGTH;
	ssize_t n;

	if (f->len >= NET_LENGTH)
		whole += frame_len(f);
	n = recv(net->fd, f->bytes + f->len, whole - f->len, MSG_DONTWAIT);
	if (n <= 0)
		return n;
	f->len += (size_t)n;
	if (f->len == NET_LENGTH && !frame_len(f))
		f->len = 0;
	return f->len < NET_LENGTH || frame_len(f) <= NET_FRAME_MAX ? n : 0;
}

static ssize_t read_tap(struct virtio_net *net)
{
	ssize_t n = read(net->fd, net->in.bytes + NET_LENGTH, NET_FRAME_MAX);

	if (n > 0)
		set_frame_len(&net->in, (size_t)n);
	return n;
}

/* Whether a whole frame is there. */
static bool fill(struct virtio_net *net)
{
	for (unsigned i = 0; i < READS_MAX && net->fd >= 0 && !is_whole(&net->in); i++) {
		ssize_t n = net->tap ? read_tap(net) : read_stream(net);

		if (n < 0 && errno == EAGAIN)
			return false;
		if (!n || (n < 0 && errno != EINTR))
			disconnect(net);
	}
	return is_whole(&net->in);
}

/* Whether the frame to be sent, if there was one, is gone. */
static bool flush(struct virtio_net *net)
{
	struct net_frame *f = &net->out;

	while (net->fd >= 0 && f->len) {
		ssize_t n = net->tap ? write(net->fd, f->bytes + NET_LENGTH, f->len - NET_LENGTH)
		                     : send(net->fd, f->bytes + f->done, f->len - f->done,
		                            MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && !net->tap) {
			disconnect(net);
			break;
		}
		/* What the host's interface does not take is lost, as it is on a wire. */
		f->done += net->tap ? f->len : (size_t)n;
		if (f->done >= f->len)
			f->len = 0;
	}
	return true;
}

/* --- the queues ----------------------------------------------------------------- */

static void receive(struct virtio_net *net)
{
	uint8_t header[HEADER_BYTES] = { [HEADER_NUM_BUFFERS] = 1 };
	struct virtqueue_chain chain;

	while (fill(net) && virtio_next(&net->dev, RECEIVE, &chain)) {
		size_t len = net->in.len - NET_LENGTH;

		net->in.len = 0;
		if (chain.in.len < HEADER_BYTES + len) { /* the frame is lost */
			virtio_return(&net->dev, RECEIVE);
			continue;
		}
		virtqueue_write(&chain.in, header, HEADER_BYTES);
		virtqueue_write(&chain.in, net->in.bytes + NET_LENGTH, len);
		virtio_done(&net->dev, RECEIVE, &chain, (uint32_t)(HEADER_BYTES + len));
	}
	/* The I/O thread may wait without listening, as there was no room for a frame when it began. */
	if (!net->listens)
		net->dev.host.work(net->dev.host.arg);
}

static void transmit(struct virtio_net *net)
{
	struct virtqueue_chain chain;

	while (flush(net) && virtio_next(&net->dev, TRANSMIT, &chain)) {
		struct virtqueue_bytes *out = &chain.out;
		size_t header = virtqueue_skip(out, HEADER_BYTES);

		if (net->fd >= 0 && header == HEADER_BYTES && out->len && out->len <= NET_FRAME_MAX) {
			size_t len = virtqueue_read(out, net->out.bytes + NET_LENGTH, out->len);

			set_frame_len(&net->out, len);
		}
		virtio_done(&net->dev, TRANSMIT, &chain, 0);
	}
	if (net->out.len) /* wait for room */
		net->dev.host.work(net->dev.host.arg);
}

static void run(struct virtio_device *dev, unsigned queue)
{
	if (queue == RECEIVE)
		receive(dev->device);
	else
		transmit(dev->device);
}

/* --- the I/O thread ----------------------------------------------------------------- */

static unsigned wait_for(struct virtio_device *dev, struct pollfd *fds)
{
	struct virtio_net *net = dev->device;

	net->listens = net->fd >= 0 && virtio_ready(dev, RECEIVE);
	if (net->fd < 0) {
		fds[0] = (struct pollfd){ .fd = net->listener, .events = POLLIN };
		return net->listener >= 0;
	}
	fds[0] = (struct pollfd){ .fd = net->fd };
	if (net->listens)
		fds[0].events |= POLLIN;
	if (net->out.len)
		fds[0].events |= POLLOUT;
	return 1;
}

static void work(struct virtio_device *dev, const struct pollfd *fds, unsigned count)
{
	struct virtio_net *net = dev->device;
	bool mine = count && fds[0].fd == net->fd;

	if (net->fd < 0 && net->listener >= 0)
		net->fd = net_stream_accept(net->listener);
	if (mine && fds[0].revents & POLLIN)
		virtio_run(dev, RECEIVE);
	else if (mine && fds[0].revents & (POLLHUP | POLLERR))
		disconnect(net);
	if (net->out.len && flush(net))
		virtio_run(dev, TRANSMIT);
	report_link(net);
}

static const struct virtio_type type = {
	.name = "virtio-net",
	.id = VIRTIO_ID_NET,
	.queues = QUEUES,
	.queue_size = VIRTQUEUE_SIZE_MAX,
	.config_size = CONFIG_BYTES,
	.run = run,
	.config = config,
	.poll = wait_for,
	.work = work,
};

/* --- open ---------------------------------------------------------------------------- */

static int parse_mac(uint8_t *mac, const char *text, struct error *err)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";

	for (unsigned i = 0; i < 3 * NET_MAC; i++) {
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (i % 3 == 2 ? text[i] != (i == 3 * NET_MAC - 1 ? 0 : ':') : !digit)
			return error_set(err, -EINVAL, "mac=%s: must be six bytes, XX:XX:XX:XX:XX:XX", text);
		if (i % 3 < 2)
			mac[i / 3] = (uint8_t)(mac[i / 3] << 4 | ((digit - digits) & 15));
	}
	if (mac[0] & 1)
		return error_set(err, -EINVAL, "mac=%s: is a group address (its first byte is odd)", text);
	return 0;
}

/* Locally administered, of one station (IEEE 802, 8.2). */
static int make_mac(uint8_t *mac, struct error *err)
{
	if (getrandom(mac, NET_MAC, 0) != NET_MAC)
		return error_set(err, -errno, "no random bytes for an address: %s", strerror(errno));
	mac[0] = (uint8_t)((mac[0] & ~1) | 2);
	return 0;
}

static int open_backend(struct virtio_net *net, const char *word, net_tap_fn tap, struct error *err)
{
	int rc = 0;

	if (!strncmp(word, "tap=", 4) && word[4]) {
		net->tap = true;
		net->fd = tap(word + 4, err);
		return net->fd < 0 ? net->fd : 0;
	}
	if (strncmp(word, "stream=", 7) || !word[7])
		rc = error_set(err, -EINVAL, "network '%s': tap=NAME or stream=PATH", word);
	else if (strlen(word + 7) >= sizeof(net->path))
		rc = error_set(err, -ENAMETOOLONG, "%s: a socket's path has at most %zu characters", word + 7,
		               sizeof(net->path) - 1);
	if (rc)
		return error_blame(err, rc, FAULT_USAGE);
	strcpy(net->path, word + 7);
	rc = net_stream_open(net->path, &net->fd, &net->listener, err);
	return error_blame(err, rc, FAULT_DATA);
}

static int parse_word(struct virtio_net *net, const char *word, struct error *err)
{
	if (!strncmp(word, "mac=", 4))
		return parse_mac(net->port.mac, word + 4, err);
	return error_set(err, -EINVAL, "network: unknown word '%s'; mac=XX:XX:XX:XX:XX:XX", word);
}

int virtio_net_open(struct virtio_net *net, const char *text, net_tap_fn tap, struct error *err)
{
	char words[256], *rest = words, *backend, *word;
	int rc;

	*net = (struct virtio_net){ .fd = -1, .listener = -1 };
	virtio_init(&net->dev, &type, net, F_MAC | F_STATUS);
	rc = make_mac(net->port.mac, err);
	if (rc)
		return rc;
	if (!memccpy(words, text, 0, sizeof(words)))
		rc = error_set(err, -ENAMETOOLONG, "the words of a network are too long");
	backend = rc ? NULL : strsep(&rest, ",");
	while (!rc && (word = strsep(&rest, ",")))
		rc = parse_word(net, word, err);
	error_blame(err, rc, FAULT_USAGE);
	if (!rc)
		rc = open_backend(net, backend, tap, err);
	net->port.up = net->fd >= 0;
	return rc;
}

void virtio_net_close(struct virtio_net *net)
{
	if (net->fd >= 0)
		close(net->fd);
	if (net->listener >= 0) {
		close(net->listener);
		unlink(net->path);
	}
	net->fd = net->listener = -1;
}

int virtio_net_save(void *self, void *state, struct error *err)
{
	const struct virtio_net *net = self;
	struct virtio_net_state *to = state;

	(void)err;
	virtio_save(&net->dev, &to->virtio);
	to->port = net->port;
	return 0;
}

int virtio_net_load(void *self, const void *state, struct error *err)
{
	const struct virtio_net_state *from = state;
	struct virtio_net *net = self;

	(void)err;
	virtio_load(&net->dev, &from->virtio);
	net->port = from->port; /* work() compares the link */
	return 0;
}

int virtio_net_fits(const void *self, const void *state, struct error *err)
{
	return virtio_fits(&((const struct virtio_net *)self)->dev,
	                   &((const struct virtio_net_state *)state)->virtio, err);
}
