/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule.h: the rules of the order of a save and of a restore, and the order that results when one of them is
 * broken on purpose. The rules are data: arch/ARCH/lab/rules.c. The steps do not know about them.
 */
#ifndef VMM_LAB_RULE_H
#define VMM_LAB_RULE_H

#include <stdio.h>

#include "arch_lab.h"

/* NULL: the architecture has no rule of this name, and err names those that it has. */
const struct state_rule *rule_find(const char *name, struct error *err);

/* Prints each rule with its sentence, and the effect of breaking it. */
void rules_print(FILE *out);

/*
 * Returns the steps, changed to break the rule if the rule is about them; these are then in room, which has
 * STATE_STEPS elements. rule may be NULL.
 */
const struct state_step *rule_break(const struct state_rule *rule, const struct state_step *steps,
                                    struct state_step *room);

#endif
