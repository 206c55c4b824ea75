/* SPDX-License-Identifier: BSD-2-Clause */
/* probe_diff.h: what differs between two reports of `zpvm probe --json`. Pure. Read next: json_read.h. */
#ifndef VMM_TOOL_PROBE_DIFF_H
#define VMM_TOOL_PROBE_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "vmm/error.h"

/*
 * Prints a line for each value that differs, and a summary. *different: whether there is one. An error of a
 * file, with its name, and the offset if it is no such report.
 */
int probe_diff(const char *a, const char *b, FILE *out, bool *different, struct error *err);

#endif
