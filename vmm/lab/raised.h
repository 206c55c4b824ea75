/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raised.h: interrupts that a VM's own devices have raised, on their way to
 * the books (ledger.h). Devices raise them on any thread, the controller
 * books them when it reads the guest's log. Pure.
 */
#ifndef VMM_LAB_RAISED_H
#define VMM_LAB_RAISED_H

#include <pthread.h>
#include <stdbool.h>

#include "ledger.h"

#define RAISED_MAX 4096 /* different ones between two looks at the log; a guest may be hostile */

struct raised {
	struct irq irq;
	unsigned times;
	unsigned taken; /* records in the guest's log at that moment */
	bool withdrawn; /* taken back before the guest took it */
};

struct raised_log {
	pthread_mutex_t lock;
	bool on; /* somebody books what is raised */
	struct raised *list;
	unsigned count;
	bool full;
};

void raised_init(struct raised_log *log); /* off */
void raised_destroy(struct raised_log *log);

/* One more, when the guest's log had so many records. Does nothing while the log is off. */
void raised_add(struct raised_log *log, const struct irq *irq, unsigned taken, bool withdrawn);

/*
 * Books what was raised and what the guest has taken, in their order, and
 * empties the log: instead of ledger_read(), with its arguments. As
 * ledger_inject(); -EOVERFLOW when more than RAISED_MAX came at once.
 */
int raised_book(struct raised_log *log, struct ledger *l, const struct abi_record *records, unsigned taken,
                struct error *err);

#endif
