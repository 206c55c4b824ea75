/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.c: the power9 interrupts of a scenario: parsed, matched, shown. */
#include "arch/power9/irq.h"

#include <errno.h>

#include "tests/unit/tap.h"

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
	refused((struct word[]){ { NULL, "io" } }, 1, "io is not one of: source");
	refused((struct word[]){ { NULL, "source" } }, 1, "one number must follow");
	refused((struct word[]){ { NULL, "source" }, { "n", "1" } }, 2, "one number must follow");
	refused((struct word[]){ { NULL, "source" }, { NULL, "1" }, { NULL, "2" } }, 3,
	        "one number must follow");
	refused((struct word[]){ { NULL, "source" }, { NULL, "1048576" } }, 2,
	        "1048576 is not a source (0 to 0xfffff)");
	refused((struct word[]){ { NULL, "source" }, { NULL, "-1" } }, 2, "-1 is not a source");
	refused((struct word[]){ { NULL, "source" }, { NULL, "x" } }, 2, "x is not a source");
}

static void matching(void)
{
	const struct word words[] = { { NULL, "source" }, { NULL, "16" } };
	struct abi_record record = { .kind = ABI_XIVE, .cpu = 3, .number = 16, .parm = 5, .parm2 = 2 };
	struct irq irq, timer = irq_of_timer(ABI_TIMER_CLOCK, 1);
	char text[100];

	irq_parse(words, 2, &irq, &err);
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

int main(void)
{
	parsing();
	matching();
	return tap_done();
}
