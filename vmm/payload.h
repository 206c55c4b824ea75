/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * payload.h: a file whose bytes go into guest memory: a kernel, an initial RAM disk. A regular file of any
 * size is read directly into guest memory, without a copy of it; anything else (a pipe) is read as a whole
 * first. Pure.
 */
#ifndef VMM_PAYLOAD_H
#define VMM_PAYLOAD_H

#include <stdint.h>

#include "error.h"
#include "ram.h"

struct payload {
	const char *name;     /* the file's name, for errors; NULL: there is no file */
	int fd;               /* what to read from, unless there are bytes */
	const uint8_t *bytes; /* the whole file; NULL: it is read when it is needed */
	uint64_t size;
};

/* "-" is standard input. A negative errno value with the path. */
int payload_open(struct payload *p, const char *path, struct error *err);
void payload_close(struct payload *p);

/* Bytes that the caller has. They, and the name, must outlive the payload. */
struct payload payload_of(const char *name, const uint8_t *bytes, uint64_t size);

/* len bytes at offset, which the caller knows to be inside the file. -EIO: the file cannot be read, or has
 * become shorter. */
int payload_read(const struct payload *p, uint64_t offset, void *to, uint64_t len, struct error *err);

/* The same into guest memory; -EFAULT: they do not lie in it. */
int payload_load(const struct payload *p, uint64_t offset, const struct ram *ram, gpa_t at, uint64_t len,
                 struct error *err);

#endif
