/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpu.c: a vCPU from its first C function to its last, and what it asks of the
 * hypervisor: hypercalls (PAPR chapter 14, "Logical Partitioning Option") and
 * RTAS (PAPR chapter 7). Sleeping, the decrementer, the console, the end.
 *
 * Read next: xive.c.
 */
#include "guest.h"
#include "arch/power9/platform.h"
#include "power9/cpu.h"

const char arch_name[] = "power9";

struct cpu cpus[ABI_CPUS] __attribute__((aligned(16)));

/* PAPR chapter 14, "Hypervisor Call Functions". */
#define H_GET_TERM_CHAR 0x54
#define H_PUT_TERM_CHAR 0x58
#define H_CEDE          0xe0
#define H_SUCCESS       0
#define H_BUSY          1

/* The decrementer has 56 bits and its exception exists while it is negative. It cannot be switched off. */
#define DEC_NEVER 0x007fffffffffffff

/*
 * Calls to the hypervisor
 */

int64_t hcall(uint64_t number, const uint64_t in[5], uint64_t out[4])
{
	register uint64_t r3 asm("r3") = number;
	register uint64_t r4 asm("r4") = in[0];
	register uint64_t r5 asm("r5") = in[1];
	register uint64_t r6 asm("r6") = in[2];
	register uint64_t r7 asm("r7") = in[3];
	register uint64_t r8 asm("r8") = in[4];

	asm volatile("sc	1"
	             : "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8)
	             :
	             : "r0", "r9", "r10", "r11", "r12", "ctr", "xer", "cr0", "cr1", "cr5", "cr6", "cr7",
	               "memory");
	out[0] = r4;
	out[1] = r5;
	out[2] = r6;
	out[3] = r7;
	return (int64_t)r3;
}

/* RTAS is big-endian, whatever the partition is (PAPR chapter 7, "RTAS Argument Buffer"). */
static uint32_t be32(uint64_t n)
{
	return __builtin_bswap32((uint32_t)n);
}

/* Up to three arguments, one or two results: the status, and *more. */
int32_t rtas(uint32_t token, uint32_t nargs, uint64_t a, uint64_t b, uint64_t c, int32_t *more)
{
	struct rtas_args args = {
		be32(token), be32(nargs), be32(more ? 2 : 1), { be32(a), be32(b), be32(c), 0 }
	};
	uint64_t out[4];
	int64_t rc;

	rc = hcall(H_RTAS, (const uint64_t[5]){ (uint64_t)&args }, out);
	if (rc != H_SUCCESS)
		return (int32_t)rc;
	if (more)
		*more = (int32_t)be32(args.words[nargs + 1]);
	return (int32_t)be32(args.words[nargs]);
}

void arch_checkpoint(unsigned int id)
{
	uint64_t out[4];
	int64_t rc = hcall(ABI_CHECKPOINT_HCALL, (const uint64_t[5]){ id, (uint64_t)&shared }, out);

	if (rc != H_SUCCESS)
		crash("checkpoint %u: %ld", id, rc);
}

/* The characters go in two registers, the first one in the most significant byte. */
void arch_write(const char *text, unsigned int length)
{
	while (length) {
		unsigned int i, n = length < 16 ? length : 16;
		uint64_t out[4], chars[2] = { 0, 0 };
		int64_t rc;

		for (i = 0; i < n; i++)
			chars[i / 8] |= (uint64_t)(uint8_t)text[i] << (56 - i % 8 * 8);
		do
			rc = hcall(H_PUT_TERM_CHAR,
			           (const uint64_t[5]){ platform.vty, n, chars[0], chars[1] }, out);
		while (rc == H_BUSY);
		/* Nobody will read this; the second try to say it ends the VM. */
		if (rc != H_SUCCESS)
			crash("H_PUT_TERM_CHAR: %ld", rc);
		text += n;
		length -= n;
	}
}

/* Asks again and again: an interrupt would have to be logged. */
void arch_echo(void)
{
	struct line line = { .length = 0 };
	uint64_t i, out[4];
	int64_t rc;

	for (;;) {
		rc = hcall(H_GET_TERM_CHAR, (const uint64_t[5]){ P9_VTY }, out);
		if (rc != H_SUCCESS)
			crash("H_GET_TERM_CHAR: %ld", rc);
		for (i = 0; i < out[0]; i++)
			if (echo(&line, (char)(out[1 + i / 8] >> (56 - i % 8 * 8))))
				return;
	}
}

/*
 * Interrupts, but for those of the XIVE
 */

/* mtmsrd with L=1 changes EE and RI alone. */
static void msr_set(uint64_t ee_ri)
{
	asm volatile("mtmsrd	%0,1" : : "r"(ee_ri) : "memory");
}

