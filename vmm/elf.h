/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf.h: loads an ELF64 executable of either byte order into guest memory and checks every bound. Pure.
 * Source: System V ABI, chapters 4 and 5 (gABI).
 */
#ifndef VMM_ELF_H
#define VMM_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "ram.h"

struct elf_image {
	gpa_t entry;
	gpa_t low, high; /* the bytes loaded lie in [low, high) */
};

/*
 * Copies each PT_LOAD segment to its physical address and clears the rest of it. Nothing is written before
 * the whole file has been checked. -ENOEXEC with the offset into the file for any error; e_machine and the
 * byte order must be those given.
 */
int elf_load(const uint8_t *file, size_t size, uint16_t machine, bool big_endian, const struct ram *ram,
             struct elf_image *image, struct error *err);

#endif
