/* SPDX-License-Identifier: BSD-2-Clause */
/* line.h: a line of a scenario, split into words, while it is parsed into a step. Pure. Read next: step.c. */
#ifndef VMM_LAB_LINE_H
#define VMM_LAB_LINE_H

#include <stdbool.h>

#include "scenario.h"

#define MAX_WORDS 40

/* The line that is being parsed, and its scenario. */
struct line {
	const struct scenario *s;
	struct step *step; /* being filled in */
	struct word words[MAX_WORDS];
	unsigned count;
	unsigned prefixes; /* words before these: since=, until= */
	bool used[MAX_WORDS];
	const char *begin, *end; /* of the text that was split */
	const char *at;          /* in it: the word that is wrong if anything is */
	struct error *err;
};

/* The line without its comment, and the blanks around it; *len becomes the length of the rest. */
const char *line_trim(const char *line, size_t *len);

/* All below that return an int return 0 or -EINVAL, with the reason in l->err. */

int line_wrong(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Splits text, a line that line_trim() has trimmed, into the words of l, in place. */
int line_split(struct line *l, char *text);

/* The i-th bare word, or NULL; the keyword of the line is the 0th. The value of key=, or NULL. */
const char *line_bare(struct line *l, unsigned i);
const char *line_value(struct line *l, const char *key);

/* text as a number from min up to max; `what` names it in the message. min is 0 or 1. */
int line_check_number(struct line *l, const char *what, const char *text, uint64_t min, uint64_t max,
                      uint64_t *value);

/* text (NULL: it is missing) as a name: letters, digits, '.', '_', '-'. */
int line_name(struct line *l, const char *text, const char *what, const char **name);

/* text as numbers that something is compared with; see wanted.h. */
int line_wanted(struct line *l, const char *what, const char *text, uint64_t max, struct wanted *w);

/* The index of text among the names. */
int line_choice(struct line *l, const char *what, const char *text, const char *const *names, unsigned count,
                unsigned *index);

/* Makes the step's array, of zeros. NULL: out of memory, which l->err says. */
void *line_array(struct line *l, size_t count, size_t size);

/* Refuses a word that no function has read. */
int line_check_used(struct line *l);

/* --- step.c -------------------------------------------------------------- */

/* The first earlier step that gives an interrupt this label, or NULL. */
const struct step *line_labelled(const struct line *l, const char *label);

/* Reads a word of the step, by its row in step_words.c, into the step. */
int line_word(struct line *l, const char *name);

/* These read what is special in a step's words, when the others have been read. */
#define FUNCTION(kind, verb, parse, run, needs, help) int parse(struct line *l);
SCENARIO_STEPS(FUNCTION)
#undef FUNCTION

/* setting.c: a line that may be a setting, which is cut into words; 1: it is a step. */
int setting_parse(struct scenario *s, char *text, struct error *err);

/* step_block.c: whether the step may be in this group of a race, if it is in one. */
int race_check(struct line *l);

#endif
