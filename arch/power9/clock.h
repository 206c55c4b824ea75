/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h: arithmetic of the time base (Power ISA Book II, "Time Base"). Pure. */
#ifndef ARCH_POWER9_CLOCK_H
#define ARCH_POWER9_CLOCK_H

#include <stdint.h>

#include "platform.h"

/* TBU40, by which KVM sets the time base, has its upper 40 bits. */
#define TB_OFFSET_UNIT (1ULL << 24)

static inline uint64_t tb_ticks(uint64_t ns)
{
	return ns / 125 * 64 + ns % 125 * 64 / 125;
}

/*
 * What to add to the host's time base so that the guest's is `want`: the nearest multiple of 2^24, 16 ms,
 * that does not set it back behind what the guest has seen.
 */
static inline uint64_t tb_offset(uint64_t want, uint64_t seen, uint64_t host)
{
	uint64_t offset = (want - host + TB_OFFSET_UNIT / 2) & -TB_OFFSET_UNIT;

	return (int64_t)(host + offset - seen) < 0 ? offset + TB_OFFSET_UNIT : offset;
}

#endif
