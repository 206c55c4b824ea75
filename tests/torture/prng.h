/* SPDX-License-Identifier: BSD-2-Clause */
/* prng.h: numbers that look random and are the same for the same seed (SplitMix64). Pure. */
#ifndef TESTS_TORTURE_PRNG_H
#define TESTS_TORTURE_PRNG_H

#include <stdint.h>

struct prng {
	uint64_t state; /* at first the seed: any number will do */
};

static inline uint64_t prng_next(struct prng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 to n - 1; n is small, so that the odds are as good as even. */
static inline unsigned prng_below(struct prng *r, unsigned n)
{
	return (unsigned)(prng_next(r) >> 32) % n;
}

#endif
