/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio.c: see virtio.h. Pure. */
#include "virtio.h"

#include <errno.h>
#include <string.h>

#define ALWAYS (VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX)

/* --- numbers -------------------------------------------------------------- */

uint16_t virtio_get16(const uint8_t *b)
{
	return (uint16_t)(b[0] | b[1] << 8);
}

uint32_t virtio_get32(const uint8_t *b)
{
	return virtio_get16(b) | (uint32_t)virtio_get16(b + 2) << 16;
}

uint64_t virtio_get64(const uint8_t *b)
{
	return virtio_get32(b) | (uint64_t)virtio_get32(b + 4) << 32;
}

void virtio_put16(uint8_t *b, uint16_t v)
{
	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}

void virtio_put32(uint8_t *b, uint32_t v)
{
	virtio_put16(b, (uint16_t)v);
	virtio_put16(b + 2, (uint16_t)(v >> 16));
}

void virtio_put64(uint8_t *b, uint64_t v)
{
	virtio_put32(b, (uint32_t)v);
	virtio_put32(b + 4, (uint32_t)(v >> 32));
}

/* --- status and features -------------------------------------------------- */

bool virtio_has(const struct virtio_device *dev, uint64_t feature)
{
	return dev->features & feature;
}

/* The driver has started the device, and has kept to the protocol. */
static bool is_running(const struct virtio_device *dev)
{
	return (dev->status & (VIRTIO_DRIVER_OK | VIRTIO_NEEDS_RESET)) == VIRTIO_DRIVER_OK;
}

void virtio_config_changed(struct virtio_device *dev)
{
	dev->generation++;
	if (dev->status & VIRTIO_DRIVER_OK)
		dev->host.interrupt(dev->host.arg, -1);
}

/* 2.1.2: the driver is told only if it has started the device. */
static void needs_reset(struct virtio_device *dev)
{
	if (dev->status & VIRTIO_NEEDS_RESET)
		return;
	dev->status |= VIRTIO_NEEDS_RESET;
	virtio_config_changed(dev);
}

static void init_queue(struct virtio_device *dev, unsigned queue)
{
	dev->queues[queue] = (struct virtqueue){ .state.size = dev->type->queue_size };
}

bool virtio_busy(struct virtio_device *dev)
{
	dev->wanted |= dev->busy;
	return dev->busy;
}

void virtio_reset(struct virtio_device *dev)
{
	dev->resetting++;
	while (dev->busy)
		pthread_cond_wait(&dev->idle, dev->host.lock);
	dev->resetting--;
	dev->status = dev->generation = dev->due = 0;
	dev->loaded = false;
	dev->features = 0;
	for (unsigned i = 0; i < dev->type->queues; i++)
		init_queue(dev, i);
	if (dev->type->reset)
		dev->type->reset(dev);
}

void virtio_init(struct virtio_device *dev, const struct virtio_type *type, void *device, uint64_t features)
{
	*dev = (struct virtio_device){ .type = type, .device = device, .offered = features | ALWAYS };
	pthread_cond_init(&dev->idle, NULL);
}

void virtio_connect(struct virtio_device *dev, const struct ram *ram, const struct virtio_host *host)
{
	dev->ram = ram;
	dev->host = *host;
	virtio_reset(dev);
}

uint8_t virtio_status(const struct virtio_device *dev)
{
	return dev->status;
}

static bool can_accept(const struct virtio_device *dev, uint64_t features)
{
	return features & VIRTIO_F_VERSION_1 && !(features & ~dev->offered);
}

int virtio_set_status(struct virtio_device *dev, uint8_t status)
{
	uint8_t fresh = (uint8_t)(status & ~dev->status & ~VIRTIO_NEEDS_RESET);
	int rc = 0;

	if (!status) {
		virtio_reset(dev);
		return 0;
	}
	if (fresh & VIRTIO_FEATURES_OK && !can_accept(dev, dev->features)) {
		fresh &= (uint8_t)~VIRTIO_FEATURES_OK;
		rc = -EINVAL;
	}
	if (fresh & VIRTIO_DRIVER_OK && !((dev->status | fresh) & VIRTIO_FEATURES_OK)) {
		fresh &= (uint8_t)~VIRTIO_DRIVER_OK;
		rc = -EINVAL;
	}
	dev->status |= fresh;
	/* Buffers may have been made available before. Not now: a transport's command may not be interrupted.
	 */
	if (fresh & VIRTIO_DRIVER_OK) {
		dev->due = (uint8_t)((1u << dev->type->queues) - 1);
		dev->host.work(dev->host.arg);
	}
	return rc;
}

