/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.c: the power9 interrupts of a scenario: parsed, matched, shown. */
#include "arch/power9/lab/irq.h"

#include <errno.h>

#include "tests/unit/tap.h"
#include "vmm/lab/irq_trace.h"
#include "vmm/trace/print.h"

static struct error err;

static void refused(const struct word *words, unsigned count, const char *message)
{
	struct irq irq;

	is(irq_parse(words, count, &irq, &err), -EINVAL, "refused: %s %s", words[0].text,
	   count > 1 ? words[1].text : "");
	has(err.text, message, "because: %s", message);
}

static void parsing(void)
{
	static const struct {
		const char *text;
		uint32_t number;
	} good[] = { { "0", 0 }, { "0x1000", 0x1000 }, { "1048575", 1048575 } };
	struct irq irq;

	for (int i = 0; i < 3; i++) {
		const struct word words[] = { { NULL, "source" }, { NULL, good[i].text } };

		is(irq_parse(words, 2, &irq, &err), 0, "source %s", good[i].text);
		ok(!strcmp(irq.kind, "source") && irq.code == KIND_SOURCE && irq.cpu == IRQ_ANY_CPU &&
		           irq.number == good[i].number && !irq.parm && !irq.parm2 &&
		           irq.want.kind == ABI_XIVE && irq.want.number == good[i].number,
		   "is that source");
	}
	is(irq_depth(&irq), 2, "P and Q: it can be pending twice");
	refused((struct word[]){ { NULL, "io" } }, 1, "io is not one of: source, line, irqfd, ipi");
	refused((struct word[]){ { NULL, "irqfd" }, { "gsi", "0x100000" } }, 2,
	        "gsi=0x100000 is not a source");
	refused((struct word[]){ { NULL, "source" } }, 1, "one number must follow");
	refused((struct word[]){ { NULL, "source" }, { "n", "1" } }, 2, "one number must follow");
	refused((struct word[]){ { NULL, "source" }, { NULL, "1" }, { NULL, "2" } }, 3,
	        "one number must follow");
	refused((struct word[]){ { NULL, "source" }, { NULL, "1048576" } }, 2,
	        "1048576 is not a source (0 to 0xfffff)");
	refused((struct word[]){ { NULL, "source" }, { NULL, "-1" } }, 2, "-1 is not a source");
	refused((struct word[]){ { NULL, "source" }, { NULL, "x" } }, 2, "x is not a source");
}

/* However a source is triggered, it is the same interrupt. */
static void ways(void)
{
	static const struct {
		const char *kind;
		unsigned code;
	} all[] = { { "line", KIND_LINE }, { "irqfd", KIND_IRQFD } };
	struct irq source = irq_of_source(0x1000), irq;

	for (int i = 0; i < 2; i++) {
		const struct word words[] = { { NULL, all[i].kind }, { "gsi", "0x1000" } };

		is(irq_parse(words, 2, &irq, &err), 0, "%s", all[i].kind);
		ok(irq.code == all[i].code && irq_equal(&irq, &source) && irq_depth(&irq) == 2,
		   "is that source, by another way");
		refused(words, 1, "gsi= is missing");
	}
	is(irq_parse((struct word[]){ { NULL, "ipi" }, { "cpu", "1" } }, 2, &irq, &err), 0, "ipi");
	ok(irq.code == KIND_IPI && irq.cpu == 1 && irq.want.number == XICS_IPI && irq_depth(&irq) == 1,
	   "is pending once, and known as 2");
	refused((struct word[]){ { NULL, "ipi" } }, 1, "cpu= is missing");
	refused((struct word[]){ { NULL, "ipi" }, { "gsi", "1" } }, 2, "gsi=1 is not understood");
}

static void operations(void)
{
	struct irqchip_op op;

	is(irqchip_parse((struct word[]){ { NULL, "line" }, { "level", "1" }, { "source", "0xf80" } }, 3, &op,
	                 &err),
	   0, "irqchip line");
	ok(op.code == OP_LEVEL && op.arg[0] == 0xf80 && op.arg[1] == 1 && !op.drops, "source and level");
	is(irqchip_parse((struct word[]){ { NULL, "irqfd-off" }, { "gsi", "7" } }, 2, &op, &err), 0,
	   "irqchip irqfd-off");
	ok(op.code == OP_IRQFD_OFF && op.arg[0] == 7, "its source");
	is(irqchip_parse((struct word[]){ { NULL, "line" }, { "level", "2" }, { "source", "0xf80" } }, 3, &op,
	                 &err),
	   -EINVAL, "a level is 0 or 1");
	is(irqchip_parse((struct word[]){ { NULL, "irqfd" } }, 1, &op, &err), -EINVAL, "of which?");
	is(irqchip_parse((struct word[]){ { NULL, "reset" }, { "gsi", "1" } }, 2, &op, &err), -EINVAL,
	   "reset is of all");
	is(irqchip_parse((struct word[]){ { NULL, "clear" } }, 1, &op, &err), -EINVAL, "no such operation");
}

