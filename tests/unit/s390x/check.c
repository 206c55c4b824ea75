/* SPDX-License-Identifier: BSD-2-Clause */
/* check.c: which routes are refused, and what a refused list left behind. */
#include "arch/s390x/snapshot/codec.h"

#include "tests/unit/tap.h"

#define MEMORY (1ULL << 20)

static const struct s390_route good = { .gsi = 5, .indicator = 0x2000, .summary = 0x3008 };

static void gsis(void)
{
	struct s390_route r = good;

	ok(!s390_route_wrong(&r, MEMORY), "a good route");
	r.gsi = S390_GSIS - 1;
	ok(!s390_route_wrong(&r, MEMORY), "the last GSI");
	r.gsi = S390_GSIS;
	has(s390_route_wrong(&r, MEMORY), "GSIs are 0 to 4095", "the one behind it");
}

static void bits(void)
{
	struct s390_route r = good;

	r.indicator_bit = 32767;
	ok(!s390_route_wrong(&r, MEMORY), "the last indicator bit of a page");
	r.indicator_bit = 32768;
	has(s390_route_wrong(&r, MEMORY), "the indicator bit is outside", "the one behind it");
	r.indicator_bit = UINT64_MAX;
	has(s390_route_wrong(&r, MEMORY), "the indicator bit is outside", "the largest");
	r = good;
	r.summary_bit = 32767 - 64;
	ok(!s390_route_wrong(&r, MEMORY), "the last summary bit of a page, from the address in it");
	r.summary_bit++;
	has(s390_route_wrong(&r, MEMORY), "the summary bit is outside", "the one behind it");
	r = good;
	r.summary = 0x3fff;
	r.summary_bit = 7;
	ok(!s390_route_wrong(&r, MEMORY), "the last byte of a page, and no alignment");
	r.summary_bit = 8;
	has(s390_route_wrong(&r, MEMORY), "the summary bit is outside", "the next byte is in the next page");
}

static void addresses(void)
{
	struct s390_route r = good;

	r.indicator = MEMORY - 1;
	ok(!s390_route_wrong(&r, MEMORY), "the last byte of memory");
	r.indicator = MEMORY;
	has(s390_route_wrong(&r, MEMORY), "outside memory", "the one behind it");
	r = good;
	r.summary = UINT64_MAX;
	has(s390_route_wrong(&r, MEMORY), "outside memory", "the last address");
}

static void lists(void)
{
	static const struct s390_irq irqs[] = {
		{ .type = 3 },
		{ .type = S390_SERVICE },
		{ .type = S390_MCHK },
		{ .type = S390_VIRTIO },
		{ .type = S390_PFAULT_DONE },
		{ .type = S390_SERVICE },
		{ .type = S390_RESTART },
		{ .type = S390_ADAPTER },
	};

	is(s390_irqs_taken(irqs, 8, 0), 0, "nothing is queued: the first was refused");
	is(s390_irqs_taken(irqs, 8, 1), 3, "what merges went in before the second that queues");
	is(s390_irqs_taken(irqs, 8, 2), 4, "two are queued");
	is(s390_irqs_taken(irqs, 8, 3), 6, "what never floats is refused");
	is(s390_irqs_taken(irqs, 4, 2), 4, "all went in");
	is(s390_irqs_taken(irqs, 0, 0), 0, "none");
}

int main(void)
{
	gsis();
	bits();
	addresses();
	lists();
	return tap_done();
}