static uint32_t window_of(uint64_t features, unsigned window)
{
	return window < 2 ? (uint32_t)(features >> 32 * window) : 0;
}

uint32_t virtio_features(const struct virtio_device *dev, unsigned window)
{
	return window_of(dev->offered, window);
}

uint32_t virtio_accepted(const struct virtio_device *dev, unsigned window)
{
	return window_of(dev->features, window);
}

void virtio_accept(struct virtio_device *dev, unsigned window, uint32_t features)
{
	if (window > 1 || dev->status & VIRTIO_FEATURES_OK)
		return;
	dev->features &= ~(0xffffffffull << 32 * window);
	dev->features |= (uint64_t)features << 32 * window;
}

/* --- configuration space --------------------------------------------------- */

void virtio_config(struct virtio_device *dev, unsigned offset, void *to, unsigned len)
{
	uint8_t config[VIRTIO_CONFIG_MAX] = { 0 };
	unsigned size = dev->type->config_size;

	if (dev->type->config)
		dev->type->config(dev, config);
	memset(to, 0, len);
	if (offset < size)
		memcpy(to, config + offset, len < size - offset ? len : size - offset);
}

uint8_t virtio_generation(const struct virtio_device *dev)
{
	return dev->generation;
}

/* --- queues ----------------------------------------------------------------- */

const struct virtqueue_state *virtio_queue(const struct virtio_device *dev, unsigned queue)
{
	return queue < dev->type->queues ? &dev->queues[queue].state : NULL;
}

/* A queue whose registers can be set, or NULL. */
static struct virtqueue_state *settable(struct virtio_device *dev, unsigned queue)
{
	if (queue >= dev->type->queues || dev->queues[queue].state.enabled)
		return NULL;
	return &dev->queues[queue].state;
}

int virtio_set_queue_size(struct virtio_device *dev, unsigned queue, uint16_t size)
{
	struct virtqueue_state *s = settable(dev, queue);

	if (!s || !size || size > dev->type->queue_size || size & (size - 1))
		return -EINVAL;
	s->size = size;
	return 0;
}

int virtio_set_queue_address(struct virtio_device *dev, unsigned queue, enum virtio_ring ring,
                             uint64_t address)
{
	struct virtqueue_state *s = settable(dev, queue);

	if (!s)
		return -EINVAL;
	switch (ring) {
	case VIRTIO_DESC: s->desc = address; break;
	case VIRTIO_AVAIL: s->avail = address; break;
	case VIRTIO_USED: s->used = address; break;
	}
	return 0;
}

int virtio_enable_queue(struct virtio_device *dev, unsigned queue)
{
	struct virtqueue_state *s = settable(dev, queue);

	if (!s)
		return -EINVAL;
	if (!virtqueue_valid(s, dev->ram->size)) {
		virtio_broken(dev, queue, "its rings are not aligned or not in memory");
		return -EINVAL;
	}
	s->enabled = true;
	return 0;
}

void virtio_disable_queue(struct virtio_device *dev, unsigned queue)
{
	if (queue < dev->type->queues)
		init_queue(dev, queue);
}

void virtio_broken(struct virtio_device *dev, unsigned queue, const char *how)
{
	dev->queues[queue].broken = how;
	needs_reset(dev);
}

/* --- requests --------------------------------------------------------------- */

static bool event_idx(const struct virtio_device *dev)
{
	return virtio_has(dev, VIRTIO_F_EVENT_IDX);
}

static bool slice_is_over(const struct virtio_device *dev)
{
	return dev->wanted || dev->resetting || dev->requests >= VIRTIO_SLICE_REQUESTS ||
	       dev->bytes >= VIRTIO_SLICE_BYTES;
}

bool virtio_ready(struct virtio_device *dev, unsigned queue)
{
	return is_running(dev) && virtqueue_ready(&dev->queues[queue], dev->ram, event_idx(dev));
}

bool virtio_next(struct virtio_device *dev, unsigned queue, struct virtqueue_chain *chain)
{
	if (slice_is_over(dev) || !virtqueue_take(&dev->queues[queue], dev->ram, event_idx(dev), chain))
		return false;
	dev->requests++;
	dev->bytes += chain->out.len + chain->in.len;
	return true;
}

void virtio_return(struct virtio_device *dev, unsigned queue)
{
	virtqueue_return(&dev->queues[queue]);
}

