/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irq.c: the s390x interrupts that a scenario can name, and how the guest's
 * log shows them. Pure. See vmm/irq.h; sent to KVM by flic.c.
 */
#include "irq.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "vmm/words.h"

/* External interruption codes (Principles of Operation, ch. 6). */
#define EXT_CLOCK_COMP    0x1004
#define EXT_CPU_TIMER     0x1005
#define EXT_EMERGENCY     0x1201
#define EXT_EXTERNAL_CALL 0x1202
#define EXT_SERVICE       0x2401

/* A channel report is pending: the floating machine check that Linux knows best. */
#define CR14_CHANNEL_REPORT 0x10000000
#define MCIC_CHANNEL_REPORT 0x00400f1d40330000

enum key { KEY_CPU, KEY_FROM, KEY_ISC, KEY_SSID, KEY_SCHID, KEY_PARM, KEY_MCIC, KEY_CR14, KEYS };

static const struct word_key keys[KEYS] = {
	[KEY_CPU] = { "cpu", UINT16_MAX - 1 },
	[KEY_FROM] = { "from", UINT16_MAX },
	[KEY_ISC] = { "isc", 7 },
	[KEY_SSID] = { "ssid", 3 },
	[KEY_SCHID] = { "schid", UINT16_MAX },
	[KEY_PARM] = { "parm", UINT32_MAX },
	[KEY_MCIC] = { "mcic", UINT64_MAX },
	[KEY_CR14] = { "cr14", UINT64_MAX },
};

#define BIT(key) KEY_BIT(key)

static const struct {
	const char *name;
	enum s390_kind code;
	unsigned allowed, needed;
} kinds[] = {
	{ "io", KIND_IO, BIT(KEY_ISC) | BIT(KEY_SSID) | BIT(KEY_SCHID) | BIT(KEY_PARM),
	  BIT(KEY_ISC) | BIT(KEY_SCHID) },
	{ "service", KIND_SERVICE, BIT(KEY_PARM), BIT(KEY_PARM) },
	{ "mchk", KIND_MCHK, BIT(KEY_CPU) | BIT(KEY_MCIC) | BIT(KEY_CR14), 0 },
	{ "emergency", KIND_EMERGENCY, BIT(KEY_CPU) | BIT(KEY_FROM), 0 },
	{ "extcall", KIND_EXTERNAL_CALL, BIT(KEY_CPU) | BIT(KEY_FROM), 0 },
	{ "restart", KIND_RESTART, BIT(KEY_CPU), 0 },
};

/* The subsystem-identification word: bit 15 is one (Principles of Operation, ch. 14). */
static uint32_t subsystem_id(const uint64_t *value)
{
	return (uint32_t)(value[KEY_SSID] << 17 | 1 << 16 | value[KEY_SCHID]);
}

static void want(struct irq *irq, uint16_t kind, uint32_t number, uint64_t parm, uint64_t parm2)
{
	irq->want = (struct abi_record){ .kind = kind, .number = number, .parm = parm, .parm2 = parm2 };
}

static int fill(struct irq *irq, const uint64_t *value, unsigned given, struct error *err)
{
	irq->cpu = (uint16_t)value[KEY_CPU];
	irq->number = (uint32_t)value[KEY_FROM];
	switch (irq->code) {
	case KIND_IO:
		/* Subsystem-identification word: bit 15 is one; then the identification word has the ISC in
		 * bits 2-4. */
		irq->cpu = IRQ_ANY_CPU;
		irq->number = subsystem_id(value);
		irq->parm = value[KEY_PARM];
		irq->parm2 = value[KEY_ISC] << 27;
		want(irq, ABI_IO, irq->number, irq->parm, irq->parm2);
		break;
	case KIND_SERVICE:
		irq->cpu = IRQ_ANY_CPU;
		irq->parm = value[KEY_PARM];
		/* With event bits KVM delivers it twice; that has no exact accounting. */
		if (!irq->parm || irq->parm & 7)
			return error_set(err, -EINVAL,
			                 "service: parm=0x%" PRIx64 " is no SCCB address (a multiple of 8)",
			                 irq->parm);
		want(irq, ABI_EXT, EXT_SERVICE, irq->parm, 0);
		break;
	case KIND_MCHK:
		if (!(given & BIT(KEY_CPU)))
			irq->cpu = IRQ_ANY_CPU;
		irq->parm = given & BIT(KEY_MCIC) ? value[KEY_MCIC] : MCIC_CHANNEL_REPORT;
		irq->parm2 = given & BIT(KEY_CR14) ? value[KEY_CR14] : CR14_CHANNEL_REPORT;
		want(irq, ABI_MCHK, 0, irq->parm, 0);
		break;
	case KIND_EMERGENCY: want(irq, ABI_EXT, EXT_EMERGENCY, irq->number, 0); break;
	case KIND_EXTERNAL_CALL: want(irq, ABI_EXT, EXT_EXTERNAL_CALL, irq->number, 0); break;
	case KIND_RESTART: want(irq, ABI_RESTART, 0, 0, 0); break;
	}
	return 0;
}

