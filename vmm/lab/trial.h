/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trial.h: executes a block of steps many times, each time from a state of its own, and counts how it ended.
 * Shared by run_sweep.c and run_explore.c.
 */
#ifndef VMM_LAB_TRIAL_H
#define VMM_LAB_TRIAL_H

#include "runner.h"
#include "vmm/progress.h"

/* Trials that ended alike. */
struct trial_group {
	char text[400]; /* how: what was taken, or why a step failed */
	bool good;
	uint64_t count;
	char example[200];    /* the shortest of them: what was done before the block */
	unsigned length;      /* of the example, whatever is short */
	char ranges[200];     /* the numbers of those in this group: "0..130, 134..399" */
	uint64_t first, last; /* of the last range */
};

#define TRIAL_GROUPS 16

struct trials {
	uint64_t count, failed, begun; /* begun: of time_now() */
	uint64_t last;                 /* the value of the last trial */
	struct progress progress;
	const char *what; /* "sweep": for these lines */
	struct trial_group
		groups[TRIAL_GROUPS]; /* the last one is also for all that have no group of their own */
	unsigned group_count;
	bool quiet; /* the trials are part of a trial */
};

void trials_begin(struct trials *t, const struct runner *r, const char *what);

/* Saves the current VM, with its ledger, as the state to go back to. named_snapshot_free() also after an
 * error. */
int trial_save(struct runner *r, struct named_snapshot *base);

/* Goes back to it. */
int trial_back(struct runner *r, struct vm_run *run, const struct named_snapshot *base);

/* What a trial is. */
struct trial {
	uint64_t value;      /* of the block's variable */
	const char *example; /* what was done before the block */
	unsigned length;     /* how long that is */
};

/*
 * Executes the block of the step on the current VM, audits every VM, and adds the result to t; *good: no step
 * failed, and no interrupt was lost or duplicated. The VM is left as the block left it, the ledgers of others
 * are closed.
 */
int trial_run(struct runner *r, const struct step *s, const struct trial *trial, struct trials *t,
              bool *good);

/*
 * Prints a line for each way in which trials ended. Fails if any of them failed, or there was none.
 * `numbers`: trials are known by the value of this variable, else by their examples.
 */
int trials_end(struct runner *r, const struct trials *t, const char *numbers);

#endif
