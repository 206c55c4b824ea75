/* SPDX-License-Identifier: BSD-2-Clause */
/* mapping.c: see mapping.h. Pure. */
#include "mapping.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* In whole pages. */
static size_t rounded(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) & ~(page - 1);
}

/* Reserves enough addresses for the guards and the alignment, gives back the rest, then maps the file there.
 */
void *mapping_open(size_t size, size_t align, int fd, off_t offset)
{
	size_t inside = rounded(size), more = 2 * MAPPING_GUARD + align, head;
	uint8_t *p, *at;

	if (inside < size || inside + more < inside)
		more = SIZE_MAX - inside; /* too much for any machine, as mmap() says */
	p = mmap(NULL, inside + more, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return MAP_FAILED;
	at = p + MAPPING_GUARD;
	if (align)
		at += -(uintptr_t)at & (align - 1);
	head = (size_t)(at - p) - MAPPING_GUARD;
	if (head)
		munmap(p, head);
	if (align > head)
		munmap(at + inside + MAPPING_GUARD, align - head);
	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, offset) != MAP_FAILED)
		return at;
	mapping_close(at, size);
	return MAP_FAILED;
}

void mapping_close(void *at, size_t size)
{
	munmap((uint8_t *)at - MAPPING_GUARD, rounded(size) + 2 * MAPPING_GUARD);
}
