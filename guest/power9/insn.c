/* SPDX-License-Identifier: BSD-2-Clause */
/* insn.c: one given instruction (guest/abi.h, ABI_CMD_INSN). */
#include "guest.h"
#include "power9/cpu.h"

#define NOP 0x60000000
#define B   0x48000000 /* Power ISA Book I, "Branch": AA = 0 */

static uint32_t code[ABI_CPUS][4] __attribute__((aligned(16)));

/* Power ISA Book II, "Instruction Storage": before new code may be executed. */
static void code_written(const void *at)
{
	__asm__ volatile("dcbst 0,%0\n\tsync\n\ticbi 0,%0\n\tisync" : : "r"(at) : "memory");
}

void arch_instruction(const struct abi_mailbox *m, struct abi_order *order, uint64_t result[ABI_RESULTS])
{
	unsigned int cpu = arch_cpu();
	uint32_t *c = code[cpu];
	uint64_t reg[17] = { 0 };

	c[0] = (uint32_t)(m->arg[0] >> 32);
	c[1] = m->arg[1] > 4 ? (uint32_t)m->arg[0] : NOP;
	c[2] = B | (((uint32_t)(uint64_t)insn_end - (uint32_t)(uint64_t)&c[2]) & 0x03fffffc);
	code_written(c);
	for (int i = 0; i < 16; i++)
		reg[i] = order->reg[i];
	cpus[cpu].insn = reg;
	__asm__ volatile("" ::: "memory");
	insn_enter(reg, c);
	__asm__ volatile("" ::: "memory");
	cpus[cpu].insn = 0;
	for (int i = 0; i < 16; i++)
		order->reg[i] = reg[i];
	order->trap = reg[16];
	for (int i = 0; i < ABI_RESULTS; i++)
		result[i] = reg[3 + i];
}
