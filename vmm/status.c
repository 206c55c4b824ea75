/* SPDX-License-Identifier: BSD-2-Clause */
/* status.c: see status.h. Pure. */
#include "status.h"

#include <stdio.h>

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
