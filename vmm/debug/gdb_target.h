/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gdb_target.h: the registers of a machine as gdb numbers them, and their description for gdb: a table for
 * each architecture. Pure. Source: "Debugging with GDB", appendix "Target Descriptions".
 */
#ifndef VMM_DEBUG_GDB_TARGET_H
#define VMM_DEBUG_GDB_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Registers that have one name with numbers behind it, or a single one. */
struct gdb_register {
	const char *name; /* with a %u for the number, if there are many */
	unsigned count;
	unsigned bytes;
	size_t at, apart; /* where the first one is in the architecture's struct, and how far the next is from
	                     it */
	const char *type; /* gdb's; NULL: an unsigned integer */
	const char *group; /* gdb's; NULL: it chooses */
};

struct gdb_feature {
	const char *name;
	const struct gdb_register *registers;
	unsigned count;
};

#define GDB_FEATURES_MAX 6

struct gdb_target {
	const char *architecture;
	struct gdb_feature features[GDB_FEATURES_MAX]; /* up to one without a name */
};

/* The machine's: arch/ARCH/debug/target.c. */
extern const struct gdb_target arch_target;

/* The bytes of all registers: no architecture has more than GDB_REGISTERS_MAX. */
#define GDB_REGISTERS_MAX 2048
size_t gdb_target_size(const struct gdb_target *t);

/* Where register number n is among these bytes. False: there is no such register. */
bool gdb_target_find(const struct gdb_target *t, uint64_t n, size_t *at, size_t *bytes);

/* Copies all registers from the architecture's struct, and to it. */
void gdb_target_get(const struct gdb_target *t, const void *cpu, uint8_t *bytes);
void gdb_target_set(const struct gdb_target *t, void *cpu, const uint8_t *bytes);

/* target.xml; for free(). NULL: out of memory. */
char *gdb_target_xml(const struct gdb_target *t);

#endif
