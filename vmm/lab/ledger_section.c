/* SPDX-License-Identifier: BSD-2-Clause */
/* ledger_section.c: see ledger_section.h. Pure. */
#include "ledger_section.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_BYTES 182 /* the size of an entry in version 1 of the section */

static void put_record(struct snap_section *s, const struct abi_record *record)
{
	snap_put32(s, record->seq);
	snap_put16(s, record->cpu);
	snap_put16(s, record->kind);
	snap_put32(s, record->number);
	snap_put64(s, record->parm);
	snap_put64(s, record->parm2);
}

static struct abi_record get_record(struct snap_reader *r)
{
	struct abi_record record = { .seq = snap_get32(r) };

	record.cpu = snap_get16(r);
	record.kind = snap_get16(r);
	record.number = snap_get32(r);
	record.parm = snap_get64(r);
	record.parm2 = snap_get64(r);
	return record;
}

static void put_entry(struct snap_section *s, const struct ledger_entry *e)
{
	snap_put(s, e->label, sizeof(e->label));
	snap_put(s, e->irq.kind, sizeof(e->irq.kind));
	snap_put32(s, e->irq.code);
	snap_put16(s, e->irq.cpu);
	snap_put32(s, e->irq.number);
	snap_put64(s, e->irq.parm);
	snap_put64(s, e->irq.parm2);
	for (int i = 0; i < IRQ_EXTRA; i++)
		snap_put64(s, e->irq.extra[i]);
	put_record(s, &e->irq.want);
	snap_put32(s, e->injected);
	snap_put32(s, e->coalesced);
	snap_put32(s, e->dropped);
	snap_put32(s, e->taken);
	snap_put32(s, e->promised);
	snap_put64(s, e->within);
}

/* Only printable characters: the text is shown to users, and becomes a key in JSON. */
static bool get_text(struct snap_reader *r, char *text, size_t size)
{
	const char *p = snap_get(r, size);
	size_t len = p ? strnlen(p, size) : 0;

	if (!len || len == size)
		return false;
	memcpy(text, p, size);
	while (len && text[len - 1] > ' ' && text[len - 1] <= '~')
		len--;
	return !len;
}

/* Whether the label may be a generated one, which the file does not say. */
static bool looks_made_up(const struct ledger_entry *e)
{
	size_t kind = strlen(e->irq.kind);

	return !strncmp(e->label, e->irq.kind, kind) && e->label[kind] == '.' && e->label[kind + 1] &&
	       !e->label[kind + 1 + strspn(e->label + kind + 1, "0123456789")];
}

/* Whether such an interrupt can exist. Its code becomes an index, and the file could contain anything. */
static bool possible(const char *arch, const struct irq *irq)
{
	return (!strcmp(arch, s390x_codec.arch) && s390_irq_possible(irq)) ||
	       (!strcmp(arch, power9_codec.arch) && p9_irq_possible(irq));
}

static bool get_entry(struct snap_reader *r, const char *arch, struct ledger_entry *e, unsigned version)
{
	bool good = get_text(r, e->label, sizeof(e->label)) && get_text(r, e->irq.kind, sizeof(e->irq.kind));

	e->made_up = looks_made_up(e);
	e->irq.code = snap_get32(r);
	e->irq.cpu = snap_get16(r);
	e->irq.number = snap_get32(r);
	e->irq.parm = snap_get64(r);
	e->irq.parm2 = snap_get64(r);
	for (int i = 0; i < IRQ_EXTRA; i++)
		e->irq.extra[i] = snap_get64(r);
	e->irq.want = get_record(r);
	e->injected = snap_get32(r);
	e->coalesced = snap_get32(r);
	e->dropped = snap_get32(r);
	e->taken = snap_get32(r);
	e->promised = version > 1 ? snap_get32(r) : 0;
	e->within = version > 1 ? snap_get64(r) : LEDGER_YEAR; /* it is not known */
	return good && !r->bad && e->injected <= LEDGER_MAX &&
	       (uint64_t)e->coalesced + e->dropped <= e->injected && possible(arch, &e->irq);
}

void ledger_section_put(struct snapshot *snap, const struct ledger *l)
{
	struct snap_section *s = snap_add(snap, TAG_LEDGER, 0, LEDGER_VERSION);

	snap_put32(s, l->stray);
	snap_put32(s, l->suppressed);
	snap_put32(s, l->mark);
	snap_put32(s, l->read);
	for (unsigned i = 0; i < l->read; i++)
		put_record(s, &l->log[i]);
	snap_put32(s, (uint32_t)l->count);
	for (size_t i = 0; i < l->count; i++)
		put_entry(s, &l->entries[i]);
}

/* --- all entries ------------------------------------------------------- */

static int by_label(const void *a, const void *b)
{
	const struct ledger_entry *x = *(const struct ledger_entry *const *)a;
	const struct ledger_entry *y = *(const struct ledger_entry *const *)b;
	int order = strcmp(x->label, y->label);

	/* The timers of all vCPUs have the same label. */
	return order || !irq_is_timer(x->label) ? order
	                                        : (x->irq.cpu > y->irq.cpu) - (x->irq.cpu < y->irq.cpu);
}

static int by_record(const void *a, const void *b)
{
	const struct abi_record *x = &(*(const struct ledger_entry *const *)a)->irq.want;
	const struct abi_record *y = &(*(const struct ledger_entry *const *)b)->irq.want;

	return x->kind != y->kind       ? (x->kind > y->kind) - (x->kind < y->kind)
	       : x->number != y->number ? (x->number > y->number) - (x->number < y->number)
	       : x->parm != y->parm     ? (x->parm > y->parm) - (x->parm < y->parm)
	                                : (x->parm2 > y->parm2) - (x->parm2 < y->parm2);
}

