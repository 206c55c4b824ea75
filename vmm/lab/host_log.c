/* SPDX-License-Identifier: BSD-2-Clause */
/* host_log.c: see host_log.h. Source: the kernel's Documentation/ABI/testing/dev-kmsg. */
#include "host_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEVICE "/dev/kmsg"

int host_log_open(struct error *err)
{
	int fd = open(DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, -errno, "cannot read the host's log: " DEVICE ": %s", strerror(errno));
	lseek(fd, 0, SEEK_END);
	return fd;
}

/* Of the two that HACKING.md calls harmless, one is a WARNING. */
static bool is_warning(const char *line)
{
	static const char *const signs[] = { "WARNING: ", "BUG: ", "Oops", "Unable to handle", "rcu: INFO" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strstr(line, signs[i]))
			return !strstr(line, "kvmppc_create_pte");
	return false;
}

/* A read gives one record: "priority,number,time,flags;text", and properties in lines of their own. */
int host_log_find(int fd, const char *text, char line[HOST_LOG_LINE], struct error *err)
{
	char record[8192], *start, *end;
	ssize_t len;

	for (;;) {
		len = read(fd, record, sizeof(record) - 1);
		if (len < 0 && errno == EPIPE)
			continue; /* records were overwritten; the next read gives the oldest that is there */
		if (len < 0 && errno == EAGAIN)
			return 0;
		if (len <= 0)
			return error_set(err, len ? -errno : -EIO, "cannot read the host's log: %s",
			                 strerror(len ? errno : EIO));
		record[len] = 0;
		start = strchr(record, ';');
		start = start ? start + 1 : record;
		end = strchr(start, '\n');
		if (end)
			*end = 0;
		if (!(text ? strstr(start, text) != NULL : is_warning(start)))
			continue;
		snprintf(line, HOST_LOG_LINE, "%.*s", HOST_LOG_LINE - 1, start);
		return 1;
	}
}
