/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c: the arithmetic of the TOD clock: its unit, and what overflows. */
#include "arch/s390x/clock.h"

#include "tests/unit/tap.h"

static struct clock_reading after(uint64_t high, uint64_t low, uint64_t ns)
{
	struct clock_reading tod = { .high = high, .low = low };

	tod_advance(&tod, ns);
	return tod;
}

int main(void)
{
	is(after(0, 5, 0).low, 5, "no time");
	is(after(0, 0, 1000).low, 4096, "a microsecond is bit 51");
	is(after(0, 0, 1).low, 4, "a nanosecond, 4 units");
	is(after(0, 0, 124).low, 507, "124 of them");
	is(after(0, 0, 1000000000).low, 4096000000, "a second");
	is(after(0, 0, 60ULL * 365 * 86400 * 1000000000).low, 60ULL * 365 * 86400 * 4096000000,
	   "sixty years");
	is(after(7, UINT64_MAX, 1).low, 3, "an overflow");
	is(after(7, UINT64_MAX, 1).high, 8, "... is in the epoch index");
	is(after(7, UINT64_MAX - 4, 1).high, 7, "almost one is not");
	return tap_done();
}
