/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c: the arithmetic of the time base: offsets in steps of 2^24 that never set a guest back. */
#include "arch/power9/clock.h"

#include "tests/unit/tap.h"

#define STEP TB_OFFSET_UNIT

static void offsets(void)
{
	static const uint64_t hosts[] = { 0, 1, STEP - 1, STEP, 5 * STEP + 77, 1ULL << 40, UINT64_MAX };
	unsigned wrong = 0, far = 0;

	is(tb_offset(1000, 1000, 1000), 0, "nothing to add");
	is(tb_offset(1000, 1000, 1000 + STEP - 1), 0, "a pause of less than a step changes nothing");
	is(tb_offset(1000, 1000, 1000 + STEP), -STEP, "one of a step takes it back");
	is(tb_offset(1000, 1000, 1000 + STEP + STEP / 2 + 1), -STEP,
	   "one and a half: not behind what was seen");
	is(tb_offset(5 * STEP + 1, 1000, 5 * STEP), 0, "a clock that follows: the nearest");
	is(tb_offset(5 * STEP + 1000, 5 * STEP + 1000, 7), 5 * STEP + STEP, "a host with less uptime");
	for (unsigned h = 0; h < sizeof(hosts) / sizeof(hosts[0]); h++)
		for (uint64_t seen = 0; seen < 4 * STEP; seen += STEP / 7)
			for (uint64_t gap = 0; gap < 3 * STEP; gap += STEP / 5) {
				uint64_t offset = tb_offset(seen + gap, seen, hosts[h]);
				int64_t late = (int64_t)(hosts[h] + offset - seen - gap);

				wrong += offset % STEP != 0 || (int64_t)(hosts[h] + offset - seen) < 0;
				far += late < -(int64_t)STEP / 2 || late > (int64_t)STEP;
			}
	is(wrong, 0, "never back, always in steps");
	is(far, 0, "never further off than a step");
}

int main(void)
{
	is(tb_ticks(1000000000), TIMEBASE_HZ, "a second");
	is(tb_ticks(125), 64, "64 ticks in 125 ns");
	is(tb_ticks(124), 63, "one less");
	is(tb_ticks(60ULL * 365 * 86400 * 1000000000), 60ULL * 365 * 86400 * TIMEBASE_HZ, "sixty years");
	offsets();
	return tap_done();
}
