/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irq_trace.h: what becomes of interrupts, as events of the trace (TRACE_IRQ): the event's name is the phase.
 * An injection is seen as it happens; that two merged, that one was withdrawn or taken, when the ledger has
 * noticed it. Pure.
 */
#ifndef VMM_LAB_IRQ_TRACE_H
#define VMM_LAB_IRQ_TRACE_H

#include "ledger.h"
#include "vmm/trace.h"

/* Adds what identifies the interrupt; label may be NULL, count 0: neither is said. */
void irq_trace_add(struct trace_event *event, const struct irq *irq, const char *label, unsigned count);

/* An event about one in the ledger, or with a label that is not known yet. */
void irq_trace(const struct trace *trace, const char *phase, const struct irq *irq, const char *label,
               unsigned count, const char *by);

/* How an interrupt that is raised now comes about: "line 12", "guest", "device". */
const char *irq_trace_cause(const struct trace *trace, char text[24]);

struct irq_counts {
	unsigned coalesced, dropped;
};

/* What a ledger has counted at a time. Without a trace of interrupts both functions do nothing. */
struct irq_tally {
	bool on;
	size_t count;
	unsigned read;
	struct irq_counts *was;
};
void irq_tally_begin(struct irq_tally *tally, const struct trace *trace, const struct ledger *l);

/* Makes events of what has changed since. when: time_now() when each record was logged, or NULL. */
void irq_tally_end(struct irq_tally *tally, const struct trace *trace, const struct ledger *l,
                   const uint64_t *when);

/* --- the architecture's --------------------------------------------------- */

/* Adds the members that identify an interrupt besides its kind: those of a scenario's line. */
void irq_trace_identity(const struct irq *irq, struct trace_event *event);

/* Nanoseconds of so many units of the guest's clock. */
uint64_t irq_clock_ns(uint64_t units);

/* Whether the guest logs this when it has ended the interrupt (EOI), not only taken it. */
bool irq_record_ends(const struct abi_record *record);

#endif
