/* SPDX-License-Identifier: BSD-2-Clause */
/* target.c: the registers for gdb, in its order. Pure. See vmm/debug/gdb_target.h. */
#include "arch/s390x/registers.h"
#include "vmm/debug/gdb_target.h"

#define AT(field)    offsetof(struct s390_cpu, field)
#define COUNT(table) table, sizeof(table) / sizeof(table[0])

static const struct gdb_register core[] = {
	{ "pswm", 1, 8, AT(psw_mask), 0, NULL, "psw" },
	{ "pswa", 1, 8, AT(psw_addr), 0, NULL, "psw" },
	{ "r%u", 16, 8, AT(gpr), 8, NULL, "general" },
};
static const struct gdb_register access[] = { { "acr%u", 16, 4, AT(acr), 4, NULL, "access" } };
static const struct gdb_register floating[] = {
	{ "fpc", 1, 4, AT(fpc), 0, NULL, "float" },
	{ "f%u", 16, 8, AT(fpr), 8, "ieee_double", "float" },
};
static const struct gdb_register control[] = { { "cr%u", 16, 8, AT(cr), 8, NULL, "control" } };
static const struct gdb_register other[] = {
	{ "prefix", 1, 4, AT(prefix), 0, NULL, "system" },
	{ "cputm", 1, 8, AT(reg[S390_REG_CPU_TIMER]), 0, NULL, "system" },
	{ "ckc", 1, 8, AT(reg[S390_REG_CLOCK_COMP]), 0, NULL, "system" },
	{ "todpr", 1, 8, AT(reg[S390_REG_TODPR]), 0, NULL, "system" },
};

const struct gdb_target arch_target = {
	.architecture = "s390:64-bit",
	.features = {
		{ "org.gnu.gdb.s390.core", COUNT(core) },
		{ "org.gnu.gdb.s390.acr", COUNT(access) },
		{ "org.gnu.gdb.s390.fpr", COUNT(floating) },
		{ "org.gnu.gdb.s390.cr", COUNT(control) },
		{ "org.zpvm.s390.system", COUNT(other) },
	},
};
