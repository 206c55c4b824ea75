/* SPDX-License-Identifier: BSD-2-Clause */
/* host_log.h: what the host's kernel says while a scenario runs (/dev/kmsg). */
#ifndef VMM_LAB_HOST_LOG_H
#define VMM_LAB_HOST_LOG_H

#include "vmm/error.h"

#define HOST_LOG_LINE 1024 /* bytes */

/* Opens it at its end: returns a file descriptor, or a negative errno. */
int host_log_open(struct error *err);

/*
 * Reads on to the end, or up to the first line that has the text; NULL: up to the first warning of the
 * kernel. Returns 1 if there is such a line, which is then in `line`, 0 if there is none, or a negative
 * errno.
 */
int host_log_find(int fd, const char *text, char line[HOST_LOG_LINE], struct error *err);

#endif
