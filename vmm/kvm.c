/* SPDX-License-Identifier: BSD-2-Clause */
/* kvm.c: see kvm.h. Read next: vm.c. */
#include "kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int kvm_open(struct kvm_fd *kvm, const struct trace *trace, struct error *err)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	long version;

	if (fd < 0)
		return error_set(err, -errno, "cannot open /dev/kvm: %s; %s", strerror(errno),
		                 errno == EACCES ? "join the group that owns it (kvm)"
		                                 : "load the kvm module; the host must offer virtualization");
	kvm_fd_set(kvm, fd, trace, "kvm");
	version = kvm_call_value(kvm, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION) {
		kvm_close(kvm);
		if (version < 0)
			return error_set(err, (int)version,
			                 "/dev/kvm is not KVM's device: KVM_GET_API_VERSION: %s",
			                 error_name((int)version));
		return error_set(err, -ENOTSUP, "/dev/kvm has API version %ld, zpvm needs %d", version,
		                 KVM_API_VERSION);
	}
	return 0;
}

void kvm_fd_set(struct kvm_fd *k, int fd, const struct trace *trace, const char *fmt, ...)
{
	va_list ap;

	k->fd = fd;
	k->vcpu = -1;
	k->trace = trace;
	va_start(ap, fmt);
	vsnprintf(k->name, sizeof(k->name), fmt, ap);
	va_end(ap);
}

void kvm_close(struct kvm_fd *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}

int kvm_extension_named(const struct kvm_fd *k, int cap, const char *name, struct error *err)
{
	long rc = kvm_call_value(k, KVM_CHECK_EXTENSION, (unsigned long)cap);

	return rc < 0 ? kvm_failed(err, rc, k, NULL, "KVM_CHECK_EXTENSION(%s)", name) : (int)rc;
}

/* Appends one more missing capability to the sentence. */
static void add_missing(struct error *err, int nth, const char *who, const char *name, const char *why)
{
	size_t len = nth ? strlen(err->text) : 0;

	if (nth)
		snprintf(err->text + len, sizeof(err->text) - len, ", %s (%s)", name, why);
	else
		error_set(err, -EOPNOTSUPP, "this host's %s lacks %s (%s)", who, name, why);
}

int kvm_check_needs(const struct kvm_fd *kvm, const struct kvm_need *needs, struct error *err)
{
	int missing = 0;

	for (; needs->name; needs++) {
		struct error why;
		int rc = kvm_extension_named(kvm, needs->cap, needs->name, &why);

		if (rc < 0) {
			*err = why;
			return rc;
		}
		if (!rc)
			add_missing(err, missing++, "KVM", needs->name, needs->why);
	}
	return missing ? -EOPNOTSUPP : 0;
}

static void trace_request(const char *name, uint64_t began, const struct kvm_request *request)
{
	const struct kvm_fd *k = request->fd;
	struct trace_event event;

	trace_init(&event, TRACE_KVM, k->vcpu, name);
	event.duration = event.ns - began;
	event.ns = began;
	event.raw = request;
	trace_code(&event, request->rc);
	trace_point(k->trace, &event);
}

/* THE call. A few calls (KVM_CREATE_VM) end when a signal comes, if only one that stops the process; they are
 * made again. */
static long request(const struct kvm_fd *k, unsigned long req, const char *name, unsigned long arg,
                    const char *what)
{
	uint64_t began = trace_wants(k->trace, TRACE_KVM) ? time_now() : 0;
	long rc;

	do {
		rc = ioctl(k->fd, req, arg);
		if (rc < 0)
			rc = -errno;
	} while (rc == -EINTR);
	if (began)
		trace_request(name, began, &(struct kvm_request){ k, req, arg, what, rc });
	return rc;
}

long kvm_ioctl(const struct kvm_fd *k, unsigned long req, const char *name, unsigned long arg)
{
	return request(k, req, name, arg, NULL);
}

int kvm_run(const struct kvm_fd *k)
{
	return ioctl(k->fd, KVM_RUN, 0) < 0 ? -errno : 0;
}

/* The kernel says in this file which system call blocks the thread, and "running" if none does. */
bool kvm_run_sleeps(pid_t thread, int *file)
{
	unsigned long number, fd, request;
	char text[256];
	ssize_t len;

	if (!*file) {
		snprintf(text, sizeof(text), "/proc/self/task/%d/syscall", (int)thread);
		*file = open(text, O_RDONLY | O_CLOEXEC);
		*file = *file < 0 ? 0 : *file;
	}
	len = *file ? pread(*file, text, sizeof(text) - 1, 0) : 0;
	text[len < 0 ? 0 : len] = 0;
	return sscanf(text, "%lu %lx %lx", &number, &fd, &request) == 3 && number == SYS_ioctl &&
	       request == KVM_RUN;
}

