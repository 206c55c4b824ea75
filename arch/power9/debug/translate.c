/* SPDX-License-Identifier: BSD-2-Clause */
/* translate.c: see translate.h. */
#include "translate.h"

#include "arch/power9/devices.h"
#include "radix.h"

#define REAL_MODE (~(3ULL << 62)) /* the bits of an effective address that count */
#define PAGE      4096ULL

static bool walk(const struct vm *vm, uint64_t pid, uint64_t address, struct radix_page *page)
{
	uint64_t table = vm->devices->modes.process_table;

	return table && radix_walk(&vm->ram, table, pid, address, page);
}

uint64_t translate_code(const struct vm *vm, uint64_t pid, uint64_t msr, uint64_t address)
{
	struct radix_page page;

	if (!(msr & MSR_IR))
		return address & REAL_MODE;
	if (!walk(vm, pid, address, &page) || !(page.may & RADIX_EXECUTE))
		return NOWHERE;
	return page.may & RADIX_PRIVILEGED && msr & MSR_PR ? NOWHERE : page.real;
}

bool translate_is_foreign(const struct vm *vm, uint64_t pid, uint64_t msr, uint64_t address)
{
	struct radix_page page;

	return (msr & (MSR_IR | MSR_PR)) == MSR_IR && walk(vm, pid, address, &page) &&
	       !(page.may & RADIX_PRIVILEGED);
}

static bool find_data(const struct vm *vm, uint64_t pid, uint64_t msr, uint64_t address, uint64_t *real)
{
	struct radix_page page = { .real = address & REAL_MODE };
	bool found = !(msr & MSR_DR) || walk(vm, pid, address, &page);

	*real = page.real;
	return found;
}

unsigned translate_data(const struct vm *vm, uint64_t pid, uint64_t msr, uint64_t address, unsigned size,
                        struct span spans[2])
{
	unsigned left = (unsigned)(PAGE - address % PAGE), count = 0; /* in its page */
	unsigned here = size < left ? size : left;
	uint64_t real;

	if (find_data(vm, pid, msr, address, &real))
		spans[count++] = (struct span){ real, real + here - 1 };
	if (here < size && find_data(vm, pid, msr, address + here, &real))
		spans[count++] = (struct span){ real, real + size - here - 1 };
	return count;
}