static int by_record_and_cpu(const void *a, const void *b)
{
	uint16_t x = (*(const struct ledger_entry *const *)a)->irq.cpu;
	uint16_t y = (*(const struct ledger_entry *const *)b)->irq.cpu;
	int order = by_record(a, b);

	return order ? order : (x > y) - (x < y);
}

/* Whether each entry has a label and a record of its own. A floating interrupt has its record on any vCPU. */
static bool all_differ(const struct ledger *l, bool *memory)
{
	const struct ledger_entry **list = calloc(l->count + 1, sizeof(*list));
	bool good = true;

	*memory = list;
	if (!list)
		return false;
	for (size_t i = 0; i < l->count; i++)
		list[i] = &l->entries[i];
	qsort(list, l->count, sizeof(*list), by_label);
	for (size_t i = 1; good && i < l->count; i++)
		good = by_label(&list[i - 1], &list[i]);
	if (good)
		qsort(list, l->count, sizeof(*list), by_record_and_cpu);
	for (size_t i = 1; good && i < l->count; i++)
		good = by_record(&list[i - 1], &list[i]) ||
		       (list[i]->irq.cpu != list[i - 1]->irq.cpu && list[i]->irq.cpu != IRQ_ANY_CPU);
	free(list);
	return good;
}

/* Returns what is wrong with the section, or NULL. *memory: false if there was too little to find out. */
static const char *get_ledger(struct snap_reader *r, const char *arch, struct ledger *l, unsigned version,
                              bool *memory)
{
	uint32_t count;

	*memory = true;
	l->stray = snap_get32(r);
	l->suppressed = snap_get32(r);
	l->mark = snap_get32(r);
	l->read = snap_get32(r);
	if (l->read > ABI_LOG || l->mark > l->read)
		return "more records than a guest's log has, or than were read";
	l->log = l->read ? malloc(ABI_LOG * sizeof(*l->log)) : NULL;
	*memory = !l->read || l->log;
	if (!*memory)
		return "";
	for (unsigned i = 0; i < l->read; i++)
		l->log[i] = get_record(r);
	count = snap_get32(r);
	if (count > snap_left(r) / ENTRY_BYTES || count > LEDGER_ENTRIES)
		return "too many entries";
	l->entries = count ? calloc(count, sizeof(*l->entries)) : NULL;
	*memory = !count || l->entries;
	if (!*memory)
		return "";
	for (; l->count < count; l->count++)
		if (!get_entry(r, arch, &l->entries[l->count], version))
			return "an entry that cannot be";
	if (r->bad || snap_left(r))
		return "cut short, or more behind it";
	return all_differ(l, memory) ? NULL : "two entries with one label, or of one record";
}

int ledger_section_get(const struct snapshot *snap, const char *arch, struct ledger *l, struct error *err)
{
	const struct snap_section *s = snap_find(snap, TAG_LEDGER, 0);
	struct snap_reader r;
	const char *why;
	bool memory;

	*l = (struct ledger){ 0 };
	if (!s || !ledger_section_known(s))
		return 0;
	r = snap_reader(s);
	why = get_ledger(&r, arch, l, s->version, &memory);
	if (!why)
		return 0;
	ledger_free(l);
	if (!memory)
		return error_set(err, -ENOMEM, "out of memory for the ledger");
	return error_set(err, -EBADMSG, "snapshot: offset %zu: section book 0: %s",
	                 s->offset + s->len - snap_left(&r), why);
}

/* --- for programs that read files ---------------------------------------------- */

static void close_ledger(void *data)
{
	ledger_free(data);
	free(data);
}

static int open_ledger(const struct snapshot *snap, const char *arch, void **data, struct error *err)
{
	const struct snap_section *s = snap_find(snap, TAG_LEDGER, 0);
	struct ledger *ledger;
	int rc;

	if (!s || !ledger_section_known(s))
		return 0;
	ledger = malloc(sizeof(*ledger));
	if (!ledger)
		return error_set(err, -ENOMEM, "out of memory");
	rc = ledger_section_get(snap, arch, ledger, err);
	if (rc)
		free(ledger);
	else
		*data = ledger;
	return rc;
}

static void describe_ledger(const void *data, struct outline *out)
{
	const struct ledger *ledger = data;

	outline_at(out, "ledger");
	outline_number(out, "records", ledger->read);
	outline_number(out, "mark", ledger->mark);
	outline_number(out, "stray", ledger->stray);
	outline_number(out, "suppressed", ledger->suppressed);
	for (size_t i = 0; i < ledger->count; i++) {
		const struct ledger_entry *e = &ledger->entries[i];
		char word[3 * sizeof(e->label)];

		outline_word(word, sizeof(word), e->label);
		outline_at(out, irq_is_timer(e->label) ? "ledger-entry.%s.%u" : "ledger-entry.%s", word,
		           e->irq.cpu);
		if (strcmp(word, e->label))
			outline_text(out, "label", "%s", e->label);
		outline_text(out, "kind", "%s", e->irq.kind);
		outline_number(out, "injected", e->injected);
		outline_number(out, "coalesced", e->coalesced);
		outline_number(out, "dropped", e->dropped);
		outline_number(out, "taken", e->taken);
		if (e->promised)
			outline_hex(out, "promised", e->promised);
		if (e->within && e->within != LEDGER_YEAR)
			outline_number(out, "within", e->within);
	}
}

const struct section_extra ledger_section = { open_ledger, describe_ledger, close_ledger,
	                                      offsetof(struct abi_shared, stamping) };
