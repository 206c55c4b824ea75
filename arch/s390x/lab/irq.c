/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irq.c: the s390x interrupts that a scenario can name, and how the guest's
 * log shows them. Pure. See vmm/lab/irq.h; sent to KVM by inject.c. Read next: irqop.c.
 */
#include "irq.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "vmm/lab/irq_trace.h"
#include "vmm/lab/words.h"

/* The identification word has the ISC in bits 2-4. */
#define ISC_SHIFT 27

static struct irq irq_of_kind(const char *name, enum s390_kind code, uint16_t cpu)
{
	struct irq irq = { .code = code, .cpu = cpu };

	snprintf(irq.kind, sizeof(irq.kind), "%s", name);
	return irq;
}

void irq_set_record(struct irq *irq)
{
	const struct s390_kind_row *k = &s390_kinds[irq->code];
	struct abi_record *want = &irq->want;

	*want = (struct abi_record){ .kind = k->record };
	switch (k->record) {
	case ABI_EXT:
		want->number = irq->code == KIND_TIMER ? irq->number : k->code;
		want->parm = s390_irq_type(k->type)->payload == S390_PAYLOAD_SENDER ? irq->number : irq->parm;
		want->parm2 = k->subcode;
		break;
	case ABI_IO:
		want->number = irq->code == KIND_IO ? irq->number : 0;
		want->parm = irq->parm;
		want->parm2 = irq->parm2;
		break;
	case ABI_MCHK: /* of a floating one KVM keeps the code alone */
		want->parm = irq->parm;
		if (irq->cpu == IRQ_ANY_CPU)
			break;
		want->number = irq->number;
		want->parm2 = irq->extra[MCHK_FAILING_STORAGE];
		break;
	case ABI_PROGRAM:
		want->number = irq->number;
		want->parm = irq->parm;
		want->parm2 = irq->parm2;
	}
}

/* The guest crashes of a program interruption that it does not expect; what is suppressed is never pending;
 * nor is a local machine check without any of its conditions. */
static void record_if_any(struct irq *irq, bool logged)
{
	if ((irq->code != KIND_PROGRAM || logged) && !irq->suppressed &&
	    (irq->code != KIND_MCHK || irq->cpu == IRQ_ANY_CPU || irq->parm & S390_MCIC_LOCAL))
		irq_set_record(irq);
}

/* --- a field's place in struct irq ---------------------------------------- */

static uint64_t account_get(const struct irq *irq, unsigned place)
{
	switch (place) {
	case S390_NUMBER: return irq->number;
	case S390_PARM: return irq->parm;
	case S390_PARM2: return irq->parm2;
	default: return irq->extra[place - S390_EXTRA];
	}
}

static void account_set(struct irq *irq, unsigned place, uint64_t value)
{
	switch (place) {
	case 0: break;
	case S390_NUMBER: irq->number = (uint32_t)value; break;
	case S390_PARM: irq->parm = value; break;
	case S390_PARM2: irq->parm2 = value; break;
	default: irq->extra[place - S390_EXTRA] = value;
	}
}

/* --- a scenario's words ---------------------------------------------------- */

static int unknown(const char *word, struct error *err)
{
	char all[200] = "";

	for (size_t k = 0; k < KINDS; k++) {
		size_t len = strlen(all);

		if (k != KIND_TIMER)
			snprintf(all + len, sizeof(all) - len, "%s%s", k ? ", " : "", s390_kinds[k].word);
	}
	return error_set(err, -EINVAL, "inject: %s is not one of: %s (on s390x)", word, all);
}

/* The words that a kind takes: cpu=, its own, its fields'. */
enum { WORD_CPU, WORD_OWN, WORD_FIELD = WORD_OWN + S390_KIND_WORDS, WORDS = WORD_FIELD + 16 };

struct kind_words {
	struct word_key keys[WORDS];
	uint8_t account[WORDS]; /* of a field's word */
	unsigned count;
	uint64_t allowed, needed;
	uint64_t value[WORDS], given;
};

static void add_word(struct kind_words *w, unsigned at, const char *word, uint64_t max, bool needed)
{
	w->keys[at] = (struct word_key){ word, max };
	w->allowed |= word ? KEY_BIT(at) : 0;
	w->needed |= needed ? KEY_BIT(at) : 0;
}

static void words_of(const struct s390_kind_row *k, struct kind_words *w)
{
	const struct s390_irq_type *t = s390_irq_type(k->type);

	*w = (struct kind_words){ .count = WORD_FIELD };
	for (unsigned i = 0; i < WORD_FIELD; i++)
		w->keys[i].name = "";
	if (t->pending & S390_LOCAL)
		add_word(w, WORD_CPU, "cpu", IRQ_ANY_CPU - 1, false);
	for (unsigned i = 0; i < S390_KIND_WORDS && k->own[i].word; i++)
		add_word(w, WORD_OWN + i, k->own[i].word, k->own[i].max, k->own[i].needed);
	for (const struct s390_irq_field *f = s390_irq_first(t->payload); f->payload == t->payload; f++) {
		if (!f->word)
			continue;
		w->account[w->count] = f->account;
		add_word(w, w->count++, f->word, UINT64_MAX >> (64 - 8 * f->size), f->flags & S390_NEEDED);
	}
}

