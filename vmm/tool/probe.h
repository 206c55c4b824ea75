/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.h: zpvm probe: what this host's KVM offers, and where its limits are.
 * An architecture has tables, and one function that makes its interrupt
 * controllers in a scratch VM and reports on them (arch_probe.h). Nothing here
 * touches another VM, and what it makes is gone at the end.
 */
#ifndef VMM_TOOL_PROBE_H
#define VMM_TOOL_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vmm/kvm.h"

/* Probes and prints, for people or as JSON. What is missing, or cannot be tried, is reported, and is no
 * error. */
void probe(const struct kvm_fd *kvm, FILE *out, bool json);

/* --- for the architectures -------------------------------------------- */

enum probe_area { AREA_INTERRUPTS, AREA_VCPUS, AREA_MEMORY, AREA_SNAPSHOTS, AREAS };

/* A capability. The tables end with a NULL name, here and below. */
struct probe_cap {
	enum probe_area area;
	int cap;
	const char *name;
	const char *meaning; /* what it or its value means */
};

/* An attribute of a device, or of a VM. */
struct probe_attr {
	const char *name;
	uint32_t group;
	uint64_t attr;
	const char *meaning;
};

struct probe_device {
	const char *name;
	const char *meaning;
	const struct probe_attr *attrs;
};

struct probe_limit {
	const char *name; /* JSON's key: do not change it */
	const char *unit;
	const char *meaning;
};

struct reporter; /* writes the report */

/*
 * Reports which attributes KVM_HAS_DEVICE_ATTR finds. If the device could not be created, why says so and fd
 * is not used; otherwise why is NULL. All devices must be reported before the first limit.
 */
void probe_report_device(struct reporter *r, const struct probe_device *device, const struct kvm_fd *fd,
                         const struct error *why);

/*
 * Reports a limit. stopped_by: the error of the next larger value, by its name, or a bound in words; NULL if
 * nothing was tried. at_least: something else than KVM's own limit ended the search.
 */
void probe_report_limit(struct reporter *r, const struct probe_limit *limit, uint64_t value, bool at_least,
                        const char *stopped_by);

/* Reports a limit that could not be found, and why. */
void probe_report_unknown(struct reporter *r, const struct probe_limit *limit, const char *why);

/* Tries n. Returns 0 or more if KVM accepts it, otherwise a negative errno value. */
typedef long probe_try(void *arg, uint64_t n);

/*
 * Finds the largest n from low to high that KVM accepts, by bisection, and reports it. If one is refused
 * because a resource such as memory is short, the limit is reported as "at least".
 */
void probe_search(struct reporter *r, const struct probe_limit *limit, uint64_t low, uint64_t high,
                  probe_try *attempt, void *arg);

/* A VM without memory or vCPUs, for the caller to close; fd is -1 on failure. */
int probe_vm(const struct kvm_fd *kvm, struct kvm_fd *vm, struct error *err);

/* Creates a device in the VM. The same holds for fd. */
int probe_create_device(const struct kvm_fd *vm, uint32_t type, const char *name, struct kvm_fd *fd,
                        struct error *err);

#endif
