/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_virtio.h: the virtio devices of a VM: opened as the command line says (device_option.h), connected to
 * the machine's transport (arch_virtio_connect()), each served by an I/O thread (iothread.h), saved and
 * loaded as all devices (device.h). Their lock is the bus lock, which nobody holds while a disk works
 * (virtio.h).
 *
 * A driver's notification is an exit, in which the device works; or, if the configuration says so
 * (config->io_thread), KVM puts it into an eventfd of the queue, and the device's I/O thread works. A pause
 * leaves notifications in the eventfds. No snapshot has them: virtio_load() has all queues looked at.
 */
#ifndef VMM_VM_VIRTIO_H
#define VMM_VM_VIRTIO_H

#include "devices/virtio/virtio.h"
#include "types.h"

/* Creates the devices of the VM's configuration, in its order. -EINVAL, or the error of a file or a socket.
 */
int vm_virtio_create(struct vm *vm, struct error *err);

/*
 * For the VM (vm.c): the I/O threads work from now on; stop; end. -ETIMEDOUT: a disk has not answered for
 * that long.
 */
void vm_virtio_go(struct vm *vm);
int vm_virtio_hold(struct vm *vm, uint64_t ms, struct error *err);
void vm_virtio_end(struct vm *vm);

/* For the transport: virtio_work() must be called for this device soon. Any thread may call it. */
void vm_virtio_need(struct vm *vm, const struct virtio_device *dev);

/*
 * KVM is to look for notifications of the queue there; NULL: nowhere. What has come stays in the eventfd.
 * Without config->io_thread nothing is done.
 */
int vm_virtio_notify_at(struct vm *vm, const struct virtio_device *dev, unsigned queue,
                        const struct kvm_ioeventfd *at, struct error *err);

/* Types at the first virtio-console; returns how many bytes it had room for. -EINVAL: there is none. */
int vm_virtio_input(struct vm *vm, const uint8_t *bytes, size_t len, struct error *err);

/* The terminal's size may have changed: tells the guest, if it has a virtio-console. */
void vm_virtio_resize(struct vm *vm);

#endif
