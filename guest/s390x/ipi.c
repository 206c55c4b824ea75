/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipi.c: SIGNAL PROCESSOR many times in a row, so that one that is lost or
 * comes twice shows (ABI_CMD_IPI): the next is sent when the last was taken.
 */
#include "guest.h"
#include "s390x/lowcore.h"

/* By target and sender: external calls and emergency signals taken. */
static uint32_t signals[2][ABI_CPUS][ABI_CPUS];

/* Of the one vCPU that is started to stop itself: how often it has been, and how often it was told so. */
static uint32_t starts, started;

static uint32_t *counter(uint64_t order, unsigned int from, unsigned int cpu)
{
	return &signals[order == SIGP_EMERGENCY][cpu][from];
}

void ipi_taken(unsigned int order, unsigned int from, unsigned int cpu)
{
	if (from < ABI_CPUS)
		__atomic_fetch_add(counter(order, from, cpu), 1, __ATOMIC_RELEASE);
}

static void await(const uint32_t *count, uint32_t value)
{
	while ((int32_t)(__atomic_load_n(count, __ATOMIC_ACQUIRE) - value) < 0)
		;
}

/* An external call is refused while another one is pending, whoever sent it. */
static void signal_cpu(unsigned int cpu, uint64_t order)
{
	uint32_t status;
	unsigned int cc;

	do
		cc = sigp(cpu, order, 0, &status);
	while (cc == 1 && order == SIGP_EXTERNAL_CALL);
	if (cc)
		crash("SIGP order 0x%lx to vCPU %u: condition code %u, status 0x%x", order, cpu, cc, status);
}

static void signal_many(unsigned int cpu, const struct abi_mailbox *m)
{
	unsigned int to = (unsigned int)m->arg[0], from = (unsigned int)m->arg[3];
	const uint32_t *taken = counter(m->arg[2], cpu, to), *mine = counter(m->arg[2], from, cpu);
	uint32_t value = *taken, due = m->arg[4] ? (uint32_t)m->arg[4] : *mine;
	uint64_t i;

	arch_open();
	for (i = 0; i < m->arg[1]; i++) {
		signal_cpu(to, m->arg[2]);
		await(taken, ++value);
	}
	await(mine, due);
	arch_close();
}

/* A restart begins here anew, a start goes on: behind the stop. */
void ipi_bounce(struct lowcore *lc)
{
	for (;;) {
		uint32_t told = __atomic_load_n(&starts, __ATOMIC_ACQUIRE), status;

		__atomic_fetch_add(&started, 1, __ATOMIC_RELEASE);
		if (sigp(lc->cpu, SIGP_STOP, 0, &status))
			crash("SIGP STOP: status 0x%x", status);
		while (__atomic_load_n(&starts, __ATOMIC_ACQUIRE) == told)
			;
	}
}

/* One that operates takes a restart, but a start is nothing to it: so wait until it has stopped. */
static void start_many(unsigned int cpu, uint64_t order, uint64_t count)
{
	struct lowcore *lc = lowcore_of(cpu);
	uint32_t value = started, status;
	uint64_t i;

	lowcore_fill(lc, cpu);
	lc->cpu = (uint16_t)cpu;
	lc->restart_new.address = (uint64_t)bounce_entry;
	if (sigp(cpu, SIGP_SET_PREFIX, (uint32_t)(uint64_t)lc, &status))
		crash("SIGP SET PREFIX to vCPU %u: status 0x%x", cpu, status);
	for (i = 0; i < count; i++) {
		if (i && order == SIGP_START) {
			while (!sigp(cpu, SIGP_SENSE, 0, &status))
				;
			__atomic_fetch_add(&starts, 1, __ATOMIC_RELEASE);
		}
		signal_cpu(cpu, i ? order : SIGP_RESTART);
		await(&started, ++value);
	}
	while (!sigp(cpu, SIGP_SENSE, 0, &status))
		;
}

void ipi(unsigned int cpu, const struct abi_mailbox *m)
{
	if (m->arg[0] >= ABI_CPUS || m->arg[0] == cpu || m->arg[3] >= ABI_CPUS)
		crash("no IPI to vCPU %lu", m->arg[0]);
	if (m->arg[2] == SIGP_START || m->arg[2] == SIGP_RESTART)
		start_many((unsigned int)m->arg[0], m->arg[2], m->arg[1]);
	else
		signal_many(cpu, m);
}
