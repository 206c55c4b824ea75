/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpu.c: a vCPU from its first instruction to its last: prefix area and
 * control registers, PSWs, timers, starting another vCPU, the end. "PoP" is
 * the z/Architecture Principles of Operation.
 *
 * Read next: interrupt.c.
 */
#include "guest.h"
#include "s390x/lowcore.h"

const char arch_name[] = "s390x";

struct stack {
	uint8_t body[STACK_SIZE - STACK_FRAME];
	uint8_t frame[STACK_FRAME] __attribute__((aligned(8)));
};

struct cpu_stacks {
	struct stack normal;
	struct stack interrupt;
	struct stack restart;
	struct stack program;
};

/* start.S knows that the first is vCPU 0's normal one. */
extern struct cpu_stacks stacks[ABI_CPUS];
struct cpu_stacks stacks[ABI_CPUS] __attribute__((aligned(8)));

/* Of vCPU 1 and up: vCPU 0 keeps prefix 0, where it starts. */
static struct lowcore lowcores[ABI_CPUS - 1] __attribute__((aligned(8192)));

/*
 * Control registers 6 and 14 (PoP chapter 4, "Control Registers"). CR0_ALL
 * adds to the reset value bits 48 malfunction alert, 49 emergency signal,
 * 50 external call, 52 clock comparator, 53 CPU timer, 54 service signal.
 */
#define CR6_ALL_ISCS        0xff000000 /* bits 32-39: I/O-interruption subclasses 0-7 */
#define CR14_ALL_SUBCLASSES 0xdf000000 /* the reset value and bits 35-39: machine-check subclasses */

/* Of TOD clock, clock comparator and CPU timer (PoP chapter 4, "Timing"). */
#define UNITS_PER_MICROSECOND 4096

/*
 * PSWs
 */

void psw_switch(uint64_t mask)
{
	struct psw psw = { .mask = mask };
	uint64_t here;

	asm volatile("larl	%[here],0f\n"
	             "	stg	%[here],%[address]\n"
	             "	lpswe	%[psw]\n"
	             "0:"
	             : [here] "=&d"(here), [address] "=T"(psw.address)
	             : [psw] "Q"(psw)
	             : "memory", "cc");
}

static _Noreturn void disabled_wait(uint64_t address)
{
	const struct psw psw = { .mask = PSW_WAIT | PSW_64, .address = address };

	asm volatile("lpswe	%0" : : "Q"(psw) : "memory");
	__builtin_unreachable();
}

void arch_open(void)
{
	psw_switch(PSW_64 | PSW_EXT | PSW_IO | PSW_MCHK);
}

void arch_close(void)
{
	psw_switch(PSW_CLOSED);
}

/* The handler takes the wait bit out of its old PSW, and so returns to what follows here. */
void arch_sleep(void)
{
	psw_switch(PSW_64 | PSW_EXT | PSW_IO | PSW_MCHK | PSW_WAIT);
	arch_close();
}

void arch_illegal(void)
{
	asm volatile(".short	0"); /* operation exception */
}

void arch_stop(unsigned int status)
{
	disabled_wait(ABI_WAIT_STOPPED + 2 * status);
}

void arch_crashed(void)
{
	disabled_wait(ABI_WAIT_CRASHED);
}

/*
 * Timers
 */

void clock_comparator_set(uint64_t tod)
{
	asm volatile("sckc	%0" : : "Q"(tod));
}

void cpu_timer_set(uint64_t units)
{
	asm volatile("spt	%0" : : "Q"(units));
}

uint64_t arch_clock(void)
{
	uint64_t tod;

	asm volatile("stckf	%0" : "=Q"(tod) : : "cc");
	return tod;
}

void arch_timer(unsigned int which, uint64_t microseconds)
{
	switch (which) {
	case ABI_TIMER_CLOCK:
		clock_comparator_set(arch_clock() + microseconds * UNITS_PER_MICROSECOND);
		break;
	case ABI_TIMER_CPU: cpu_timer_set(microseconds * UNITS_PER_MICROSECOND); break;
	default: crash("s390x has no timer %u", which);
	}
}

/*
 * Start
 */

void cr0_load(uint64_t value)
{
	asm volatile("lctlg	0,0,%0" : : "Q"(value));
}

uint64_t cr0_store(void)
{
	uint64_t value;

	asm volatile("stctg	0,0,%0" : "=Q"(value));
	return value;
}

/* Interruptions are open by subclass, unless a command says else: what opens and closes them are the PSW's
 * masks. */
