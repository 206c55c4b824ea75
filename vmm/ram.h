/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ram.h: guest memory. Guest bytes are reached only through ram_at(), which
 * knows the bounds. Pure: no KVM here.
 */
#ifndef VMM_RAM_H
#define VMM_RAM_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "vmm/snapshot/snapshot.h"

/* A guest real (s390x: absolute) address. The host must never dereference one. */
typedef uint64_t gpa_t;

/*
 * One block from address 0 up. A memfd rather than private memory: its holes
 * say which pages the guest ever touched, and a host page is never shared
 * copy-on-write (without ESOP an s390x guest would see that as a protection
 * exception of its own).
 */
struct ram {
	uint8_t *host;
	uint64_t size;
	int fd;
	uint64_t page; /* of the host; the bitmaps have a bit for each, the first one's is the lowest */
	uint64_t pages;
	uint8_t *asked;  /* ram_at() has given it away since ram_forget() */
	uint8_t *always; /* ram_always() */
	void *zeros;     /* a mapping that takes no memory, to write from */
};

/*
 * size is in bytes, a multiple of align (a power of two, at least the host's
 * page size), which the host address gets too. -EINVAL for a wrong size,
 * -ENOMEM for one beyond what the host has free.
 */
int ram_create(struct ram *ram, uint64_t size, uint64_t align, struct error *err);
void ram_destroy(struct ram *ram);

/* len bytes at gpa, or NULL when any of them is outside. Aligned as gpa is. Any thread may. */
void *ram_at(const struct ram *ram, gpa_t gpa, uint64_t len);

/*
 * Who else writes there (the host's interrupt controller, an irqfd) tells nobody: these pages always
 * count as changed.
 */
void ram_always(const struct ram *ram, gpa_t gpa, uint64_t len);

#define TAG_RAM SNAP_TAG('R', 'A', 'M', ' ') /* runs of bytes: address, length, bytes */

/* Adds what is not zero to a snapshot. */
int ram_save(const struct ram *ram, struct snapshot *snap, struct error *err);

/* Whether that section is there, in order, and fits into size bytes of RAM; -EBADMSG with the reason if not.
 */
int ram_check(const struct snapshot *snap, uint64_t size, struct error *err);

/* A run of bytes in that section. */
struct ram_run {
	gpa_t start, end;
	const uint8_t *bytes;
};

/*
 * The next one, of RAM of this size, or -EBADMSG when it is wrong. They are in
 * order; run is the one before, at first all zeros.
 */
int ram_next_run(struct snap_reader *r, uint64_t size, struct ram_run *run, struct error *err);

/* Makes RAM what it was: pages that are not in the snapshot read as zero. -EBADMSG before anything is
 * touched. */
int ram_load(struct ram *ram, const struct snapshot *snap, struct error *err);

/*
 * The same for RAM that was like the snapshot at the last ram_forget(), and of which vCPUs have changed the
 * pages in the bitmap: only those are written, what ram_at() gave away, and what always counts.
 */
int ram_revert(struct ram *ram, const struct snapshot *snap, const uint8_t *changed, struct error *err);

/*
 * The same, whatever is there now, by writing all that is in the snapshot or was touched: 1. 0: that is more
 * than is written sooner than KVM has told what has changed, and nothing is done.
 */
int ram_rewrite(struct ram *ram, const struct snapshot *snap, struct error *err);

/* From now on counts what ram_at() gives away. */
void ram_forget(struct ram *ram);

#endif
