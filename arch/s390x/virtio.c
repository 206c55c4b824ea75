/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio.c: virtio devices in an s390x machine. Each is the next subchannel's device, and interrupts by the
 * adapter that has the number of its ISC. Read next: devices/virtio/virtio_ccw.h.
 */
#include <errno.h>

#include "adapter.h"
#include "channel.h"
#include "devices.h"
#include "route.h"
#include "vmm/arch.h"
#include "vmm/vm_virtio.h"

#define DEVNO 0x100 /* of the first; the others follow */
#define ISCS  8

/* --- what a device asks of the machine ---------------------------------- */

static void attention(void *arg)
{
	const struct virtio_subchannel *s = arg;

	channel_attention(s->vm, s->subchannel);
}

static void adapter(void *arg, unsigned isc)
{
	const struct virtio_subchannel *s = arg;

	channel_adapter_interrupt(s->vm, isc);
}

static void work(void *arg)
{
	const struct virtio_subchannel *s = arg;

	vm_virtio_need(s->vm, s->ccw.dev);
}

static void idle(void *arg)
{
	const struct virtio_subchannel *s = arg;

	channel_go_on(s->vm, s->subchannel);
}

/* --- the subchannel's part of a device ------------------------------------ */

static int create(struct vm *vm, struct device *device, struct error *err)
{
	(void)err;
	device->self = &vm->devices->virtio[device->number];
	return 0;
}

static void reset(void *self)
{
	struct virtio_subchannel *s = self;

	pthread_mutex_lock(&s->vm->bus.lock);
	virtio_ccw_reset(&s->ccw);
	pthread_mutex_unlock(&s->vm->bus.lock);
}

static int save(void *self, void *state, struct error *err)
{
	const struct virtio_subchannel *s = self;

	(void)err;
	*(struct virtio_ccw_state *)state = s->ccw.state;
	return 0;
}

static int load(void *self, const void *state, struct error *err)
{
	struct virtio_subchannel *s = self;

	(void)err;
	s->ccw.state = *(const struct virtio_ccw_state *)state;
	return 0;
}

static const struct device_ops ccw_device = {
	.name = "virtio-ccw device",
	.tag = VIRTIO_CCW_TAG,
	.create = create,
	.reset = reset,
	.save = save,
	.load = load,
};

/*
 * Those of all ISCs, before the guest has chosen one: KVM cannot forget an adapter, so a snapshot from before
 * it was registered could not be restored into the same VM.
 */
static int register_adapters(struct vm *vm, struct error *err)
{
	int rc = 0;

	for (uint8_t isc = 0; isc < ISCS && !rc; isc++) {
		const struct s390_adapter a = { .id = isc, .isc = isc, .swap = 1 };

		rc = adapter_register(vm->irqchip, &a, err);
	}
	return rc;
}

/* An id that names a subchannel has this bit (Principles of Operation, 14: subsystem-identification word). */
#define ID_ONE 0x10000u

static int connect_queues(struct vm *vm, const struct virtio_subchannel *s, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < s->ccw.dev->type->queues && !rc; i++) {
		const struct kvm_ioeventfd at = notify_at(ID_ONE | s->subchannel, i);

		rc = vm_virtio_notify_at(vm, s->ccw.dev, i, &at, err);
	}
	return rc;
}

/* Who asks for more, on the command line, is at fault. */
static int full(unsigned count, struct error *err)
{
	error_set(err, -ENOSPC, "the machine has room for %u virtio devices", count);
	return error_blame(err, -ENOSPC, FAULT_USAGE);
}

int arch_virtio_connect(struct vm *vm, struct virtio_device *dev, struct error *err)
{
	struct devices *d = vm->devices;
	unsigned number = d->virtio_count;
	struct virtio_subchannel *s = &d->virtio[number];
	const struct virtio_ccw_host host = { s, attention, adapter, work, idle, &vm->bus.lock };
	int rc;

	if (!flic_is_there(vm->irqchip))
		return error_blame(err,
		                   error_set(err, -EPERM, "--irqchip=none: there can be no virtio devices"),
		                   FAULT_USAGE);
	rc = number ? 0 : register_adapters(vm, err);
	if (rc)
		return rc;
	if (number == sizeof(d->virtio) / sizeof(d->virtio[0]))
		return full(number, err);
	*s = (struct virtio_subchannel){ .vm = vm, .subchannel = number + 1 };
	virtio_ccw_init(&s->ccw, dev, &vm->ram, &host);
	rc = channel_attach(vm, (uint16_t)(DEVNO + number), &s->ccw.channel);
	if (rc)
		return error_set(err, rc, "the machine has no subchannel left");
	d->virtio_count++;
	rc = connect_queues(vm, s, err);
	return rc ? rc : device_add(&vm->device_list, vm, &ccw_device, number, err);
}
