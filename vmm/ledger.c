/* SPDX-License-Identifier: BSD-2-Clause */
/* ledger.c: see ledger.h. Pure. */
#include "ledger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ledger_copy(struct ledger *to, const struct ledger *from, struct error *err)
{
	*to = *from;
	to->entries = from->count ? malloc(from->count * sizeof(*to->entries)) : NULL;
	to->log = from->log ? malloc(ABI_LOG * sizeof(*to->log)) : NULL;
	if ((from->count && !to->entries) || (from->log && !to->log)) {
		ledger_free(to);
		return error_set(err, -ENOMEM, "out of memory for the books");
	}
	if (from->count)
		memcpy(to->entries, from->entries, from->count * sizeof(*to->entries));
	if (from->log)
		memcpy(to->log, from->log, from->read * sizeof(*to->log));
	return 0;
}

void ledger_free(struct ledger *l)
{
	free(l->entries);
	free(l->log);
	*l = (struct ledger){ 0 };
}

bool irq_equal(const struct irq *a, const struct irq *b)
{
	return a->kind == b->kind && a->cpu == b->cpu && a->number == b->number && a->parm == b->parm &&
	       a->parm2 == b->parm2 && !memcmp(a->extra, b->extra, sizeof(a->extra));
}

static struct ledger_entry *find_irq(struct ledger *l, const struct irq *irq)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct irq *it = &l->entries[i].irq;

		if (irq_equal(it, irq))
			return &l->entries[i];
	}
	return NULL;
}

unsigned ledger_due(const struct ledger_entry *e)
{
	return e->injected - e->coalesced - e->dropped;
}

unsigned ledger_owed(const struct ledger_entry *e)
{
	return ledger_due(e) > e->taken ? ledger_due(e) - e->taken : 0;
}

bool ledger_coalesces(struct ledger *l, const struct irq *irq)
{
	const struct ledger_entry *e = find_irq(l, irq);

	return e && ledger_owed(e) >= irq_depth(irq);
}

/* Another entry that leaves the same record, or NULL. */
static const struct ledger_entry *find_twin(const struct ledger *l, const struct irq *irq)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct irq *it = &l->entries[i].irq;
		struct abi_record record = irq->want;

		record.cpu = irq->cpu == IRQ_ANY_CPU ? it->cpu : irq->cpu;
		if (irq_matches(it, &record))
			return &l->entries[i];
	}
	return NULL;
}

/* The entry of irq, made if it is new. NULL: an error. */
static struct ledger_entry *entry_of(struct ledger *l, const char *label, const struct irq *irq, int *rc,
                                     struct error *err)
{
	struct ledger_entry *e = find_irq(l, irq);
	const struct ledger_entry *twin = e ? NULL : find_twin(l, irq);

	*rc = -EINVAL;
	if (e && label && strcmp(e->label, label)) {
		error_set(err, *rc, "as=%s: the same interrupt is known as %s", label, e->label);
		return NULL;
	}
	if (twin) {
		error_set(err, *rc, "the guest's log could not tell it from %s; give it other parameters",
		          twin->label);
		return NULL;
	}
	*rc = 0;
	if (e)
		return e;
	e = reallocarray(l->entries, l->count + 1, sizeof(*e));
	if (!e) {
		*rc = error_set(err, -ENOMEM, "out of memory for the books");
		return NULL;
	}
	l->entries = e;
	e += l->count++;
	*e = (struct ledger_entry){ .irq = *irq };
	if (label)
		snprintf(e->label, sizeof(e->label), "%s", label);
	else
		snprintf(e->label, sizeof(e->label), "%s.%zu", irq->kind, l->count - 1);
	return e;
}

int ledger_name(struct ledger *l, const char *label, const struct irq *irq, struct error *err)
{
	int rc;

	entry_of(l, label, irq, &rc, err);
	return rc;
}

void ledger_owe(struct ledger *l, const struct irq *irq, unsigned times)
{
	struct ledger_entry *e = find_irq(l, irq);

	if (e)
		e->injected += times;
}

int ledger_inject(struct ledger *l, const char *label, const struct irq *irq, struct error *err)
{
	struct ledger_entry *e;
	int rc;

	if (!irq->want.kind)
		return 0;
	e = entry_of(l, label, irq, &rc, err);
	if (!e)
		return rc;
	if (ledger_owed(e) >= irq_depth(irq))
		e->coalesced++;
	e->injected++;
	return 0;
}

void ledger_withdraw(struct ledger *l, const struct irq *irq, unsigned times)
{
	struct ledger_entry *e = find_irq(l, irq);

	if (e)
		e->dropped += times < ledger_owed(e) ? times : ledger_owed(e);
}

const struct ledger_entry *ledger_match(const struct ledger *l, const struct abi_record *record)
{
	for (size_t i = 0; i < l->count; i++)
		if (irq_matches(&l->entries[i].irq, record))
			return &l->entries[i];
	return NULL;
}

void ledger_read(struct ledger *l, const struct abi_record *log, unsigned taken)
{
	if (!l->log)
		l->log = malloc(ABI_LOG * sizeof(*l->log));
	for (; l->log && l->read < taken && l->read < ABI_LOG; l->read++) {
		const struct ledger_entry *e;

		l->log[l->read] = log[l->read];
		e = ledger_match(l, &l->log[l->read]);
		if (e)
			l->entries[e - l->entries].taken++;
		else
			l->stray++;
	}
}

const struct ledger_entry *ledger_find(const struct ledger *l, const char *label)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->entries[i].label, label))
			return &l->entries[i];
	return NULL;
}

unsigned ledger_duplicate(const struct ledger *l)
{
	unsigned twice = l->stray;

	for (size_t i = 0; i < l->count; i++)
		if (l->entries[i].taken > ledger_due(&l->entries[i]))
			twice += l->entries[i].taken - ledger_due(&l->entries[i]);
	return twice;
}
