/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz.c: a hostile partition: any hypercall with any arguments, most of them
 * at some boundary, so often that most combinations come. Whatever is asked
 * for, a return code of PAPR must come back. Only what ends, sleeps or
 * cripples this guest by design is left out, and no address is given away
 * that lies in its own image.
 */
#include "guest.h"
#include "arch/power9/platform.h"
#include "power9/cpu.h"

#define H_SET_SPRG0            0x24
#define H_PAGE_INIT            0x2c
#define H_CEDE                 0xe0
#define H_SET_MODE             0x31c
#define H_REGISTER_VPA         0xdc
#define H_PROD                 0xe8
#define H_REGISTER_PROC_TBL    0x37c
#define H_INT_SET_QUEUE_CONFIG 0x3b8
#define H_INT_RESET            0x3d0
#define H_LAST                 0x45c

/* Memory that nobody misses: 1 MiB for each vCPU. */
#define SCRATCH      0x1000000ULL
#define SCRATCH_SIZE 0x100000ULL

struct random {
	uint64_t state;
	uint64_t calls, succeeded;
	uint64_t scratch;
};

/* xorshift64* (Marsaglia, Vigna) */
static uint64_t next(struct random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 0x2545f4914f6cdd1d;
}

static uint64_t below(struct random *r, uint64_t n)
{
	return (next(r) >> 16) % n;
}

/* Half of them what most calls take, so that whole calls are right, too. */
static uint64_t value(struct random *r)
{
	static const uint64_t small[] = { 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 16, P9_MSI_BASE, P9_MSI_BASE + 1 };
	static const uint64_t edges[] = {
		0,
		0,
		0,
		0,
		1,
		1,
		2,
		3,
		4,
		5,
		6,
		7,
		8,
		12,
		16,
		16,
		17,
		24,
		25,
		63,
		64,
		0xff,
		0x100,
		0xfff,
		P9_MSI_BASE,
		P9_MSI_BASE,
		P9_MSI_BASE + 1,
		P9_MSI_BASE + 0x3f,
		P9_MSI_BASE + 0x40,
		P9_LSI_BASE,
		0xc00,
		0xd00,
		0xe00,
		0xf00,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x100000005,
		SCRATCH,
		SCRATCH,
		SCRATCH + 0x10000,
		SCRATCH + 0x40,
		SCRATCH + 8,
		SCRATCH + SCRATCH_SIZE - 4,
		0x4000000,
		0x4000000 - 0x10000,
		0x4000000 - 4,
		P9_ESB,
		P9_TIMA,
		P9_VTY + 1,
		1ULL << 45,
		2ULL << 45,
		3ULL << 45,
		5ULL << 45,
		1ULL << 60,
		1ULL << 63,
		UINT64_MAX - 0xffff,
		UINT64_MAX - 7,
		UINT64_MAX,
	};
	uint64_t n = below(r, sizeof(edges) / sizeof(edges[0]) + 4);

	if (below(r, 2))
		return small[below(r, sizeof(small) / sizeof(small[0]))];
	if (n >= sizeof(edges) / sizeof(edges[0]))
		return n & 1 ? next(r) : next(r) & (SCRATCH_SIZE - 1) & ~7ULL;
	n = edges[n];
	return n >= SCRATCH && n < SCRATCH + SCRATCH_SIZE ? n - SCRATCH + r->scratch : n;
}

/* Not the guest's own image: nobody but itself would notice. */
static uint64_t address(const struct random *r, uint64_t a)
{
	return a < SCRATCH ? r->scratch + a % SCRATCH_SIZE : a;
}

static int is_papr(int64_t rc)
{
	return (rc >= 0 && rc <= 18) || (rc >= 9900 && rc <= 9905) || (rc < 0 && rc >= -77) ||
	       (rc <= -256 && rc >= -511) || rc == -9005 || rc == -9006;
}

static int64_t try(struct random *r, uint64_t number, const uint64_t in[5])
{
	uint64_t out[4];
	int64_t rc = hcall(number, in, out);

	if (!is_papr(rc))
		crash("hypercall 0x%lx (0x%lx, 0x%lx, 0x%lx, 0x%lx, 0x%lx): %ld", number, in[0], in[1], in[2],
		      in[3], in[4], rc);
	r->calls++;
	r->succeeded += rc == 0;
	return rc;
}

/* Tokens that this guest would not survive, with the arguments that they have. */
static int is_deadly(uint32_t token, uint32_t args)
{
	return token == platform.rtas_power_off || token == platform.rtas_os_term ||
	       token == platform.rtas_stop_self || token == platform.rtas_reboot ||
	       (token == platform.rtas_start_cpu && args == 3);
}