/* What the words of a kind alone mean. */
static int fill_own(struct irq *irq, const uint64_t *own, struct error *err)
{
	switch (irq->code) {
	case KIND_IO:
		*irq = irq_of_io(subsystem_word(own[1], own[2]), (uint32_t)own[3], (unsigned)own[0]);
		break;
	case KIND_SERVICE:
		if (irq->parm & ~(uint64_t)(S390_SERVICE_SCCB | S390_SERVICE_EVENT))
			return error_set(
				err, -EINVAL,
				"service: parm=0x%" PRIx64
				" is no SCCB address (a multiple of 8), with or without event bits (3)",
				irq->parm);
		break;
	case KIND_STOP: irq->number |= (uint32_t)own[0]; break;
	/* No interrupt comes of an irqfd when the summary bit is on, or the adapter masked or suppressed. */
	case KIND_AIRQ:
	case KIND_IRQFD:
		irq->parm2 = s390_adapter_word((uint8_t)own[0]);
		irq->number = (uint32_t)own[1];
		irq->suppressed = own[2];
	}
	return 0;
}

const char *irq_kind_name(unsigned number)
{
	number += number >= KIND_TIMER;
	return number < KINDS ? s390_kinds[number].word : NULL;
}

int irq_parse(const struct word *words, unsigned count, struct irq *irq, struct error *err)
{
	struct kind_words w;
	char what[32];
	unsigned k = 0;

	while (k < KINDS && (k == KIND_TIMER || strcmp(s390_kinds[k].word, words[0].text)))
		k++;
	if (k == KINDS)
		return unknown(words[0].text, err);
	words_of(&s390_kinds[k], &w);
	snprintf(what, sizeof(what), "inject %s", s390_kinds[k].word);
	if (words_parse(what, words, count, w.keys, w.count, w.allowed, w.needed, w.value, &w.given, err))
		return -EINVAL;
	*irq = irq_of_kind(s390_kinds[k].word, k, (uint16_t)w.value[WORD_CPU]);
	if (s390_irq_type(s390_kinds[k].type)->pending & S390_FLOATS && !(w.given & KEY_BIT(WORD_CPU)))
		irq->cpu = IRQ_ANY_CPU;
	if (k == KIND_MCHK) {
		irq->parm = S390_MCIC_CHANNEL_REPORT;
		irq->parm2 = S390_CR14_CHANNEL_REPORT;
	}
	for (unsigned i = WORD_FIELD; i < w.count; i++)
		if (w.given & KEY_BIT(i))
			account_set(irq, w.account[i], w.value[i]);
	if (fill_own(irq, &w.value[WORD_OWN], err))
		return -EINVAL;
	record_if_any(irq, w.value[WORD_OWN]);
	return 0;
}

struct irq irq_of_io(uint32_t id, uint32_t parm, unsigned isc)
{
	struct irq irq = irq_of_kind("io", KIND_IO, IRQ_ANY_CPU);

	irq.number = id;
	irq.parm = parm;
	irq.parm2 = (uint64_t)isc << ISC_SHIFT;
	irq_set_record(&irq);
	return irq;
}

struct irq irq_of_adapter(unsigned isc)
{
	struct irq irq = irq_of_kind("airq", KIND_AIRQ, IRQ_ANY_CPU);

	irq.number = isc;
	irq.parm2 = s390_adapter_word((uint8_t)isc);
	irq_set_record(&irq);
	return irq;
}

struct irq irq_of_report(void)
{
	struct irq irq = irq_of_kind("mchk", KIND_MCHK, IRQ_ANY_CPU);

	irq.parm = S390_MCIC_CHANNEL_REPORT;
	irq.parm2 = S390_CR14_CHANNEL_REPORT;
	irq_set_record(&irq);
	return irq;
}

struct irq irq_of_timer(uint64_t type, uint16_t cpu)
{
	bool is_cpu = type == ABI_TIMER_CPU;
	struct irq irq = irq_of_kind(is_cpu ? "cpu-timer" : "timer", KIND_TIMER, cpu);

	irq.number = is_cpu ? EXT_CPU_TIMER : EXT_CLOCK_COMP;
	irq_set_record(&irq);
	return irq;
}

struct irq irq_of_service(uint32_t parm)
{
	struct irq irq = irq_of_kind("service", KIND_SERVICE, IRQ_ANY_CPU);

	irq.parm = parm;
	irq_set_record(&irq);
	return irq;
}

uint64_t irq_of_command(uint32_t command, const uint64_t arg[ABI_ARGS], uint16_t cpu, struct irq *irq,
                        const char **label)
{
	if (command != ABI_CMD_TIMER)
		return 0;
	*irq = irq_of_timer(arg[1], cpu);
	*label = irq->kind;
	return 1;
}