static void matching(void)
{
	const struct word words[] = { { NULL, "source" }, { NULL, "16" } };
	struct abi_record record = { .kind = ABI_XIVE, .cpu = 3, .number = 16, .parm = 5, .parm2 = 2 };
	struct irq irq, timer = irq_of_timer(ABI_TIMER_CLOCK, 1);
	char text[100];

	irq_parse(words, 2, &irq, &err);
	irq_record_text(&irq.want, text, sizeof(text));
	ok(!strcmp(text, "source 10"), "what is not taken yet has no priority: %s", text);
	ok(irq_matches(&irq, &record), "a record matches, whatever its CPU, priority and PQ");
	irq_record_text(&record, text, sizeof(text));
	ok(!strcmp(text, "source 10 priority 5"), "and is shown: %s", text);
	record.number = 17;
	ok(!irq_matches(&irq, &record), "another source does not match");
	record = (struct abi_record){ .kind = ABI_DEC, .cpu = 1, .number = 16 };
	ok(!irq_matches(&irq, &record), "another kind does not match");
	record.number = 0;
	ok(irq_matches(&timer, &record), "the decrementer of a vCPU matches");
	irq_record_text(&record, text, sizeof(text));
	ok(!strcmp(text, "decrementer"), "and is shown");
	record.cpu = 0;
	ok(!irq_matches(&timer, &record), "another vCPU's does not");
	is(irq_depth(&timer), 1, "it is pending once");
	record.kind = 99;
	irq_record_text(&record, text, sizeof(text));
	ok(!strcmp(text, "unknown kind 99"), "a record of a kind that is not known");
}

/* What commands of the guest lead to. */
static void commands(void)
{
	const uint64_t ipi[ABI_ARGS] = { 3, 20 }, once[ABI_ARGS] = { 2 };
	const struct word words[] = { { NULL, "source" }, { NULL, "3" } };
	struct irq irq, source, timer = irq_of_timer(ABI_TIMER_CLOCK, 1);
	const char *label = "";

	irq_parse(words, 2, &source, &err);
	is(irq_of_command(ABI_CMD_IPI, ipi, 1, &irq, &label), 20, "twenty IPIs");
	ok(irq_equal(&irq, &source) && !label, "are the source of the vCPU they go to");
	is(irq_of_command(ABI_CMD_IPI, once, 1, &irq, &label), 1, "one, when nothing is said");
	is(irq.number, 2, "to vCPU 2");
	is(irq_of_command(ABI_CMD_TIMER, once, 1, &irq, &label), 1, "a timer");
	ok(irq_equal(&irq, &timer) && !strcmp(label, "timer"), "is the decrementer of its own vCPU");
	is(irq_of_command(ABI_CMD_FLOOD, ipi, 1, &irq, &label), 0, "a flood is not logged");
}

/* What the trace says of it. */
static void traced(const struct irq *irq, const char *label, unsigned count, const char *want)
{
	struct trace_event event;
	char text[200];

	trace_init(&event, TRACE_IRQ, -1, "injected");
	irq_trace_add(&event, irq, label, count);
	trace_text_of(&event, text, sizeof(text));
	ok(!strcmp(text, want), "%s", want);
}

static void trace(void)
{
	struct irq irq = irq_of_source(0x1000), timer = irq_of_timer(ABI_TIMER_CLOCK, 1);

	traced(&irq, "disk", 2, "irq injected disk: source source=0x1000 count=2");
	traced(&timer, NULL, 0, "irq injected timer cpu=1");
	is(irq_clock_ns(512), 1000, "a microsecond of the time base");
	ok(irq_record_ends(&(struct abi_record){ .kind = ABI_XIVE }), "a source is logged at its EOI");
	ok(!irq_record_ends(&(struct abi_record){ .kind = ABI_DEC }), "the decrementer has none");
}

int main(void)
{
	parsing();
	ways();
	operations();
	matching();
	commands();
	trace();
	return tap_done();
}
