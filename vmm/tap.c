/* SPDX-License-Identifier: BSD-2-Clause */
/* tap.c: see tap.h. Source: the kernel's Documentation/networking/tuntap.rst. */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <unistd.h>

#include "kvm.h"

#define DEVICE "/dev/net/tun"

int tap_open(const char *name, struct error *err)
{
	struct kvm_fd tun = { .fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC) };
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	long rc;

	if (tun.fd < 0)
		return error_set(err, -errno, "%s: %s%s", DEVICE, strerror(errno),
		                 errno == ENOENT || errno == ENODEV
		                         ? "; load the kernel's module tun (modprobe tun)"
		                         : "");
	if (!*name || strlen(name) >= sizeof(request.ifr_name)) {
		close(tun.fd);
		return error_set(err, -EINVAL, "tap=%s: a name of an interface has 1 to %zu characters", name,
		                 sizeof(request.ifr_name) - 1);
	}
	strcpy(request.ifr_name, name);
	rc = kvm_ioctl(&tun, TUNSETIFF, "TUNSETIFF", (unsigned long)&request);
	if (!rc)
		return tun.fd;
	close(tun.fd);
	return error_set(err, (int)rc, "tap=%s: %s%s", name, strerror((int)-rc),
	                 rc == -EPERM ? "; create it first (ip tuntap add NAME mode tap user USER)" : "");
}
