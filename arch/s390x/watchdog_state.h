/* SPDX-License-Identifier: BSD-2-Clause */
/* watchdog_state.h: the watchdog's state in a snapshot, where it has a section if it is set. Pure. */
#ifndef ARCH_S390X_WATCHDOG_STATE_H
#define ARCH_S390X_WATCHDOG_STATE_H

#include <stdint.h>

#define WATCHDOG_MAX 1000000000000000000ULL /* nanoseconds: 31 years */

struct watchdog_state {
	uint64_t left; /* nanoseconds until it expires; 0: it is not set */
};

#define WATCHDOG_TAG SNAP_TAG('W', 'D', 'O', 'G')
struct device_section;
extern const struct device_section watchdog_section;

#endif
