/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger.h: the books of one VM: which interrupts were asked for, and which
 * of them the guest has taken. Nothing may be lost, nothing doubled, nothing
 * taken that nobody asked for. Pure.
 *
 * A snapshot carries a copy of the books: what a restored VM owes is what was
 * owed when the snapshot was made. The guest's log is in its RAM and goes
 * back with it.
 */
#ifndef VMM_LAB_LEDGER_H
#define VMM_LAB_LEDGER_H

#include <stddef.h>
#include <stdlib.h>

#include "irq.h"

struct ledger_entry {
	char label[24];
	bool made_up; /* nobody gave the label: it gives way to one that is given */
	struct irq irq;
	unsigned injected;  /* times it was asked for, or two others became this one */
	unsigned coalesced; /* of these, merged with one that was pending, the same or another: the
	                       architecture's rule */
	unsigned dropped;   /* gone with what held them: an operation that is meant to do that */
	unsigned taken;     /* records of it in the guest's log */
	unsigned promised;  /* a bit for each vCPU that has a command to bring it about, and LEDGER_NAMED */
	uint64_t within;    /* of a timer: it was set to come so many microseconds after the command */
	unsigned early;     /* as the account found last: not taken, not pending, and not due yet */
};

/* Entries of one account: each operation looks at all of them. */
#define LEDGER_ENTRIES (1 << 14)
#define LEDGER_MAX     4000000000u       /* injections of one interrupt: a snapshot has 32 bits for them */
#define LEDGER_YEAR    31536000000000ull /* microseconds: more than a timer is set to, less than never */
#define LEDGER_NAMED   (1u << 31)        /* the scenario says that the guest brings it about, not when */

struct ledger {
	struct ledger_entry *entries;
	size_t count;
	unsigned stray;         /* records that match no entry */
	unsigned suppressed;    /* injected, and never pending: the interface's rule; they have no entry */
	struct abi_record *log; /* copies of the records read so far: the guest can change its own */
	unsigned read;
	unsigned mark; /* where `expect taken` goes on */
	/* A bit for each record that had no entry when it was read; a file does not keep them. */
	uint8_t strays[ABI_LOG / 8];
};

/* -ENOMEM. The copy is to be freed too. */
int ledger_copy(struct ledger *to, const struct ledger *from, struct error *err);

/* Here, so that who only reads books (book.c) needs nothing of an architecture. */
static inline void ledger_free(struct ledger *l)
{
	free(l->entries);
	free(l->log);
	*l = (struct ledger){ 0 };
}

/*
 * irq was injected, so many times; label NULL makes one up ("io.2"), which is
 * given up for another one when a scenario gives that label to another
 * interrupt. An equal irq is the same entry. Call ledger_read() first, so that
 * it is known how many of them are still pending. -EINVAL when the account
 * could not be kept: it has another label already, or the guest's log could not
 * tell it from another entry. -E2BIG: more than LEDGER_ENTRIES
 * interrupts. -EOVERFLOW: one more than LEDGER_MAX times. -ENOMEM. One
 * that leaves no record has no entry: nobody could say what became of it.
 */
int ledger_inject(struct ledger *l, const char *label, const struct irq *irq, unsigned times,
                  struct error *err);

/* So many of irq, which are booked, went away before they were taken, by design. */
void ledger_withdraw(struct ledger *l, const struct irq *irq, unsigned times);

/*
 * Gives irq a label before it is injected or raised; as ledger_inject(), but
 * nothing is due.
 */
int ledger_name(struct ledger *l, const char *label, const struct irq *irq, struct error *err);

/* irq, which has a name, is due so many more times, one after the other: none merges with another.
 * -EOVERFLOW: as ledger_inject(). */
int ledger_owe(struct ledger *l, const struct irq *irq, uint64_t times, struct error *err);

/*
 * irq is due when vCPU cpu has done the command that it has now, and a timer so
 * many microseconds later. IRQ_ANY_CPU: when the guest does what the scenario says that it will.
 */
void ledger_promise(struct ledger *l, const struct irq *irq, unsigned cpu, uint64_t within);

/* The vCPUs with these bits have done their commands: what those were to bring about is due. */
void ledger_keep(struct ledger *l, unsigned cpus);

/* Whether one more irq would merge with those that are pending, as the books stand. */
bool ledger_coalesces(struct ledger *l, const struct irq *irq);

/*
 * Books the records of the guest's log that are new, in their order; log is
 * the guest's memory, of ABI_LOG records, and taken what it says.
 */
void ledger_read(struct ledger *l, const struct abi_record *log, unsigned taken);

const struct ledger_entry *ledger_find(const struct ledger *l, const char *label);
const struct ledger_entry *ledger_find_irq(const struct ledger *l, const struct irq *irq);

/* The entry a record belongs to, or NULL. */
const struct ledger_entry *ledger_match(const struct ledger *l, const struct abi_record *record);

/* Whether nobody had asked for record number k when it was read. */
bool ledger_is_stray(const struct ledger *l, unsigned k);

/* Deliveries due in all; those of them that are not taken yet. */
unsigned ledger_due(const struct ledger_entry *e);
unsigned ledger_owed(const struct ledger_entry *e);

/* Deliveries that nobody asked for: too many of an entry, or of none. */
uint64_t ledger_duplicate(const struct ledger *l);

/* Injections, of all entries and without. */
uint64_t ledger_injected(const struct ledger *l);

#endif
