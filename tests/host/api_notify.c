/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_notify.c: notifications of a virtio device that KVM puts into an eventfd (--io=thread): none is lost in
 * a pause, nor in a snapshot, which has no eventfds. The guest (ARCH-notify.S) waits for each of its
 * requests, so it stops when one notification is lost. The I/O thread has so little of the CPU that most
 * pauses come when it has not yet taken the notification. TAP; argv[1] is that guest.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>

#include "api.h"
#include "devices/virtio/virtio_rng.h"

/* As in ARCH-notify.S. */
#define DESC    0x40000
#define AVAIL   0x41000
#define USED    0x42000
#define BUFFER  0x43000
#define DONE    0x48000
#define ENTRIES 16

#define PAUSES 20
#define LATE_S 20

static struct error err;

/* What a driver does until DRIVER_OK. Each entry of the ring is descriptor 0. */
static void drive(struct vm *vm)
{
	struct virtio_rng *rng = device_find(&vm->device_list, VIRTIO_RNG_TAG, 0)->self;
	struct virtio_device *dev = &rng->dev;
	uint8_t *desc = ram_at(&vm->ram, DESC, 16);

	virtio_put64(desc, BUFFER);
	virtio_put32(desc + 8, 8);
	virtio_put16(desc + 12, 2); /* the device writes */
	virtio_accept(dev, 1, 1);   /* VERSION_1 */
	virtio_set_status(dev, VIRTIO_FEATURES_OK);
	virtio_set_queue_size(dev, 0, ENTRIES);
	virtio_set_queue_address(dev, 0, VIRTIO_DESC, DESC);
	virtio_set_queue_address(dev, 0, VIRTIO_AVAIL, AVAIL);
	virtio_set_queue_address(dev, 0, VIRTIO_USED, USED);
	virtio_enable_queue(dev, 0);
	virtio_set_status(dev, VIRTIO_DRIVER_OK);
}

/* All threads but this one and the vCPU's have the lowest priority. */
static void slow_down(const struct vm *vm)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *task;

	while (dir && (task = readdir(dir))) {
		pid_t tid = atoi(task->d_name);

		if (tid && tid != getpid() && tid != vm->vcpus[0].tid)
			setpriority(PRIO_PROCESS, (id_t)tid, 19);
	}
	if (dir)
		closedir(dir);
}

/* Notifications in the queue's eventfd, which was opened before any other one. */
static unsigned long waiting(void)
{
	unsigned long count = 0;

	for (int fd = 3; fd < 64; fd++) {
		char path[64], line[80];
		bool found = false;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		f = fopen(path, "re");
		while (f && !found && fgets(line, sizeof(line), f))
			found = sscanf(line, "eventfd-count: %lx", &count) == 1;
		if (f)
			fclose(f);
		if (found)
			break;
	}
	return count;
}

static uint64_t done(struct vm *vm)
{
	return __atomic_load_n((uint64_t *)ram_at(&vm->ram, DONE, 8), __ATOMIC_ACQUIRE);
}

/* Whether the guest goes on: it gets answers to two requests more. */
static bool goes_on(struct vm *vm)
{
	uint64_t from = done(vm);

	for (unsigned i = 0; i < LATE_S * 1000 && done(vm) < from + 2; i++)
		usleep(1000);
	return done(vm) >= from + 2;
}

static int make(struct vm *vm, const struct vm_config *c)
{
	int rc = vm_create(vm, &kvm, c, &err);

	if (!rc)
		rc = vm_boot(vm, &(struct boot){ .kernel = payload_of("guest", guest, guest_size) }, &err);
	return rc;
}

/* Runs on, and pauses. Whether it was going on. */
static bool run_and_pause(struct vm *vm)
{
	bool good;

	vm_resume(vm);
	while (!vm->vcpus[0].tid)
		usleep(1000);
	slow_down(vm);
	good = goes_on(vm);
	return !vm_pause(vm, &err) && good;
}

static void pauses(struct vm *vm)
{
	unsigned good = 0, late = 0;

	while (good < PAUSES && run_and_pause(vm)) {
		good++;
		late += waiting() > 0;
	}
	is(good, PAUSES, "no notification is lost in a pause");
	ok(late, "%u pauses of %d came before the I/O thread had taken it", late, PAUSES);
}

/* Into a new VM each time: the old one's eventfd may have what the snapshot lacks. */
static void snapshots(struct vm *vm, const struct vm_config *c)
{
	unsigned good = 0, late = 0;
	int rc = 0;

	while (good < PAUSES && !rc && run_and_pause(vm)) {
		struct state_bytes bytes = { 0 };

		late += waiting() > 0;
		rc = state_save(vm, SNAP_VM, &bytes, &err);
		vm_destroy(vm);
		if (!rc)
			rc = make(vm, c);
		if (!rc)
			rc = state_load(vm, &bytes, true, &err);
		free(bytes.bytes);
		good += !rc;
	}
	is(good, PAUSES, "nor in a snapshot (%s)", rc ? err.text : "");
	ok(late, "of which %u of %d were taken before the I/O thread had taken it", late, PAUSES);
}

int main(int argc, char **argv)
{
	const struct device_options rng = { 1, { { DEVICE_RNG, NULL } } };
	struct vm_config c = config(arch_info.ram_default, 1);
	struct vm vm;

	if (api_begin(argc, argv))
		return 1;
	c.hooks = NULL;
	c.devices = &rng;
	c.io_thread = true;
	if (make(&vm, &c)) {
		ok(false, "a VM (%s)", err.text);
		return api_end();
	}
	drive(&vm);
	pauses(&vm);
	snapshots(&vm, &c);
	vm_destroy(&vm);
	return api_end();
}
