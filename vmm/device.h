/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device.h: the contract of a device. The machine lists the devices that it makes (arch/ARCH/machine.c); the
 * functions here, and a save and a restore, process the list, so none of them names a device. A device that
 * has state of its own has a section in snapshots: see snapshot/device_section.h. Pure.
 */
#ifndef VMM_DEVICE_H
#define VMM_DEVICE_H

#include <stdint.h>

#include "error.h"

struct device;
struct vm;

/*
 * A kind of device. All vCPUs are parked, and there is no input, in all functions but create(), reset() and
 * work(). A state is the struct of the section's (device_section.h). Functions that return int return 0 or a
 * negative errno.
 */
struct device_ops {
	const char *name;
	uint32_t tag; /* of its section; 0: it has no state, or one that is saved with something else's */
	/* Sets device->self, and connects it to the VM; destroy() is called also after an error. */
	int (*create)(struct vm *vm, struct device *device, struct error *err);
	/* To the state after create(), because the guest resets its machine: takes the device's lock. NULL:
	 * nothing to do. */
	void (*reset)(void *self);
	/* Into a state that is all zeros; from a state that has been checked, and fits. */
	int (*save)(void *self, void *state, struct error *err);
	int (*load)(void *self, const void *state, struct error *err);
	/* Whether load() can load it, before anything of the VM is changed. NULL: any. */
	int (*fits)(const void *self, const void *state, struct error *err);
	/*
	 * Does a small part of what the device does while vCPUs run or wait, on the VM's worker thread; if
	 * work is left it calls worker_need() (worker.h), and is called again soon, or worker_alarm(), and
	 * is called when that time is over. NULL: it has none.
	 */
	int (*work)(void *self, struct error *err);
	void (*destroy)(void *self); /* NULL: nothing to do */
};

struct device {
	const struct device_ops *ops;
	void *self;
	unsigned number; /* among those of its kind, from 0: the id of its section */
};

#define DEVICES_MAX 48

/* The devices of a VM, in the order in which they were added. All zeros: none. */
struct device_list {
	struct device all[DEVICES_MAX];
	unsigned count;
};

/* Creates a device. -ENOSPC, or the error of create(). */
int device_add(struct device_list *list, struct vm *vm, const struct device_ops *ops, unsigned number,
               struct error *err);

/* Creates one device of each kind; the last element is NULL. */
int devices_add(struct device_list *list, struct vm *vm, const struct device_ops *const *kinds,
                struct error *err);

/* The device with this section; NULL: there is none. */
const struct device *device_find(const struct device_list *list, uint32_t tag, unsigned number);

void devices_reset(struct device_list *list);
int devices_work(struct device_list *list, struct error *err);

/* The last one first. */
void devices_destroy(struct device_list *list);

#endif
