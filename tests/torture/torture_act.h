/* SPDX-License-Identifier: BSD-2-Clause */
/* torture_act.h: what an action of a random program comes to: lines that are legal where they stand. Pure. */
#ifndef TESTS_TORTURE_TORTURE_ACT_H
#define TESTS_TORTURE_TORTURE_ACT_H

#include <stdio.h>

#include "torture_model.h"
#include "torture_text.h"

struct torture_writer {
	FILE *out;
	struct torture_words words;
	unsigned cpus;
	struct torture_vm vms[TORTURE_VMS], snapshots[TORTURE_SNAPSHOTS];
	struct torture_vm *vm;                          /* that the steps mean */
	bool used[TORTURE_GROUPS], sent[TORTURE_SENDS]; /* what the beginning must prepare */
	struct torture_count count;
	struct prng r; /* of the action */
};

/* Writes what the action comes to, if anything. */
void torture_act(struct torture_writer *w, uint64_t action);

/* Writes how all VMs come to where the account is exact. */
void torture_finish(struct torture_writer *w);

#endif