/* An argument buffer with random numbers in it, at a place that may be none; its arguments may be itself. */
static void rtas_buffer(struct random *r)
{
	uint64_t at = address(r, value(r));
	uint32_t head[3] = { (uint32_t)below(r, 14), (uint32_t)below(r, 9), (uint32_t)below(r, 10) };
	volatile uint32_t *words = (volatile uint32_t *)at;

	for (int i = 1; i < 3; i++)
		if (!below(r, 8))
			head[i] = (uint32_t)value(r);
	if (is_deadly(head[0], head[1]))
		head[0] = (uint32_t)next(r) | 0x80000000;
	if (at >= r->scratch && at <= r->scratch + SCRATCH_SIZE - 64) {
		for (int i = 0; i < 3; i++)
			words[i] = __builtin_bswap32(head[i]);
		for (int i = 3; i < 16; i++)
			words[i] = __builtin_bswap32((uint32_t)(below(r, 4) ? value(r) : at));
	}
	try(r, H_RTAS, (const uint64_t[5]){ at });
}

/* Big-endian interrupts, a breakpoint: only as long as none can come. */
static void modes_back(struct random *r)
{
	try(r, H_SET_MODE, (const uint64_t[5]){ 1, 4 });
	try(r, H_SET_MODE, (const uint64_t[5]){ 0, 1 });
	try(r, H_SET_MODE, (const uint64_t[5]){ 0, 2 });
	try(r, H_SET_MODE, (const uint64_t[5]){ 0, 3 });
}

static uint64_t any_number(struct random *r)
{
	/* Those that the platform knows come more often; then the others, and what are none. */
	static const uint16_t known[] = { 0x2c,  0x300, 0x54,  0x58,   0xdc,   0xdc,  0xe4,  0xe8,
		                          0x104, 0x1c8, 0x31c, 0x31c,  0x37c,  0x37c, 0x3a8, 0x3ac,
		                          0x3ac, 0x3b0, 0x3b4, 0x3b8,  0x3b8,  0x3bc, 0x3c0, 0x3c4,
		                          0x3c8, 0x3cc, 0x3d0, 0xf000, 0xf000, 0xf000 };
	uint64_t n;

	switch (below(r, 16)) {
	case 0: n = below(r, H_LAST / 4 + 8) * 4; break;
	case 1: n = 0xef00 + below(r, 0x2000); break; /* the ultravisor's, and private ones */
	case 2: n = next(r); break;
	default: n = known[below(r, sizeof(known) / sizeof(known[0]))];
	}
	/* This guest's own data are found by SPRG0. */
	return n == H_CEDE || n == H_SET_SPRG0 || n == ABI_CHECKPOINT_HCALL ? H_PROD : n;
}

static void one(struct random *r)
{
	uint64_t number = any_number(r), in[5];

	for (int i = 0; i < 5; i++)
		in[i] = value(r);
	if (below(r, 2))
		in[0] = below(r, 2); /* flags */
	if (number == H_RTAS) {
		rtas_buffer(r);
		return;
	}
	if (number == H_PAGE_INIT) {
		in[0] = below(r, 8) ? below(r, 4) * 0x4000 : value(r);
		in[1] = address(r, in[1]);
	}
	if (number == H_INT_SET_QUEUE_CONFIG)
		in[3] = address(r, in[3]);
	if (number == H_REGISTER_VPA)
		in[2] = address(r, in[2]);
	try(r, number, in);
	if (number == H_SET_MODE)
		modes_back(r);
}

static void tidy(struct random *r)
{
	for (uint64_t cpu = 0; cpu < platform.cpus; cpu++)
		for (uint64_t area = 7; area >= 5; area--)
			try(r, H_REGISTER_VPA, (const uint64_t[5]){ area << 45, platform.servers[cpu], 0 });
	try(r, H_REGISTER_PROC_TBL, (const uint64_t[5]){ 0x15 });
	try(r, H_INT_RESET, (const uint64_t[5]){ 0 });
	xive_forget();
}

uint64_t fuzz(uint64_t seed, uint64_t count)
{
	struct random r = { .state = seed * 0x9e3779b97f4a7c15 + 1,
		            .scratch = SCRATCH + arch_cpu() * SCRATCH_SIZE };

	for (uint64_t i = 0; i < SCRATCH_SIZE / 8; i++)
		((volatile uint64_t *)r.scratch)[i] = next(&r);
	while (r.calls < count)
		one(&r);
	tidy(&r);
	return r.succeeded;
}
