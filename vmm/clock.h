/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock.h: the guest's clock (TOD clock, time base) while the guest does not run: during a pause, and between
 * a snapshot and its restore. A pause reads the clock; each snapshot contains that reading; when the VM runs
 * again the clock is set as the policy says. So everything relative to it, such as a timer, either has the
 * same time left as before, or has expired.
 */
#ifndef VMM_CLOCK_H
#define VMM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum clock_policy {
	CLOCK_NOT_SAID, /* stand */
	CLOCK_STAND,    /* it stands still: the guest does not see that it was stopped */
	CLOCK_FOLLOW,   /* it follows real time: the guest sees that time went by */
};

/* The policy of this name, or CLOCK_NOT_SAID. */
static inline enum clock_policy clock_policy_find(const char *name)
{
	return !strcmp(name, "stand") ? CLOCK_STAND : !strcmp(name, "follow") ? CLOCK_FOLLOW : CLOCK_NOT_SAID;
}

struct clock_reading {
	uint64_t high, low; /* s390x: epoch index, TOD clock; power9: 0, time base */
	uint64_t wall;      /* nanoseconds since 1970 (UTC) at the time of the reading; 0: not known */
};

struct vm_clock {
	struct clock_reading at;
	bool held;   /* `at` was read when the guest stopped: the policy must be applied */
	bool loaded; /* `at` comes from a snapshot: KVM's clock is that of another machine or another time */
};

#endif
