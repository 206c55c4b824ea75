/* SPDX-License-Identifier: BSD-2-Clause */
/* vm_virtio.c: see vm_virtio.h. Read next: devices/virtio/virtio.h. */
#include "vm_virtio.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "arch.h"
#include "devices/virtio/virtio_blk.h"
#include "devices/virtio/virtio_console.h"
#include "devices/virtio/virtio_net.h"
#include "devices/virtio/virtio_rng.h"
#include "iothread.h"
#include "irqfd.h"
#include "kvm.h"
#include "tap.h"
#include "worker.h"

/* A device of the command line. */
struct vm_virtio {
	struct vm *vm;
	struct virtio_device *dev; /* that of the union, at its beginning */
	enum device_kind kind;
	struct iothread io;
	unsigned notified; /* how many queues have an eventfd: all or none */
	struct ioeventfd queues[VIRTIO_QUEUES_MAX];
	union virtio_any { /* what struct device_ops calls self */
		struct virtio_blk blk;
		struct virtio_net net;
		struct virtio_rng rng;
		struct virtio_console console;
	} u;
};

static struct vm_virtio *find(const struct vm *vm, const struct virtio_device *dev)
{
	for (unsigned i = 0; i < vm->virtio_count; i++)
		if (vm->virtio[i]->dev == dev)
			return vm->virtio[i];
	return NULL;
}

void vm_virtio_need(struct vm *vm, const struct virtio_device *dev)
{
	struct vm_virtio *v = find(vm, dev);

	if (v)
		iothread_kick(&v->io);
}

/* --- notifications ------------------------------------------------------- */

int vm_virtio_notify_at(struct vm *vm, const struct virtio_device *dev, unsigned queue,
                        const struct kvm_ioeventfd *at, struct error *err)
{
	struct vm_virtio *v = find(vm, dev);

	if (!v || queue >= v->notified)
		return 0;
	ioeventfd_off(&vm->fd, &v->queues[queue]);
	if (!at)
		return 0;
	v->queues[queue].at = *at;
	return ioeventfd_on(&vm->fd, &v->queues[queue], err);
}

static int open_queues(struct vm_virtio *v, struct error *err)
{
	int rc = 0;

	while (v->vm->config->io_thread && v->notified < v->dev->type->queues && !rc) {
		rc = ioeventfd_open(&v->queues[v->notified], err);
		v->notified += !rc;
	}
	return rc;
}

/* --- its I/O thread: first the eventfds of queues, then what the device waits for -- */

_Static_assert(VIRTIO_QUEUES_MAX + VIRTIO_FDS_MAX <= IOTHREAD_FDS, "a device has that many descriptors");

static unsigned poll_device(void *arg, struct pollfd *fds)
{
	struct vm_virtio *v = arg;
	unsigned count;

	for (unsigned i = 0; i < v->notified; i++)
		fds[i] = (struct pollfd){ .fd = v->queues[i].fd, .events = POLLIN };
	pthread_mutex_lock(&v->vm->bus.lock);
	count = virtio_poll(v->dev, fds + v->notified);
	pthread_mutex_unlock(&v->vm->bus.lock);
	return v->notified + count;
}

/* Takes the notifications first: one that comes meanwhile is another one. */
static int notified(struct vm_virtio *v, unsigned queue, struct error *err)
{
	uint64_t ignored;
	int rc = ioeventfd_count(&v->queues[queue], true, &ignored, err);

	if (rc)
		return rc;
	pthread_mutex_lock(&v->vm->bus.lock);
	virtio_notify(v->dev, queue);
	pthread_mutex_unlock(&v->vm->bus.lock);
	return 0;
}

/* That is no end of the VM, but the user's to know. */
static void say_trouble(struct vm_virtio *v)
{
	const struct error *trouble = v->kind == DEVICE_DISK ? virtio_blk_trouble(&v->u.blk) : NULL;

	if (trouble)
		fprintf(stderr, "zpvm: %s\n", trouble->text);
}

static int work(void *arg, const struct pollfd *fds, unsigned count, struct error *err)
{
	struct vm_virtio *v = arg;
	unsigned queues = count ? v->notified : 0;
	int rc = 0;

	for (unsigned i = 0; i < queues && !rc; i++)
		if (fds[i].revents)
			rc = notified(v, i, err);
	pthread_mutex_lock(&v->vm->bus.lock);
	virtio_work(v->dev, fds + queues, count - queues);
	say_trouble(v);
	pthread_mutex_unlock(&v->vm->bus.lock);
	return rc;
}

static void failed(void *arg, int rc, const struct error *why)
{
	const struct vm_virtio *v = arg;

	worker_failed(v->vm, rc, why);
}

void vm_virtio_go(struct vm *vm)
{
	for (unsigned i = 0; i < vm->virtio_count; i++)
		iothread_go(&vm->virtio[i]->io);
}

int vm_virtio_hold(struct vm *vm, uint64_t ms, struct error *err)
{
	struct timespec deadline = time_in(ms);
	int rc = 0;

	for (unsigned i = 0; i < vm->virtio_count; i++)
		if (!iothread_hold(&vm->virtio[i]->io, &deadline))
			rc = error_set(err, -ETIMEDOUT,
			               "the thread of virtio device %u did not stop within %llu s", i,
			               (unsigned long long)ms / 1000);
	return rc;
}

void vm_virtio_end(struct vm *vm)
{
	for (unsigned i = 0; i < vm->virtio_count; i++)
		iothread_destroy(&vm->virtio[i]->io);
}

/* --- create and destroy -------------------------------------------------- */

/* The terminal's size, or zeros. */
static struct winsize terminal_size(void)
{
	const struct kvm_fd out = { .fd = STDOUT_FILENO };
	struct winsize size = { 0 };

