/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario.c: any bytes as a scenario: steps that are in range, or an error with its line. */
#include "vmm/lab/scenario.h"

#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "vmm/lab/ledger_section.h"

static void check_step(const struct scenario *s, const struct step *step)
{
	must(step->line > 0 && step->text && step->text[0]);
	must(step->kind <= STEP_SAY && step->until <= UNTIL_TAKEN && step->state < CPU_STATES);
	must(!step->name || step->kind == STEP_SAY || step->kind == STEP_SWEEP ||
	     step->kind == STEP_EXPECT_HOST_LOG || strlen(step->name) < SCENARIO_NAME);
	must(!step->name2 || step->kind == STEP_TYPE || step->kind == STEP_SAVE || step->kind == STEP_LOAD ||
	     step->kind == STEP_STEP || step->kind == STEP_EXPECT_PC || step->kind == STEP_EXPLORE ||
	     strlen(step->name2) < SCENARIO_NAME);
	must(!step->block.text == (step->kind != STEP_SWEEP && step->kind != STEP_EXPLORE));
	must(step->from <= step->to && (step->kind != STEP_SWEEP || (step->by && step->block.variable[0])));
	for (unsigned i = 0; i < step->name_count; i++)
		must(step->names[i][0]);
	for (unsigned i = 0; i < step->expected_count; i++)
		must(step->expected[i].name[0] && step->expected[i].want.count);
	if (step->kind == STEP_EXPECT_RESULT)
		for (unsigned i = 0; i < step->expected_count; i++)
			must(step->expected[i].key < ABI_RESULTS ||
			     (step->expected[i].key >= RESULT_REG && step->expected[i].key <= RESULT_TRAP));
	if (step->kind == STEP_RACE)
		must(step < s->steps + step->race.second && step->race.second < step->race.end &&
		     step->race.end < s->count);
	if (step->kind == STEP_GUEST)
		must(step->command > ABI_CMD_NONE && step->command < ABI_COMMANDS);
	if (step->kind == STEP_INJECT) {
		struct abi_record record = step->irq.want;

		must(step->value > 0 && step->irq.kind && irq_depth(&step->irq) > 0);
		record.cpu = step->irq.cpu;
		must(irq_matches(&step->irq, &record));
		must(!record.kind ||
		     (arch_codec == &s390x_codec ? s390_irq_possible : p9_irq_possible)(&step->irq));
	}
	must(step == s->steps || step->line > (step[-1].block.text ? step[-1].block.end : step[-1].line));
}

/* With another value of its variable than the one that the parser has tried. */
static void check_block(const struct scenario *s, const struct step *step, const char *arch)
{
	struct error err = { .text = "" };
	struct scenario block;
	size_t len;
	char *text;

	if (!step->block.text)
		return;
	if (!scenario_parse_block(&block, s, &step->block, step->to, arch, &err)) {
		for (size_t k = 0; k < block.count; k++)
			check_step(&block, &block.steps[k]);
		scenario_free(&block);
	}
	must(!scenario_print_point(s, step, step->to, &text, &len, &err));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const arch[] = { "s390x", "power9" };

	for (int i = 0; i < 2; i++) {
		struct scenario s;
		struct error err = { .text = "" };
		int rc = scenario_parse(&s, (const char *)data, size, "file", arch[i], &err);

		must(rc == 0 || rc == -EINVAL);
		if (rc) {
			must(!strncmp(err.text, "file:", 5) && strspn(err.text + 5, "0123456789") > 0);
			continue;
		}
		for (size_t k = 0; k < s.count; k++) {
			check_step(&s, &s.steps[k]);
			check_block(&s, &s.steps[k], arch[i]);
		}
		scenario_free(&s);
	}
	return 0;
}
