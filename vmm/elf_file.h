/* SPDX-License-Identifier: BSD-2-Clause */
/* elf_file.h: how the loader (elf.c) reads an ELF64 file, and relocates what it has loaded. Pure. */
#ifndef VMM_ELF_FILE_H
#define VMM_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "payload.h"
#include "ram.h"

#define ELF_SEGMENTS_MAX 64

/* A segment to be loaded. */
struct elf_segment {
	uint64_t offset, vaddr, paddr, filesz, memsz;
	gpa_t to; /* where it is loaded */
};

/* The first read of a file that failed. */
struct elf_trouble {
	int rc; /* 0: none did */
	struct error why;
};

struct elf_file {
	const struct payload *payload;
	struct elf_trouble *trouble;
	uint64_t size;
	bool big_endian;
	bool moves; /* position-independent */
	gpa_t move; /* by how much it is moved */
	uint64_t phoff, phnum;
	struct elf_segment segments[ELF_SEGMENTS_MAX]; /* those that are not empty */
	unsigned segment_count;
};

/* A number of len bytes (at most 8). The caller has checked that offset + len lies inside. Of a file that
 * cannot be read it is 0, and f->trouble says so: whoever has opened the file looks there in the end. */
uint64_t elf_number(const struct elf_file *f, uint64_t offset, size_t len);

#define FIELD(f, base, type, member) \
	elf_number(f, (base) + offsetof(type, member), sizeof(((type *)0)->member))

/*
 * Applies the relocations of the loaded program, which must all be of the type `relative`. ram NULL: only
 * checks them. -ENOEXEC with the offset into the file.
 */
int elf_relocate(const struct elf_file *f, uint32_t relative, const struct ram *ram, struct error *err);

#endif
