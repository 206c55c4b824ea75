/* SPDX-License-Identifier: BSD-2-Clause */
/* irq_trace.c: see irq_trace.h. Pure. */
#include "irq_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void irq_trace_add(struct trace_event *event, const struct irq *irq, const char *label, unsigned count)
{
	if (label && *label)
		trace_text(event, "label", "%s", label);
	trace_text(event, "type", "%s", irq->kind);
	irq_trace_identity(irq, event);
	if (count > 1)
		trace_number(event, "count", count);
}

/* Begun, but for who is behind it. */
static void begin(struct trace_event *event, const char *phase, const struct irq *irq, const char *label,
                  unsigned count)
{
	trace_init(event, TRACE_IRQ, irq->cpu == IRQ_ANY_CPU ? -1 : irq->cpu, phase);
	irq_trace_add(event, irq, label, count);
}

void irq_trace(const struct trace *trace, const char *phase, const struct irq *irq, const char *label,
               unsigned count, const char *by)
{
	struct trace_event event;

	if (!trace_wants(trace, TRACE_IRQ))
		return;
	begin(&event, phase, irq, label, count);
	if (by)
		trace_text(&event, "by", "%s", by);
	trace_point(trace, &event);
}

const char *irq_trace_cause(const struct trace *trace, char text[24])
{
	const struct trace_event *exit = trace_within(trace, TRACE_EXIT);

	if (!exit)
		return "device";
	snprintf(text, 24, "vcpu %d", exit->vcpu);
	return text;
}

/* --- what a ledger has noticed ---------------------------------------------- */

void irq_tally_begin(struct irq_tally *tally, const struct trace *trace, const struct ledger *l)
{
	*tally = (struct irq_tally){ .on = trace_wants(trace, TRACE_IRQ) };
	if (!tally->on)
		return;
	tally->count = l->count;
	tally->read = l->read;
	tally->was = calloc(l->count + 1, sizeof(*tally->was));
	for (size_t i = 0; tally->was && i < l->count; i++)
		tally->was[i] = (struct irq_counts){ l->entries[i].coalesced, l->entries[i].dropped };
}

/* A vCPU has taken it. It comes from the guest's log, so its cause is not the span that the thread is in. */
static void taken(const struct trace *trace, const struct ledger *l, unsigned k, uint64_t when)
{
	const struct abi_record *record = &l->log[k];
	const struct ledger_entry *e = ledger_match(l, record);
	struct trace_event event;
	char text[96];

	trace_init(&event, TRACE_IRQ, record->cpu, "taken");
	if (when) {
		event.ns = when;
		event.parent = NULL;
	}
	if (e) {
		irq_trace_add(&event, &e->irq, e->label, 0);
	} else {
		irq_record_text(record, text, sizeof(text));
		trace_text(&event, "type", "%s", text);
	}
	trace_number(&event, "record", k);
	trace_text(&event, "by", "vcpu %u", record->cpu);
	trace_point(trace, &event);
	if (!irq_record_ends(record))
		return;
	event.name = "ended";
	event.id = 0;
	trace_point(trace, &event);
}

void irq_tally_end(struct irq_tally *tally, const struct trace *trace, const struct ledger *l,
                   const uint64_t *when)
{
	if (!tally->on)
		return;
	for (size_t i = 0; tally->was && i < l->count; i++) {
		const struct ledger_entry *e = &l->entries[i];
		struct irq_counts was = i < tally->count ? tally->was[i] : (struct irq_counts){ 0, 0 };

		if (e->coalesced > was.coalesced)
			irq_trace(trace, "merged", &e->irq, e->label, e->coalesced - was.coalesced, NULL);
		if (e->dropped > was.dropped)
			irq_trace(trace, "withdrawn", &e->irq, e->label, e->dropped - was.dropped, NULL);
	}
	for (unsigned k = tally->read; k < l->read; k++)
		taken(trace, l, k, when ? when[k] : 0);
	free(tally->was);
}
