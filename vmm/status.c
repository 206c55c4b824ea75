/* SPDX-License-Identifier: BSD-2-Clause */
/* status.c: see status.h. Pure. */
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Reading standard input, and writing the others, gives EBADF as before. */
void status_begin(void)
{
	int fd;

	signal(SIGXFSZ, SIG_IGN);
	do
		fd = open("/dev/null", fcntl(STDIN_FILENO, F_GETFD) < 0 ? O_WRONLY : O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int status_of(int rc)
{
	switch (rc) {
	case 0: return 0;
	case -EOPNOTSUPP: return EXIT_MISSING;
	case -ENOEXEC:
	case -EBADMSG: return EXIT_DATA;
	case -ETIMEDOUT: return EXIT_TIMEOUT;
	default: return EXIT_HOST;
	}
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
