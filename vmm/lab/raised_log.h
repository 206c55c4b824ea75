/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raised_log.h: a log of interrupts that a VM's own devices have raised. Devices raise them on any thread;
 * the controller adds them to the ledger (ledger.h) when it reads the guest's log. Pure.
 */
#ifndef VMM_LAB_RAISED_LOG_H
#define VMM_LAB_RAISED_LOG_H

#include <pthread.h>
#include <stdbool.h>

#include "ledger.h"

#define RAISED_LOG_MAX 4096 /* the most different ones between two readings; a guest may be hostile */

struct raised {
	struct irq irq;
	unsigned times;
	unsigned taken; /* how many records the guest's log had then */
	bool withdrawn; /* removed before the guest took it */
};

struct raised_log {
	pthread_mutex_t lock;
	bool on; /* there is a ledger for the interrupts */
	struct raised *list;
	unsigned count;
	bool full;
};

void raised_log_init(struct raised_log *log); /* off */
void raised_log_destroy(struct raised_log *log);

/* Adds one, raised when the guest's log had `taken` records. Does nothing while the log is off. */
void raised_log_add(struct raised_log *log, const struct irq *irq, unsigned taken, bool withdrawn);

/*
 * Adds the interrupts that were raised and those that the guest has taken to the ledger, in their order, and
 * empties the log. It replaces ledger_read() and has its arguments. Errors as ledger_inject(); -EOVERFLOW
 * also if more than RAISED_LOG_MAX came at once.
 */
int raised_log_enter(struct raised_log *log, struct ledger *l, const struct abi_record *records,
                     unsigned taken, struct error *err);

#endif
