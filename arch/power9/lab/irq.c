/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irq.c: the power9 interrupts that a scenario can name, and how the guest's
 * log shows them. Pure. See vmm/irq.h; sent to KVM by irqchip.c.
 */
#include "irq.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "arch/power9/clock.h"
#include "arch/power9/snapshot/codec.h"
#include "vmm/number.h"
#include "vmm/lab/irq_trace.h"
#include "vmm/lab/words.h"

enum key { KEY_SOURCE, KEY_LEVEL, KEY_GSI, KEY_CPU, KEY_COUNT, KEYS };

static const struct word_key keys[KEYS] = {
	[KEY_SOURCE] = { "source", UINT32_MAX }, [KEY_LEVEL] = { "level", 1 },
	[KEY_GSI] = { "gsi", UINT32_MAX },       [KEY_COUNT] = { "count", UINT64_MAX },
	[KEY_CPU] = { "cpu", IRQ_ANY_CPU - 1 },
};

/* Of a record that is not made yet: the guest finds the priority when it takes the interrupt. */
#define PRIORITY_UNKNOWN UINT64_MAX

/* One entry in the ledger, whatever triggers it: kind and record are the same. */
struct irq irq_of_source(uint32_t source)
{
	return (struct irq){
		.kind = "source",
		.code = KIND_SOURCE,
		.cpu = IRQ_ANY_CPU,
		.number = source,
		.want = { .kind = ABI_XIVE, .number = source, .parm = PRIORITY_UNKNOWN },
	};
}

static struct irq irq_of_ipi(uint16_t cpu)
{
	return (struct irq){
		.kind = "ipi",
		.code = KIND_IPI,
		.cpu = cpu,
		.want = { .kind = ABI_XIVE, .number = XICS_IPI, .parm = PRIORITY_UNKNOWN },
	};
}

static int parse_source(const struct word *words, unsigned count, struct irq *irq, struct error *err)
{
	uint64_t source;

	if (count != 2 || words[1].key)
		return error_set(err, -EINVAL, "inject source: one number must follow");
	if (number_parse(words[1].text, P9_SOURCES_MAX - 1, &source))
		return error_set(err, -EINVAL, "inject source: %s is not a source (0 to 0x%x)", words[1].text,
		                 P9_SOURCES_MAX - 1);
	*irq = irq_of_source((uint32_t)source);
	return 0;
}

const char *irq_kind_name(unsigned number)
{
	static const char *const names[] = { "source", "line", "irqfd", "ipi" };

	return number < sizeof(names) / sizeof(names[0]) ? names[number] : NULL;
}

int irq_parse(const struct word *words, unsigned count, struct irq *irq, struct error *err)
{
	static const struct {
		const char *name;
		enum p9_kind code;
		enum key key;
	} kinds[] = { { "line", KIND_LINE, KEY_GSI },
		      { "irqfd", KIND_IRQFD, KEY_GSI },
		      { "ipi", KIND_IPI, KEY_CPU } };
	uint64_t value[KEYS] = { 0 }, given;
	char what[32];
	size_t k = 0;

	if (!strcmp(words[0].text, "source"))
		return parse_source(words, count, irq, err);
	while (k < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[k].name, words[0].text))
		k++;
	if (k == sizeof(kinds) / sizeof(kinds[0]))
		return error_set(err, -EINVAL,
		                 "inject: %s is not one of: source, line, irqfd, ipi (on power9)",
		                 words[0].text);
	snprintf(what, sizeof(what), "inject %s", kinds[k].name);
	if (words_parse(what, words, count, keys, KEYS, KEY_BIT(kinds[k].key), KEY_BIT(kinds[k].key), value,
	                &given, err))
		return -EINVAL;
	if (value[KEY_GSI] >= P9_SOURCES_MAX)
		return error_set(err, -EINVAL, "%s: gsi=0x%" PRIx64 " is not a source (0 to 0x%x)", what,
		                 value[KEY_GSI], P9_SOURCES_MAX - 1);
	*irq = kinds[k].code == KIND_IPI ? irq_of_ipi((uint16_t)value[KEY_CPU])
	                                 : irq_of_source((uint32_t)value[KEY_GSI]);
	irq->code = kinds[k].code;
	return 0;
}

