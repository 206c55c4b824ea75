/* SPDX-License-Identifier: BSD-2-Clause */
/* inspect_ram.h: describes the section RAM of snapshots that have passed ram_check(). Pure. For inspect.c. */
#ifndef VMM_TOOL_INSPECT_RAM_H
#define VMM_TOOL_INSPECT_RAM_H

#include "vmm/snapshot/outline.h"
#include "vmm/snapshot/ram_image.h"

/* Describes each run of bytes, with its sum. */
void ram_describe_runs(const struct snapshot *snap, uint64_t size, struct outline *out);

/*
 * Describes the 4 KiB pages that differ, with their sums, in each snapshot's outline. Memory that is not in a
 * snapshot is zero, as it is after a restore.
 */
void ram_describe_difference(const struct snapshot *a, uint64_t a_size, struct outline *a_out,
                             const struct snapshot *b, uint64_t b_size, struct outline *b_out);

#endif