	if (isatty(STDOUT_FILENO))
		kvm_ioctl(&out, TIOCGWINSZ, "TIOCGWINSZ", (unsigned long)&size);
	return size;
}

static void open_console(struct vm_virtio *v)
{
	struct winsize size = terminal_size();

	virtio_console_open(&v->u.console, v->vm->config->console, size.ws_col, size.ws_row);
}

static int open_device(struct vm_virtio *v, const char *text, struct error *err)
{
	switch (v->kind) {
	case DEVICE_DISK: v->dev = &v->u.blk.dev; return virtio_blk_open(&v->u.blk, text, err);
	case DEVICE_NET: v->dev = &v->u.net.dev; return virtio_net_open(&v->u.net, text, tap_open, err);
	case DEVICE_RNG: v->dev = &v->u.rng.dev; return virtio_rng_open(&v->u.rng, text, err);
	case DEVICE_CONSOLE:
		v->dev = &v->u.console.dev;
		open_console(v);
		return 0;
	}
	return -EINVAL;
}

static void close_device(struct vm_virtio *v)
{
	if (v->kind == DEVICE_DISK)
		virtio_blk_close(&v->u.blk);
	else if (v->kind == DEVICE_NET)
		virtio_net_close(&v->u.net);
	else if (v->kind == DEVICE_RNG)
		virtio_rng_close(&v->u.rng);
}

static int create(struct vm *vm, struct device *device, struct error *err)
{
	const struct device_option *option = &vm->config->devices->list[vm->virtio_count];
	struct vm_virtio *v = calloc(1, sizeof(*v));
	const struct iothread_device io = { poll_device, work, failed, v };
	int rc;

	if (!v)
		return error_set(err, -ENOMEM, "out of memory");
	v->vm = vm;
	v->kind = option->kind;
	rc = open_device(v, option->text, err);
	if (rc) {
		free(v);
		return rc;
	}
	device->self = &v->u;
	vm->virtio[vm->virtio_count++] = v;
	rc = open_queues(v, err);
	if (rc)
		return rc;
	rc = iothread_create(&v->io, &io, err);
	return rc ? rc : arch_virtio_connect(vm, v->dev, err);
}

static struct vm_virtio *of(void *self)
{
	return (struct vm_virtio *)((char *)self - offsetof(struct vm_virtio, u));
}

static void destroy(void *self)
{
	struct vm_virtio *v = of(self);

	while (v->notified)
		ioeventfd_close(&v->vm->fd, &v->queues[--v->notified]);
	close_device(v);
	free(v);
}

static void reset(void *self)
{
	struct vm_virtio *v = of(self);

	pthread_mutex_lock(&v->vm->bus.lock);
	virtio_reset(v->dev);
	pthread_mutex_unlock(&v->vm->bus.lock);
}

static const struct device_ops kinds[] = {
	[DEVICE_DISK] = {
		.name = "virtio disk",
		.tag = VIRTIO_BLK_TAG,
		.create = create,
		.reset = reset,
		.save = virtio_blk_save,
		.load = virtio_blk_load,
		.fits = virtio_blk_fits,
		.destroy = destroy,
	},
	[DEVICE_NET] = {
		.name = "virtio network card",
		.tag = VIRTIO_NET_TAG,
		.create = create,
		.reset = reset,
		.save = virtio_net_save,
		.load = virtio_net_load,
		.fits = virtio_net_fits,
		.destroy = destroy,
	},
	[DEVICE_RNG] = {
		.name = "virtio source of random bytes",
		.tag = VIRTIO_RNG_TAG,
		.create = create,
		.reset = reset,
		.save = virtio_rng_save,
		.load = virtio_rng_load,
		.fits = virtio_rng_fits,
		.destroy = destroy,
	},
	[DEVICE_CONSOLE] = {
		.name = "virtio console",
		.tag = VIRTIO_CONSOLE_TAG,
		.create = create,
		.reset = reset,
		.save = virtio_console_save,
		.load = virtio_console_load,
		.fits = virtio_console_fits,
		.destroy = destroy,
	},
};

int vm_virtio_create(struct vm *vm, struct error *err)
{
	const struct device_options *options = vm->config->devices;
	unsigned numbers[sizeof(kinds) / sizeof(kinds[0])] = { 0 };
	int rc = 0;

	for (unsigned i = 0; options && i < options->count && !rc; i++) {
		enum device_kind kind = options->list[i].kind;

		rc = device_add(&vm->device_list, vm, &kinds[kind], numbers[kind]++, err);
	}
	return rc;
}

void vm_virtio_resize(struct vm *vm)
{
	struct winsize size = terminal_size();

	for (unsigned i = 0; i < vm->virtio_count; i++) {
		struct vm_virtio *v = vm->virtio[i];

		if (v->kind != DEVICE_CONSOLE)
			continue;
		pthread_mutex_lock(&vm->bus.lock);
		virtio_console_resize(&v->u.console, size.ws_col, size.ws_row);
		pthread_mutex_unlock(&vm->bus.lock);
	}
}

int vm_virtio_input(struct vm *vm, const uint8_t *bytes, size_t len, struct error *err)
{
	for (unsigned i = 0; i < vm->virtio_count; i++) {
		struct vm_virtio *v = vm->virtio[i];
		size_t taken;

		if (v->kind != DEVICE_CONSOLE)
			continue;
		pthread_mutex_lock(&vm->bus.lock);
		taken = virtio_console_input(&v->u.console, bytes, len);
		pthread_mutex_unlock(&vm->bus.lock);
		return (int)taken;
	}
	return error_set(err, -EINVAL, "this VM has no virtio console (--virtio-console)");
}
