/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inspect.h: what is in a snapshot, of either architecture, on any machine:
 * what is pending, and everything else. Pure. Read next: parsed.h,
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

/* Describes everything but RAM. */
void inspect_all_but_ram(const struct parsed_snapshot *in, struct outline *out);

#endif
