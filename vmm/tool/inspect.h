/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inspect.h: what is in a snapshot, of either architecture, on any machine:
 * described, compared with another one, and checked. Pure. Read next: parsed.h,
 * arch/ARCH/snapshot/describe.c.
 */
#ifndef VMM_TOOL_INSPECT_H
#define VMM_TOOL_INSPECT_H

#include "vmm/snapshot/parsed.h"

/* All of it; RAM as runs of bytes. */
void inspect_describe(const struct parsed_snapshot *in, struct outline *out);

/* What only one of two has, as outline_diff(); RAM by pages. Returns how many lines it took; -ENOMEM. */
long inspect_diff(const struct parsed_snapshot *a, const struct parsed_snapshot *b, FILE *out);

/* Everything that no restore takes, and what zpvm would not have made though it can be restored: a line each.
 */

#endif
