/* SPDX-License-Identifier: BSD-2-Clause */
/* shrink.c: the few things that a failure needs are found, whichever they are. */
#include "tests/torture/shrink.h"

#include "tap.h"

#define THINGS 100

/* Fails when all that are wanted are there, in their order. */
struct culprit {
	uint64_t wanted[8];
	size_t count;
	unsigned runs;
	unsigned give_up; /* after so many; 0: never */
};

static int fails(void *arg, const uint64_t *things, size_t count)
{
	struct culprit *c = arg;
	size_t found = 0;

	if (c->give_up && c->runs == c->give_up)
		return -1;
	c->runs++;
	for (size_t i = 0; i < count && found < c->count; i++)
		found += things[i] == c->wanted[found];
	return found == c->count;
}

static size_t run(struct culprit *c, uint64_t *things, size_t count, unsigned runs)
{
	for (size_t i = 0; i < count; i++)
		things[i] = i;
	return shrink(things, count, runs, fails, c);
}

int main(void)
{
	static const struct culprit culprits[] = {
		{ .wanted = { 0 }, .count = 1 },
		{ .wanted = { THINGS - 1 }, .count = 1 },
		{ .wanted = { 3, 50, 97 }, .count = 3 },
		{ .wanted = { 0, 1, 2, 3, 4, 5, 6, 7 }, .count = 8 },
		{ .wanted = { 0, 14, 28, 42, 56, 70, 84, 99 }, .count = 8 },
		{ .count = 0 },
	};
	uint64_t things[THINGS];

	for (size_t i = 0; i < sizeof(culprits) / sizeof(culprits[0]); i++) {
		struct culprit c = culprits[i];
		size_t left = run(&c, things, THINGS, 10000);

		is(left, c.count, "as many are left as are needed: %zu", c.count);
		ok(left == c.count && !memcmp(things, c.wanted, left * sizeof(*things)), "and just these");
		ok(c.runs < 300, "in %u runs", c.runs);
	}
	for (unsigned runs = 0; runs < 40; runs++) {
		struct culprit c = culprits[2];
		size_t left = run(&c, things, THINGS, runs);

		ok(c.runs <= runs && fails(&c, things, left) == 1, "after %u runs what is left still fails",
		   runs);
		c = culprits[4];
		c.give_up = runs + 1;
		left = run(&c, things, THINGS, 10000);
		c.give_up = 0;
		ok(fails(&c, things, left) == 1, "and when run %u gives up", runs + 2);
	}
	{
		struct culprit c = culprits[5];

		is(run(&c, things, 0, 10), 0, "of nothing nothing is left");
		is(run(&c, things, 1, 10), 0, "of one");
	}
	return tap_done();
}
