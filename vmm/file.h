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

/*
 * The same of a file that says in its first `head` bytes what it is: look() sees
 * these, or all if there are fewer, before more are read. It refuses the file, or lowers *most: what is
 * behind that is not read.
 */
typedef int file_look(const uint8_t *bytes, size_t len, size_t *most, struct error *err);
int file_read_head(const char *path, size_t head, file_look *look, size_t max, uint8_t **bytes, size_t *len,
                   struct error *err);

/*
 * Writes all of them to an open file. 0, or a negative errno value. -ETIMEDOUT: it
 * does not block, and nobody has read from it for ten seconds.
 */
int file_put(int fd, const uint8_t *bytes, size_t len);

/*
 * Whether file_write() could write there, as far as can be said without
 * writing: what cannot be is better said before the work than after it. 0, or
 * a negative errno value with the path.
 */
int file_can_write(const char *path, struct error *err);

/*
 * Makes these bytes the file's. It is written beside, and takes the old one's
 * name when it is whole and on the disk: whatever fails, and whenever the
 * process or the host dies, the name means the old file or the new one. Only
 * who may read the process's memory may read it (mode 0600). A symbolic link stays one: it is the file that
 * it means, be it there or not. What is no regular file (a pipe, /dev/stdout) is written to, as by
 * file_put(); -ENXIO: it is a pipe that nobody reads. A negative errno value with the path; the file is as
 * before, and nothing is left. But after -EINPROGRESS it is the new one, and may be lost if the host dies
 * now: its directory could not be synced.
 */
int file_write(const char *path, const uint8_t *bytes, size_t len, struct error *err);

#endif
