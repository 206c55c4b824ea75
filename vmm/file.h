/* SPDX-License-Identifier: BSD-2-Clause */
/* file.h: whole files, read and written. Pure. */
#ifndef VMM_FILE_H
#define VMM_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/*
 * All of a file, which may be a pipe, for the caller to free(); "-" is standard
 * input. A negative errno value with the path; -EFBIG beyond max bytes.
 */
int file_read(const char *path, size_t max, uint8_t **bytes, size_t *len, struct error *err);

/* Writes all of them to an open file. 0, or a negative errno value. */
int file_put(int fd, const uint8_t *bytes, size_t len);

/*
 * Makes these bytes the file's. It is written beside, and takes the old one's
 * name when it is whole and on the disk: whatever fails, and whenever the
 * process or the host dies, the name means the old file or the new one. Only
 * who may read the process's memory may read it (mode 0600). What is no regular file
 * (a pipe, /dev/stdout) is written to. A negative errno value with the path;
 * the file is as before, and nothing is left.
 */
int file_write(const char *path, const uint8_t *bytes, size_t len, struct error *err);

#endif
