/* SPDX-License-Identifier: BSD-2-Clause */
/* file.h: whole files, read and written. Pure. */
#ifndef VMM_FILE_H
#define VMM_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "error.h"

/*
 * Reads all of a file, which may be a pipe, for the caller to free(); "-" is standard input. A negative errno
 * value with the path; -EFBIG beyond max bytes.
 */
int file_read(const char *path, size_t max, uint8_t **bytes, size_t *len, struct error *err);

/*
 * The same for a file that is identified by its first `head` bytes: look() is given these, or all bytes if
 * there are fewer, before more are read. It can refuse the file, or lower *most, the number of bytes to read.
 */
typedef int file_look(const uint8_t *bytes, size_t len, size_t *most, struct error *err);
int file_read_head(const char *path, size_t head, file_look *look, size_t max, uint8_t **bytes, size_t *len,
                   struct error *err);

/*
 * Writes all bytes to an open file. 0, or a negative errno value. -ETIMEDOUT: the file does not block, and
 * nobody has read from it for ten seconds.
 */
int file_put(int fd, const uint8_t *bytes, size_t len);

/*
 * Checks, without writing, whether file_write() could write there, so that an error is found before the work
 * and not after it. 0, or a negative errno value with the path.
 */
int file_can_write(const char *path, struct error *err);

/*
 * Replaces the contents of the file by these parts. The bytes go to a temporary file, which is renamed when
 * it is complete and on the disk: whatever fails, and whenever the process or the host dies, the path refers
 * to the old file or to the new one. Only its owner may read it (mode 0600), as only the owner may read the
 * process's memory. A symbolic link stays one, and its target is written, be it there or not. A file that is
 * not regular (a pipe, /dev/stdout) is written to directly, as by file_put(); -ENXIO: it is a pipe that
 * nobody reads. After an error (a negative errno value with the path) the file is unchanged and no temporary
 * file is left; but after -EINPROGRESS it is the new one, and may be lost if the host dies now: its directory
 * could not be synced.
 */
int file_write(const char *path, const struct iovec *parts, size_t count, struct error *err);

/*
 * The path to which a chain of symbolic links leads, even if no file is there; the caller frees it. NULL:
 * errno.
 */
char *file_resolve(const char *path);

#endif