void virtio_done(struct virtio_device *dev, unsigned queue, const struct virtqueue_chain *chain,
                 uint32_t written)
{
	virtqueue_done(&dev->queues[queue], dev->ram, chain, written);
}

void virtio_unlock(struct virtio_device *dev)
{
	if (dev->host.lock)
		pthread_mutex_unlock(dev->host.lock);
}

void virtio_lock(struct virtio_device *dev)
{
	if (dev->host.lock)
		pthread_mutex_lock(dev->host.lock);
}

/* What the queue has beyond the slice, and the queues that were notified of meanwhile, are left for
 * virtio_work(). */
static void end_run(struct virtio_device *dev, unsigned queue)
{
	dev->due = (uint8_t)(dev->due & ~(1u << queue));
	if (slice_is_over(dev) && virtio_ready(dev, queue))
		dev->due |= (uint8_t)(1u << queue);
	if (dev->due)
		dev->host.work(dev->host.arg);
}

/* Those who wait may reset it now. */
static void become_idle(struct virtio_device *dev)
{
	bool wanted = dev->wanted;

	dev->busy = dev->wanted = false;
	if (dev->resetting)
		pthread_cond_broadcast(&dev->idle);
	if (wanted)
		dev->host.idle(dev->host.arg);
}

void virtio_run(struct virtio_device *dev, unsigned queue)
{
	struct virtqueue *q = &dev->queues[queue];

	if (!is_running(dev) || !q->state.enabled)
		return;
	if (dev->busy || dev->resetting) { /* if it is busy with this queue, its requests will be found */
		dev->due |= (uint8_t)(1u << queue);
		return;
	}
	dev->busy = true;
	dev->requests = 0;
	dev->bytes = 0;
	dev->type->run(dev, queue);
	end_run(dev, queue);
	if (virtqueue_signal(q, dev->ram, event_idx(dev)))
		dev->host.interrupt(dev->host.arg, (int)queue);
	if (q->broken)
		needs_reset(dev);
	become_idle(dev);
}

void virtio_notify(struct virtio_device *dev, unsigned queue)
{
	if (queue < dev->type->queues)
		virtio_run(dev, queue);
}

unsigned virtio_poll(struct virtio_device *dev, struct pollfd *fds)
{
	return dev->type->poll ? dev->type->poll(dev, fds) : 0;
}

void virtio_work(struct virtio_device *dev, const struct pollfd *fds, unsigned count)
{
	unsigned due = dev->loaded ? ~0u : dev->due;

	dev->loaded = false;
	dev->due = 0;
	for (unsigned i = 0; i < dev->type->queues; i++)
		if (due & 1u << i)
			virtio_run(dev, i);
	if (dev->type->work)
		dev->type->work(dev, fds, count);
}

/* --- snapshots --------------------------------------------------------------- */

void virtio_save(const struct virtio_device *dev, struct virtio_state *state)
{
	*state = (struct virtio_state){
		.id = dev->type->id,
		.count = dev->type->queues,
		.status = dev->status,
		.generation = dev->generation,
		.due = dev->due,
		.features = dev->features,
	};
	for (unsigned i = 0; i < state->count; i++)
		state->queues[i] = dev->queues[i].state;
}

int virtio_fits(const struct virtio_device *dev, const struct virtio_state *state, struct error *err)
{
	if (state->id != dev->type->id || state->count != dev->type->queues)
		return error_set(err, -EINVAL, "%s: the snapshot has a device of type %u with %u queues here",
		                 dev->type->name, state->id, state->count);
	if (state->status & VIRTIO_FEATURES_OK && state->features & ~dev->offered)
		return error_set(err, -EINVAL,
		                 "%s: the snapshot's driver uses features 0x%llx, which this lacks",
		                 dev->type->name, (unsigned long long)(state->features & ~dev->offered));
	for (unsigned i = 0; i < state->count; i++) {
		const struct virtqueue_state *q = &state->queues[i];

		if (q->size > dev->type->queue_size || (q->enabled && !virtqueue_valid(q, dev->ram->size)))
			return error_set(err, -EINVAL,
			                 "%s: the rings of queue %u cannot be where the snapshot has them",
			                 dev->type->name, i);
	}
	return 0;
}

void virtio_load(struct virtio_device *dev, const struct virtio_state *state)
{
	virtio_reset(dev);
	dev->status = state->status;
	dev->generation = state->generation;
	dev->due = state->due;
	dev->features = state->features;
	for (unsigned i = 0; i < state->count; i++)
		dev->queues[i].state = state->queues[i];
	dev->loaded = true;
	dev->host.work(dev->host.arg);
}
