/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols.h: the names in a guest's ELF file, or in a list of them, and the addresses that they stand for.
 * Pure. Source: gABI, ch. 4; nm(1), proc(5) (kallsyms). */
#ifndef VMM_DEBUG_SYMBOLS_H
#define VMM_DEBUG_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/error.h"
#include "vmm/payload.h"

struct symbol {
	uint64_t address;
	const char *name;
};

struct symbols {
	struct symbol *all; /* by address; those of one address in the order of the file */
	size_t count;
	char *names; /* owns the names */
};

/*
 * Reads the functions and other labels of an ELF64 file of either byte order; `moved` is added to each
 * address. -ENOEXEC: the file is not one, or has no symbol table (a stripped file), or its table is damaged,
 * with the offset. symbols_free() is needed only after success.
 */
int symbols_read(struct symbols *s, const struct payload *file, uint64_t moved, struct error *err);
/*
 * The same of an ELF file, or of a list with a line "address type name" for each symbol, as nm prints it and
 * as Linux's System.map and /proc/kallsyms are. -ENOEXEC, with the line.
 */
int symbols_read_any(struct symbols *s, const struct payload *file, struct error *err);
void symbols_free(struct symbols *s);

/* The address of NAME, NAME+NUMBER or NUMBER. -ENOENT: there is no such symbol, and which are like it. */
int symbols_find(const struct symbols *s, const char *text, uint64_t *address, struct error *err);

/* "0x115ba (arch_open+0x14)", or without a name if none is known, into text. */
void symbols_text(const struct symbols *s, uint64_t address, char *text, size_t size);

#endif
