/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h: arithmetic of the time base (Power ISA Book II, "Time Base"). Pure. */
#ifndef ARCH_POWER9_CLOCK_H
#define ARCH_POWER9_CLOCK_H

#include <stdint.h>

#include "platform.h"

/* KVM sets the time base through TBU40, which is its upper 40 bits. */
#define TB_OFFSET_UNIT (1ULL << 24)

static inline uint64_t tb_ticks(uint64_t ns)
{
	return ns / 125 * 64 + ns % 125 * 64 / 125;
}

static inline uint64_t tb_ns(uint64_t ticks)
{
	return ticks / 64 * 125 + ticks % 64 * 125 / 64;
}

/*
 * The offset from the host's time base at which the guest's is `want`: the nearest multiple of 2^24 (33 ms)
 * that does not set the guest's behind `seen`, what the guest has read before.
 */
static inline uint64_t tb_offset(uint64_t want, uint64_t seen, uint64_t host)
{
	uint64_t offset = (want - host + TB_OFFSET_UNIT / 2) & -TB_OFFSET_UNIT;

	return (int64_t)(host + offset - seen) < 0 ? offset + TB_OFFSET_UNIT : offset;
}

#endif