int irq_parse(const struct word *words, unsigned count, struct irq *irq, struct error *err)
{
	uint64_t value[KEYS] = { 0 };
	unsigned given;
	char what[32];
	size_t k = 0;
	int rc;

	while (k < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[k].name, words[0].text))
		k++;
	if (k == sizeof(kinds) / sizeof(kinds[0]))
		return error_set(err, -EINVAL,
		                 "inject: %s is not one of: io, service, mchk, emergency, extcall, restart",
		                 words[0].text);
	snprintf(what, sizeof(what), "inject %s", kinds[k].name);
	rc = words_parse(what, words, count, keys, KEYS, kinds[k].allowed, kinds[k].needed, value, &given,
	                 err);
	if (rc)
		return rc;
	*irq = (struct irq){ .kind = kinds[k].name, .code = kinds[k].code };
	return fill(irq, value, given, err);
}

static const struct {
	const char *name;
	enum s390_op code;
	bool drops;
	unsigned allowed, needed;
} ops[] = {
	{ "clear", OP_CLEAR, true, 0, 0 },
	{ "clear-io", OP_CLEAR_IO, true, BIT(KEY_SSID) | BIT(KEY_SCHID), BIT(KEY_SCHID) },
	{ "apf-enable", OP_APF_ENABLE, false, 0, 0 },
	{ "apf-disable", OP_APF_DISABLE, false, 0, 0 },
};

int irqchip_parse(const struct word *words, unsigned count, struct irqchip_op *op, struct error *err)
{
	uint64_t value[KEYS] = { 0 };
	unsigned given;
	char what[32];
	size_t k = 0;

	while (k < sizeof(ops) / sizeof(ops[0]) && strcmp(ops[k].name, words[0].text))
		k++;
	if (k == sizeof(ops) / sizeof(ops[0]))
		return error_set(err, -EINVAL,
		                 "irqchip: %s is not one of: clear, clear-io, apf-enable, apf-disable",
		                 words[0].text);
	*op = (struct irqchip_op){ .name = ops[k].name, .code = ops[k].code, .drops = ops[k].drops };
	snprintf(what, sizeof(what), "irqchip %s", op->name);
	if (words_parse(what, words, count, keys, KEYS, ops[k].allowed, ops[k].needed, value, &given, err))
		return -EINVAL;
	if (op->code == OP_CLEAR_IO)
		op->arg[0] = subsystem_id(value);
	return 0;
}

struct irq irq_of_timer(uint64_t type, uint16_t cpu)
{
	struct irq irq = { .kind = "timer", .code = KIND_TIMER, .cpu = cpu };

	irq.number = type == ABI_TIMER_CPU ? EXT_CPU_TIMER : EXT_CLOCK_COMP;
	want(&irq, ABI_EXT, irq.number, 0, 0);
	return irq;
}

struct s390_irq irq_to_s390(const struct irq *irq)
{
	static const uint32_t types[] = {
		[KIND_SERVICE] = S390_SERVICE,     [KIND_MCHK] = S390_MCHK,
		[KIND_EMERGENCY] = S390_EMERGENCY, [KIND_EXTERNAL_CALL] = S390_EXTERNAL_CALL,
		[KIND_RESTART] = S390_RESTART,
	};
	struct s390_irq s = { .type = 0 };

	switch (irq->code) {
	case KIND_IO:
		/* For a subchannel KVM's type repeats set and number. */
		s.type = (irq->number >> 17 & 3) << 16 | (irq->number & 0xffff);
		s.io.subchannel_id = (uint16_t)(irq->number >> 16);
		s.io.subchannel_nr = (uint16_t)irq->number;
		s.io.parm = (uint32_t)irq->parm;
		s.io.word = (uint32_t)irq->parm2;
		return s;
	case KIND_TIMER: s.type = irq->number == EXT_CPU_TIMER ? S390_CPU_TIMER : S390_CLOCK_COMP; return s;
	case KIND_SERVICE: s.ext.parm = (uint32_t)irq->parm; break;
	case KIND_MCHK:
		s.mchk.mcic = irq->parm;
		s.mchk.cr14 = irq->parm2;
		break;
	case KIND_EMERGENCY:
	case KIND_EXTERNAL_CALL: s.source = (uint16_t)irq->number; break;
	}
	s.type = types[irq->code];
	return s;
}

bool irq_matches(const struct irq *irq, const struct abi_record *record)
{
	const struct abi_record *w = &irq->want;

	return (irq->cpu == IRQ_ANY_CPU || irq->cpu == record->cpu) && w->kind == record->kind &&
	       w->number == record->number && w->parm == record->parm && w->parm2 == record->parm2;
}

unsigned irq_depth(const struct irq *irq)
{
	/* I/O interrupts queue up; the others are one bit (emergency: one a sender). */
	return irq->code == KIND_IO ? UINT_MAX : 1;
}

void irq_record_text(const struct abi_record *record, char *text, unsigned size)
{
	switch (record->kind) {
	case ABI_EXT:
		snprintf(text, size, "external %04x parameter %08" PRIx64, record->number, record->parm);
		break;
	case ABI_IO:
		snprintf(text, size, "I/O subchannel %08x ISC %u parameter %08" PRIx64, record->number,
		         (unsigned)(record->parm2 >> 27 & 7), record->parm);
		break;
	case ABI_MCHK: snprintf(text, size, "machine check %016" PRIx64, record->parm); break;
	case ABI_RESTART: snprintf(text, size, "restart"); break;
	default: snprintf(text, size, "unknown kind %u", record->kind);
	}
}
