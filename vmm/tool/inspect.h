/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inspect.h: what is in a snapshot, of either architecture, on any machine:
 * described, compared with another one, and checked. Pure. Read next: parsed.h,
 * arch/ARCH/snapshot/describe.c.
 */
#ifndef VMM_TOOL_INSPECT_H
#define VMM_TOOL_INSPECT_H

#include "vmm/snapshot/parsed.h"

/* Describes everything in the snapshot; RAM as runs of bytes. */
void inspect_describe(const struct parsed_snapshot *in, struct outline *out);

/*
 * Prints what is pending where, and whether it can be delivered, or why not; then each vCPU's masks in words;
 * then all of the description, which is in `out`. As JSON: one object. -ENOMEM.
 */
int inspect_print(const struct parsed_snapshot *in, const struct outline *out, bool json, FILE *to);

/* Prints what only one of the two has, as outline_diff(); RAM by pages. Returns the number of lines, or
 * -ENOMEM. */
long inspect_diff(const struct parsed_snapshot *a, const struct parsed_snapshot *b, FILE *out);

#endif
