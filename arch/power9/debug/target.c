/* SPDX-License-Identifier: BSD-2-Clause */
/* target.c: the registers for gdb, in its order and in little-endian numbers. Pure. See
 * vmm/debug/gdb_target.h. */
#include "arch/power9/registers.h"
#include "vmm/debug/gdb_target.h"

#define AT(field)    offsetof(struct p9_cpu, field)
#define COUNT(table) table, sizeof(table) / sizeof(table[0])

/* Of KVM's registers: those of the list, then 32 of VSR, whose upper half is a floating-point register, and
 * 32 of VR. */
#define REG(name) AT(regs[P9_REG_##name].value[0])
#define LISTED    (P9_REG_VPA_DTL + 1)
#define VSR(half) AT(regs[LISTED].value[half])
#define VR        AT(regs[LISTED + 32].value[0])
#define REG_APART sizeof(struct p9_reg)

static const struct gdb_register core[] = {
	{ "r%u", 32, 8, AT(gpr), 8, NULL, NULL },    { "pc", 1, 8, AT(pc), 0, "code_ptr", NULL },
	{ "msr", 1, 8, AT(msr), 0, NULL, NULL },     { "cr", 1, 4, AT(cr), 0, NULL, NULL },
	{ "lr", 1, 8, AT(lr), 0, "code_ptr", NULL }, { "ctr", 1, 8, AT(ctr), 0, NULL, NULL },
	{ "xer", 1, 4, AT(xer), 0, NULL, NULL },
};
static const struct gdb_register floating[] = {
	{ "f%u", 32, 8, VSR(1), REG_APART, "ieee_double", "float" },
	{ "fpscr", 1, 8, REG(FPSCR), 0, NULL, "float" },
};
static const struct gdb_register vectors[] = {
	{ "vr%u", 32, 16, VR, REG_APART, NULL, "vector" },
	{ "vscr", 1, 4, REG(VSCR), 0, NULL, "vector" },
	{ "vrsave", 1, 4, REG(VRSAVE), 0, NULL, "vector" },
};
static const struct gdb_register scalars[] = { { "vs%uh", 32, 8, VSR(0), REG_APART, NULL, NULL } };
static const struct gdb_register other[] = {
	{ "srr0", 1, 8, AT(srr0), 0, "code_ptr", "system" }, { "srr1", 1, 8, AT(srr1), 0, NULL, "system" },
	{ "sprg%u", 4, 8, AT(sprg), 8, NULL, "system" },     { "pid", 1, 8, AT(pid), 0, NULL, "system" },
	{ "dar", 1, 8, REG(DAR), 0, NULL, "system" },        { "dsisr", 1, 4, REG(DSISR), 0, NULL, "system" },
	{ "lpcr", 1, 8, REG(LPCR_64), 0, NULL, "system" },
};

const struct gdb_target arch_target = {
	.architecture = "powerpc:common64",
	.features = {
		{ "org.gnu.gdb.power.core", COUNT(core) },
		{ "org.gnu.gdb.power.fpu", COUNT(floating) },
		{ "org.gnu.gdb.power.altivec", COUNT(vectors) },
		{ "org.gnu.gdb.power.vsx", COUNT(scalars) },
		{ "org.zpvm.power.system", COUNT(other) },
	},
};
