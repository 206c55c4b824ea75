/* SPDX-License-Identifier: BSD-2-Clause */
/* files.h: the subcommands that need no KVM: inspect, diff and check. Pure. */
#ifndef VMM_TOOL_FILES_H
#define VMM_TOOL_FILES_H

#include "vmm/options.h"
#include "vmm/snapshot/parsed.h"

/*
 * Does what the options say, on standard output, if it is one of these.
 * Returns an exit status, with a reason in err->text if there is more to say; -1: it is something else.
 */
int files_command(const struct options *o, const struct section_extra *extra, struct error *err);

#endif
