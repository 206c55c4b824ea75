/* SPDX-License-Identifier: BSD-2-Clause */
/* ledger.c: see ledger.h. Pure. */
#include "ledger.h"

#include <errno.h>
#include <limits.h>
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
		return error_set(err, -ENOMEM, "out of memory for the ledger");
	}
	if (from->count)
		memcpy(to->entries, from->entries, from->count * sizeof(*to->entries));
	if (from->log)
		memcpy(to->log, from->log, from->read * sizeof(*to->log));
	return 0;
}

bool irq_equal(const struct irq *a, const struct irq *b)
{
	return !strcmp(a->kind, b->kind) && a->cpu == b->cpu && a->number == b->number &&
	       a->parm == b->parm && a->parm2 == b->parm2 && !memcmp(a->extra, b->extra, sizeof(a->extra));
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

const struct ledger_entry *ledger_find_irq(const struct ledger *l, const struct irq *irq)
{
	return find_irq((struct ledger *)l, irq);
}

unsigned ledger_due(const struct ledger_entry *e)
{
	return e->injected - e->coalesced - e->dropped;
}

unsigned ledger_outstanding(const struct ledger_entry *e)
{
	return ledger_due(e) > e->taken ? ledger_due(e) - e->taken : 0;
}

/* Whether one of them would be changed by the other, or both would become one. */
static bool meet(const struct irq *a, const struct irq *b)
{
	struct irq one;

	return irq_merge(a, b, &one) || irq_taken_with(a, b, &one) || irq_taken_with(b, a, &one);
}

bool ledger_coalesces(struct ledger *l, const struct irq *irq)
{
	struct irq parts[IRQ_PARTS];
	unsigned n = irq_parts(irq, parts);

	for (size_t i = 0; i < l->count; i++) {
		const struct ledger_entry *e = &l->entries[i];

		for (unsigned k = 0; k < n && ledger_outstanding(e); k++)
			if (irq_equal(&e->irq, &parts[k]) ? ledger_outstanding(e) >= irq_depth(&parts[k])
			                                  : meet(&e->irq, &parts[k]))
				return true;
	}
	return false;
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

static void generate_label(const struct ledger *l, struct ledger_entry *e)
{
	char label[sizeof(e->label)];
	size_t n = (size_t)(e - l->entries);

	do
		snprintf(label, sizeof(label), "%s.%zu", e->irq.kind, n++);
	while (ledger_find(l, label));
	memcpy(e->label, label, sizeof(label));
	e->made_up = true;
}

/* Whether the label is free now. An entry for which it was only generated gets another one. */
static bool free_label(struct ledger *l, const char *label)
{
	const struct ledger_entry *other = ledger_find(l, label);

	if (other && other->made_up)
		generate_label(l, &l->entries[other - l->entries]);
	return !ledger_find(l, label);
}

/* Counts so many more injections. */
static int count(struct ledger_entry *e, uint64_t times, struct error *err)
{
	if (times > LEDGER_MAX || e->injected + times > LEDGER_MAX)
		return error_set(err, -EOVERFLOW,
		                 "%s: no account can be kept of more than %u of one interrupt", e->label,
		                 LEDGER_MAX);
	e->injected += (unsigned)times;
	return 0;
}

/* Finds the entry of irq, or makes one. NULL: an error, which is in *rc. */
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
	if (!e && label && !irq_is_timer(label) && !free_label(l, label)) {
		error_set(err, *rc, "as=%s: another interrupt has that label", label);
		return NULL;
	}
	if (!e && l->count == LEDGER_ENTRIES) {
		*rc = error_set(err, -E2BIG, "an account of more than %d different interrupts",
		                LEDGER_ENTRIES);
		return NULL;
	}
	*rc = 0;
	if (e)
		return e;
	e = reallocarray(l->entries, l->count + 1, sizeof(*e));
	if (!e) {
		*rc = error_set(err, -ENOMEM, "out of memory for the ledger");
		return NULL;
	}
	l->entries = e;
	e += l->count;
	*e = (struct ledger_entry){ .irq = *irq };
	if (label)
		snprintf(e->label, sizeof(e->label), "%s", label);
	else
		generate_label(l, e);
	l->count++;
	return e;
}

int ledger_name(struct ledger *l, const char *label, const struct irq *irq, struct error *err)
{
	struct irq parts[IRQ_PARTS];
	int rc;

	irq_parts(irq, parts);
	entry_of(l, label, &parts[0], &rc, err);
	return rc;
}

/* a and b, each due once, have merged into entry `one`, which may be either of them. */
static int unite(struct ledger_entry *a, struct ledger_entry *b, struct ledger_entry *one, struct error *err)
{
	int rc = count(one, one != a && one != b, err);

	if (rc)
		return rc;
	a->coalesced += a != one;
	b->coalesced += b != one;
	return 0;
}

/* Entry `more` is due once more, unless it merges with a pending interrupt. */
static int merge(struct ledger *l, size_t more, struct error *err)
{
	struct ledger_entry *one;
	struct irq left;
	size_t held = 0;
	int rc;

	while (held < l->count && (held == more || !ledger_outstanding(&l->entries[held]) ||
	                           !irq_merge(&l->entries[held].irq, &l->entries[more].irq, &left)))
		held++;
	if (held == l->count)
		return 0;
	one = entry_of(l, NULL, &left, &rc, err);
	return one ? unite(&l->entries[held], &l->entries[more], one, err) : rc;
}

int ledger_expect(struct ledger *l, const struct irq *irq, uint64_t times, struct error *err)
{
	struct ledger_entry *e = find_irq(l, irq);

	return e ? count(e, times, err) : 0;
}

void ledger_promise(struct ledger *l, const struct irq *irq, unsigned cpu, uint64_t within)
{
	struct ledger_entry *e = find_irq(l, irq);

	if (!e)
		return;
	e->promised |= cpu < ABI_CPUS ? 1u << cpu : LEDGER_NAMED;
	e->within = within;
}

void ledger_keep_promises(struct ledger *l, unsigned cpus)
{
	for (size_t i = 0; i < l->count; i++)
		l->entries[i].promised &= ~cpus;
}

static int inject_one(struct ledger *l, const char *label, const struct irq *irq, struct error *err)
{
	struct irq parts[IRQ_PARTS];
	unsigned n = irq_parts(irq, parts);
	int rc = 0;

	for (unsigned i = 0; i < n && !rc; i++) {
		struct ledger_entry *e = entry_of(l, i ? NULL : label, &parts[i], &rc, err);

		if (!e)
			break;
		rc = count(e, 1, err);
		if (rc)
			break;
		if (irq->apart && !i)
			continue;
		if (ledger_outstanding(e) > irq_depth(&parts[i]))
			e->coalesced++;
		else
			rc = merge(l, (size_t)(e - l->entries), err);
	}
	return rc;
}

int ledger_inject(struct ledger *l, const char *label, const struct irq *irq, unsigned times,
                  struct error *err)
{
	struct irq parts[IRQ_PARTS];
	unsigned n = irq_parts(irq, parts), deepest = 0;
	int rc = 0;

	if (!irq->want.kind) {
		if (irq->suppressed && (uint64_t)l->suppressed + times > LEDGER_MAX)
			return error_set(err, -EOVERFLOW, "no account can be kept of more than %u suppressed",
			                 LEDGER_MAX);
		l->suppressed += irq->suppressed ? times : 0;
		return 0;
	}
	for (unsigned i = 0; i < n; i++)
		if (irq_depth(&parts[i]) != UINT_MAX && irq_depth(&parts[i]) > deepest)
			deepest = irq_depth(&parts[i]);
	for (unsigned i = 0; (i <= deepest || irq->apart) && times && !rc; i++, times--)
		rc = inject_one(l, label, irq, err);
	/* The guest takes nothing meanwhile, so the others are treated like the last one. */
	for (unsigned i = 0; i < n && times && !rc; i++) {
		struct ledger_entry *e = find_irq(l, &parts[i]);

		rc = count(e, times, err);
		if (!rc)
			e->coalesced += irq_depth(&parts[i]) == UINT_MAX ? 0 : times;
	}
	return rc;
}

void ledger_withdraw(struct ledger *l, const struct irq *irq, unsigned times)
{
	struct irq parts[IRQ_PARTS];
	unsigned n = irq_parts(irq, parts);

	for (unsigned i = 0; i < n; i++) {
		struct ledger_entry *e = find_irq(l, &parts[i]);

		if (e)
			e->dropped += times < ledger_outstanding(e) ? times : ledger_outstanding(e);
	}
}

const struct ledger_entry *ledger_match(const struct ledger *l, const struct abi_record *record)
{
	for (size_t i = 0; i < l->count; i++)
		if (irq_matches(&l->entries[i].irq, record))
			return &l->entries[i];
	return NULL;
}

/* If the record shows two due interrupts that were taken as one, records that and returns 1; otherwise 0, or
 * a negative errno value. */
static int enter_both(struct ledger *l, const struct abi_record *record)
{
	for (size_t a = 0; a < l->count; a++) {
		if (l->entries[a].irq.want.kind != record->kind)
			continue;
		for (size_t b = 0; b < l->count && ledger_outstanding(&l->entries[a]); b++) {
			struct ledger_entry *one;
			struct error err;
			struct irq both;
			int rc;

			if (!ledger_outstanding(&l->entries[b]) ||
			    !irq_taken_with(&l->entries[a].irq, &l->entries[b].irq, &both) ||
			    !irq_matches(&both, record))
				continue;
			one = entry_of(l, NULL, &both, &rc, &err);
			if (one)
				rc = unite(&l->entries[a], &l->entries[b], one, &err);
			if (rc)
				return rc;
			one->taken++;
			return 1;
		}
	}
	return 0;
}

int ledger_read(struct ledger *l, const struct abi_record *log, unsigned taken)
{
	if (!l->log)
		l->log = malloc(ABI_LOG * sizeof(*l->log));
	if (!l->log)
		return -ENOMEM;
	for (; l->read < taken && l->read < ABI_LOG; l->read++) {
		const struct ledger_entry *e;
		int both;

		l->log[l->read] = log[l->read];
		both = enter_both(l, &l->log[l->read]);
		if (both < 0)
			return both;
		if (both)
			continue;
		e = ledger_match(l, &l->log[l->read]);
		if (e) {
			l->entries[e - l->entries].taken++;
			continue;
		}
		l->stray++;
		l->strays[l->read / 8] |= (uint8_t)(1 << l->read % 8);
	}
	return 0;
}

bool ledger_is_stray(const struct ledger *l, unsigned k)
{
	return l->strays[k / 8] >> k % 8 & 1 || !ledger_match(l, &l->log[k]);
}

const struct ledger_entry *ledger_find(const struct ledger *l, const char *label)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->entries[i].label, label))
			return &l->entries[i];
	return NULL;
}

uint64_t ledger_injected(const struct ledger *l)
{
	uint64_t sum = l->suppressed;

	for (size_t i = 0; i < l->count; i++)
		sum += l->entries[i].injected;
	return sum;
}

uint64_t ledger_duplicate(const struct ledger *l)
{
	uint64_t twice = l->stray;

	for (size_t i = 0; i < l->count; i++)
		if (l->entries[i].taken > ledger_due(&l->entries[i]))
			twice += l->entries[i].taken - ledger_due(&l->entries[i]);
	return twice;
}
