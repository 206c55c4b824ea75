/* SPDX-License-Identifier: BSD-2-Clause */
/* command.c: the commands that only a POWER9 has (guest/abi.h, ABI_CMD_*). */
#include "guest.h"
#include "power9/cpu.h"

#define H_CONFER 0xe4
#define PATIENCE 20 /* seconds */

static uint64_t one_or(uint64_t n)
{
	return n ? n : 1;
}

/* Lets another vCPU have this one's time, each in turn: who is waited for may not be running. */
static void confer(uint32_t looks)
{
	uint64_t out[4];

	if (looks % 64 == 63)
		hcall(H_CONFER, (const uint64_t[5]){ platform.servers[looks / 64 % platform.cpus] }, out);
}

/*
 * With interrupts open: until the source was taken once more and has none
 * under way. A snapshot may lie in between: of the time that has passed since
 * the last look, no more than a millisecond counts.
 */
static void await(uint64_t source, uint32_t before)
{
	uint64_t last = timebase(), millisecond = platform.timebase / 1000, waited = 0;
	uint32_t looks = 0;

	while (xive_taken(source) == before || !xive_quiet(source)) {
		uint64_t now = timebase();

		confer(looks++);
		waited += now - last < millisecond ? now - last : millisecond;
		last = now;
		if (waited > PATIENCE * 1000 * millisecond)
			crash("source 0x%lx was triggered, and not taken within %u s", source, PATIENCE);
	}
}

static void ipi(uint64_t vcpu, uint64_t count, uint64_t result[ABI_RESULTS])
{
	uint64_t source = platform.ipi_first + vcpu, start = timebase();

	if (vcpu >= platform.ipis)
		crash("vCPU %lu has no IPI: there are %u", vcpu, platform.ipis);
	for (uint64_t i = 0; i < count; i++) {
		uint32_t before = xive_taken(source);

		xive_trigger(source);
		if (i + 1 == count)
			break;
		arch_open();
		await(source, before);
		arch_close();
	}
	result[0] = count;
	result[1] = timebase() - start;
}

/* One round: each source, so many times. */
static void flood_round(uint64_t first, uint64_t sources, uint64_t burst, int wait)
{
	uint32_t before = 0;

	for (uint64_t s = first; s < first + sources; s++) {
		if (wait)
			before = xive_taken(s);
		for (uint64_t i = 0; i < burst; i++)
			xive_trigger(s);
		if (!wait)
			continue;
		arch_open();
		await(s, before);
		arch_close();
	}
}

static void flood(const struct abi_mailbox *m)
{
	uint64_t sources = one_or(m->arg[1]), rounds = one_or(m->arg[2]);

	for (uint64_t s = 0; s < sources; s++)
		xive_count_only(m->arg[0] + s, 1);
	for (uint64_t i = 0; i < rounds; i++)
		flood_round(m->arg[0], sources, one_or(m->arg[3]), m->arg[4] != 0);
}

static void count(uint64_t first, uint64_t sources, uint64_t result[ABI_RESULTS])
{
	result[0] = 0;
	result[1] = UINT64_MAX;
	result[2] = 0;
	for (uint64_t s = first; s < first + sources; s++) {
		uint32_t taken = xive_taken(s);

		result[0] += taken;
		if (taken < result[1])
			result[1] = taken;
		if (taken > result[2])
			result[2] = taken;
		xive_count_only(s, 0);
	}
}

static int64_t retarget(uint64_t source, uint64_t a, uint64_t b, uint64_t times)
{
	int64_t rc = 0;

	for (uint64_t i = 0; i < times && !rc; i++)
		rc = xive_retarget(source, i & 1 ? a : b);
	return rc;
}

static void call(const struct abi_mailbox *m, uint64_t result[ABI_RESULTS])
{
	uint64_t out[4];

	result[0] = (uint64_t)hcall(m->arg[0], m->arg + 1, out);
	for (int i = 0; i < 4; i++)
		result[1 + i] = out[i];
}

int arch_obey(const struct abi_mailbox *m, uint64_t result[ABI_RESULTS])
{
	const uint64_t *arg = m->arg;

	switch (m->command) {
	case ABI_CMD_ROUTE:
		for (uint64_t i = 0; i < one_or(arg[3]); i++)
			(platform.xics ? xics_route : xive_route)(arg[0] + i, arg[1], arg[2]);
		return 1;
	case ABI_CMD_DRIVER: driver_set(arg[0], arg[1], arg[2], arg[3] != 0); return 1;
	case ABI_CMD_HCALL: call(m, result); return 1;
	case ABI_CMD_IPI: ipi(arg[0], one_or(arg[1]), result); return 1;
	case ABI_CMD_CEDE: cede(); return 1;
	case ABI_CMD_FLOOD: flood(m); return 1;
	case ABI_CMD_COUNT: count(arg[0], one_or(arg[1]), result); return 1;
	case ABI_CMD_RETARGET: result[0] = (uint64_t)retarget(arg[0], arg[1], arg[2], arg[3]); return 1;
	case ABI_CMD_CPPR: xive_accept((uint8_t)arg[0]); return 1;
	case ABI_CMD_FUZZ: result[0] = fuzz(arg[0], arg[1]); return 1;
	}
	return 0;
}
