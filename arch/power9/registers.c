/* SPDX-License-Identifier: BSD-2-Clause */
/* registers.c: see registers.h. Pure. */
#include "registers.h"

#define NAMED          (sizeof(regs) / sizeof(regs[0]))
#define VECTOR         32
#define ENTRY(reg, id) { #reg, id },

static const struct {
	const char *name;
	uint64_t id;
} regs[] = { P9_REG_LIST(ENTRY) };

_Static_assert(NAMED + 2 * VECTOR <= P9_REGS_MAX, "registers");

size_t p9_reg_count(void)
{
	return NAMED + 2 * VECTOR;
}

struct p9_reg_name p9_reg_nth(size_t i)
{
	if (i < NAMED)
		return (struct p9_reg_name){ regs[i].name, regs[i].id, -1 };
	if (i < NAMED + VECTOR)
		return (struct p9_reg_name){ "VSR", P9_VSR(i - NAMED), (int)(i - NAMED) };
	return (struct p9_reg_name){ "VR", P9_VR(i - NAMED - VECTOR), (int)(i - NAMED - VECTOR) };
}

struct p9_reg_name p9_reg_find(uint64_t id)
{
	for (size_t i = 0; i < p9_reg_count(); i++)
		if (p9_reg_nth(i).id == id)
			return p9_reg_nth(i);
	return (struct p9_reg_name){ NULL, id, -1 };
}

unsigned p9_reg_size(uint64_t id)
{
	unsigned log = id >> 52 & 15; /* KVM_REG_SIZE_SHIFT */

	return log >= 2 && log <= 4 ? 1u << log : 0;
}
