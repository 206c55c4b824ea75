/* SPDX-License-Identifier: BSD-2-Clause */
/* words.h: a line of a scenario as the parsers of interrupts get it. For unit tests. */
#ifndef TESTS_UNIT_WORDS_H
#define TESTS_UNIT_WORDS_H

#include <stdio.h>
#include <string.h>

#include "tap.h"
#include "vmm/lab/irq.h"

#define WORDS_MAX 20

/* "kind key=value bare ..." into words, as the scenario parser cuts it; returns how many. Good until the next
 * call. */
static inline unsigned words_cut(const char *line, struct word words[WORDS_MAX])
{
	static char copy[200];
	char *rest = copy, *word;
	unsigned count = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while (count < WORDS_MAX && (word = strsep(&rest, " "))) {
		char *equals = strchr(word, '=');

		words[count].key = equals ? word : NULL;
		words[count++].text = equals ? equals + 1 : word;
		if (equals)
			*equals = 0;
	}
	return count;
}

/* The interrupt of a scenario's line. */
static inline struct irq irq_of(const char *line)
{
	struct word words[WORDS_MAX];
	struct error err;
	struct irq irq = { .kind = "" };
	unsigned count = words_cut(line, words);

	if (irq_parse(words, count, &irq, &err))
		ok(false, "%s: %s", line, err.text);
	return irq;
}

#endif