int kvm_run_check(struct error *err)
{
	return access("/proc/self/task", X_OK)
	               ? error_set(err, -errno,
	                           "whether a vCPU sleeps is seen in /proc/self/task: %s; mount /proc",
	                           strerror(errno))
	               : 0;
}

long kvm_attr_set(const struct kvm_fd *dev, const char *name, uint32_t group, uint64_t attr, const void *addr)
{
	struct kvm_device_attr a = { .group = group, .attr = attr, .addr = (uintptr_t)addr };

	return request(dev, KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR", (unsigned long)&a, name);
}

long kvm_attr_get(const struct kvm_fd *dev, const char *name, uint32_t group, uint64_t attr, void *addr)
{
	struct kvm_device_attr a = { .group = group, .attr = attr, .addr = (uintptr_t)addr };

	return request(dev, KVM_GET_DEVICE_ATTR, "KVM_GET_DEVICE_ATTR", (unsigned long)&a, name);
}

long kvm_attr_has(const struct kvm_fd *dev, const char *name, uint32_t group, uint64_t attr)
{
	struct kvm_device_attr a = { .group = group, .attr = attr };

	return request(dev, KVM_HAS_DEVICE_ATTR, "KVM_HAS_DEVICE_ATTR", (unsigned long)&a, name);
}

int kvm_check_attrs(const struct kvm_fd *dev, const struct kvm_attr_need *needs, struct error *err)
{
	int missing = 0;

	for (; needs->name; needs++) {
		long rc = kvm_attr_has(dev, needs->name, needs->group, needs->attr);

		if (rc && rc != -ENXIO)
			return kvm_failed(err, rc, dev, NULL, "KVM_HAS_DEVICE_ATTR(%s)", needs->name);
		if (rc)
			add_missing(err, missing++, dev->name, needs->name, needs->why);
	}
	return missing ? -EOPNOTSUPP : 0;
}

long kvm_reg_get(const struct kvm_fd *vcpu, uint64_t id, void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return kvm_call(vcpu, KVM_GET_ONE_REG, &reg);
}

long kvm_reg_set(const struct kvm_fd *vcpu, uint64_t id, const void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return kvm_call(vcpu, KVM_SET_ONE_REG, &reg);
}

const char *kvm_exit_name(uint32_t reason)
{
	static const char *const names[] = {
		[KVM_EXIT_UNKNOWN] = "UNKNOWN",
		[KVM_EXIT_HYPERCALL] = "HYPERCALL",
		[KVM_EXIT_DEBUG] = "DEBUG",
		[KVM_EXIT_MMIO] = "MMIO",
		[KVM_EXIT_SHUTDOWN] = "SHUTDOWN",
		[KVM_EXIT_FAIL_ENTRY] = "FAIL_ENTRY",
		[KVM_EXIT_INTR] = "INTR",
		[KVM_EXIT_S390_SIEIC] = "S390_SIEIC",
		[KVM_EXIT_S390_RESET] = "S390_RESET",
		[KVM_EXIT_INTERNAL_ERROR] = "INTERNAL_ERROR",
		[KVM_EXIT_PAPR_HCALL] = "PAPR_HCALL",
		[KVM_EXIT_S390_UCONTROL] = "S390_UCONTROL",
		[KVM_EXIT_WATCHDOG] = "WATCHDOG",
		[KVM_EXIT_S390_TSCH] = "S390_TSCH",
		[KVM_EXIT_EPR] = "EPR",
		[KVM_EXIT_SYSTEM_EVENT] = "SYSTEM_EVENT",
		[KVM_EXIT_S390_STSI] = "S390_STSI",
	};

	return reason < sizeof(names) / sizeof(names[0]) && names[reason] ? names[reason] : "unknown";
}

int kvm_failed(struct error *err, long code, const struct kvm_fd *k, const char *remedy, const char *call_fmt,
               ...)
{
	char call[200];
	va_list ap;

	va_start(ap, call_fmt);
	vsnprintf(call, sizeof(call), call_fmt, ap);
	va_end(ap);
	return error_set(err, (int)code, "%s: %s: %s (%s)%s%s", k->name, call, error_name((int)code),
	                 strerror((int)-code), remedy ? "; " : "", remedy ? remedy : "");
}
