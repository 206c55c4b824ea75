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
	void *zeros;     /* RAM_ZEROS bytes that take no memory, to write from */
};

#define RAM_ZEROS (1 << 20)

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

/* From now on counts what ram_at() gives away. */
void ram_forget(struct ram *ram);

#endif
