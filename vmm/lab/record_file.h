/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record_file.h: the file of a recording. What is printed reaches the file within RECORD_DELAY_MS, by a
 * thread of its own: a write() for each step would cost more than all else that a recording does. Pure.
 */
#ifndef VMM_LAB_RECORD_FILE_H
#define VMM_LAB_RECORD_FILE_H

#include <stdbool.h>
#include <stdio.h>

#define RECORD_DELAY_MS 50

struct record_file;

/* Begins the file anew, or (append) continues it. A negative errno value: why it cannot be written. */
int record_open(struct record_file **opened, const char *path, bool append);

FILE *record_stream(const struct record_file *file);

/* Writes what was printed, now. Returns the error of this or of an earlier write, a negative errno value; 0:
 * none. */
int record_flush(struct record_file *file);

/* That of an earlier write. */
int record_failed(struct record_file *file);

/* Writes the rest. Returns the error of this or of an earlier write. file may be NULL. */
int record_close(struct record_file *file);

#endif
