/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c: the program torture. Read next: torture.h. */
#include <stdio.h>
#include <sys/random.h>

#include "options.h"
#include "vmm/file.h"
#include "vmm/status.h"

int main(int argc, char **argv)
{
	struct torture_config config = { .guest = NULL };
	struct error err = { .text = "" };
	bool help;
	uint32_t any = 0;
	int rc;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getrandom(&any, sizeof(any), 0) == sizeof(any))
		config.seed = any;
	if (torture_options(argc, argv, &config, &help, &err))
		return status_complain(EXIT_USAGE, &err);
	if (help) {
		fputs(torture_help, stdout);
		return status_written(0);
	}
	if (config.keep && file_can_write(config.keep, &err))
		return status_complain(EXIT_USAGE, &err);
	rc = torture(&config, &err);
	return status_written(rc ? status_complain(rc, &err) : 0);
}
