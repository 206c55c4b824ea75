/* SPDX-License-Identifier: BSD-2-Clause */
/* rule.c: see rule.h. Read next: arch/ARCH/lab/rules.c. */
#include "rule.h"

#include <errno.h>
#include <string.h>

const struct state_rule *rule_find(const char *name, struct error *err)
{
	size_t len;

	for (const struct state_rule *r = arch_rules; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	error_set(err, -EINVAL, "--break=%s: no such rule; there are:", name);
	for (const struct state_rule *r = arch_rules; r->name; r++) {
		len = strlen(err->text);
		snprintf(err->text + len, sizeof(err->text) - len, " %s", r->name);
	}
	return NULL;
}

void rules_print(FILE *out)
{
	for (const struct state_rule *r = arch_rules; r->name; r++) {
		const char *table = r->steps == arch_save_steps ? "save" : "restore";

		fprintf(out, "%s\n    %s\n    Broken: the %s ", r->name, r->why, table);
		switch (r->breach) {
		case RULE_LEAVE_OUT: fprintf(out, "leaves out \"%s\".\n", r->step); break;
		case RULE_REPEAT: fprintf(out, "does \"%s\" twice.\n", r->step); break;
		case RULE_BEFORE: fprintf(out, "does \"%s\" before \"%s\".\n", r->step, r->other); break;
		case RULE_BEHIND: fprintf(out, "does \"%s\" after \"%s\".\n", r->step, r->other); break;
		}
	}
}

static const struct state_step *find(const struct state_step *steps, const char *name)
{
	while (steps->name && strcmp(steps->name, name))
		steps++;
	return steps;
}

const struct state_step *rule_break(const struct state_rule *rule, const struct state_step *steps,
                                    struct state_step *room)
{
	const struct state_step *step, *other;
	size_t n = 0;

	if (!rule || rule->steps != steps)
		return steps;
	step = find(steps, rule->step);
	other = rule->other ? find(steps, rule->other) : NULL;
	for (; steps->name && n < STATE_STEPS - 3; steps++) {
		if (steps == other && rule->breach == RULE_BEFORE)
			room[n++] = *step;
		if (steps != step || rule->breach == RULE_REPEAT)
			room[n++] = *steps;
		if ((steps == step && rule->breach == RULE_REPEAT) ||
		    (steps == other && rule->breach == RULE_BEHIND))
			room[n++] = *step;
	}
	room[n] = *steps;
	return room;
}