void arch_open(void)
{
	msr_set(MSR_EE | MSR_RI);
}

void arch_close(void)
{
	msr_set(MSR_RI);
}

/*
 * H_CEDE sets MSR[EE] and sleeps in one; the interrupt is taken on the way
 * back from it. H_PROD ends it too, and is remembered by one that is awake.
 */
void cede(void)
{
	uint64_t out[4];
	int64_t rc = hcall(H_CEDE, (const uint64_t[5]){ 0 }, out);

	arch_close();
	if (rc != H_SUCCESS)
		crash("H_CEDE: %ld", rc);
}

void arch_sleep(void)
{
	cede();
}

static void decrementer_set(uint64_t ticks)
{
	asm volatile("mtdec	%0" : : "r"(ticks) : "memory");
}

void arch_timer(unsigned int which, uint64_t microseconds)
{
	if (which != ABI_TIMER_CLOCK)
		crash("power9 has no timer %u", which);
	/* It follows the time base. */
	decrementer_set(microseconds * (platform.timebase / 1000000));
}

void decrementer_interrupt(void)
{
	decrementer_set(DEC_NEVER);
	record(ABI_DEC, 0, 0, 0);
}

uint64_t timebase(void)
{
	uint64_t ticks;

	asm volatile("mftb	%0" : "=r"(ticks));
	return ticks;
}

uint64_t arch_clock(void)
{
	return timebase();
}

void unexpected_interrupt(uint64_t vector, uint64_t srr0, uint64_t srr1)
{
	uint64_t dar, dsisr;

	asm volatile("mfdar	%0" : "=r"(dar));
	asm volatile("mfdsisr	%0" : "=r"(dsisr));
	crash("interrupt 0x%lx at 0x%lx, SRR1 0x%lx DAR 0x%lx DSISR 0x%lx", vector, srr0, srr1, dar, dsisr);
}

void arch_illegal(void)
{
	asm volatile(".long	0"); /* Power ISA Book I, "Illegal Instruction Class" */
}

/*
 * Start and end
 */

/* A crash in a crash finds this ready. */
static const char os_term_text[] = "zpvm test guest: crash";
struct rtas_args os_term_args;

static void os_term_prepare(void)
{
	os_term_args.token = be32(platform.rtas_os_term);
	os_term_args.nargs = be32(1);
	os_term_args.nret = be32(1);
	os_term_args.words[0] = be32((uint64_t)os_term_text);
}

void cpu_main(unsigned int number, const void *fdt)
{
	struct cpu *cpu = &cpus[number];
	uint64_t dec;

	cpu->number = number;
	if (number == 0) {
		os_term_prepare();
		platform_read(fdt);
		os_term_prepare();
	}
	arch_close();
	decrementer_set(DEC_NEVER);
	asm volatile("mfdec	%0" : "=r"(dec));
	if (!(dec >> 32))
		crash("the decrementer has 32 bits: LPCR[LD] is not set");
	if (platform.xics)
		xics_accept();
	else if (platform.xive)
		xive_accept(CPPR_ACCEPT);
	guest_main(number);
}

void external_interrupt(void)
{
	if (platform.xics)
		xics_interrupt();
	else
		xive_interrupt();
}

unsigned int arch_cpu(void)
{
	struct cpu *cpu;

	asm volatile("mfsprg0	%0" : "=r"(cpu));
	return cpu->number;
}

#define CPU_STOPPED 0 /* query-cpu-stopped-state (PAPR chapter 7) */

void arch_start(unsigned int cpu)
{
	uint32_t server = cpu < platform.cpus ? platform.servers[cpu] : UINT32_MAX;
	int32_t state = -1, status = rtas(platform.rtas_query_cpu, 1, server, 0, 0, &state);

	if (status || state != CPU_STOPPED)
		crash("RTAS query-cpu-stopped-state of vCPU %u: %d, state %d", cpu, status, state);
	status = rtas(platform.rtas_start_cpu, 3, server, (uint64_t)secondary_start, cpu, NULL);
	if (status)
		crash("RTAS start-cpu of vCPU %u: %d", cpu, status);
}

void arch_offline(void)
{
	if (platform.xive)
		xive_accept(0);
	crash("RTAS stop-self: %d", rtas(platform.rtas_stop_self, 0, 0, 0, 0, NULL));
}

/* The arguments of power-off say what may power on again: nothing. */
void arch_stop(unsigned int status)
{
	(void)status; /* abi_shared.status: RTAS has no place for it */
	for (;;)
		rtas(platform.rtas_power_off, 2, 0, 0, 0, NULL);
}

void arch_crashed(void)
{
	for (;;)
		rtas(platform.rtas_os_term, 1, (uint64_t)os_term_text, 0, 0, NULL);
}
