/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger_section.h: the ledger of a VM (ledger.h) as a section of its snapshot, so that it can be continued
 * in another process. The section is optional: it is not needed to restore the machine. Pure.
 */
#ifndef VMM_LAB_LEDGER_SECTION_H
#define VMM_LAB_LEDGER_SECTION_H

#include "ledger.h"
#include "vmm/snapshot/parsed.h"

void ledger_section_put(struct snapshot *snap, const struct ledger *l);

/*
 * Reads into an empty ledger, which stays empty if there is no such section of a known version. -EBADMSG,
 * with the offset, also for interrupts that the codec's architecture cannot have raised, for labels and
 * records that two entries share, and for sums that would wrap; -ENOMEM.
 */
int ledger_section_get(const struct snapshot *snap, const char *arch, struct ledger *l, struct error *err);

/* For programs that read files. */
extern const struct section_extra ledger_section;

/* Whether a ledger can contain this interrupt, for either architecture: arch/ARCH/lab/possible.c. */
bool s390_irq_possible(const struct irq *irq);
bool p9_irq_possible(const struct irq *irq);

#endif
