/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diff.h: what differs between two snapshots: interrupts first, clocks, counters and RAM last. Pure. Read
 * next: outline.h, pending.h.
 */
#ifndef VMM_TOOL_DIFF_H
#define VMM_TOOL_DIFF_H

#include "vmm/snapshot/parsed.h"

struct diff_how {
	bool irq;   /* interrupts alone */
	bool json;  /* one object; otherwise lines, each with - or + before it */
	bool color; /* for a terminal */
};

/* Prints it. *different: whether there is any. -ENOMEM. */
int diff_print(const struct parsed_snapshot *a, const struct parsed_snapshot *b, const struct diff_how *how,
               FILE *out, bool *different);

#endif
