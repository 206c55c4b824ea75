/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * torture_text.h: random programs, as scenarios. Pure. Read next: torture.c.
 *
 * A program is a list of actions, each a random number. What an action comes to is
 * decided when the text is written, by what is legal at that place: so any part of
 * a program is a program too, which zpvm must run to its end with nothing lost
 * or doubled. That is what makes it possible to shrink one.
 */
#ifndef TESTS_TORTURE_TORTURE_TEXT_H
#define TESTS_TORTURE_TORTURE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/error.h"

#define TORTURE_STEPS_MAX 100000

struct torture_program {
	uint64_t seed; /* all else follows from it, and from what is said below */
	unsigned cpus;
	const char *irqchip; /* NULL: not said */
	uint64_t *actions;
	size_t count;
};

/* What a program does. */
struct torture_count {
	uint64_t snapshots, restores, injections;
};

/* So many actions; cpus 0: one to four. -ENOMEM. To be freed after success. */
int torture_program_make(struct torture_program *p, uint64_t seed, unsigned cpus, const char *irqchip,
                         size_t steps, struct error *err);
void torture_program_free(struct torture_program *p);

/* The scenario, for the caller to free(). -ENOMEM. */
int torture_program_text(const struct torture_program *p, char **text, size_t *len,
                         struct torture_count *count, struct error *err);

#endif
