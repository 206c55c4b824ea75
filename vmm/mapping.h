/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mapping.h: files mapped between guard pages, so that an access beyond them is a fault and never one to
 * memory of the process: guest memory, what a vCPU shares with KVM, windows of devices. Pure.
 */
#ifndef VMM_MAPPING_H
#define VMM_MAPPING_H

#include <stddef.h>
#include <sys/types.h>

/* Bytes on each side: no page of a host is larger. */
#define MAPPING_GUARD (64 << 10)

/*
 * Maps size bytes of the file from offset on, shared, to be read and written, at a multiple of align (a power
 * of two; 0: a page). MAP_FAILED: errno. mapping_close(): with the same size, a multiple of the host's pages
 * if the mapping is not of an ordinary file.
 */
void *mapping_open(size_t size, size_t align, int fd, off_t offset);
void mapping_close(void *at, size_t size);

#endif
