/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h: arithmetic of the TOD clock (Principles of Operation, ch. 4, "Time-of-Day Clock"). Pure. */
#ifndef ARCH_S390X_CLOCK_H
#define ARCH_S390X_CLOCK_H

#include "vmm/clock.h"

#define TOD_1970 0x7d91048bca000000ULL /* of 1970-01-01 00:00 UTC; it counts from 1900 */

/* Bit 51 is a microsecond; a carry goes into the epoch index. */
static inline void tod_advance(struct clock_reading *tod, uint64_t ns)
{
	uint64_t units = ns / 125 * 512 + ns % 125 * 512 / 125;

	tod->low += units;
	tod->high += tod->low < units;
}

#endif
