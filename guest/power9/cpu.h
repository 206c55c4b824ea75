/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpu.h: what each vCPU has of its own. SPRG0 points to it, SPRG1 is scratch
 * for the interrupt entries: Power ISA leaves both to the operating system
 * (Book III, "Software-use SPRs").
 */
#ifndef GUEST_POWER9_CPU_H
#define GUEST_POWER9_CPU_H

/* For start.S; checked below. */
#define CPU_GPRS            0x00
#define CPU_CR              0x68
#define CPU_LR              0x70
#define CPU_CTR             0x78
#define CPU_XER             0x80
#define CPU_SRR0            0x88
#define CPU_SRR1            0x90
#define CPU_CRASHED         0x9c
#define CPU_STACK           0x1080 /* stack pointers: room for a frame is above them */
#define CPU_INTERRUPT_STACK 0x2080
#define CPU_INSN            0x20a0
#define CPU_SIZE            0x20b0

/* The smallest frame: back chain, CR, LR, TOC (64-bit ELFv2 ABI, "The Stack Frame"). */
#define STACK_SIZE  4096
#define STACK_FRAME 32

/* MSR (Power ISA Book III, "Machine State Register"): the two bits that mtmsrd with L=1 changes. */
#define MSR_EE 0x8000 /* external and decrementer interrupts */
#define MSR_RI 0x0002 /* SRR0 and SRR1 may be overwritten */

#define H_RTAS 0xf000 /* PAPR: RTAS without an RTAS in guest memory */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>
#include "abi.h"

struct cpu {
	uint64_t gprs[13]; /* r0 to r12 of what an interrupt interrupted: C keeps the others */
	uint64_t cr;
	uint64_t lr;
	uint64_t ctr;
	uint64_t xer;
	uint64_t srr0;
	uint64_t srr1;
	uint32_t number;
	uint32_t crashed;
	uint8_t stack[STACK_SIZE] __attribute__((aligned(16)));
	uint8_t interrupt_stack[STACK_SIZE];
	uint64_t *insn; /* insn.c: the registers, while the instruction is executed */
	uint64_t reserved;
};

#define CPU_CHECK(offset, field) \
	_Static_assert((offset) == offsetof(struct cpu, field), "struct cpu, " #field)
CPU_CHECK(CPU_GPRS, gprs);
CPU_CHECK(CPU_CR, cr);
CPU_CHECK(CPU_LR, lr);
CPU_CHECK(CPU_CTR, ctr);
CPU_CHECK(CPU_XER, xer);
CPU_CHECK(CPU_SRR0, srr0);
CPU_CHECK(CPU_SRR1, srr1);
CPU_CHECK(CPU_CRASHED, crashed);

_Static_assert(CPU_STACK == offsetof(struct cpu, stack) + STACK_SIZE - STACK_FRAME, "struct cpu, stack");
_Static_assert(CPU_INTERRUPT_STACK == offsetof(struct cpu, interrupt_stack) + STACK_SIZE - STACK_FRAME,
               "struct cpu, interrupt_stack");
_Static_assert(CPU_INSN == offsetof(struct cpu, insn), "struct cpu, insn");
_Static_assert(CPU_SIZE == sizeof(struct cpu), "struct cpu");

/* start.S: where a secondary vCPU starts, with its number in r3. */
extern char secondary_start[];

extern struct cpu cpus[ABI_CPUS];

/* start.S: r0 and r3 to r12 from reg[], the code, which goes on to insn_end, and the registers back. reg[16]:
 * the vector that ended it. */
void insn_enter(uint64_t *reg, const void *code);
extern char insn_end[];

/* start.S passes these to RTAS when a crash crashes. */
struct rtas_args {
	uint32_t token; /* all big-endian */
	uint32_t nargs;
	uint32_t nret;
	uint32_t words[4]; /* arguments, then results */
};
extern struct rtas_args os_term_args;

/* What the device tree says (platform.c). */
extern struct platform {
	int xics, xive;             /* the interrupt controller, if there is one; of XIVE are: */
	uint64_t tima;              /* the operating system's page of the thread management area */
	uint32_t ipi_first, ipis;   /* interrupt sources that the guest may use as it likes */
	uint32_t queue_shift;       /* log2 of an event queue's size */
	unsigned int cpus;          /* that the guest knows how to start; of them: */
	uint32_t servers[ABI_CPUS]; /* their interrupt server numbers */
	uint32_t timebase;          /* Hz */
	uint32_t vty;               /* unit address of the console */
	uint32_t rtas_power_off, rtas_reboot, rtas_os_term, rtas_start_cpu, rtas_stop_self,
		rtas_query_cpu; /* tokens */
} platform;

/* platform.c: fills it in. */
void platform_read(const void *fdt);

/* cpu.c: called by start.S. fdt: vCPU 0 only. */
_Noreturn void cpu_main(unsigned int number, const void *fdt);
_Noreturn void unexpected_interrupt(uint64_t vector, uint64_t srr0, uint64_t srr1);
void decrementer_interrupt(void);
void external_interrupt(void);

/* The number of the vCPU that is that server; ABI_CPUS if none is. */
unsigned int platform_cpu(uint64_t server);

/*
 * driver.c: a source's driver has been called by its interrupt: whether the
 * handler has to end the interrupt (EOI).
 */
int driver_call(uint32_t source);
void driver_set(uint64_t source, uint64_t reg, uint64_t after, int defers);

/* cpu.c: a hypercall with five arguments in r4 to r8; its return code, and r4 to r7 in out. */
int64_t hcall(uint64_t number, const uint64_t in[5], uint64_t out[4]);

/* cpu.c: an RTAS call with up to three arguments; its status, and *more unless NULL. */
int32_t rtas(uint32_t token, uint32_t nargs, uint64_t a, uint64_t b, uint64_t c, int32_t *more);

/* cpu.c: H_CEDE, once. */
void cede(void);

/* cpu.c: what the time base says. */
uint64_t timebase(void);

/* xive.c: accept interrupts on this vCPU, those more favoured than cppr; the handler. */
#define CPPR_ACCEPT 0xff /* the least favoured: accept all */
void xive_accept(uint8_t cppr);
void xive_interrupt(void);

/* Direct an interrupt source to a server's queue of that priority, and unmask it. */
void xive_route(uint64_t source, uint64_t server, uint64_t priority);

/* The same for a source that is routed, to a vCPU's only queue, leaving PQ alone; the hypercall's code.
 */
int64_t xive_retarget(uint64_t source, uint64_t vcpu);

/*
 * Trigger a source, which is routed. Its interrupts that were taken so far;
 * whether there is none under way; from now on count them only, or log them, too.
 */
void xive_trigger(uint64_t source);
uint32_t xive_taken(uint64_t source);
int xive_quiet(uint64_t source);
void xive_count_only(uint64_t source, int only);

/* Forget all routes: the hypervisor was told to, or nobody knows what it was told. */
void xive_forget(void);

/* xics.c: the same three, of a machine with XICS. */
void xics_accept(void);
void xics_interrupt(void);
void xics_route(uint64_t source, uint64_t server, uint64_t priority);

/* fuzz.c: so many hypercalls with random arguments; how many succeeded. */
uint64_t fuzz(uint64_t seed, uint64_t count);

#endif
#endif
