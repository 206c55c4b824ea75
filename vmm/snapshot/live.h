/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * live.h: a snapshot for which the VM stops only as long as it takes to copy what has changed last. RAM is
 * copied while the VM runs, again and again what has changed meanwhile (KVM's log, dirty.h), until little is
 * left; the VM is paused for the rest and for all other state. All of a snapshot is of that one moment. It is
 * encoded while the VM runs.
 */
#ifndef VMM_SNAPSHOT_LIVE_H
#define VMM_SNAPSHOT_LIVE_H

#include "state.h"

struct live {
	struct ram copy; /* of RAM; without a page, if the VM has too few to be worth it */
	struct snapshot snap;
};

/*
 * The VM runs, but stops for a moment, so that no page is just being written by zpvm itself: no input may
 * reach it. Errors: KVM's, -ENOMEM. live_free() is needed also after an error.
 */
int live_begin(struct live *live, struct vm *vm, struct error *err);

/* Copies RAM while the VM runs. Errors: KVM's. */
int live_copy(struct live *live, struct vm *vm, struct error *err);

/* Takes the snapshot. The VM must be paused, as for state_save(), with the same errors. */
int live_take(struct live *live, struct vm *vm, struct error *err);

/* Completes live->snap. The VM may run. -ENOMEM. */
int live_finish(struct live *live, struct error *err);

void live_free(struct live *live);

#endif
