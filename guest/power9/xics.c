/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xics.c: external interrupts by the older controller (LoPAR, "PowerPC
 * External Interrupt Option"). Each vCPU has a current priority (CPPR) and a
 * slot for one IPI (MFRR), each source a server and a priority. H_XIRR takes
 * what is pending, which makes the CPPR its priority; H_EOI ends it and gives
 * the old CPPR back. Sources are directed by RTAS calls.
 */
#include "guest.h"
#include "arch/power9/platform.h"
#include "power9/cpu.h"

#define H_EOI     0x64
#define H_CPPR    0x68
#define H_IPI     0x6c
#define H_IPOLL   0x70
#define H_XIRR    0x74
#define H_SUCCESS 0

#define XIRR_SOURCE 0xffffff /* the rest is the CPPR as it was */
#define SOURCE_IPI  2
#define MFRR_NONE   0xff
#define CPPR_ACCEPT 0xff /* the least favoured: accept all */

static uint64_t call(const char *name, uint64_t number, uint64_t a, uint64_t b)
{
	uint64_t out[4];
	int64_t rc = hcall(number, (const uint64_t[5]){ a, b }, out);

	if (rc != H_SUCCESS)
		crash("%s(0x%lx, 0x%lx): %ld", name, a, b, rc);
	return out[0];
}

void xics_accept(void)
{
	call("H_CPPR", H_CPPR, CPPR_ACCEPT, 0);
}

void xics_route(uint64_t source, uint64_t server, uint64_t priority)
{
	int32_t status = rtas(P9_RTAS_SET_XIVE, 3, source, server, priority, NULL);

	if (status)
		crash("RTAS ibm,set-xive of source 0x%lx to server %lu, priority %lu: %d", source, server,
		      priority, status);
}

void xics_interrupt(void)
{
	uint64_t server = platform.servers[arch_cpu()];
	uint64_t xirr = call("H_XIRR", H_XIRR, 0, 0) & 0xffffffff;
	uint64_t priority = call("H_IPOLL", H_IPOLL, server, 0) >> 24 & 0xff;
	uint32_t source = xirr & XIRR_SOURCE;
	int ends;

	if (!source)
		return; /* it was withdrawn in between */
	/* The slot is emptied by hand, or the IPI comes again. */
	if (source == SOURCE_IPI)
		call("H_IPI", H_IPI, server, MFRR_NONE);
	ends = driver_call(source);
	record(ABI_XIVE, source, priority, 0);
	if (ends)
		call("H_EOI", H_EOI, xirr, 0);
}
