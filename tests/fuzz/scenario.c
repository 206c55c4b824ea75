/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario.c: any bytes as a scenario: steps that are in range, or an error with its line. */
#include "vmm/lab/scenario.h"

#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "vmm/cpu_op.h"
#include "vmm/lab/complete.h"
#include "vmm/lab/typed.h"
#include "vmm/lab/ledger_section.h"
#include "vmm/lab/transcript.h"

static void check_steps(const struct scenario *s);

static void check_irq(const struct irq *irq)
{
	struct abi_record record = irq->want;

	must(irq->kind[0] && irq_depth(irq) > 0);
	record.cpu = irq->cpu;
	must(irq_matches(irq, &record));
	must(!record.kind || (arch_codec == &s390x_codec ? s390_irq_possible : p9_irq_possible)(irq));
}

static void check_expect(const struct step *step)
{
	must(step->expect.count);
	for (unsigned i = 0; i < step->expect.count; i++) {
		const struct expected *e = &step->expect.all[i];

		must(e->name[0] && e->want.count);
		must(step->kind != STEP_EXPECT_RESULT || e->key < ABI_RESULTS ||
		     (e->key >= RESULT_REG && e->key <= RESULT_TRAP));
	}
}

/* What one kind of step alone has. */
static void check_words(const struct step *step)
{
	switch (step->kind) {
	case STEP_GUEST:
		must(step->guest.command > ABI_CMD_NONE && step->guest.command < ABI_COMMANDS);
		break;
	case STEP_RUN:
	case STEP_WAIT: must(step->wait.until <= UNTIL_END && step->wait.by < END_KINDS); break;
	case STEP_INJECT: must(step->inject.times > 0); break;
	case STEP_POKE:
	case STEP_EXPECT_MEMORY: must(step->memory.count && step->memory.bytes); break;
	case STEP_CPU: must(step->operate.op < CPU_OPS); break;
	case STEP_SNAPSHOT: must(step->snap_kind < SNAP_KINDS); break;
	case STEP_RESTORE: must(strlen(step->vm) < SCENARIO_NAME); break;
	case STEP_ADD: must(strlen(step->snapshot) < SCENARIO_NAME); break;
	case STEP_DROP: must(strlen(step->label) < SCENARIO_NAME); break;
	case STEP_EXPECT_STATE: must(step->state < CPU_STATES); break;
	case STEP_EXPECT_PENDING:
	case STEP_EXPECT_LATE: must(step->want.count); break;
	case STEP_EXPECT_TAKEN:
		for (unsigned i = 0; i < step->taken.count; i++)
			must(step->taken.labels[i][0]);
		break;
	case STEP_EXPECT_RESULT:
	case STEP_EXPECT_ANSWERS:
	case STEP_EXPECT_STAT:
	case STEP_EXPECT_REGISTER:
	case STEP_MARK: check_expect(step); break;
	case STEP_EXPECT_PC: must(step->place[0]); break;
	case STEP_SCHEDULE: must(step->schedule.count && step->schedule.turns); break;
	case STEP_RACE: must(step->rounds); break;
	case STEP_SWEEP:
		must(step->sweep.from <= step->sweep.to && step->sweep.by && step->sweep.variable[0]);
		break;
	case STEP_EXPLORE: must(step->explore.window && step->explore.vcpus[0]); break;
	case STEP_LATE: must(step->late.address == LATE_OFF || step->late.pages); break;
	case STEP_AT:
		must((step->outside.count && step->outside.bytes) || !step->outside.len);
		must(step->outside.len <= PLACE_TEXT);
		break;
	case STEP_TYPED: must(step->outside.bytes && step->outside.len); break;
	case STEP_TYPE:
	case STEP_SAY:
	case STEP_EXPECT_HOST_LOG: must(step->said); break;
	default: break;
	}
	if (step->kind == STEP_INJECT || step->kind == STEP_NAME || step->kind == STEP_ADD)
		check_irq(&step->irq);
}

/* The last line of the step. */
static unsigned last_line(const struct step *step)
{
	return step->block_count ? step->block[step->block_count - 1].end : step->line;
}

