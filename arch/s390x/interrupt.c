/* SPDX-License-Identifier: BSD-2-Clause */
/* interrupt.c: see interrupt.h: the properties of interrupts that KVM does not tell, and the checks that it
 * does not make. Pure. */
#include "interrupt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096

#define TYPE(name, kvm, payload, pending, ...) { S390_##name, S390_PAYLOAD_##payload, pending, __VA_ARGS__ },
const struct s390_irq_type s390_irq_types[] = { S390_IRQ_TYPES(TYPE) };
const struct s390_irq_type *const s390_irq_types_end =
	s390_irq_types + sizeof(s390_irq_types) / sizeof(s390_irq_types[0]);

#define FIELD(payload, field, kvm, word, flags, account, shown, digits, text) \
	{ S390_PAYLOAD_##payload,                                             \
	  offsetof(struct s390_irq, field),                                   \
	  sizeof(((struct s390_irq *)0)->field),                              \
	  flags,                                                              \
	  account,                                                            \
	  shown,                                                              \
	  digits,                                                             \
	  word,                                                               \
	  text },
const struct s390_irq_field s390_irq_fields[] = { S390_IRQ_FIELDS(FIELD){ .payload = S390_PAYLOADS } };

const struct s390_irq_type *s390_irq_type(uint32_t type)
{
	for (const struct s390_irq_type *t = s390_irq_types; t < s390_irq_types_end; t++)
		if (type == t->type || (type < S390_IO_MAX && t->type == S390_IO_MAX))
			return t;
	return NULL;
}

const struct s390_irq_field *s390_irq_first(unsigned payload)
{
	const struct s390_irq_field *f = s390_irq_fields;

	while (f->payload != payload)
		f++;
	return f;
}

static unsigned how_pending(const struct s390_irq *irq)
{
	const struct s390_irq_type *t = s390_irq_type(irq->type);

	return t ? t->pending : 0;
}

bool s390_irq_queues(const struct s390_irq *irq)
{
	return how_pending(irq) & S390_QUEUES;
}

struct s390_irq *s390_irqs_trim(struct s390_irq *irqs, size_t count)
{
	struct s390_irq *list = count ? realloc(irqs, count * sizeof(*irqs)) : NULL;

	if (!count)
		free(irqs);
	return list || !count ? list : irqs;
}

bool s390_irq_excludes(const struct s390_irq *a, const struct s390_irq *b)
{
	unsigned how = how_pending(a);

	return a->type == b->type && !(how & S390_QUEUES) &&
	       (!(how & S390_PER_SENDER) || a->source == b->source);
}

struct s390_irq s390_irq_io(uint32_t id, uint32_t parm, unsigned isc)
{
	struct s390_irq irq = { .type = (id >> 17 & 3) << 16 | (id & 0xffff) };

	irq.io.subchannel_id = (uint16_t)(id >> 16);
	irq.io.subchannel_nr = (uint16_t)id;
	irq.io.parm = parm;
	irq.io.word = isc << 27;
	return irq;
}

/* KVM itself refuses an entry that is no floating interrupt. */
static bool floats(const struct s390_irq *irq)
{
	return how_pending(irq) & S390_FLOATS;
}

size_t s390_irqs_taken(const struct s390_irq *irqs, size_t count, size_t queued)
{
	size_t i;

	for (i = 0; i < count && floats(&irqs[i]); i++)
		if (s390_irq_queues(&irqs[i]) && !queued--)
			break;
	return i;
}

/* Whether a bit, counted from an address, is in the same page as the address: KVM maps only that page.
 */
static bool in_page(uint64_t address, uint64_t bit)
{
	return bit < 8 * (PAGE - address % PAGE);
}

const char *s390_route_wrong(const struct s390_route *route, uint64_t memory)
{
	if (route->gsi >= S390_GSIS)
		return "GSIs are 0 to 4095";
	if (route->indicator >= memory || route->summary >= memory)
		return "the address is outside memory";
	if (!in_page(route->indicator, route->indicator_bit))
		return "the indicator bit is outside the page of its address";
	if (!in_page(route->summary, route->summary_bit))
		return "the summary bit is outside the page of its address";
	return NULL;
}

static void append(char *text, size_t size, const char *before, unsigned digits, uint64_t value)
{
	size_t len = strlen(text);

	if (digits == S390_DECIMAL)
		snprintf(text + len, size - len, "%s%llu", before, (unsigned long long)value);
	else
		snprintf(text + len, size - len, "%s%0*llx", before, (int)digits, (unsigned long long)value);
}

/* In the order of a text: up to the short one's last field, or from there on without zeros. */
static void append_fields(const struct s390_irq *irq, bool rest, char *text, size_t size)
{
	const struct s390_irq_type *type = s390_irq_type(irq->type);
	const struct s390_irq_field *first = type ? s390_irq_first(type->payload) : NULL, *f;
	unsigned last = 0;

	for (f = first; type && f->payload == type->payload; f++)
		last = f->shown > last ? f->shown : last;
	if (!rest && last > S390_SHORT)
		last = S390_SHORT;
	for (unsigned n = rest ? S390_SHORT + 1 : 1; n <= last; n++)
		for (f = first; f->payload == type->payload; f++) {
			uint64_t value = s390_irq_get(irq, f);

			if (f->shown == n && (value || !rest))
				append(text, size, f->text, f->digits, value);
		}
}

void s390_irq_text(const struct s390_irq *irq, char *text, size_t size)
{
	const struct s390_irq_type *type = s390_irq_type(irq->type);

	if (irq->type == S390_ADAPTER)
		snprintf(text, size, "I/O of an adapter ISC %u", s390_isc(irq->io.word));
	else if (irq->type <= S390_IO_MAX)
		snprintf(text, size, "I/O subchannel %04x%04x ISC %u parameter %08x", irq->io.subchannel_id,
		         irq->io.subchannel_nr, s390_isc(irq->io.word), irq->io.parm);
	else if (type)
		snprintf(text, size, "%s", type->name);
	else
		snprintf(text, size, "type %08x", irq->type);
	append_fields(irq, false, text, size);
}

/* The words of an I/O interrupt repeat each other: shown is what contradicts. */
static void append_io(const struct s390_irq *irq, char *text, size_t size)
{
	bool adapter = irq->type == S390_ADAPTER;
	uint32_t like = adapter ? S390_ADAPTER
	                        : (uint32_t)(irq->io.subchannel_id >> 1 & 3) << 16 | irq->io.subchannel_nr;
	uint32_t word = irq->io.word & ~(7u << 27);
	const struct {
		const char *before;
		uint32_t value;
	} all[] = {
		{ ", identification word ", adapter && word == S390_ADAPTER_BIT ? 0 : word },
		{ ", type ", irq->type == like ? 0 : irq->type },
		{ ", subchannel ",
		  adapter ? (uint32_t)irq->io.subchannel_id << 16 | irq->io.subchannel_nr : 0 },
		{ ", parameter ", adapter ? irq->io.parm : 0 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].value)
			append(text, size, all[i].before, 0, all[i].value);
}

void s390_irq_text_rest(const struct s390_irq *irq, char *text, size_t size)
{
	if (irq->type <= S390_IO_MAX)
		append_io(irq, text, size);
	else
		append_fields(irq, true, text, size);
}
