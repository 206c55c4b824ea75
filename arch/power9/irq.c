/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irq.c: the power9 interrupts that a scenario can name, and how the guest's
 * log shows them. Pure. See vmm/irq.h; sent to KVM by xive.c.
 */
#include "irq.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "vmm/number.h"
#include "vmm/words.h"

int irq_parse(const struct word *words, unsigned count, struct irq *irq, struct error *err)
{
	uint64_t source;

	if (strcmp(words[0].text, "source"))
		return error_set(err, -EINVAL, "inject: %s is not one of: source", words[0].text);
	if (count != 2 || words[1].key)
		return error_set(err, -EINVAL, "inject source: one number must follow");
	if (number_parse(words[1].text, P9_SOURCES_MAX - 1, &source))
		return error_set(err, -EINVAL, "inject source: %s is not a source (0 to 0x%x)", words[1].text,
		                 P9_SOURCES_MAX - 1);
	*irq = (struct irq){
		.kind = "source", .code = KIND_SOURCE, .cpu = IRQ_ANY_CPU, .number = (uint32_t)source
	};
	irq->want = (struct abi_record){ .kind = ABI_XIVE, .number = (uint32_t)source };
	return 0;
}

static const struct word_key keys[] = { { "source", UINT32_MAX } };

static const struct {
	const char *name;
	enum p9_op code;
	bool drops;
	uint64_t needed;
} ops[] = {
	{ "reset", OP_RESET, true, 0 },
	{ "eq-sync", OP_EQ_SYNC, false, 0 },
	{ "sync", OP_SYNC, false, KEY_BIT(0) },
};

int irqchip_parse(const struct word *words, unsigned count, struct irqchip_op *op, struct error *err)
{
	uint64_t given;
	char what[32];
	size_t k = 0;

	while (k < sizeof(ops) / sizeof(ops[0]) && strcmp(ops[k].name, words[0].text))
		k++;
	if (k == sizeof(ops) / sizeof(ops[0]))
		return error_set(err, -EINVAL, "irqchip: %s is not one of: reset, eq-sync, sync",
		                 words[0].text);
	*op = (struct irqchip_op){ .name = ops[k].name, .code = ops[k].code, .drops = ops[k].drops };
	snprintf(what, sizeof(what), "irqchip %s", op->name);
	return words_parse(what, words, count, keys, 1, ops[k].needed, ops[k].needed, op->arg, &given, err);
}

struct irq irq_of_timer(uint64_t type, uint16_t cpu)
{
	(void)type; /* there is one */
	return (struct irq){ .kind = "timer", .code = KIND_TIMER, .cpu = cpu, .want.kind = ABI_DEC };
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
	return irq->code == KIND_SOURCE ? 2 : 1;
}

void irq_record_text(const struct abi_record *record, char *text, unsigned size)
{
	if (record->kind == ABI_XIVE)
		snprintf(text, size, "source %x priority %" PRIu64, record->number, record->parm);
	else if (record->kind == ABI_DEC)
		snprintf(text, size, "decrementer");
	else
		snprintf(text, size, "unknown kind %u", record->kind);
}
