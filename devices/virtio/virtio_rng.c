/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_rng.c: see virtio_rng.h. Pure. */
#include "virtio_rng.h"

#include <sys/random.h>

#define AT_ONCE     256         /* getrandom() gives that many whatever comes in between */
#define REQUEST_MAX (64u << 10) /* the driver asks again if it wants more (5.4.6) */

static void run(struct virtio_device *dev, unsigned queue)
{
	struct virtqueue_chain chain;
	uint8_t bytes[AT_ONCE];

	while (virtio_next(dev, queue, &chain)) {
		size_t len = chain.in.len < REQUEST_MAX ? chain.in.len : REQUEST_MAX, done = 0;

		while (done < len && getrandom(bytes, sizeof(bytes), 0) == AT_ONCE)
			done += virtqueue_write(&chain.in, bytes, sizeof(bytes));
		virtio_done(dev, queue, &chain, (uint32_t)done);
	}
}

static const struct virtio_type type = {
	.name = "virtio-rng",
	.id = VIRTIO_ID_RNG,
	.queues = 1,
	.queue_size = 64,
	.run = run,
};

void virtio_rng_open(struct virtio_rng *rng)
{
	virtio_init(&rng->dev, &type, rng, 0);
}

int virtio_rng_save(void *self, void *state, struct error *err)
{
	(void)err;
	virtio_save(&((const struct virtio_rng *)self)->dev, state);
	return 0;
}

int virtio_rng_load(void *self, const void *state, struct error *err)
{
	(void)err;
	virtio_load(&((struct virtio_rng *)self)->dev, state);
	return 0;
}

int virtio_rng_fits(const void *self, const void *state, struct error *err)
{
	return virtio_fits(&((const struct virtio_rng *)self)->dev, state, err);
}
