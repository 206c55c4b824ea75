/* SPDX-License-Identifier: BSD-2-Clause */
/* main_files.c: zpvm for a machine without a KVM that it supports: it reads snapshots of other
 * machines, and is a client of a zpvm that runs. */
#include <errno.h>
#include <stdio.h>

#include "vmm/lab/ctl.h"
#include "vmm/lab/ledger_section.h"
#include "vmm/tool/files.h"
#include "vmm/status.h"

#ifndef ZPVM_VERSION
#error "the Makefile defines ZPVM_VERSION"
#endif

int main(int argc, char **argv)
{
	struct error err = { .text = "" };
	struct options options;
	struct outcome outcome = { .kind = OUTCOME_DONE };
	int status, rc;

	status_begin();
	rc = options_parse(argc, argv, &options, &err);
	if (rc) {
		error_blame(&err, rc, FAULT_USAGE);
		return status_explain(rc, &outcome, &err);
	}
	switch (options.action) {
	case ACTION_VERSION: printf("zpvm %s for snapshot files\n", ZPVM_VERSION); return status_written(0);
	case ACTION_HELP: options_help(&options, stdout); return status_written(0);
	case ACTION_TABLE: options_table(stdout); return status_written(0);
	case ACTION_CTL:
		rc = ctl_run(options.files[0], options.files + 1, &status, &err);
		error_blame(&err, rc, FAULT_HOST);
		return status_written(rc ? status_explain(rc, &outcome, &err) : status);
	default: break;
	}
	rc = files_command(&options, &ledger_section, &outcome, &err);
	if (rc == -ENOTSUP && err.fault == FAULT_UNKNOWN)
		error_set(&err, rc,
		          "there is no KVM for it on this machine: it needs s390x or POWER9 "
		          "(in zpvm's source tree `make shell ARCH=s390x` or ARCH=power9 emulates one)");
	return status_written(status_explain(rc, &outcome, &err));
}
