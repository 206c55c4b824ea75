/* SPDX-License-Identifier: BSD-2-Clause */
/* line.h: a line of a scenario, cut into words, on its way to a step. Pure. Read next: step.c. */
#ifndef VMM_LAB_LINE_H
#define VMM_LAB_LINE_H

#include <stdbool.h>

#include "scenario.h"

#define MAX_WORDS 40

/* What is being parsed: the file, and the line. */
struct line {
	struct scenario *s;
	const char *arch;
	struct step *step; /* being filled */
	struct word words[MAX_WORDS];
	unsigned count;
	bool used[MAX_WORDS];
	struct error *err;
};

/* All below return 0 or -EINVAL, with the reason in l->err. */

int line_wrong(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The i-th bare word, or NULL; the keyword of the line is the 0th. The value of key=, or NULL. */
const char *line_bare(struct line *l, unsigned i);
const char *line_value(struct line *l, const char *key);

/* text as a number up to max; what it is, for the message. */
int line_check_number(struct line *l, const char *what, const char *text, uint64_t max, uint64_t *value);

/* key=NUMBER; *value stays as it is when the key is not there. */
int line_number(struct line *l, const char *key, uint64_t max, uint64_t *value);
int line_bare_number(struct line *l, unsigned i, const char *what, uint64_t max, uint64_t *value);

/* text (NULL: it is missing) as a name: letters, digits, '.', '_', '-'. */
int line_name(struct line *l, const char *text, const char *what, const char **name);

/* Which of the names text is. */
int line_choice(struct line *l, const char *what, const char *text, const char *const *names, unsigned count,
                unsigned *index);

/* cpu=, into the step. */
int line_cpu(struct line *l, uint16_t otherwise);

/* The first step above that gives an interrupt this label, or NULL. */
const struct step *line_labelled(const struct line *l, const char *label);

/* A word that nobody asked for is a mistake. */
int line_check_used(struct line *l);

/* step.c: the step that the words are. */
int step_parse(struct line *l);

/* step_guest.c: that of `guest`. */
int step_parse_guest(struct line *l);

#endif
