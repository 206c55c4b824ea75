/* SPDX-License-Identifier: BSD-2-Clause */
/* register.c: a vCPU's registers by their names. See vmm/debug/arch_debug.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/s390x/cpu.h"
#include "vmm/debug/arch_debug.h"

int arch_pc(struct vcpu *vcpu, uint64_t *pc, struct error *err)
{
	(void)err;
	*pc = vcpu->run->psw_addr;
	return 0;
}

/* The numbered ones: "r3", "cr0", "a1", "f2". */
static const uint64_t *numbered(const struct s390_cpu *cpu, const char *name, uint64_t *room)
{
	size_t letters = strcspn(name, "0123456789");
	const char *digits = name + letters;
	unsigned long n = strtoul(digits, NULL, 10);

	if (!*digits || strlen(digits) > 2 || strspn(digits, "0123456789") != strlen(digits) ||
	    (digits[0] == '0' && digits[1]) || n > 15)
		return NULL;
	*room = cpu->acr[n];
	return letters == 2 && !strncmp(name, "cr", 2) ? &cpu->cr[n]
	       : letters != 1                          ? NULL
	       : *name == 'r'                          ? &cpu->gpr[n]
	       : *name == 'f'                          ? &cpu->fpr[n]
	       : *name == 'a'                          ? room
	                                               : NULL;
}

/* The names are those of a snapshot's contents (zpvm inspect). */
static const uint64_t *find(const struct s390_cpu *cpu, const char *name, uint64_t *room)
{
	const struct {
		const char *name;
		const uint64_t *value;
	} named[] = {
		{ "psw.mask", &cpu->psw_mask },
		{ "psw.address", &cpu->psw_addr },
		{ "todpr", &cpu->reg[S390_REG_TODPR] },
		{ "cpu-timer", &cpu->reg[S390_REG_CPU_TIMER] },
		{ "clock-comparator", &cpu->reg[S390_REG_CLOCK_COMP] },
		{ "pp", &cpu->reg[S390_REG_PP] },
		{ "gbea", &cpu->reg[S390_REG_GBEA] },
		{ "pfault-token", &cpu->reg[S390_REG_PFTOKEN] },
	};
	bool prefix = !strcmp(name, "prefix");

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!strcmp(named[i].name, name))
			return named[i].value;
	if (!prefix && strcmp(name, "fpc"))
		return numbered(cpu, name, room);
	*room = prefix ? cpu->prefix : cpu->fpc;
	return room;
}

int arch_register(struct vcpu *vcpu, const char *name, uint64_t *value, struct error *err)
{
	struct s390_cpu cpu = { 0 };
	int rc = cpu_save(vcpu, &cpu, err);
	const uint64_t *found = rc ? NULL : find(&cpu, name, value);

	if (rc)
		return rc;
	if (!found)
		return error_set(err, -ENOENT, "there is no register %s", name);
	*value = *found;
	return 0;
}
