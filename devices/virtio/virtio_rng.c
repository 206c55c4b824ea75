/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_rng.c: see virtio_rng.h. Pure. */
#include "virtio_rng.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT_ONCE     256         /* getrandom() gives that many whatever comes in between */
#define REQUEST_MAX (64u << 10) /* the driver asks again if it wants more (5.4.6) */

/* Returns how many bytes there were; a file that has no more, or none yet, gives none. */
static size_t get(const struct virtio_rng *rng, uint8_t *bytes, size_t len)
{
	ssize_t n = rng->fd < 0 ? getrandom(bytes, len, 0) : read(rng->fd, bytes, len);

	return n < 0 ? 0 : (size_t)n;
}

static void run(struct virtio_device *dev, unsigned queue)
{
	struct virtqueue_chain chain;
	uint8_t bytes[AT_ONCE];

	while (virtio_next(dev, queue, &chain)) {
		size_t left = chain.in.len < REQUEST_MAX ? chain.in.len : REQUEST_MAX, done = 0, n = 1;

		for (; left && n; left -= n, done += n) {
			virtio_unlock(dev);
			n = get(dev->device, bytes, left < AT_ONCE ? left : AT_ONCE);
			virtio_lock(dev);
			virtqueue_write(&chain.in, bytes, n);
		}
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

/* A source that has to wait for its bytes would hold up the guest. */
static int open_file(struct virtio_rng *rng, const char *path, struct error *err)
{
	struct stat st;
	int code;

	rng->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	code = rng->fd < 0 || fstat(rng->fd, &st) ? errno : S_ISDIR(st.st_mode) ? EISDIR : 0;
	if (!code)
		return 0;
	virtio_rng_close(rng);
	error_set(err, -code, "%s: %s", path, strerror(code));
	return error_blame(err, -code, FAULT_DATA);
}

int virtio_rng_open(struct virtio_rng *rng, const char *path, struct error *err)
{
	rng->fd = -1;
	virtio_init(&rng->dev, &type, rng, 0);
	return path ? open_file(rng, path, err) : 0;
}

void virtio_rng_close(struct virtio_rng *rng)
{
	if (rng->fd >= 0)
		close(rng->fd);
	rng->fd = -1;
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