static void control_registers_load(void)
{
	const uint64_t cr6 = CR6_ALL_ISCS, cr14 = CR14_ALL_SUBCLASSES;

	cr0_load(CR0_ALL);
	asm volatile("lctlg	6,6,%0" : : "Q"(cr6));
	asm volatile("lctlg	14,14,%0" : : "Q"(cr14));
}

void lowcore_fill(struct lowcore *lc, unsigned int cpu)
{
	struct cpu_stacks *s = &stacks[cpu];

	/* As the last life of the vCPU left them, if it had one. */
	lc->online = 0;
	lc->in_restart = 0;
	lc->logging = 0;
	lc->restarts = 0;
	lc->program = PROGRAM_CRASHES;
	lc->restart_new = (struct psw){ PSW_CLOSED, (uint64_t)restart_entry };
	lc->ext_new = (struct psw){ PSW_CLOSED, (uint64_t)external_entry };
	lc->svc_new = (struct psw){ PSW_CLOSED, (uint64_t)svc_entry };
	lc->program_new = (struct psw){ PSW_CLOSED, (uint64_t)program_entry };
	lc->mchk_new = (struct psw){ PSW_CLOSED, (uint64_t)mchk_entry };
	lc->io_new = (struct psw){ PSW_CLOSED, (uint64_t)io_entry };
	lc->stack = (uint64_t)s->normal.frame;
	lc->interrupt_stack = (uint64_t)s->interrupt.frame;
	lc->restart_stack = (uint64_t)s->restart.frame;
	lc->program_stack = (uint64_t)s->program.frame;
}

/* On its own stack, interrupts closed. Both timers are 0 after reset: that is soon, or long ago. */
void cpu_main(struct lowcore *lc)
{
	asm volatile("stap	%0" : "=Q"(lc->cpu));
	clock_comparator_set(CLOCK_NEVER);
	cpu_timer_set(CPU_TIMER_NEVER);
	control_registers_load();
	lc->online = 1;
	guest_main(lc->cpu);
}

/* vCPU 0, from start.S. */
void boot(void)
{
	struct lowcore *lc = this_lowcore();

	lowcore_fill(lc, 0);
	sclp_init();
	cpu_main(lc);
}

unsigned int arch_cpu(void)
{
	return this_lowcore()->cpu;
}

/* The CPU address of a vCPU is its number (PoP chapter 4, "CPU Signaling and Response"). */
unsigned int sigp(unsigned int cpu, uint64_t order, uint32_t parm, uint32_t *status)
{
	/* An odd register is both parameter and status. */
	register uint64_t r1 asm("r1");
	unsigned int cc;

	do {
		r1 = parm;
		asm volatile("sigp	%[status],%[cpu],0(%[order])\n"
		             "	ipm	%[cc]\n"
		             "	srl	%[cc],28"
		             : [cc] "=d"(cc), [status] "+d"(r1)
		             : [cpu] "d"((uint64_t)cpu), [order] "a"(order)
		             : "cc", "memory");
	} while (cc == 2);
	*status = (uint32_t)r1;
	return cc;
}

static void sigp_accepted(unsigned int cpu, uint64_t order, uint32_t parm)
{
	uint32_t status;
	unsigned int cc = sigp(cpu, order, parm, &status);

	if (cc)
		crash("SIGP order 0x%lx to vCPU %u: condition code %u, status 0x%x", order, cpu, cc, status);
}

struct lowcore *lowcore_of(unsigned int cpu)
{
	return &lowcores[cpu - 1];
}

void arch_start(unsigned int cpu)
{
	struct lowcore *lc = lowcore_of(cpu);

	lowcore_fill(lc, cpu);
	sigp_accepted(cpu, SIGP_SET_PREFIX, (uint32_t)(uint64_t)lc);
	sigp_accepted(cpu, SIGP_RESTART, 0);
}

/* The next restart brings it to life again. SIGP STOP takes effect when the vCPU gets to it: wait for that.
 */
void arch_offline(void)
{
	this_lowcore()->online = 0;
	sigp_accepted(arch_cpu(), SIGP_STOP, 0);
	for (;;)
		;
}

/*
 * The checkpoint
 */

/* What DIAGNOSE does is the hypervisor's to define (PoP chapter 10, "DIAGNOSE"). */
void arch_checkpoint(unsigned int id)
{
	register uint64_t r2 asm("r2") = id;
	register uint64_t r3 asm("r3") = (uint64_t)&shared;

	asm volatile(".insn	rs,0x83000000,%[r2],%[r3],%[code](0)"
	             : [r2] "+d"(r2)
	             : [r3] "d"(r3), [code] "i"(ABI_CHECKPOINT_DIAG)
	             : "cc", "memory");
	if (r2)
		crash("checkpoint %u: 0x%lx", id, r2);
}
