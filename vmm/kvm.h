/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kvm.h: the only place that calls ioctl(2). Each call is checked at compile time against the size in its
 * number and is traced with its arguments; its failure is reported with the decoded arguments, the errno and,
 * where known, a remedy.
 *
 * Source of every call: the kernel's Documentation/virt/kvm/api.rst and devices/.
 */
#ifndef VMM_KVM_H
#define VMM_KVM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/kvm.h>

#include "error.h"
#include "trace.h"

/* A KVM file descriptor and its name. fd is -1 when closed. */
struct kvm_fd {
	int fd;
	int vcpu; /* its number; -1: this is of no vCPU */
	char name[16];
	const struct trace *trace;
};

/* A capability that zpvm needs. */
struct kvm_need {
	int cap;
	const char *name;
	const char *why; /* "for ...", in the message when it is missing */
};

/* The same for a device's attribute. */
struct kvm_attr_need {
	uint32_t group;
	uint64_t attr;
	const char *name;
	const char *why;
};

/*
 * Opens /dev/kvm and checks the API version (must be 12). Errors: those of
 * open(2), -ENOTSUP for another version.
 */
int kvm_open(struct kvm_fd *kvm, const struct trace *trace, struct error *err);

/* Gives fd a name; the kvm_fd owns it from here. */
void kvm_fd_set(struct kvm_fd *k, int fd, const struct trace *trace, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void kvm_close(struct kvm_fd *k);

/* The table ends with a NULL name. -EOPNOTSUPP names all missing capabilities, and the purpose of each. */
int kvm_check_needs(const struct kvm_fd *kvm, const struct kvm_need *needs, struct error *err);

/* The same for a device, by KVM_HAS_DEVICE_ATTR. */
int kvm_check_attrs(const struct kvm_fd *dev, const struct kvm_attr_need *needs, struct error *err);

/* KVM_CHECK_EXTENSION: 0 if the capability is not offered; or a negative errno value, if KVM did not say. */
#define kvm_extension(k, cap, err) kvm_extension_named(k, cap, #cap, err)
int kvm_extension_named(const struct kvm_fd *k, int cap, const char *name, struct error *err);

/*
 * kvm_call(k, KVM_X, ptr): returns the ioctl's value, or a negative errno value. Leaves no sentence for the
 * user: the failure of some calls is an expected answer.
 */
#define kvm_call(k, req, ptr)                                                                   \
	kvm_ioctl(k, (req) + 0 * sizeof(char[_IOC_SIZE(req) == sizeof(*(ptr)) ? 1 : -1]), #req, \
	          (unsigned long)(ptr))
/* The same for a call that takes a number. */
#define kvm_call_value(k, req, value) \
	kvm_ioctl(k, (req) + 0 * sizeof(char[_IOC_SIZE(req) == 0 ? 1 : -1]), #req, value)

long kvm_ioctl(const struct kvm_fd *k, unsigned long req, const char *name, unsigned long arg);

/* What a sink of the trace is given of a call, which is over. */
struct kvm_request {
	const struct kvm_fd *fd;
	unsigned long number;
	unsigned long arg; /* a pointer to the struct, or the number */
	const char *what;  /* of a device's attribute: its name */
	long rc;
};

/* KVM_RUN: 0 or a negative errno value. Not traced: the exits are. */
int kvm_run(const struct kvm_fd *k);

/*
 * Whether a thread of the process sleeps in KVM_RUN: its guest waits for an interrupt. *file is 0 at first,
 * then what the kernel says of the thread, open for the next time: the caller closes it unless it is 0.
 */
bool kvm_run_sleeps(pid_t thread, int *file);

/* Whether that can be known here: it needs /proc. For the controller. 0 or -errno. */
int kvm_run_check(struct error *err);

/*
 * Device attributes. name is the attribute's ("ENQUEUE"), for the trace. As
 * kvm_call: a value or a negative errno value.
 */
long kvm_attr_set(const struct kvm_fd *dev, const char *name, uint32_t group, uint64_t attr,
                  const void *addr);
long kvm_attr_get(const struct kvm_fd *dev, const char *name, uint32_t group, uint64_t attr, void *addr);

/* Whether there is such an attribute: 0, or -ENXIO (or another error of the device). dev may be a VM. */
long kvm_attr_has(const struct kvm_fd *dev, const char *name, uint32_t group, uint64_t attr);

/* KVM_GET_ONE_REG, KVM_SET_ONE_REG. value has as many bytes as the id says. */
long kvm_reg_get(const struct kvm_fd *vcpu, uint64_t id, void *value);
long kvm_reg_set(const struct kvm_fd *vcpu, uint64_t id, const void *value);

/* The name of an exit reason ("MMIO"), or "unknown". */
const char *kvm_exit_name(uint32_t reason);

/*
 * The sentence for a call that failed with code (< 0):
 *   "vcpu 0: KVM_S390_IRQ(EMERGENCY from CPU 9): EINVAL (Invalid argument); remedy"
 * remedy may be NULL. Returns code.
 */
int kvm_failed(struct error *err, long code, const struct kvm_fd *k, const char *remedy, const char *call_fmt,
               ...) __attribute__((format(printf, 5, 6)));

#endif
