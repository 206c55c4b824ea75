/* SPDX-License-Identifier: BSD-2-Clause */
/* main_files.c: zpvm on a machine that has no KVM for it: it reads snapshots of those that have. */
#include <stdio.h>

#include "vmm/lab/book.h"
#include "vmm/tool/files.h"
#include "vmm/status.h"

#ifndef ZPVM_VERSION
#error "the Makefile defines ZPVM_VERSION"
#endif

int main(int argc, char **argv)
{
	struct error err = { "" };
	struct options options;
	int status;

	status_begin();
	if (options_parse(argc, argv, &options, &err))
		return status_complain(EXIT_USAGE, &err);
	switch (options.action) {
	case ACTION_VERSION: printf("zpvm %s for snapshot files\n", ZPVM_VERSION); return status_written(0);
	case ACTION_HELP: options_help(&options, stdout); return status_written(0);
	default: break;
	}
	status = files_command(&options, &book_section, &err);
	if (status < 0) {
		error_set(&err, 0,
		          "there is no KVM for it on this machine: it needs s390x or POWER9 "
		          "(in zpvm's source tree `make shell ARCH=s390x` or ARCH=power9 emulates one)");
		status = EXIT_MISSING;
	}
	return status_written(err.text[0] ? status_complain(status, &err) : status);
}
