/* SPDX-License-Identifier: BSD-2-Clause */
/* possible.c: the kinds of interrupt, and which an account (vmm/lab/ledger_section.h) can have on s390x.
 * Pure; also for other machines. */
#include <string.h>

#include "irq.h"
#include "vmm/lab/ledger_section.h"

#define KIND(kind, word, type, record, code, subcode, ...) \
	[KIND_##kind] = { word, S390_##type, record, code, subcode, { __VA_ARGS__ } },
const struct s390_kind_row s390_kinds[KINDS] = { S390_KINDS(KIND) };

/* Those that leave a record; the others have no entry. A timer's word says which one it is. */
bool s390_irq_possible(const struct irq *irq)
{
	const struct s390_kind_row *k = &s390_kinds[irq->code < KINDS ? irq->code : 0];
	bool named = irq->code == KIND_TIMER ? irq_is_timer(irq->kind) : !strcmp(irq->kind, k->word);

	return irq->code < KINDS && named && k->record && k->record == irq->want.kind &&
	       s390_irq_type(k->type)->pending & (irq->cpu == IRQ_ANY_CPU ? S390_FLOATS : S390_LOCAL);
}
