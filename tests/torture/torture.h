/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * torture.h: random scenarios, each run by a process of its own (`zpvm run -q --scenario=...`, the zpvm that
 * lies beside this program), until one of them fails; that one is shrunk.
 */
#ifndef TESTS_TORTURE_TORTURE_H
#define TESTS_TORTURE_TORTURE_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/error.h"

struct torture_config {
	const char *guest;
	const char *shrink;  /* a scenario that fails, to be shrunk, instead of random ones; NULL: none */
	const char *restore; /* for --restore, instead of guest; NULL: none */
	uint64_t seed;       /* of the first round; each has the next one */
	uint64_t rounds;     /* 0: any number */
	uint64_t steps;      /* actions of a round */
	uint64_t seconds;    /* after so many no round is begun; 0: any number */
	unsigned vcpus;      /* 0: one to four */
	const char *irqchip; /* NULL: not said */
	const char *broken;  /* a rule for --break; NULL: none */
	const char *keep;    /* the file for what failed; NULL: torture-SEED.scn */
};

/*
 * Shrinks the file, or: prints what failed, and a line that says what was done. Returns an exit
 * status: 0 when all rounds were good, EXIT_EXPECTATION when one was not; else
 * err says why. A signal that ends it has killed the child first.
 */
int torture(const struct torture_config *config, struct error *err);

#endif
