/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stats.h: KVM's own counters of a VM or a vCPU, by name: how many interrupts it delivered of each kind, why
 * the guest exited. They witness the account from the other side. Source: the kernel's
 * Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD.
 */
#ifndef VMM_LAB_STATS_H
#define VMM_LAB_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vmm/vm.h"

/* Of one object. */
struct stats_of {
	char *names; /* each NUL-terminated in `name_size` bytes */
	uint64_t *values;
	bool *counts; /* whether it only counts up; else it is a state, such as a size */
	unsigned number, name_size;
};

/* All counters of a VM and its vCPUs at one moment. */
struct stats {
	unsigned count; /* of objects: the VM, then its vCPUs; 0: none have been read */
	struct stats_of *of;
};

/* Reads all. Errors: KVM's; -EOPNOTSUPP: it has no KVM_GET_STATS_FD. stats_free() is needed only after
 * success. */
int stats_read(const struct vm *vm, struct stats *s, struct error *err);
void stats_free(struct stats *s);

/*
 * The counter's value, less what it was in `since`, if that has been read and it counts. cpu: of this vCPU,
 * or VCPU_ALL: of the VM, or of all vCPUs together if the VM has no such counter. False: there is none.
 */
bool stats_value(const struct stats *s, const struct stats *since, const char *name, unsigned cpu,
                 uint64_t *value);

/* Prints those that are not 0, or have changed, in one line for each object. */
void stats_print(const struct stats *s, const struct stats *since, FILE *out);

#endif
