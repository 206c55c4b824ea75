/* SPDX-License-Identifier: BSD-2-Clause */
/* files.h: the subcommands that need no KVM: inspect, diff, check and timeline. Pure. */
#ifndef VMM_TOOL_FILES_H
#define VMM_TOOL_FILES_H

#include "vmm/options.h"
#include "vmm/outcome.h"
#include "vmm/snapshot/parsed.h"

/*
 * Does what the options say, on standard output. *outcome, which the caller has set to OUTCOME_DONE, says if
 * two files differ or one is not valid. -ENOTSUP, and nobody's fault, if the options ask for something else.
 * Other errors: a file could not be read, or -ENOMEM.
 */
int files_command(const struct options *o, const struct section_extra *extra, struct outcome *outcome,
                  struct error *err);

#endif
