/* SPDX-License-Identifier: BSD-2-Clause */
/* core.c: the notes of an s390x core. Pure. Source: Linux uapi elf.h, s390 asm/elf.h and ptrace.h. */
#include "describe.h"
#include "vmm/snapshot/core_notes.h"

#define NT_S390_TIMER   0x301
#define NT_S390_TODCMP  0x302
#define NT_S390_TODPREG 0x303
#define NT_S390_CTRS    0x304
#define NT_S390_PREFIX  0x305
#define EM_S390         22

#define PRSTATUS_SIZE 336

const struct core_arch s390_core = { .machine = EM_S390 };

static void one(struct core_notes *n, uint32_t type, uint64_t value, unsigned size)
{
	core_note_begin(n, "LINUX", type);
	core_put(n, value, size);
	core_note_end(n);
}

void s390_core_notes(const struct arch_state *state, unsigned vcpu, struct core_notes *n)
{
	const struct s390_cpu *cpu = &state->cpus[vcpu];

	core_status_begin(n, vcpu);
	core_put(n, cpu->psw_mask, 8);
	core_put(n, cpu->psw_addr, 8);
	for (unsigned i = 0; i < 16; i++)
		core_put(n, cpu->gpr[i], 8);
	for (unsigned i = 0; i < 16; i++)
		core_put(n, cpu->acr[i], 4);
	core_put(n, cpu->gpr[2], 8);
	core_pad(n, PRSTATUS_SIZE);
	core_note_end(n);

	core_note_begin(n, "CORE", CORE_NT_FPREGSET);
	core_put(n, cpu->fpc, 4);
	core_put(n, 0, 4);
	for (unsigned i = 0; i < 16; i++)
		core_put(n, cpu->fpr[i], 8);
	core_note_end(n);

	one(n, NT_S390_TIMER, cpu->reg[S390_REG_CPU_TIMER], 8);
	one(n, NT_S390_TODCMP, cpu->reg[S390_REG_CLOCK_COMP], 8);
	one(n, NT_S390_TODPREG, cpu->reg[S390_REG_TODPR], 4);
	core_note_begin(n, "LINUX", NT_S390_CTRS);
	for (unsigned i = 0; i < 16; i++)
		core_put(n, cpu->cr[i], 8);
	core_note_end(n);
	one(n, NT_S390_PREFIX, cpu->prefix, 4);
}
