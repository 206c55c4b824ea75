/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_ccw.c: see virtio_ccw.h. Pure. */
#include "virtio_ccw.h"

#include <string.h>

#include "devices/bytes.h"

#define CONTROL_UNIT 0x3832

#define REVISION_MAX  2
#define INDICATORS    8 /* bytes of classic indicators */
#define ISC_MAX       7
#define INFO_SIZE     32 /* of struct vq_info_block */
#define ADAPTER_SIZE  25 /* of struct virtio_thinint_area */
#define FEATURES_SIZE 5  /* of struct virtio_feature_desc */

/* --- indicators ------------------------------------------------------- */

static bool is_in_memory(uint64_t memory, uint64_t address, uint64_t len)
{
	return address < memory && len <= memory - address;
}

bool virtio_ccw_valid(const struct virtio_ccw_state *s, uint64_t memory)
{
	if (s->revision > REVISION_MAX || s->isc > ISC_MAX)
		return false;
	if (s->configuration && !is_in_memory(memory, s->configuration, INDICATORS))
		return false;
	switch (s->indicators) {
	case VIRTIO_CCW_NONE: return !s->at && !s->bit && !s->summary && !s->isc;
	case VIRTIO_CCW_CLASSIC:
		return !s->bit && !s->summary && !s->isc && is_in_memory(memory, s->at, INDICATORS);
	case VIRTIO_CCW_ADAPTER:
		return is_in_memory(memory, s->summary, 1) && s->bit / 8 < memory &&
		       is_in_memory(memory, s->at, (s->bit + VIRTIO_QUEUES_MAX - 1) / 8 + 1);
	default: return false;
	}
}

/* Sets bits of a byte, which the guest may be clearing; returns what it was. */
static uint8_t set_bits(const struct virtio_ccw *v, uint64_t address, uint8_t bits)
{
	uint8_t *byte = ram_at(v->dev->ram, address, 1);

	return byte ? __atomic_fetch_or(byte, bits, __ATOMIC_SEQ_CST) : bits;
}

/* A classic indicator: a bit of a big-endian number, the lowest one first. */
static void set_classic(struct virtio_ccw *v, uint64_t address, unsigned bit)
{
	set_bits(v, address + INDICATORS - 1 - bit / 8, (uint8_t)(1u << bit % 8));
	v->state.attention = true;
	v->host.attention(v->host.arg);
}

/* Bits are counted from the left. No interruption is needed while the summary says that one is under way. */
static void set_adapter(struct virtio_ccw *v, unsigned queue)
{
	uint64_t bit = v->state.bit + queue;

	set_bits(v, v->state.at + bit / 8, (uint8_t)(0x80u >> bit % 8));
	if (!set_bits(v, v->state.summary, 1))
		v->host.adapter(v->host.arg, v->state.isc);
}

static void interrupt(void *arg, int queue)
{
	struct virtio_ccw *v = arg;

	if (queue < 0 && v->state.configuration)
		set_classic(v, v->state.configuration, 0);
	else if (queue >= 0 && v->state.indicators == VIRTIO_CCW_CLASSIC)
		set_classic(v, v->state.at, (unsigned)queue);
	else if (queue >= 0 && v->state.indicators == VIRTIO_CCW_ADAPTER)
		set_adapter(v, (unsigned)queue);
}

/* --- commands --------------------------------------------------------- */

enum {
	SET_VQ = 0x13,
	VDEV_RESET = 0x33,
	SET_IND = 0x43,
	SET_CONF_IND = 0x53,
	SET_IND_ADAPTER = 0x73,
	SET_VIRTIO_REV = 0x83,
	READ_FEAT = 0x12,
	READ_CONF = 0x22,
	READ_VQ_CONF = 0x32,
	READ_STATUS = 0x72,
	WRITE_FEAT = 0x11,
	WRITE_CONF = 0x21,
	WRITE_STATUS = 0x31,
};

/* The command was accepted, but not its data. */
static uint8_t reject(struct ccw_stream *s)
{
	return DSTAT_END | ccw_unit_check(s, SENSE_COMMAND_REJECT);
}

/* All that is not kept when the driver resets the device. */
static void forget_indicators(struct virtio_ccw *v)
{
	v->state = (struct virtio_ccw_state){ .revision = v->state.revision };
}

static uint8_t reset_device(struct virtio_ccw *v)
{
	virtio_reset(v->dev);
	forget_indicators(v);
	return DSTAT_END;
}

