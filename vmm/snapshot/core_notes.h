/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core_notes.h: the notes of an ELF core: the registers of each vCPU, as the architecture's Linux lays them
 * out in a core or vmcore (elf(5), PT_NOTE). An architecture writes those of a vCPU
 * (arch/ARCH/snapshot/core.c); vmm/tool/elf_core.h writes the file. Pure.
 *
 * 	core_note_begin(&notes, "CORE", CORE_NT_PRSTATUS);
 * 	core_put(&notes, pid, 4);
 * 	core_note_end(&notes);
 */
#ifndef VMM_SNAPSHOT_CORE_NOTES_H
#define VMM_SNAPSHOT_CORE_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Types of notes that all architectures have. */
#define CORE_NT_PRSTATUS 1
#define CORE_NT_FPREGSET 2

/* Of struct elf_prstatus on a 64-bit Linux: where the process's number is, and where its registers begin. */
#define CORE_PRSTATUS_PID  32
#define CORE_PRSTATUS_REGS 112

struct core_notes {
	bool little; /* byte order of numbers */
	uint8_t *bytes;
	size_t len, room;
	size_t size_at, begin; /* of the note: where its length stands, where its contents begin */
	bool bad;              /* out of memory */
};

/* What distinguishes an architecture's core. */
struct core_arch {
	uint16_t machine; /* e_machine */
	uint32_t flags;   /* e_flags */
	bool little;
};

void core_put(struct core_notes *n, uint64_t value, unsigned size);
/* Zeros, up to this offset in the note. */
void core_pad(struct core_notes *n, size_t to);
void core_note_begin(struct core_notes *n, const char *name, uint32_t type);
void core_note_end(struct core_notes *n);

/* The beginning of a NT_PRSTATUS, up to the registers. vcpu: index. */
void core_status_begin(struct core_notes *n, unsigned vcpu);

#endif
