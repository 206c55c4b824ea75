/* SPDX-License-Identifier: BSD-2-Clause */
/* core.c: the notes of a power9 core. Pure. Source: Linux uapi elf.h, powerpc asm/elf.h and ptrace.h. */
#include "describe.h"
#include "vmm/snapshot/core_notes.h"

#define NT_PPC_VMX 0x100
#define NT_PPC_VSX 0x102
#define EM_PPC64   21
#define ELF_V2     2 /* e_flags: the ABI */

#define PRSTATUS_SIZE 504

const struct core_arch p9_core = { .machine = EM_PPC64, .flags = ELF_V2, .little = true };

static const uint64_t *value_of(const struct p9_cpu *cpu, uint64_t id)
{
	static const uint64_t zero[2];

	for (unsigned i = 0; i < cpu->reg_count; i++)
		if (cpu->regs[i].id == id)
			return cpu->regs[i].value;
	return zero;
}

static uint64_t named(const struct p9_cpu *cpu, unsigned index)
{
	return value_of(cpu, p9_reg_nth(index).id)[0];
}

/* struct pt_regs. */
static void put_status(const struct p9_cpu *cpu, unsigned vcpu, struct core_notes *n)
{
	core_status_begin(n, vcpu);
	for (unsigned i = 0; i < 32; i++)
		core_put(n, cpu->gpr[i], 8);
	core_put(n, cpu->pc, 8);
	core_put(n, cpu->msr, 8);
	core_put(n, cpu->gpr[3], 8);
	core_put(n, cpu->ctr, 8);
	core_put(n, cpu->lr, 8);
	core_put(n, cpu->xer, 8);
	core_put(n, cpu->cr, 8);
	core_put(n, 0, 8); /* soft interrupt state */
	core_put(n, 0, 8); /* trap */
	core_put(n, named(cpu, P9_REG_DAR), 8);
	core_put(n, named(cpu, P9_REG_DSISR), 8);
	core_pad(n, PRSTATUS_SIZE);
	core_note_end(n);
}

void p9_core_notes(const struct arch_state *state, unsigned vcpu, struct core_notes *n)
{
	const struct p9_cpu *cpu = &state->cpus[vcpu];

	put_status(cpu, vcpu, n);
	core_note_begin(n, "CORE", CORE_NT_FPREGSET);
	for (unsigned i = 0; i < 32; i++)
		core_put(n, value_of(cpu, P9_VSR(i))[0], 8);
	core_put(n, named(cpu, P9_REG_FPSCR), 8);
	core_note_end(n);

	core_note_begin(n, "LINUX", NT_PPC_VMX);
	for (unsigned i = 0; i < 32; i++) {
		core_put(n, value_of(cpu, P9_VR(i))[0], 8);
		core_put(n, value_of(cpu, P9_VR(i))[1], 8);
	}
	/* Each in the first word of a quadword (the last one on a big-endian machine). */
	core_put(n, named(cpu, P9_REG_VSCR), 4);
	core_pad(n, 33 * 16);
	core_put(n, named(cpu, P9_REG_VRSAVE), 4);
	core_pad(n, 34 * 16);
	core_note_end(n);

	core_note_begin(n, "LINUX", NT_PPC_VSX);
	for (unsigned i = 0; i < 32; i++)
		core_put(n, value_of(cpu, P9_VSR(i))[1], 8);
	core_note_end(n);
}
