/* SPDX-License-Identifier: BSD-2-Clause */
/* late.c: see late.h. Source: userfaultfd(2), ioctl_userfaultfd(2). */
#include "late.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm/sandbox.h"

/* Puts page i back, and wakes those that wait for it. */
static void put_back(struct late *l, uint64_t i)
{
	struct uffdio_copy copy = { .dst = (uintptr_t)l->host + i * l->page,
		                    .src = (uintptr_t)l->bytes + i * l->page,
		                    .len = l->page };
	int rc;

	do
		rc = ioctl(l->fd, UFFDIO_COPY, &copy);
	while (rc < 0 && errno == EAGAIN);
	if (rc < 0)
		__atomic_store_n(&l->failed, (uint64_t)errno, __ATOMIC_RELAXED);
	l->back[i] = true;
}

/* Waits for so many milliseconds (-1: for ever), or until there is something to read. */
static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

static void answer(struct late *l)
{
	struct uffd_msg message;
	uint64_t i;

	if (read(l->fd, &message, sizeof(message)) != sizeof(message) ||
	    message.event != UFFD_EVENT_PAGEFAULT)
		return;
	i = (message.arg.pagefault.address - (uintptr_t)l->host) / l->page;
	if (i >= l->pages || l->back[i]) /* several may have waited for it */
		return;
	readable(l->wake, (int)l->ms);
	__atomic_fetch_add(&l->waited, 1, __ATOMIC_RELAXED);
	put_back(l, i);
}

/* The thread: one page after the other, as if they came from another machine. */
static void *serve(void *arg)
{
	struct late *l = arg;
	struct pollfd fds[2] = { { .fd = l->fd, .events = POLLIN }, { .fd = l->wake, .events = POLLIN } };

	sandbox_thread(SANDBOX_LATE);
	for (;;) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents)
			break;
		answer(l);
	}
	for (uint64_t i = 0; i < l->pages; i++)
		if (!l->back[i])
			put_back(l, i);
	return NULL;
}

static void release(struct late *l)
{
	if (l->fd >= 0)
		close(l->fd); /* which also ends the registration */
	if (l->wake >= 0)
		close(l->wake);
	free(l->bytes);
	free(l->back);
	*l = (struct late){ .waited = l->waited };
}

/* Has the kernel ask us for those pages of the range that are missing. Returns 0 or -1, with errno. */
static int watch(struct late *l)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_MISSING_SHMEM };
	struct uffdio_register reg = { .range = { (uintptr_t)l->host, l->pages * l->page },
		                       .mode = UFFDIO_REGISTER_MODE_MISSING };

	l->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	l->wake = eventfd(0, EFD_CLOEXEC);
	if (l->fd < 0 || l->wake < 0 || ioctl(l->fd, UFFDIO_API, &api) < 0)
		return -1;
	return ioctl(l->fd, UFFDIO_REGISTER, &reg);
}

static int check(const struct late *l, const struct ram *ram, gpa_t gpa, uint64_t pages, struct error *err)
{
	if (l->on)
		return error_set(err, -EBUSY, "other memory is late already");
	if (gpa % ram->page)
		return error_set(err, -EINVAL,
		                 "0x%" PRIx64 " is not at the beginning of a page (0x%" PRIx64 ")", gpa,
		                 ram->page);
	if (!pages || pages > ram->pages || !ram_see(ram, gpa, pages * ram->page))
		return error_set(err, -EINVAL, "0x%" PRIx64 ": the guest has no such memory", gpa);
	return 0;
}

int late_take(struct late *l, const struct ram *ram, gpa_t gpa, uint64_t pages, uint64_t ms,
              struct error *err)
{
	uint64_t len = pages * ram->page;
	int rc = check(l, ram, gpa, pages, err);

	if (rc)
		return rc;
	*l = (struct late){ .host = ram->host + gpa, .page = ram->page, .pages = pages, .ms = ms };
	l->fd = l->wake = -1;
	l->bytes = malloc(len);
	l->back = calloc(pages, sizeof(*l->back));
	if (!l->bytes || !l->back) {
		release(l);
		return error_set(err, -ENOMEM, "out of memory");
	}
	memcpy(l->bytes, l->host, len);
	if (watch(l) < 0) {
		rc = -errno;
		goto fail;
	}
	rc = -pthread_create(&l->thread, NULL, serve, l);
	if (rc)
		goto fail;
	l->on = true;
	if (!fallocate(ram->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)gpa, (off_t)len))
		return 0;
	rc = -errno;
	memset(l->back, true, pages); /* nobody can have waited, and the thread shall put nothing back */
	late_end(l, err);
	return error_set(err, rc, "guest memory that comes late: %s", strerror(-rc));
fail:
	release(l);
	return error_set(err, rc, "guest memory that comes late, by userfaultfd: %s", strerror(-rc));
}

int late_end(struct late *l, struct error *err)
{
	const uint64_t one = 1;
	uint64_t failed;

	if (!l->on)
		return 0;
	if (write(l->wake, &one, sizeof(one)) != sizeof(one))
		return error_set(err, -EIO, "guest memory that comes late: its thread cannot be told");
	pthread_join(l->thread, NULL);
	failed = l->failed;
	release(l);
	return failed ? error_set(err, -(int)failed, "guest memory that came late could not be put back: %s",
	                          strerror((int)failed))
	              : 0;
}
