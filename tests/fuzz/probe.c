/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.c: any bytes as two reports of zpvm probe: compared, or refused with the file's name. */
#include "vmm/tool/probe_diff.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

static void put(int *fd, char path[32], const uint8_t *bytes, size_t size)
{
	if (*fd < 0)
		*fd = memfd_create("report", MFD_CLOEXEC);
	must(*fd >= 0 && !ftruncate(*fd, 0) && pwrite(*fd, bytes, size, 0) == (ssize_t)size);
	snprintf(path, 32, "/proc/self/fd/%d", *fd);
}

/* Up to the first NUL is one report, what is behind it is the other; without one they are the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fds[2] = { -1, -1 };
	static FILE *null;
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t first = nul ? (size_t)(nul - data) : size;
	struct error err = { .text = "" };
	char a[32], b[32];
	bool different = true;
	int rc;

	if (!null)
		null = fopen("/dev/null", "w");
	put(&fds[0], a, data, first);
	put(&fds[1], b, nul ? nul + 1 : data, nul ? size - first - 1 : size);
	rc = probe_diff(a, b, null, &different, &err);
	must(!rc || (rc == -EBADMSG && !strncmp(err.text, "/proc/self/fd/", 14)));
	must(rc || nul || !different);
	return 0;
}
