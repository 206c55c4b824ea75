/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipi.c: two vCPUs that send each other an IPI, in turns: the test guest's
 * handlers (guest/power9) with another main program. Says "x", goes to and fro
 * BENCH_PINGS times, says "y".
 */
#include "bench.h"
#include "arch/power9/platform.h"
#include "guest/guest.h"
#include "guest/power9/cpu.h"

#define PRIORITY 5

struct abi_shared shared;
int crashing;

static uint32_t taken[ABI_CPUS];
static uint32_t ready;

void record(unsigned int kind, uint32_t number, uint64_t parm, uint64_t parm2)
{
	(void)kind;
	(void)number;
	(void)parm;
	(void)parm2;
	taken[arch_cpu()]++;
}

_Noreturn void crash(const char *format, ...)
{
	(void)format;
	arch_crashed();
}

/* The source of that number is the IPI of the vCPU of that number. */
static void send(unsigned int cpu)
{
	*(volatile uint64_t *)(P9_ESB + ((uint64_t)2 * cpu << 16)) = 0;
}

static void receive(unsigned int cpu, uint32_t count)
{
	while (__atomic_load_n(&taken[cpu], __ATOMIC_RELAXED) < count)
		arch_sleep();
}

_Noreturn void guest_main(unsigned int cpu)
{
	xive_route(cpu, cpu, PRIORITY);
	if (cpu) {
		__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
		for (uint32_t i = 1;; i++) {
			receive(cpu, i);
			send(0);
		}
	}
	arch_start(1);
	while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		;
	arch_write("x\n", 2);
	for (uint32_t i = 1; i <= BENCH_PINGS; i++) {
		send(1);
		receive(0, i);
	}
	arch_write("y\n", 2);
	for (;;)
		arch_sleep();
}
