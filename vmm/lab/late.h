/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * late.h: guest memory that comes late, as in a postcopy migration: pages are taken away, and each is put
 * back only some time after somebody has begun to wait for it, be it the guest, KVM or zpvm itself. Who asks
 * for a page but may not wait gets an error, and the page stays away. By userfaultfd(2). Pure.
 */
#ifndef VMM_LAB_LATE_H
#define VMM_LAB_LATE_H

#include <pthread.h>
#include <stdbool.h>

#include "vmm/ram.h"

/* Pages of a guest that are, or were, late. All zero: none. */
struct late {
	bool on;
	uint8_t *bytes; /* what is in the pages */
	uint8_t *host;  /* where they are */
	uint64_t page, pages;
	uint64_t ms;     /* how late each of them comes */
	uint64_t waited; /* atomic: so many came because somebody waited for them */
	uint64_t failed; /* atomic: an errno, if one could not be put back */
	bool *back;      /* those that are there again; the thread's own while `on` */
	int fd, wake;    /* the userfaultfd; an eventfd that ends the thread */
	pthread_t thread;
};

/*
 * Takes `pages` pages of the host away, from gpa on. The VM is paused. -EINVAL: there are none such, or gpa
 * is not at the beginning of one; -EBUSY: others are late; else the host's error, with nothing changed.
 */
int late_take(struct late *l, const struct ram *ram, gpa_t gpa, uint64_t pages, uint64_t ms,
              struct error *err);

/* Puts back at once what is still missing. Whether the VM runs does not matter. No error if nothing is late.
 */
int late_end(struct late *l, struct error *err);

#endif
