/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock.h: the guest's clock (TOD clock, time base) while the guest does not run: over a pause, and while a
 * snapshot lies. A pause reads it; what it said then is in each snapshot; when the VM runs again it is set as
 * the policy says. So all that is relative to it, such as timers, is as far ahead as it was, or is overdue.
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
	uint64_t wall;      /* nanoseconds since 1970 (UTC) when it said so; 0: not known */
};

struct vm_clock {
	struct clock_reading at;
	bool held;   /* `at` is what the clock said when the guest stopped: the policy is to be applied */
	bool loaded; /* `at` comes from a snapshot: what KVM has is another machine's, or another time's */
};

#endif
