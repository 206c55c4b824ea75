/* SPDX-License-Identifier: BSD-2-Clause */
/* outcome.h: how a command ended that did not fail. Pure. status.c makes exit statuses of outcomes and
 * errors. */
#ifndef VMM_OUTCOME_H
#define VMM_OUTCOME_H

#include <stdint.h>

#include "error.h"

enum outcome_kind {
	OUTCOME_DONE,      /* everything was done */
	OUTCOME_STOPPED,   /* the guest stopped itself; value: its own status */
	OUTCOME_REBOOT,    /* the guest asked for a reboot */
	OUTCOME_CRASHED,   /* the guest crashed */
	OUTCOME_LATE,      /* the guest did not come to an end in time */
	OUTCOME_CONTINUED, /* the scenario continues in another process */
	OUTCOME_DIFFERENT, /* two snapshots were compared, and differ */
	OUTCOME_INVALID,   /* a snapshot was checked, and is not valid */
};

struct outcome {
	enum outcome_kind kind;
	uint64_t value;
	struct error why; /* a sentence for the user if the exit status is not 0; it may be empty */
};

#endif
