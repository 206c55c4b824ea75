/* SPDX-License-Identifier: BSD-2-Clause */
/* breakpoint.c: see breakpoint.h. */
#include "breakpoint.h"

#include <endian.h>
#include <string.h>

#include "translate.h"

bool instruction_at(const struct vm *vm, uint64_t address, bool little, uint32_t *word)
{
	const uint32_t *at = address % 4 ? NULL : ram_see(&vm->ram, address, 4);

	if (at)
		*word = little ? le32toh(*at) : be32toh(*at);
	return at;
}

static uint32_t in_order(uint32_t word, bool little)
{
	return little ? htole32(word) : htobe32(word);
}

/* Memory that the guest may execute: a processor need not notice that it has changed. */
static void write_words(const struct vm *vm, uint64_t address, const uint32_t *raw, size_t bytes)
{
	char *at = ram_at(&vm->ram, address, bytes);

	if (!at)
		return;
	memcpy(at, raw, bytes);
	__builtin___clear_cache(at, at + bytes);
}

void breakpoint_put(const struct vm *vm, struct breakpoint *point, uint64_t address, uint32_t word,
                    bool little)
{
	const uint32_t raw = in_order(word, little), *at = address % 4 ? NULL : ram_at(&vm->ram, address, 4);

	point->address = at ? address : NOWHERE;
	if (!at)
		return;
	point->was = *at;
	write_words(vm, address, &raw, sizeof(raw));
}

void breakpoint_take(const struct vm *vm, const struct breakpoint *point)
{
	if (point->address != NOWHERE)
		write_words(vm, point->address, &point->was, sizeof(point->was));
}

static const uint16_t vectors[HOOKS] = { 0x100, 0x200, 0x300, 0x380, 0x400, 0x480, 0x500, 0x600, 0x700,
	                                 0x800, 0x900, 0xa00, 0xc00, 0xd00, 0xf00, 0xf20, 0xf40, 0xf60 };

static const uint32_t hook[HOOK_WORDS] = {
	0xf8600000 | HOOK_SLOT, /* std %r3,HOOK_SLOT(0) */
	0x3860ffff,             /* li %r3,-1 */
	0x7863a302,             /* srdi %r3,%r3,12 */
	0x98630000,             /* stb %r3,0(%r3) */
};
#define HOOK_STORES_AT 0x000fffffffffffffULL

uint64_t hook_vector(unsigned i)
{
	return vectors[i];
}

uint32_t hooks_in(uint64_t first, uint64_t last)
{
	uint32_t mask = 0;

	for (unsigned i = 0; i < HOOKS; i++)
		if (first < vectors[i] + (uint64_t)HOOK_BYTES && last >= vectors[i])
			mask |= 1u << i;
	return mask;
}

void hooks_put(const struct vm *vm, struct hooks *hooks, uint32_t mask)
{
	const uint64_t *slot = ram_at(&vm->ram, HOOK_SLOT, sizeof(*slot));
	uint32_t raw[HOOK_WORDS];

	for (unsigned i = 0; i < HOOK_WORDS; i++)
		raw[i] = in_order(hook[i], hooks->little);
	for (unsigned i = 0; i < HOOKS; i++) {
		const void *at = ram_at(&vm->ram, vectors[i], HOOK_BYTES);

		if (!at || !(mask & 1u << i))
			continue;
		memcpy(hooks->was[i], at, HOOK_BYTES);
		write_words(vm, vectors[i], raw, HOOK_BYTES);
	}
	if (mask == HOOKS_ALL && slot)
		hooks->slot = *slot;
}

void hooks_take(const struct vm *vm, const struct hooks *hooks, uint32_t mask)
{
	uint64_t *slot = ram_at(&vm->ram, HOOK_SLOT, sizeof(*slot));

	for (unsigned i = 0; i < HOOKS; i++)
		if (mask & 1u << i)
			write_words(vm, vectors[i], hooks->was[i], HOOK_BYTES);
	if (mask == HOOKS_ALL && slot)
		*slot = hooks->slot;
}

static bool is_exit(const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;

	return run->exit_reason == KVM_EXIT_MMIO && run->mmio.is_write &&
	       run->mmio.phys_addr == HOOK_STORES_AT;
}

bool hook_was_called(const struct vcpu *vcpu, const struct hooks *hooks, uint32_t mask, bool exited,
                     struct kvm_regs *regs)
{
	const uint64_t *slot = ram_at(&vcpu->vm->ram, HOOK_SLOT, sizeof(*slot));
	uint64_t at = exited ? regs->pc - 4 : regs->pc;
	uint32_t which = mask & hooks_in(at, at);

	if (!slot || !which || (exited && !is_exit(vcpu)))
		return false;
	regs->pc = vectors[__builtin_ctz(which)];
	if (at != regs->pc)
		regs->gpr[3] = hooks->little ? le64toh(*slot) : be64toh(*slot);
	return true;
}