static const struct {
	const char *name;
	enum p9_op code;
	bool drops;
	uint64_t needed;
	enum key first, second; /* their values are arg[0], arg[1] */
} ops[] = {
	{ "reset", OP_RESET, true, 0, 0, 0 },
	{ "eq-sync", OP_EQ_SYNC, false, 0, 0, 0 },
	{ "sync", OP_SYNC, false, KEY_BIT(KEY_SOURCE), KEY_SOURCE, 0 },
	{ "line", OP_LEVEL, false, KEY_BIT(KEY_SOURCE) | KEY_BIT(KEY_LEVEL), KEY_SOURCE, KEY_LEVEL },
	{ "irqfd", OP_IRQFD, false, KEY_BIT(KEY_GSI), KEY_GSI, 0 },
	{ "irqfd-off", OP_IRQFD_OFF, false, KEY_BIT(KEY_GSI), KEY_GSI, 0 },
	{ "resample", OP_RESAMPLE, false, KEY_BIT(KEY_GSI), KEY_GSI, 0 },
	{ "resample-take", OP_RESAMPLE_TAKE, false, KEY_BIT(KEY_GSI) | KEY_BIT(KEY_COUNT), KEY_GSI,
	  KEY_COUNT },
};

int irqchip_parse(const struct word *words, unsigned count, struct irqchip_op *op, struct error *err)
{
	uint64_t value[KEYS] = { 0 }, given;
	char what[32];
	size_t k = 0;

	while (k < sizeof(ops) / sizeof(ops[0]) && strcmp(ops[k].name, words[0].text))
		k++;
	if (k == sizeof(ops) / sizeof(ops[0]))
		return error_set(err, -EINVAL,
		                 "irqchip: %s is not one of: reset, eq-sync, sync, line, irqfd, irqfd-off, "
		                 "resample, resample-take",
		                 words[0].text);
	*op = (struct irqchip_op){ .name = ops[k].name, .code = ops[k].code, .drops = ops[k].drops };
	snprintf(what, sizeof(what), "irqchip %s", op->name);
	if (words_parse(what, words, count, keys, KEYS, ops[k].needed, ops[k].needed, value, &given, err))
		return -EINVAL;
	op->arg[0] = value[ops[k].first];
	op->arg[1] = value[ops[k].second];
	return 0;
}

struct irq irq_of_timer(uint64_t type, uint16_t cpu)
{
	(void)type; /* there is one */
	return (struct irq){ .kind = "timer", .code = KIND_TIMER, .cpu = cpu, .want.kind = ABI_DEC };
}

uint64_t irq_of_command(uint32_t command, const uint64_t arg[ABI_ARGS], uint16_t cpu, struct irq *irq,
                        const char **label)
{
	*label = NULL;
	switch (command) {
	case ABI_CMD_TIMER:
		*irq = irq_of_timer(arg[1], cpu);
		*label = irq->kind;
		return 1;
	case ABI_CMD_IPI:
		*irq = irq_of_source((uint32_t)arg[0]); /* the first sources are the vCPUs' */
		return arg[1] ? arg[1] : 1;
	}
	return 0;
}

bool irq_matches(const struct irq *irq, const struct abi_record *record)
{
	/* Priority and PQ are the guest's observations, not the interrupt's identity. */
	return (irq->cpu == IRQ_ANY_CPU || irq->cpu == record->cpu) && irq->want.kind == record->kind &&
	       irq->want.number == record->number;
}

unsigned irq_depth(const struct irq *irq)
{
	/* P: one on its way, Q: one more; what comes then is one with Q. */
	return irq->code == KIND_TIMER || irq->code == KIND_IPI ? 1 : 2;
}

/* Sources have nothing to do with each other. */
unsigned irq_parts(const struct irq *irq, struct irq parts[IRQ_PARTS])
{
	parts[0] = *irq;
	return 1;
}

bool irq_merge(const struct irq *held, const struct irq *more, struct irq *left)
{
	(void)held, (void)more, (void)left;
	return false;
}

bool irq_taken_with(const struct irq *irq, const struct irq *with, struct irq *both)
{
	(void)irq, (void)with, (void)both;
	return false;
}

void irq_trace_identity(const struct irq *irq, struct trace_event *event)
{
	if (irq->code == KIND_IPI || irq->code == KIND_TIMER)
		trace_number(event, "cpu", irq->cpu);
	else
		trace_hex(event, "source", irq->number);
}

uint64_t irq_clock_ns(uint64_t units)
{
	return tb_ns(units);
}

/* The guest logs a source when it has read its PQ bits, at the EOI. */
bool irq_record_ends(const struct abi_record *record)
{
	return record->kind == ABI_XIVE;
}

void irq_record_text(const struct abi_record *record, char *text, unsigned size)
{
	if (record->kind == ABI_XIVE && record->parm == PRIORITY_UNKNOWN)
		snprintf(text, size, "source %x", record->number);
	else if (record->kind == ABI_XIVE)
		snprintf(text, size, "source %x priority %" PRIu64, record->number, record->parm);
	else if (record->kind == ABI_DEC)
		snprintf(text, size, "decrementer");
	else
		snprintf(text, size, "unknown kind %u", record->kind);
}
