/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio.h: what all virtio devices have in common: status, features, queues, configuration space. A
 * transport (virtio-ccw, virtio-pci) translates the driver's commands or register accesses into calls of the
 * functions here; a device (virtio_blk.h ...) provides a struct virtio_type. Only drivers of virtio 1
 * (VIRTIO_F_VERSION_1) are supported, so all that the driver sees is little-endian. Pure.
 *
 * Locking: the machine has one lock for a device (or for all), and holds it in every call of a function here;
 * the functions of struct virtio_host are called with it held. A device gives it back while it makes a call
 * that may block (virtio_unlock()), so nobody waits for the lock because a disk is slow. Until its requests
 * are done the device is busy: a notification leaves them to the thread that works, and a reset waits.
 *
 * A request is executed as a whole, in virtio_notify() or virtio_work(), so no snapshot finds it half done.
 * What a queue has beyond VIRTIO_SLICE_* is left for virtio_work(), which the device asks for.
 *
 * Source: Virtual I/O Device (VIRTIO) Version 1.2; section numbers are its.
 */
#ifndef DEVICES_VIRTIO_VIRTIO_H
#define DEVICES_VIRTIO_VIRTIO_H

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "virtqueue.h"
#include "vmm/error.h"
#include "vmm/ram.h"
#include "vmm/section.h"

#define VIRTIO_ID_NET     1
#define VIRTIO_ID_BLK     2
#define VIRTIO_ID_CONSOLE 3
#define VIRTIO_ID_RNG     4

/* Device status (2.1). */
#define VIRTIO_ACKNOWLEDGE 0x01
#define VIRTIO_DRIVER      0x02
#define VIRTIO_DRIVER_OK   0x04
#define VIRTIO_FEATURES_OK 0x08
#define VIRTIO_NEEDS_RESET 0x40
#define VIRTIO_FAILED      0x80

/* Features of all devices (6). Each is a bit of 64. */
#define VIRTIO_F_INDIRECT_DESC (1ull << 28)
#define VIRTIO_F_EVENT_IDX     (1ull << 29)
#define VIRTIO_F_VERSION_1     (1ull << 32)

#define VIRTIO_QUEUES_MAX     4
#define VIRTIO_CONFIG_MAX     64
#define VIRTIO_FDS_MAX        2
#define VIRTIO_SLICE_REQUESTS 64
#define VIRTIO_SLICE_BYTES    (4u << 20)

/* Data only: part of a snapshot. */
struct virtio_state {
	uint16_t id;   /* VIRTIO_ID_... */
	uint8_t count; /* of queues */
	uint8_t status;
	uint8_t generation; /* of the configuration space */
	uint8_t due;        /* a bit for each queue that virtio_work() has to look at */
	uint64_t features;  /* that the driver has accepted */
	struct virtqueue_state queues[VIRTIO_QUEUES_MAX];
};

struct virtio_device;

/* What a device needs of its machine. */
struct virtio_host {
	void *arg;
	/* Interrupts the driver: queue has used buffers; -1: the configuration or the status has changed. */
	void (*interrupt)(void *arg, int queue);
	/*
	 * virtio_work() must be called soon, but not from here, and virtio_poll() again before the machine
	 * waits for file descriptors.
	 */
	void (*work)(void *arg);
	/* The device, which virtio_busy() was asked about, is not busy any more. NULL: nobody asks. */
	void (*idle)(void *arg);
	pthread_mutex_t *lock; /* that of the device: see above; NULL: there is only one thread */
};