/* Also with another value of its variable than the one that the parser has tried. */
static void check_blocks(const struct scenario *s, const struct step *step)
{
	struct error err = { .text = "" };
	unsigned line = step->line;
	struct scenario block;
	size_t len;
	char *text;

	must(step->block_count ==
	     (step->kind == STEP_RACE ? 2u : step->kind == STEP_SWEEP || step->kind == STEP_EXPLORE));
	for (unsigned i = 0; i < step->block_count; i++) {
		const struct block *b = &step->block[i];

		must(b->text && b->len < strlen(b->text) && b->line == line + 1 && b->end >= b->line);
		line = b->end;
		must(b->steps->outer == s);
		check_steps(b->steps);
	}
	if (step->kind != STEP_SWEEP)
		return;
	if (!scenario_parse_block(&block, s, step, step->sweep.to, &err)) {
		check_steps(&block);
		scenario_free(&block);
	}
	if (s->outer)
		return;
	must(!scenario_print_point(s, step, step->sweep.to, &text, &len, &err));
	free(text);
}

static void check_steps(const struct scenario *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct step *step = &s->steps[i];

		must(step->kind < STEP_KINDS && step->line > 0 && step->text && step->text[0]);
		must(!step->name || strlen(step->name) < SCENARIO_NAME);
		must(!i || step->line > last_line(step - 1));
		check_words(step);
		check_blocks(s, step);
	}
}

/* Each line by itself, as the next step of s: a step, or an error with its place in the line. */
static void check_line(const struct scenario *s, const char *line, size_t len)
{
	struct error err = { .text = "" };
	struct step step;
	unsigned column = 0;
	int rc = scenario_parse_step(s, line, len, &step, &column, &err);

	must(rc == 0 || (rc == -EINVAL && err.text[0] && column > 0 && column <= len + 1));
	if (rc)
		return;
	must(step.text[0]);
	check_words(&step);
	step_free(&step);
}

static void list(void *arg, enum complete_names what, FILE *f)
{
	(void)arg;
	fprintf(f, "name%d\n", (int)what);
}

/* Each line as it is typed, or comes by the control socket: one that is wrong changes nothing. */
static void check_typed(const char *data, size_t size, const char *arch)
{
	const struct complete_source source = { .arch = arch, .list = list };
	struct scenario s = { .arch = arch, .typed = true, .made = true };
	struct typed t = { .text = NULL };
	char *text = strndup(data, size), *words = NULL;
	struct error err;
	size_t len;
	FILE *f;

	for (size_t at = 0, end; at < size && s.count < 200 && t.line < 200; at = end + 1) {
		const char *newline = memchr(data + at, '\n', size - at);
		size_t steps = s.count, block = t.len;
		int rc;

		end = newline ? (size_t)(newline - data) : size;
		rc = typed_line(&t, &s, data + at, end - at, &err);
		must(rc == 0 || rc == 1 || rc == -EINVAL || rc == -E2BIG);
		must(rc ? s.count == steps : s.count <= steps + 1);
		must(rc == 1 ? t.len > block : rc == -EINVAL ? t.len == block : !t.len);
	}
	f = open_memstream(&words, &len);
	if (f && text) {
		text[strcspn(text, "\n")] = 0;
		complete_line(text, &source, f);
	}
	if (f)
		fclose(f);
	free(words);
	free(text);
	check_steps(&s);
	typed_forget(&t);
	scenario_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const arch[] = { "s390x", "power9" };

	for (int i = 0; i < 2; i++) {
		struct scenario s;
		struct error err = { .text = "" };
		int rc;

		check_typed((const char *)data, size, arch[i]);
		rc = scenario_parse(&s, (const char *)data, size, "file", arch[i], &err);

		must(rc == 0 || rc == -EINVAL);
		if (rc) {
			must(!strncmp(err.text, "file:", 5) && strspn(err.text + 5, "0123456789") > 0);
			continue;
		}
		check_steps(&s);
		for (const char *line = s.source, *end; *line; line = end + !!*end) {
			end = line + strcspn(line, "\n");
			check_line(&s, line, (size_t)(end - line));
		}
		scenario_free(&s);
	}
	return 0;
}
