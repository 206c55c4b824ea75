/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf.h: loads an ELF64 program of either byte order into guest memory and checks every bound. Pure.
 * Source: System V ABI, chapters 4 and 5 (gABI).
 */
#ifndef VMM_ELF_H
#define VMM_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "payload.h"
#include "ram.h"

/* What a machine executes. */
struct elf_machine {
	uint16_t number;   /* e_machine */
	bool big, little;  /* the byte orders that it has */
	uint32_t relative; /* its relocation R_*_RELATIVE */
	gpa_t base;        /* where a position-independent program that is linked at a lower address goes */
};

struct elf_image {
	gpa_t entry;
	gpa_t low, high; /* the bytes loaded lie in [low, high) */
	bool big_endian;
	gpa_t moved; /* by so much the program lies higher than it is linked */
};

/*
 * Copies each PT_LOAD segment to its physical address and clears the rest of it. A position-independent
 * program (ET_DYN) whose physical addresses are its virtual ones is relocated if it is linked below base. The
 * entry is a virtual address, or else, if no segment has that, a physical one. Nothing is written before the
 * whole file has been checked. -ENOEXEC with the offset into the file for any error; -EIO: see
 * payload_read().
 */
int elf_load(const struct payload *file, const struct elf_machine *machine, const struct ram *ram,
             struct elf_image *image, struct error *err);

#endif
