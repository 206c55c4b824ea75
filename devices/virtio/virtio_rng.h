/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_rng.h: random bytes, from the host's kernel or from a file. Source: virtio 1.2, 5.4.
 * Pure. */
#ifndef DEVICES_VIRTIO_VIRTIO_RNG_H
#define DEVICES_VIRTIO_VIRTIO_RNG_H

#include "virtio.h"

struct virtio_rng {
	struct virtio_device dev;
	int fd; /* of the file; negative: the host's kernel */
};

/* path: NULL for the host's random bytes. The position in a file is not in a snapshot. */
int virtio_rng_open(struct virtio_rng *rng, const char *path, struct error *err);
void virtio_rng_close(struct virtio_rng *rng);

#define VIRTIO_RNG_TAG SNAP_TAG('V', 'R', 'N', 'G')
struct device_section;
extern const struct device_section virtio_rng_section;

/* As in struct device_ops, of a struct virtio_rng and a struct virtio_state. */
int virtio_rng_save(void *self, void *state, struct error *err);
int virtio_rng_load(void *self, const void *state, struct error *err);
int virtio_rng_fits(const void *self, const void *state, struct error *err);

#endif
