/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule.h: the rules of the order of a save and of a restore, and what becomes
 * of the order when one of them is broken on purpose. They are data:
 * arch/ARCH/lab/rules.c. Nothing in a step knows of it.
 */
#ifndef VMM_LAB_RULE_H
#define VMM_LAB_RULE_H

#include <stdio.h>

#include "arch_lab.h"

/* NULL: the architecture has none of this name, and err names those that it has. */
const struct state_rule *rule_find(const char *name, struct error *err);

/* Each with its sentence, and what breaking it does. */
void rules_print(FILE *out);

/*
 * The steps, with the rule broken if it is one of theirs: then they are in room, which has STATE_STEPS. rule
 * may be NULL.
 */
const struct state_step *rule_break(const struct state_rule *rule, const struct state_step *steps,
                                    struct state_step *room);

#endif
