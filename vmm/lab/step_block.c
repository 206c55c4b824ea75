/* SPDX-License-Identifier: BSD-2-Clause */
/* step_block.c: the words of steps that step vCPUs, and of those with blocks. See line.h. Pure. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "line.h"
#include "step_words.h"

/* An address or a symbol, with or without a number added: the guest's file has the symbols. */
int parse_pc(struct line *l)
{
	return line_value(l, "pc") ? line_word(l, "pc") : line_wrong(l, "pc=ADDRESS or pc=SYMBOL is needed");
}

/* [n=COUNT] [until=ADDRESS|SYMBOL|delivery]; until alone is not limited. */
int parse_step(struct line *l)
{
	const char *n = line_value(l, "n");

	if (!l->step->step.until || n) {
		if (line_word(l, "n"))
			return -EINVAL;
	}
	if (l->step->step.until && n && !l->step->step.count)
		return line_wrong(l, "n: 0 is not allowed with until");
	return 0;
}

/* CPU:COUNT ... */
int parse_schedule(struct line *l)
{
	struct turn *turns = line_array(l, MAX_WORDS, sizeof(*turns));
	unsigned count = 0;
	const char *text;

	if (!turns)
		return -ENOMEM;
	while ((text = line_bare(l, 1 + count))) {
		struct turn *turn = &turns[count++];
		const char *colon = strchr(text, ':');
		uint64_t number;
		char cpu[8];

		if (!colon || (size_t)(colon - text) >= sizeof(cpu))
			return line_wrong(l, "schedule: %s is not CPU:COUNT", text);
		snprintf(cpu, sizeof(cpu), "%.*s", (int)(colon - text), text);
		if (line_check_number(l, "schedule", cpu, 0, UINT16_MAX - 1, &number) ||
		    line_check_number(l, "schedule", colon + 1, 0, UINT32_MAX, &turn->count)) {
			l->at = text;
			return -EINVAL;
		}
		turn->cpu = (uint16_t)number;
	}
	l->step->schedule.turns = turns;
	l->step->schedule.count = count;
	return count ? 0 : line_wrong(l, "schedule: CPU:COUNT is missing");
}

/* --- steps with blocks ------------------------------------------------------ */

/* The last word must be {: a block follows. */
static int opens_block(struct line *l)
{
	unsigned last = l->count - 1;

	if (l->words[last].key || strcmp(l->words[last].text, "{")) {
		l->at = l->end;
		return line_wrong(l, "%s: the line must end with {, and the steps follow", l->words[0].text);
	}
	l->used[last] = true;
	l->step->block_count = 1;
	return 0;
}

/* FROM..TO, or FROM */
static int parse_range(struct line *l, const char *name, const char *text)
{
	const char *dots = strstr(text, "..");
	struct step *step = l->step;
	char from[24];
	int rc = 0;

	snprintf(from, sizeof(from), "%.*s", dots ? (int)(dots - text) : (int)strlen(text), text);
	if (line_check_number(l, name, from, 0, UINT32_MAX, &step->sweep.from) ||
	    line_check_number(l, name, dots ? dots + 2 : from, 0, UINT32_MAX, &step->sweep.to))
		rc = -EINVAL;
	else if (step->sweep.to < step->sweep.from)
		rc = line_wrong(l, "%s: %s is no range: it is empty", name, text);
	l->at = text;
	return rc;
}

/* VARIABLE=FROM..TO ... { */
int parse_sweep(struct line *l)
{
	const char *name = NULL;

	if (l->step->sweep.write && l->s->outer) {
		l->at = l->step->sweep.write;
		return line_wrong(l, "write: not in a block");
	}
	for (unsigned w = 0; w < l->count && !name; w++)
		if (l->words[w].key && !l->used[w])
			name = l->words[w].key;
	l->at = name ? name : l->end;
	if (!name)
		return line_wrong(l, "sweep: n=FROM..TO is needed");
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz") != strlen(name))
		return line_wrong(l, "sweep: %s is not a variable (letters from a to z)", name);
	if (line_name(l, name, "sweep", &l->step->sweep.variable) ||
	    parse_range(l, name, line_value(l, name)))
		return -EINVAL;
	return opens_block(l);
}

int parse_explore(struct line *l)
{
	struct step *step = l->step;

	l->at = step->explore.vcpus;
	if (strspn(step->explore.vcpus, "0123456789,") != strlen(step->explore.vcpus))
		return line_wrong(l, "vcpus: %s is not a list of vCPUs (0,1)", step->explore.vcpus);
	if (step->explore.seed && !step->explore.tries)
		step->explore.tries = 100;
	return opens_block(l);
}

int parse_race(struct line *l)
{
	const char *text = line_bare(l, 1);

	if (!text || strcmp(text, "{"))
		return line_wrong(l, "race: its first group begins with { at the end of the line");
	l->step->block_count = 2;
	return 0;
}

/* What each of its groups may do; whatever needs a second look is below. */
static const uint64_t in_race[] = {
	IN(SLEEP) | IN(POKE) | IN(INJECT) | IN(GUEST) | IN(RUN) | IN(RESUME) | IN(WAIT) | IN(PAUSE) |
		IN(CPU) | IN(SNAPSHOT) | IN(IRQCHIP),
	IN(SLEEP) | IN(POKE) | IN(INJECT),
};

int race_check(struct line *l)
{
	const struct step *s = l->step;
	unsigned group = l->s->group;

	l->at = l->begin;
	if (!group)
		return 0;
	if (!(in_race[group - 1] & 1ULL << s->kind) || (s->kind == STEP_IRQCHIP && s->irqchip.drops))
		return line_wrong(l, "%s: is no step for the %s group of a race", l->words[0].text,
		                  group == 1 ? "first" : "second");
	if (l->prefixes)
		return line_wrong(l, "since=, until=: not in a race");
	return group == 2 && s->kind == STEP_INJECT && s->inject.times != 1
	               ? line_wrong(l, "times: each round of a race injects once")
	               : 0;
}