/* A revision stays until the subchannel is disabled. */
static uint8_t set_revision(struct virtio_ccw *v, struct ccw_stream *s)
{
	uint8_t b[4];
	unsigned revision;

	if (!ccw_get_all(s, b, sizeof(b)))
		return reject(s);
	revision = get16(b);
	if (!revision || revision > REVISION_MAX || get16(b + 2) ||
	    (v->state.revision && v->state.revision != revision))
		return reject(s);
	v->state.revision = (uint8_t)revision;
	return DSTAT_END;
}

/* Without a descriptor table the queue is disabled. */
static uint8_t set_queue(struct virtio_ccw *v, struct ccw_stream *s)
{
	uint8_t b[INFO_SIZE];
	unsigned queue;

	if (!ccw_get_all(s, b, sizeof(b)))
		return reject(s);
	queue = get16(b + 12);
	if (!virtio_queue(v->dev, queue))
		return reject(s);
	if (!get64(b)) {
		virtio_disable_queue(v->dev, queue);
		return DSTAT_END;
	}
	if (virtio_set_queue_size(v->dev, queue, get16(b + 14)))
		return reject(s);
	virtio_set_queue_address(v->dev, queue, VIRTIO_DESC, get64(b));
	virtio_set_queue_address(v->dev, queue, VIRTIO_AVAIL, get64(b + 16));
	virtio_set_queue_address(v->dev, queue, VIRTIO_USED, get64(b + 24));
	return virtio_enable_queue(v->dev, queue) ? reject(s) : DSTAT_END;
}

static uint8_t read_queue(struct virtio_ccw *v, struct ccw_stream *s)
{
	const struct virtqueue_state *q;
	uint8_t b[2];

	if (!ccw_get_all(s, b, sizeof(b)))
		return reject(s);
	q = virtio_queue(v->dev, get16(b));
	if (!q)
		return reject(s);
	put16(b, v->dev->type->queue_size);
	ccw_put(s, b, sizeof(b));
	return DSTAT_END;
}

/* Indicators that are valid, or address 0: none any more. The two mechanisms exclude each other. */
static uint8_t set_indicators(struct virtio_ccw *v, struct ccw_stream *s,
                              const struct virtio_ccw_state *state)
{
	if ((v->state.indicators && v->state.indicators != state->indicators) ||
	    (state->at && !virtio_ccw_valid(state, v->dev->ram->size)))
		return reject(s);
	v->state = *state;
	if (!state->at) {
		v->state.indicators = VIRTIO_CCW_NONE;
		v->state.bit = v->state.summary = v->state.isc = 0;
	}
	return DSTAT_END;
}

static uint8_t set_classic_indicators(struct virtio_ccw *v, struct ccw_stream *s)
{
	struct virtio_ccw_state state = v->state;
	uint8_t b[8];

	if (!ccw_get_all(s, b, sizeof(b)))
		return reject(s);
	state.indicators = VIRTIO_CCW_CLASSIC;
	state.at = get64(b);
	return set_indicators(v, s, &state);
}

static uint8_t set_adapter_indicators(struct virtio_ccw *v, struct ccw_stream *s)
{
	struct virtio_ccw_state state = v->state;
	uint8_t b[ADAPTER_SIZE];

	if (!ccw_get_all(s, b, sizeof(b)))
		return reject(s);
	state.indicators = VIRTIO_CCW_ADAPTER;
	state.summary = get64(b);
	state.at = get64(b + 8);
	state.bit = get64(b + 16);
	state.isc = b[24];
	return set_indicators(v, s, &state);
}

static uint8_t set_configuration_indicators(struct virtio_ccw *v, struct ccw_stream *s)
{
	struct virtio_ccw_state state = v->state;
	uint8_t b[8];

	if (!ccw_get_all(s, b, sizeof(b)))
		return reject(s);
	state.configuration = get64(b);
	if (!virtio_ccw_valid(&state, v->dev->ram->size))
		return reject(s);
	v->state = state;
	return DSTAT_END;
}

/* The driver names a window of features, and finds it before the name. */
static uint8_t read_features(struct virtio_ccw *v, struct ccw_stream *s)
{
	uint8_t b[FEATURES_SIZE];

	if (!ccw_get_all(s, b, sizeof(b)) || !ccw_rewind(s))
		return reject(s);
	virtio_put32(b, virtio_features(v->dev, b[4]));
	ccw_put(s, b, sizeof(b));
	return DSTAT_END;
}

static uint8_t write_features(struct virtio_ccw *v, struct ccw_stream *s)
{
	uint8_t b[FEATURES_SIZE];

	if (!ccw_get_all(s, b, sizeof(b)))
		return reject(s);
	virtio_accept(v->dev, b[4], virtio_get32(b));
	return DSTAT_END;
}

