/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * book.h: the books of a VM (ledger.h) as a section of its snapshot, so that
 * the account goes on in another process. Optional: who restores the machine
 * alone needs none. Pure.
 */
#ifndef VMM_LAB_BOOK_H
#define VMM_LAB_BOOK_H

#include "ledger.h"
#include "vmm/snapshot/parsed.h"

void book_put(struct snapshot *snap, const struct ledger *l);

/*
 * Into an empty account, which stays so when there is no such section that is known. -EBADMSG, with the
 * offset, also for what the codec's architecture cannot have raised, labels and records that are not each
 * one's own, and sums that would wrap; -ENOMEM.
 */
int book_get(const struct snapshot *snap, const char *arch, struct ledger *l, struct error *err);

/* For who reads the file. */
extern const struct section_extra book_section;

/* Whether an account of interrupts can have this one; of either architecture: arch/ARCH/lab/possible.c. */
bool s390_irq_possible(const struct irq *irq);
bool p9_irq_possible(const struct irq *irq);

#endif
