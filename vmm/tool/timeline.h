/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline.h: the subcommand: reads a trace, makes a picture of it. Pure. */
#ifndef VMM_TOOL_TIMELINE_H
#define VMM_TOOL_TIMELINE_H

#include "vmm/options.h"

/* On standard output if no file is named. */
int timeline_command(const struct options *o, struct error *err);

#endif
