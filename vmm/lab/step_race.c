/* SPDX-License-Identifier: BSD-2-Clause */
/* step_race.c: the lines of a race, and what may stand between them. See scenario.h, struct race. Pure. */
#include <errno.h>
#include <string.h>

#include "line.h"

static bool is_word(struct line *l, unsigned i, const char *word)
{
	const char *text = line_bare(l, i);

	return text && !strcmp(text, word);
}

/* The steps do not move while there are more of them: see scenario_parse(). */
static size_t place(const struct line *l, const struct step *step)
{
	return (size_t)(step - l->s->steps);
}

int parse_race(struct line *l)
{
	l->step->value = 1;
	if (line_number(l, "n", 1000000, &l->step->value))
		return -EINVAL;
	if (!l->step->value)
		return line_wrong(l, "n: 0 is not allowed");
	if (!is_word(l, 1, "{"))
		return line_wrong(l, "race: its first group begins with { at the end of the line");
	if (l->race)
		return line_wrong(l, "race: is no step for the %s group of a race",
		                  l->race->race.second ? "second" : "first");
	l->race = l->step;
	return 0;
}

/* "} {" or "}". */
int parse_race_turn(struct line *l)
{
	struct step *race = l->race;
	bool more = is_word(l, 1, "{");

	if (!race)
		return line_wrong(l, "}: there is no race that it could end");
	if (more == (race->race.second != 0))
		return line_wrong(l, more ? "race: has two groups, not three"
		                          : "race: its second group is missing: } {");
	if (more) {
		race->race.second = place(l, l->step);
		return 0;
	}
	race->race.end = place(l, l->step);
	l->race = NULL;
	return 0;
}

int race_check(struct line *l)
{
	const struct step *s = l->step;
	bool second = l->race && l->race->race.second;

	if (!l->race || s == l->race)
		return 0;
	switch (s->kind) {
	case STEP_RACE_TURN:
	case STEP_SLEEP:
	case STEP_POKE: return 0;
	case STEP_INJECT:
		return !second || s->value == 1 ? 0
		                                : line_wrong(l, "times: each round of a race injects once");
	case STEP_GUEST:
	case STEP_RUN:
	case STEP_RESUME:
	case STEP_WAIT:
	case STEP_PAUSE:
	case STEP_CPU:
	case STEP_SNAPSHOT:
		if (!second)
			return 0;
		break;
	case STEP_IRQCHIP:
		if (!second && !s->op.drops)
			return 0;
		break;
	default: break;
	}
	return line_wrong(l, "%s: is no step for the %s group of a race", l->words[0].text,
	                  second ? "second" : "first");
}
