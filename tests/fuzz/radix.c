/* SPDX-License-Identifier: BSD-2-Clause */
/* radix.c: any memory as a POWER9 guest's trees, and any word as its instruction. */
#include "arch/power9/debug/radix.h"

#include <string.h>

#include "arch/power9/debug/decode.h"
#include "devices/bytes.h"
#include "fuzz.h"

#define RAM_SIZE 0x4000
#define HEADER   40

static void decode(uint32_t word, const uint8_t *b)
{
	struct p9_instruction i = p9_decode(word), problem = p9_decode_problem(word);
	struct p9_flow flow = { get64(b),      get64(b + 8),           get64(b + 16),
		                get64(b + 24), (uint32_t)get64(b + 4), b[0] & 1 };
	uint64_t gpr[32], address, target, pc = flow.pc;
	unsigned size;

	must(i.class <= P9_UNKNOWN && i.reg < 32 && problem.class <= P9_UNKNOWN && problem.reg < 32);
	for (unsigned n = 0; n < 32; n++)
		gpr[n] = get64(b + n % 4 * 8) + n;
	if (p9_may_access(word, gpr, &address, &size))
		must(size);
	else
		must(!p9_may_store(word));
	if (i.class != P9_BRANCH)
		return;
	p9_needs_tar(word);
	p9_branch(word, &flow);
	must(flow.wide || !(flow.pc >> 32));
	if (p9_branch_target(word, pc, &target) && flow.wide)
		must(flow.pc == target || flow.pc == p9_next(pc, true));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[RAM_SIZE];
	const struct ram ram = { .host = bytes, .size = RAM_SIZE, .fd = -1 };
	struct radix_page page;
	size_t rest;

	if (size < HEADER)
		return 0;
	rest = size - HEADER < RAM_SIZE ? size - HEADER : RAM_SIZE;
	memcpy(bytes, data + HEADER, rest);
	memset(bytes + rest, 0, RAM_SIZE - rest);
	for (unsigned i = 0; i < 4; i++)
		if (radix_walk(&ram, get64(data), get64(data + 8) >> i * 16, get64(data + 16 + 8 * (i % 2)),
		               &page))
			must(page.may < 16);
	decode((uint32_t)get64(data + 32), data);
	decode((uint32_t)(get64(data + 32) >> 32), data + 8);
	return 0;
}
