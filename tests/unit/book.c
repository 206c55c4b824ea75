/* SPDX-License-Identifier: BSD-2-Clause */
/* book.c: the books of a VM in its snapshot: what comes back, and what is refused. */
#include "vmm/book.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"
#include "words.h"

static struct error err;
static bool power9;

static struct irq one(unsigned n)
{
	struct word words[WORDS_MAX];
	struct irq irq;
	unsigned count;
	char line[60];

	snprintf(line, sizeof(line), power9 ? "source %u" : "io isc=3 schid=%u parm=0x12345678", 4096 + n);
	count = words_cut(line, words);
	irq_parse(words, count, &irq, &err);
	return irq;
}

/* Two interrupts: the first was taken once of twice, the second never; and one that nobody knows. */
static void fill(struct ledger *l)
{
	struct irq a = one(1), b = one(2), c = one(3);
	struct abi_record log[2] = { a.want, c.want };

	*l = (struct ledger){ 0 };
	ledger_inject(l, "first", &a, 2, &err);
	ledger_inject(l, "a-label-of-23-letters..", &b, 1, &err);
	ledger_owe(l, &b, 4);
	ledger_withdraw(l, &b, 1);
	log[1].seq = 1;
	ledger_read(l, log, 2);
	l->mark = 1;
}

static bool same(const struct ledger *a, const struct ledger *b)
{
	bool good = a->count == b->count && a->stray == b->stray && a->read == b->read && a->mark == b->mark;

	for (size_t i = 0; good && i < a->count; i++) {
		const struct ledger_entry *x = &a->entries[i], *y = &b->entries[i];

		good = !strcmp(x->label, y->label) && !strcmp(x->irq.kind, y->irq.kind) &&
		       x->irq.code == y->irq.code && x->irq.cpu == y->irq.cpu &&
		       x->irq.number == y->irq.number && x->irq.parm == y->irq.parm &&
		       x->irq.parm2 == y->irq.parm2 &&
		       !memcmp(x->irq.extra, y->irq.extra, sizeof(x->irq.extra)) &&
		       x->injected == y->injected && x->coalesced == y->coalesced &&
		       x->dropped == y->dropped && x->taken == y->taken;
	}
	for (unsigned i = 0; good && i < a->read; i++)
		good = !memcmp(&a->log[i], &b->log[i], sizeof(a->log[i]));
	return good;
}

static void good(void)
{
	struct ledger l, again;
	struct irq a = one(1);
	struct abi_record log[3];
	struct snapshot snap;

	snap_init(&snap, "s390x");
	is(book_get(&snap, &again, &err), 0, "a snapshot without books");
	ok(!again.count && !again.read && !again.log, "gives empty ones");
	ledger_free(&again);
	fill(&l);
	book_put(&snap, &l);
	is(book_get(&snap, &again, &err), 0, "with books");
	ok(same(&l, &again) && again.count == 2 && again.read == 2, "they come back");
	memcpy(log, l.log, 2 * sizeof(log[0]));
	log[2] = a.want;
	log[2].seq = 2;
	ledger_read(&again, log, 3);
	is(ledger_owed(ledger_find(&again, "first")), 0, "and are gone on with");
	is(ledger_duplicate(&again), ledger_duplicate(&l), "as if nothing had been");
	ledger_free(&l);
	ledger_free(&again);
	snap_free(&snap);
	snap_init(&snap, "s390x");
	l = (struct ledger){ 0 };
	book_put(&snap, &l);
	is(book_get(&snap, &again, &err), 0, "empty books");
	ok(same(&l, &again), "are empty");
	ledger_free(&again);
	snap_free(&snap);
}

/* Of the books of fill(): where numbers are in it. */
#define AT_MARK  8
#define AT_READ  12
#define AT_COUNT (16 + 2 * 28)

static void set32(struct snap_section *s, size_t at, uint32_t value)
{
	value = htobe32(value);
	memcpy(s->bytes + at, &value, sizeof(value));
}

static void bad(void)
{
	struct ledger l, again;
	struct snapshot snap;
	struct snap_section *s;
	size_t len;
	unsigned wrong = 0;

	fill(&l);
	snap_init(&snap, "s390x");
	book_put(&snap, &l);
	s = &snap.sections[0];
	len = s->len;
	for (s->len = 0; s->len < len; s->len++)
		wrong += book_get(&snap, &again, &err) != -EBADMSG || again.entries || again.log;
	is(wrong, 0, "cut anywhere: refused, and nothing is left");
	snap_put8(s, 0);
	is(book_get(&snap, &again, &err), -EBADMSG, "a byte too many");
	s->len = len;
	set32(s, AT_COUNT, UINT32_MAX);
	is(book_get(&snap, &again, &err), -EBADMSG, "more entries than there are bytes");
	set32(s, AT_COUNT, 2);
	set32(s, AT_READ, ABI_LOG + 1);
	is(book_get(&snap, &again, &err), -EBADMSG, "more records than a guest can log");
	set32(s, AT_READ, 2);
	set32(s, AT_MARK, 3);
	is(book_get(&snap, &again, &err), -EBADMSG, "expected beyond what was logged");
	set32(s, AT_MARK, 1);
	memset(s->bytes + AT_COUNT + 4, 'x', 24);
	is(book_get(&snap, &again, &err), -EBADMSG, "a label without an end");
	s->bytes[AT_COUNT + 4 + 5] = 0;
	is(book_get(&snap, &again, &err), 0, "with one it is fine");
	ledger_free(&again);
	set32(s, len - 8, 7);
	is(book_get(&snap, &again, &err), -EBADMSG, "more was dropped than came");
	set32(s, len - 8, 1);
	s->version++;
	is(book_get(&snap, &again, &err), 0, "another version is a section that is not known");
	ok(!again.count && !again.log && !again.entries, "and left alone");
	ledger_free(&l);
	snap_free(&snap);
}

int main(void)
{
	struct irq irq;

	power9 = !irq_parse((struct word[]){ { NULL, "source" }, { NULL, "1" } }, 2, &irq, &err);
	good();
	bad();
	return tap_done();
}
