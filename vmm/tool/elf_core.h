/* SPDX-License-Identifier: BSD-2-Clause */
/* elf_core.h: a snapshot of a VM as an ELF core, for gdb and crash. Pure. Read next: core_notes.h. */
#ifndef VMM_TOOL_ELF_CORE_H
#define VMM_TOOL_ELF_CORE_H

#include "vmm/snapshot/parsed.h"

/*
 * Writes the core: the notes of each vCPU, and all RAM by its guest real addresses. The file has holes where
 * RAM is zero, and only its owner may read it. It replaces an old one when it is complete. -EINVAL: a
 * snapshot of interrupts alone, or no place for a regular file; -ENOMEM; an error of the file.
 */
int elf_core_write(const struct parsed_snapshot *in, const char *path, struct error *err);

#endif
