/* SPDX-License-Identifier: BSD-2-Clause */
/* irqfd.c: see irqfd.h. */
#include "irqfd.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* --- the eventfd ------------------------------------------------------ */

static int open_eventfd(struct error *err)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	return fd >= 0 ? fd : error_set(err, -errno, "eventfd: %s", strerror(errno));
}

static int add(int fd, uint64_t count, struct error *err)
{
	if (!count || write(fd, &count, sizeof(count)) == sizeof(count))
		return 0;
	return error_set(err, errno == EINVAL ? -EOVERFLOW : -errno, "eventfd: cannot add %llu: %s",
	                 (unsigned long long)count, strerror(errno));
}

/* A read clears the count. */
static int take_all(int fd, uint64_t *count, struct error *err)
{
	*count = 0;
	if (read(fd, count, sizeof(*count)) == sizeof(*count) || errno == EAGAIN)
		return 0;
	return error_set(err, -errno, "eventfd: cannot read: %s", strerror(errno));
}

/* Reading clears the count, so it is written back; a signal in between is added to it. */
static int look(int fd, uint64_t *count, struct error *err)
{
	int rc = take_all(fd, count, err);

	return rc ? rc : add(fd, *count, err) ? -ENOTRECOVERABLE : 0;
}

static void close_eventfd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- to KVM ----------------------------------------------------------- */

int irqfd_open(struct irqfd *f, uint32_t gsi, struct error *err)
{
	*f = (struct irqfd){ .fd = open_eventfd(err), .gsi = gsi };
	return f->fd < 0 ? f->fd : 0;
}

static long set(const struct kvm_fd *vm, const struct irqfd *f, bool on)
{
	struct kvm_irqfd k = {
		.fd = (uint32_t)f->fd,
		.gsi = f->gsi,
		.flags = on ? 0 : KVM_IRQFD_FLAG_DEASSIGN,
	};

	return kvm_call(vm, KVM_IRQFD, &k);
}

int irqfd_on(const struct kvm_fd *vm, struct irqfd *f, struct error *err)
{
	long rc = f->on ? 0 : set(vm, f, true);

	if (rc < 0)
		return kvm_failed(err, rc, vm, rc == -EBUSY ? "the eventfd is of another irqfd" : NULL,
		                  "KVM_IRQFD(GSI %u)", f->gsi);
	f->on = true;
	return 0;
}

int irqfd_off(const struct kvm_fd *vm, struct irqfd *f, struct error *err)
{
	long rc = f->on ? set(vm, f, false) : 0;

	if (rc < 0)
		return kvm_failed(err, rc, vm, NULL, "KVM_IRQFD(GSI %u, DEASSIGN)", f->gsi);
	f->on = false;
	return 0;
}

int irqfd_settle(const struct kvm_fd *vm, struct irqfd *f, struct error *err)
{
	/* KVM injects from a work queue, and no other call waits for it. */
	int rc = irqfd_off(vm, f, err);

	return rc ? rc : irqfd_on(vm, f, err);
}

void irqfd_close(const struct kvm_fd *vm, struct irqfd *f)
{
	if (f->fd >= 0 && f->on)
		set(vm, f, false);
	f->on = false;
	close_eventfd(&f->fd);
}

int irqfd_signal(struct irqfd *f, uint64_t count, struct error *err)
{
	return add(f->fd, count, err);
}

int irqfd_count(const struct irqfd *f, uint64_t *count, struct error *err)
{
	/* When an irqfd that is switched on has fired, the count remains; it must not be read as new signals.
	 */
	*count = 0;
	return f->on ? 0 : look(f->fd, count, err);
}

/* --- from KVM --------------------------------------------------------- */

int ioeventfd_open(struct ioeventfd *f, struct error *err)
{
	int fd = open_eventfd(err);

	f->on = false;
	f->fd = fd < 0 ? -1 : fd;
	return fd < 0 ? fd : 0;
}

int ioeventfd_on(const struct kvm_fd *vm, struct ioeventfd *f, struct error *err)
{
	long rc;

	f->at.fd = f->fd;
	rc = kvm_call(vm, KVM_IOEVENTFD, &f->at);
	f->on = rc >= 0;
	if (f->on)
		return 0;
	return kvm_failed(err, rc, vm, rc == -EEXIST ? "there is one already" : NULL,
	                  "KVM_IOEVENTFD(address 0x%llx, data 0x%llx, flags 0x%x)",
	                  (unsigned long long)f->at.addr, (unsigned long long)f->at.datamatch, f->at.flags);
}

void ioeventfd_off(const struct kvm_fd *vm, struct ioeventfd *f)
{
	struct kvm_ioeventfd k = f->at;

	k.flags |= KVM_IOEVENTFD_FLAG_DEASSIGN;
	if (f->on)
		kvm_call(vm, KVM_IOEVENTFD, &k);
	f->on = false;
}

void ioeventfd_close(const struct kvm_fd *vm, struct ioeventfd *f)
{
	ioeventfd_off(vm, f);
	close_eventfd(&f->fd);
}

int ioeventfd_add(struct ioeventfd *f, uint64_t count, struct error *err)
{
	return add(f->fd, count, err);
}

int ioeventfd_count(const struct ioeventfd *f, bool take, uint64_t *count, struct error *err)
{
	return take ? take_all(f->fd, count, err) : look(f->fd, count, err);
}
