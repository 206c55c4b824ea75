/* SPDX-License-Identifier: BSD-2-Clause */
/* status.c: see status.h. Pure. */
#include "status.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Reading standard input, and writing the others, gives EBADF as before. */
void status_files(void)
{
	int fd;

	do
		fd = open("/dev/null", fcntl(STDIN_FILENO, F_GETFD) < 0 ? O_WRONLY : O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int status_complain(int status, const struct error *err)
{
	fflush(stdout);
	fprintf(stderr, "zpvm: %s\n", err->text);
	return status;
}

int status_written(int status)
{
	struct error err;

	if (!fflush(stdout) && !ferror(stdout))
		return status;
	error_set(&err, 0, "cannot write to standard output");
	return status_complain(EXIT_HOST, &err);
}