/* A driver reads the beginning that it needs. */
static uint8_t read_configuration(struct virtio_ccw *v, struct ccw_stream *s)
{
	uint8_t b[VIRTIO_CONFIG_MAX];
	size_t len = ccw_count(s);

	len = len && len < sizeof(b) ? len : sizeof(b);
	virtio_config(v->dev, 0, b, (unsigned)len);
	ccw_put(s, b, len);
	return DSTAT_END;
}

/* No field of these devices is writable. */
static uint8_t write_configuration(struct ccw_stream *s)
{
	uint8_t b[VIRTIO_CONFIG_MAX];

	ccw_get(s, b, sizeof(b));
	return DSTAT_END;
}

/* One that is not set leaves the status as it was (4.3.2.3). */
static uint8_t write_status(struct virtio_ccw *v, struct ccw_stream *s)
{
	uint8_t was = virtio_status(v->dev), status;

	if (!ccw_get_all(s, &status, 1))
		return reject(s);
	if (!status)
		return reset_device(v);
	if (!virtio_set_status(v->dev, status))
		return DSTAT_END;
	v->dev->status = was;
	return reject(s);
}

static uint8_t read_status(struct virtio_ccw *v, struct ccw_stream *s)
{
	uint8_t status = virtio_status(v->dev);

	ccw_put(s, &status, 1);
	return DSTAT_END;
}

static bool is_in_revision(const struct virtio_ccw *v, uint8_t command)
{
	if (command == SET_VIRTIO_REV)
		return true;
	return v->state.revision >= (command == READ_STATUS ? 2 : 1);
}

static uint8_t command(void *device, uint8_t command, struct ccw_stream *s)
{
	struct virtio_ccw *v = device;

	if (!is_in_revision(v, command))
		return ccw_unit_check(s, SENSE_COMMAND_REJECT);
	/* A reset must wait until no request is executed, but no command can; idle() lets the program go on.
	 */
	if (!ccw_room(s, VIRTIO_CONFIG_MAX) || virtio_busy(v->dev))
		return 0;
	switch (command) {
	case SET_VIRTIO_REV: return set_revision(v, s);
	case SET_VQ: return set_queue(v, s);
	case READ_VQ_CONF: return read_queue(v, s);
	case SET_IND: return set_classic_indicators(v, s);
	case SET_IND_ADAPTER: return set_adapter_indicators(v, s);
	case SET_CONF_IND: return set_configuration_indicators(v, s);
	case READ_FEAT: return read_features(v, s);
	case WRITE_FEAT: return write_features(v, s);
	case READ_CONF: return read_configuration(v, s);
	case WRITE_CONF: return write_configuration(s);
	case WRITE_STATUS: return write_status(v, s);
	case READ_STATUS: return read_status(v, s);
	case VDEV_RESET: return reset_device(v);
	default: return ccw_unit_check(s, SENSE_COMMAND_REJECT);
	}
}

/* --- the channel device ----------------------------------------------- */

static bool attention(void *device)
{
	struct virtio_ccw *v = device;
	bool now = v->state.attention;

	v->state.attention = false;
	return now;
}

static bool notify(void *device, uint64_t queue)
{
	struct virtio_ccw *v = device;

	if (queue >= v->dev->type->queues)
		return false;
	virtio_notify(v->dev, (unsigned)queue);
	return true;
}

/* 4.3.2.1.1 */
static void enabled(void *device)
{
	struct virtio_ccw *v = device;

	v->state.revision = 0;
}

static void removed(void *device)
{
	virtio_ccw_reset(device);
}

static void work(void *arg)
{
	const struct virtio_ccw *v = arg;

	v->host.work(v->host.arg);
}

static void idle(void *arg)
{
	const struct virtio_ccw *v = arg;

	v->host.idle(v->host.arg);
}

void virtio_ccw_init(struct virtio_ccw *v, struct virtio_device *dev, const struct ram *ram,
                     const struct virtio_ccw_host *host)
{
	const struct virtio_host device = {
		.arg = v, .interrupt = interrupt, .work = work, .idle = idle, .lock = host->lock
	};

	*v = (struct virtio_ccw){
		.channel = {
			.device = v,
			.id = { 0xff, CONTROL_UNIT >> 8, CONTROL_UNIT & 0xff, (uint8_t)dev->type->id },
			.command = command,
			.attention = attention,
			.notify = notify,
			.enabled = enabled,
			.removed = removed,
		},
		.dev = dev,
		.host = *host,
	};
	virtio_connect(dev, ram, &device);
}

void virtio_ccw_reset(struct virtio_ccw *v)
{
	virtio_reset(v->dev);
	v->state = (struct virtio_ccw_state){ .revision = 0 };
}
