/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger.h: the ledger of one VM: which interrupts were requested, and which of them the guest has taken. No
 * interrupt may be lost or duplicated, or taken without a request. Pure.
 *
 * A snapshot contains a copy of the ledger: the interrupts due in a restored VM are those that were due when
 * the snapshot was made. The guest's log is in its RAM and is restored with it.
 */
#ifndef VMM_LAB_LEDGER_H
#define VMM_LAB_LEDGER_H

#include <stddef.h>
#include <stdlib.h>

#include "irq.h"

struct ledger_entry {
	char label[24];
	bool made_up; /* the label was generated; an entry that a scenario gives this label takes it over */
	struct irq irq;
	unsigned injected;  /* how often it was requested, or two others merged into this one */
	unsigned coalesced; /* of these, merged with a pending one, the same or another, by the
	                       architecture's rule */
	unsigned dropped;   /* of these, dropped by an operation that is meant to do that */
	unsigned taken;     /* records of it in the guest's log */
	unsigned promised;  /* a bit for each vCPU whose command will cause it, and LEDGER_NAMED */
	uint64_t within;    /* of a timer: the microseconds after the command that it was set to */
	unsigned early;     /* at the last audit: not taken, not pending, and not due yet */
};

/* The most entries of a ledger: each operation searches all of them. */
#define LEDGER_ENTRIES (1 << 14)
#define LEDGER_MAX     4000000000u       /* injections of one interrupt: a snapshot has 32 bits for them */
#define LEDGER_YEAR    31536000000000ull /* microseconds: more than a timer is set to, less than never */
#define LEDGER_NAMED   (1u << 31)        /* the scenario says that the guest causes it, but not when */

struct ledger {
	struct ledger_entry *entries;
	size_t count;
	unsigned stray;         /* records that match no entry */
	unsigned suppressed;    /* injected, and never pending by the interface's rule; they have no entry */
	struct abi_record *log; /* copies of the records read so far, as the guest can change its own */
	unsigned read;
	unsigned mark; /* the record where the next `expect taken` starts */
	/* A bit for each record that had no entry when it was read; not stored in a file, nor is what
	 * follows. */
	uint8_t strays[ABI_LOG / 8];
	uint64_t stepped[ABI_CPUS]; /* instructions that each vCPU was stepped */
	uint64_t after[ABI_LOG]; /* after so many of them its vCPU logged the record; 0: it was not stepped */
};

/* -ENOMEM. The copy must be freed too. */
int ledger_copy(struct ledger *to, const struct ledger *from, struct error *err);

/* Inline, so that a program that only reads ledgers (ledger_section.c) needs no architecture's code. */
static inline void ledger_free(struct ledger *l)
{
	free(l->entries);
	free(l->log);
	*l = (struct ledger){ 0 };
}

/*
 * Records that irq was injected so many times. label NULL: a label is generated ("io.2"), and replaced by
 * another one if a scenario later gives it to another interrupt. Equal interrupts share an entry. Call
 * ledger_read() first, so that it is known how many of them are still pending. -EINVAL if it could not
 * be recorded: irq has another label already, or the guest's log could not distinguish it from another entry.
 * -E2BIG: more than LEDGER_ENTRIES interrupts. -EOVERFLOW: one of them more than LEDGER_MAX times. -ENOMEM.
 * An interrupt that leaves no record has no entry, because its fate cannot be observed.
 */
int ledger_inject(struct ledger *l, const char *label, const struct irq *irq, unsigned times,
                  struct error *err);

/* Records that so many of irq, which are in the ledger, were removed by design before they were taken. */
void ledger_withdraw(struct ledger *l, const struct irq *irq, unsigned times);

/*
 * Gives irq a label before it is injected or raised; like ledger_inject(), but no interrupt becomes due.
 */
int ledger_name(struct ledger *l, const char *label, const struct irq *irq, struct error *err);

/* irq, which has a label, is due so many more times, one after the other: none merges with another.
 * -EOVERFLOW: see ledger_inject(). */
int ledger_expect(struct ledger *l, const struct irq *irq, uint64_t times, struct error *err);

/*
 * irq becomes due when vCPU cpu has done its current command, a timer `within` microseconds later.
 * IRQ_ANY_CPU: it becomes due when the guest causes it, as the scenario says.
 */
void ledger_promise(struct ledger *l, const struct irq *irq, unsigned cpu, uint64_t within);

/*
 * The vCPUs with these bits have done their commands: the interrupts that these commands caused are due now.
 */
void ledger_keep_promises(struct ledger *l, unsigned cpus);

/* Whether one more irq would merge with those that are pending according to the ledger. */
bool ledger_coalesces(struct ledger *l, const struct irq *irq);

/*
 * Adds the new records of the guest's log to the ledger, in their order. log is the guest's memory, of
 * ABI_LOG records; taken is the guest's count of them. -ENOMEM; -E2BIG, -EOVERFLOW: see ledger_inject().
 */
int ledger_read(struct ledger *l, const struct abi_record *log, unsigned taken);

const struct ledger_entry *ledger_find(const struct ledger *l, const char *label);
const struct ledger_entry *ledger_find_irq(const struct ledger *l, const struct irq *irq);

/* The entry a record belongs to, or NULL. */
const struct ledger_entry *ledger_match(const struct ledger *l, const struct abi_record *record);

/* Whether record number k had no matching request when it was read. */
bool ledger_is_stray(const struct ledger *l, unsigned k);

/* Deliveries due in all; those of them that have not been taken yet. */
unsigned ledger_due(const struct ledger_entry *e);
unsigned ledger_outstanding(const struct ledger_entry *e);

/* Deliveries that were not requested: too many of an entry, or those without an entry. */
uint64_t ledger_duplicate(const struct ledger *l);

/* Injections of all entries, and those without an entry. */
uint64_t ledger_injected(const struct ledger *l);

#endif
