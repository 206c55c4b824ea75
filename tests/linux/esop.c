// SPDX-License-Identifier: BSD-2-Clause
/*
 * esop.c: a library for LD_PRELOAD. Debian's QEMU refuses a KVM whose machine has no ESOP (KVM_CAP_S390_COW),
 * as that which Hercules emulates; it needs it only for guest memory that is shared copy-on-write. This
 * answers that one question with yes, so that its boot can be compared with zpvm's.
 */
#include <dlfcn.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <sys/ioctl.h>

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (request == KVM_CHECK_EXTENSION && (unsigned long)arg == KVM_CAP_S390_COW)
		return 1;
	return next(fd, request, arg);
}
