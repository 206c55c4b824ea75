/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ram.h: guest memory. Guest bytes are accessed only through ram_at() and ram_see(), which check the bounds.
 * Pure.
 */
#ifndef VMM_RAM_H
#define VMM_RAM_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* A guest real (s390x: absolute) address. The host must never dereference one. */
typedef uint64_t gpa_t;

/*
 * One block from address 0 up. It is a memfd rather than private memory: its holes show which pages the guest
 * has never touched, and a host page is never shared copy-on-write (without ESOP an s390x guest would see
 * that as a protection exception of its own).
 */
struct ram {
	uint8_t *host;
	uint64_t size;
	int fd;
	uint64_t page; /* the host's page size; the bitmaps have a bit for each page, the lowest bit first */
	uint64_t pages;
	uint8_t *asked;  /* bitmap: ram_at() has returned the page since ram_forget() */
	uint8_t *always; /* bitmap: ram_always() */
	void *zeros;     /* RAM_ZEROS zero bytes that take no memory, to write from */
};

#define RAM_ZEROS (1 << 20)

/*
 * size is in bytes and a multiple of align (a power of two, at least the host's page size); the host address
 * is aligned to align too. -EINVAL for a wrong size, -ENOMEM for one beyond the host's free memory.
 */
int ram_create(struct ram *ram, uint64_t size, uint64_t align, struct error *err);
/* The same for memory of which most will never be touched: the host need not have that much. */
int ram_create_sparse(struct ram *ram, uint64_t size, uint64_t align, struct error *err);
void ram_destroy(struct ram *ram);

/*
 * len bytes at gpa, aligned as gpa is, or NULL if any of them is outside. The pages of ram_at() count as
 * changed from then on; ram_see() is for bytes that are only read. Any thread may call them.
 */
void *ram_at(const struct ram *ram, gpa_t gpa, uint64_t len);
const void *ram_see(const struct ram *ram, gpa_t gpa, uint64_t len);

/*
 * These pages always count as changed, because something writes there that no log shows (the host's interrupt
 * controller, an irqfd).
 */
void ram_always(const struct ram *ram, gpa_t gpa, uint64_t len);

/* Forgets the pages that ram_at() has returned so far. */
void ram_forget(struct ram *ram);

#endif