/* A kind of device. Functions may be NULL where a comment says what that means. */
struct virtio_type {
	const char *name;
	uint16_t id;
	uint8_t queues;
	uint16_t queue_size;  /* the largest, and that after a reset */
	uint16_t config_size; /* at most VIRTIO_CONFIG_MAX */
	/* Executes requests for as long as virtio_next() gives them. */
	void (*run)(struct virtio_device *dev, unsigned queue);
	/* Fills the configuration space. NULL: there is none. */
	void (*config)(struct virtio_device *dev, uint8_t *config);
	/* What the type has to reset beyond the queues; NULL: nothing. */
	void (*reset)(struct virtio_device *dev);
	/* See virtio_poll() and virtio_work(); NULL: the type waits for nothing. */
	unsigned (*poll)(struct virtio_device *dev, struct pollfd *fds);
	void (*work)(struct virtio_device *dev, const struct pollfd *fds, unsigned count);
};

struct virtio_device {
	const struct virtio_type *type;
	void *device; /* the type's own data */
	const struct ram *ram;
	struct virtio_host host;
	uint64_t offered; /* features */
	uint8_t status, generation, due;
	bool loaded; /* virtio_work() has to look at all queues, as the world may have changed */
	uint64_t features;
	struct virtqueue queues[VIRTIO_QUEUES_MAX];
	bool busy;          /* a thread executes requests, */
	bool wanted;        /* and takes no more of them, as virtio_busy() was called, */
	unsigned resetting; /* or because so many threads wait, for `idle`, to reset the device */
	pthread_cond_t idle;
	/* Of the current slice. */
	unsigned requests;
	uint64_t bytes;
};

/* --- for a machine -------------------------------------------------------- */

/*
 * Connects a device that its type's function has opened (virtio_blk_open() ...) to RAM and a transport. All
 * must outlive it.
 */
void virtio_connect(struct virtio_device *dev, const struct ram *ram, const struct virtio_host *host);

/*
 * For the thread that does I/O. virtio_poll() fills in what the device waits for, at most VIRTIO_FDS_MAX
 * descriptors, and returns their number. When one of them is ready, or the device has asked for work, that
 * thread calls virtio_work() with what poll() returned (count 0: nothing is known of descriptors).
 */
unsigned virtio_poll(struct virtio_device *dev, struct pollfd *fds);
void virtio_work(struct virtio_device *dev, const struct pollfd *fds, unsigned count);

/* --- for a transport ------------------------------------------------------ */

/* As writing 0 to the status: the device is as after virtio_connect(). Waits, without the lock, while it is
 * busy. */
void virtio_reset(struct virtio_device *dev);

/*
 * The status. A new one keeps the bits that are set: only a reset (0) clears any. -EINVAL: FEATURES_OK is not
 * set, because the device does not support what the driver accepted. DRIVER_OK starts the device: it asks
 * for virtio_work().
 */
uint8_t virtio_status(const struct virtio_device *dev);
int virtio_set_status(struct virtio_device *dev, uint8_t status);

/*
 * Features in windows of 32 bits: window 0 has bits 0 to 31. Windows beyond 1 are zero. The driver's choice
 * is ignored once FEATURES_OK is set.
 */
uint32_t virtio_features(const struct virtio_device *dev, unsigned window); /* offered */
uint32_t virtio_accepted(const struct virtio_device *dev, unsigned window); /* by the driver */
void virtio_accept(struct virtio_device *dev, unsigned window, uint32_t features);

/* A queue's registers, to read; NULL: there is no such queue. size 0 is never stored: after a reset it is the
 * largest. */
const struct virtqueue_state *virtio_queue(const struct virtio_device *dev, unsigned queue);

/*
 * Set registers of a queue that is not enabled; of one that is, or is not there, they return -EINVAL. So does
 * a size that is not a power of two or too large (nothing is changed), and enabling a queue whose rings are
 * not aligned or not in RAM, which also sets NEEDS_RESET.
 */
enum virtio_ring { VIRTIO_DESC, VIRTIO_AVAIL, VIRTIO_USED };
int virtio_set_queue_size(struct virtio_device *dev, unsigned queue, uint16_t size);
int virtio_set_queue_address(struct virtio_device *dev, unsigned queue, enum virtio_ring ring,
                             uint64_t address);
