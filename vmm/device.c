/* SPDX-License-Identifier: BSD-2-Clause */
/* device.c: see device.h. Pure. Read next: arch/ARCH/machine.c. */
#include "device.h"

#include <errno.h>
#include <stddef.h>

int device_add(struct device_list *list, struct vm *vm, const struct device_ops *ops, unsigned number,
               struct error *err)
{
	struct device *device = &list->all[list->count];

	if (list->count == DEVICES_MAX)
		return error_set(err, -ENOSPC, "there are %d devices already", DEVICES_MAX);
	list->count++;
	*device = (struct device){ .ops = ops, .number = number };
	return ops->create(vm, device, err);
}

int devices_add(struct device_list *list, struct vm *vm, const struct device_ops *const *kinds,
                struct error *err)
{
	int rc = 0;

	for (; *kinds && !rc; kinds++)
		rc = device_add(list, vm, *kinds, 0, err);
	return rc;
}

const struct device *device_find(const struct device_list *list, uint32_t tag, unsigned number)
{
	for (unsigned i = 0; i < list->count; i++)
		if (list->all[i].ops->tag == tag && list->all[i].number == number)
			return &list->all[i];
	return NULL;
}

void devices_reset(struct device_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		if (list->all[i].ops->reset)
			list->all[i].ops->reset(list->all[i].self);
}

int devices_work(struct device_list *list, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < list->count && !rc; i++)
		if (list->all[i].ops->work)
			rc = list->all[i].ops->work(list->all[i].self, err);
	return rc;
}

void devices_destroy(struct device_list *list)
{
	while (list->count) {
		const struct device *device = &list->all[--list->count];

		if (device->ops->destroy && device->self)
			device->ops->destroy(device->self);
	}
}