bool irq_of_local(const struct s390_irq *s, uint16_t cpu, struct irq *irq)
{
	const struct s390_irq_type *t = s390_irq_type(s->type);
	unsigned k = 0;

	while (k < KINDS && (k == KIND_TIMER || s390_kinds[k].type != s->type))
		k++;
	if (k == KINDS)
		return false;
	*irq = irq_of_kind(s390_kinds[k].word, k, cpu);
	for (const struct s390_irq_field *f = s390_irq_first(t->payload); f->payload == t->payload; f++)
		account_set(irq, f->account, s390_irq_get(s, f));
	record_if_any(irq, false);
	return irq->want.kind;
}

struct s390_irq irq_to_s390(const struct irq *irq)
{
	struct s390_irq s = { .type = s390_kinds[irq->code].type };
	const struct s390_irq_type *t = s390_irq_type(s.type);

	if (irq->code == KIND_IO)
		s = s390_irq_io(irq->number, 0, 0);
	if (irq->code == KIND_TIMER && irq->number == EXT_CPU_TIMER)
		s.type = S390_CPU_TIMER;
	for (const struct s390_irq_field *f = s390_irq_first(t->payload); f->payload == t->payload; f++)
		if (f->account)
			s390_irq_set(&s, f, account_get(irq, f->account));
	return s;
}

/*
 * KVM delivers an event with the bits that were injected (6.12), or with all bits whichever those were (6.1).
 * So an event is known by having any of them, and no SCCB.
 */
static bool same_parm(const struct abi_record *want, const struct abi_record *record)
{
	if (want->kind == ABI_EXT && want->number == EXT_SERVICE && want->parm == S390_SERVICE_EVENT)
		return record->parm && !(record->parm & ~(uint64_t)S390_SERVICE_EVENT);
	return want->parm == record->parm;
}

bool irq_matches(const struct irq *irq, const struct abi_record *record)
{
	const struct abi_record *w = &irq->want;

	return (irq->cpu == IRQ_ANY_CPU || irq->cpu == record->cpu) && w->kind == record->kind &&
	       w->number == record->number && same_parm(w, record) && w->parm2 == record->parm2;
}

unsigned irq_depth(const struct irq *irq)
{
	/* Those of adapters queue up as long as there is no GISA, which has one bit for an ISC. */
	return s390_irq_type(s390_kinds[irq->code].type)->pending & S390_QUEUES ? UINT_MAX : 1;
}

void irq_trace_identity(const struct irq *irq, struct trace_event *event)
{
	const struct s390_irq_type *t = s390_irq_type(s390_kinds[irq->code].type);

	if (irq->cpu != IRQ_ANY_CPU)
		trace_number(event, "cpu", irq->cpu);
	if (irq->code == KIND_IO || irq->parm2 & S390_ADAPTER_BIT)
		trace_number(event, "isc", s390_isc((uint32_t)irq->parm2));
	if (irq->code == KIND_IO) {
		trace_text(event, "schid", "0.%x.%04x", irq->number >> 17 & 3, irq->number & 0xffff);
		trace_hex(event, "parm", irq->parm);
	}
	for (const struct s390_irq_field *f = s390_irq_first(t->payload); f->payload == t->payload; f++)
		if (f->word && f->digits == S390_DECIMAL)
			trace_number(event, f->word, account_get(irq, f->account));
		else if (f->word && (f->flags & S390_NEEDED || account_get(irq, f->account)))
			trace_hex(event, f->word, account_get(irq, f->account));
}

/* Bit 51 of the TOD clock is a microsecond. */
uint64_t irq_clock_ns(uint64_t units)
{
	return units / 512 * 125 + units % 512 * 125 / 512;
}

/* The architecture has no end of an interruption. */
bool irq_record_ends(const struct abi_record *record)
{
	(void)record;
	return false;
}

void irq_record_text(const struct abi_record *record, char *text, unsigned size)
{
	switch (record->kind) {
	case ABI_EXT:
		if (record->number == EXT_CP_SERVICE)
			snprintf(text, size, "external 2603 subcode %04x parameter %016" PRIx64,
			         (unsigned)record->parm2, record->parm);
		else
			snprintf(text, size, "external %04x parameter %08" PRIx64, record->number,
			         record->parm);
		break;
	case ABI_IO:
		if (record->parm2 & S390_ADAPTER_BIT) {
			snprintf(text, size, "I/O of an adapter ISC %u", (unsigned)(record->parm2 >> 27 & 7));
			break;
		}
		snprintf(text, size, "I/O subchannel %08x ISC %u parameter %08" PRIx64, record->number,
		         (unsigned)(record->parm2 >> 27 & 7), record->parm);
		break;
	case ABI_MCHK:
		if (record->number || record->parm2)
			snprintf(text, size, "machine check %016" PRIx64 " damage %08x address %" PRIx64,
			         record->parm, record->number, record->parm2);
		else
			snprintf(text, size, "machine check %016" PRIx64, record->parm);
		break;
	case ABI_RESTART: snprintf(text, size, "restart"); break;
	case ABI_PROGRAM:
		snprintf(text, size, "program %04x translation %" PRIx64 " data %" PRIx64, record->number,
		         record->parm, record->parm2);
		break;
	default: snprintf(text, size, "unknown kind %u", record->kind);
	}
}