int virtio_enable_queue(struct virtio_device *dev, unsigned queue);

/*
 * Whether a thread executes requests. Soon it does not, and host.idle() is called: for a transport that
 * cannot wait in virtio_reset().
 */
bool virtio_busy(struct virtio_device *dev);

/* The queue, if it is there, is as after a reset; its requests are forgotten. The device is not busy. */
void virtio_disable_queue(struct virtio_device *dev, unsigned queue);

/*
 * The driver has made buffers available: executes requests. Without effect on a queue that is not there or
 * not enabled, before DRIVER_OK, or if the device needs a reset.
 */
void virtio_notify(struct virtio_device *dev, unsigned queue);

/*
 * len bytes of the configuration space at offset; bytes beyond its end read as zeros. No field of the devices
 * here is writable: a transport ignores what the driver writes. The generation changes with the
 * configuration space (virtio-pci).
 */
void virtio_config(struct virtio_device *dev, unsigned offset, void *to, unsigned len);
uint8_t virtio_generation(const struct virtio_device *dev);

/* --- for a snapshot ------------------------------------------------------- */

void virtio_save(const struct virtio_device *dev, struct virtio_state *state);
/* -EINVAL: this device cannot have had that state (another kind, features, rings); nothing is changed. */
int virtio_fits(const struct virtio_device *dev, const struct virtio_state *state, struct error *err);
/* Of a state that fits. */
void virtio_load(struct virtio_device *dev, const struct virtio_state *state);

/* The common part of a device's section (virtio_section.c). memory: the VM's, in bytes. */
void virtio_put(struct snap_section *s, const struct virtio_state *state);
/* False: virtio_put() cannot have written this of such a device. */
bool virtio_get(struct snap_reader *r, struct virtio_state *state, uint16_t id, uint64_t memory);

/* --- for a kind of device ------------------------------------------------- */

/* Called by its open function; features are those beyond VERSION_1, INDIRECT_DESC and EVENT_IDX. */
void virtio_init(struct virtio_device *dev, const struct virtio_type *type, void *device, uint64_t features);

/* Takes a request of the queue. False: there is none, or the slice is used up. */
bool virtio_next(struct virtio_device *dev, unsigned queue, struct virtqueue_chain *chain);

/* Puts the request that was taken last back, to be taken again. */
void virtio_return(struct virtio_device *dev, unsigned queue);

/* The request is done; the device has written `written` bytes to it. */
void virtio_done(struct virtio_device *dev, unsigned queue, const struct virtqueue_chain *chain,
                 uint32_t written);

/*
 * For virtio_type.run(), around a call that may block: gives the lock back, and takes it again. Meanwhile
 * other threads may call all functions of the device but run().
 */
void virtio_unlock(struct virtio_device *dev);
void virtio_lock(struct virtio_device *dev);

/* Executes what the queue has: for virtio_type.work(), when what the queue waited for has happened. */
void virtio_run(struct virtio_device *dev, unsigned queue);

/* The driver has accepted the feature. */
bool virtio_has(const struct virtio_device *dev, uint64_t feature);

/* The configuration space has changed: the driver is interrupted. */
void virtio_config_changed(struct virtio_device *dev);

/* The driver broke the protocol of this queue: NEEDS_RESET. how is static. */
void virtio_broken(struct virtio_device *dev, unsigned queue, const char *how);

/* Whether the queue has a request, whatever is left of the slice; if not, the driver will notify. */
bool virtio_ready(struct virtio_device *dev, unsigned queue);

/* Little-endian numbers in a device's structures, at any alignment. */
uint16_t virtio_get16(const uint8_t *b);
uint32_t virtio_get32(const uint8_t *b);
uint64_t virtio_get64(const uint8_t *b);
void virtio_put16(uint8_t *b, uint16_t v);
void virtio_put32(uint8_t *b, uint32_t v);
void virtio_put64(uint8_t *b, uint64_t v);

#endif
