/* SPDX-License-Identifier: BSD-2-Clause */
/* line.h: a line of a scenario, split into words, while it is parsed into a step. Pure. Read next: step.c. */
#ifndef VMM_LAB_LINE_H
#define VMM_LAB_LINE_H

#include <stdbool.h>

#include "scenario.h"

#define MAX_WORDS 40

/* The line that is being parsed, and its scenario. */
struct line {
	struct scenario *s;
	const char *arch;
	struct step *step; /* being filled in */
	struct word words[MAX_WORDS];
	unsigned count;
	bool used[MAX_WORDS];
	bool opens;        /* its step has a block, which follows */
	bool located;      /* the error has a line already: that of a step in a block */
	struct step *race; /* the one whose steps these are; NULL: none */
	struct error *err;
};

/* All below return 0 or -EINVAL, with the reason in l->err. */

int line_wrong(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The i-th bare word, or NULL; the keyword of the line is the 0th. The value of key=, or NULL. */
const char *line_bare(struct line *l, unsigned i);
const char *line_value(struct line *l, const char *key);

/* text as a number up to max; `what` names it in the message. */
int line_check_number(struct line *l, const char *what, const char *text, uint64_t max, uint64_t *value);

/* key=NUMBER; *value is unchanged if the key is missing. */
int line_number(struct line *l, const char *key, uint64_t max, uint64_t *value);
int line_bare_number(struct line *l, unsigned i, const char *what, uint64_t max, uint64_t *value);

/* text (NULL: it is missing) as a name: letters, digits, '.', '_', '-'. */
int line_name(struct line *l, const char *text, const char *what, const char **name);

/* The index of text among the names. */
int line_choice(struct line *l, const char *what, const char *text, const char *const *names, unsigned count,
                unsigned *index);

/* cpu=, into the step; otherwise: the value if it is missing. */
int line_cpu(struct line *l, uint16_t otherwise);

/* The last word must be {: a block follows. variable NULL: it has none. */
int line_block(struct line *l, const char *variable);

/* The first earlier step that gives an interrupt this label, or NULL. */
const struct step *line_labelled(const struct line *l, const char *label);

/* Refuses a word that no function has read. */
int line_check_used(struct line *l);

/* step.c: parses the words into the step. */
int step_parse(struct line *l);

/* step_guest.c: the same for `guest`. step_expect.c: for the steps `expect` that compare numbers. */
int step_parse_guest(struct line *l);
int parse_count(struct line *l);
int parse_waited(struct line *l);
int parse_result(struct line *l);
int parse_answers(struct line *l);
int parse_stat(struct line *l);
int parse_register(struct line *l);
int parse_mark(struct line *l);

/* step_race.c: a race's lines; whether this step may be in one. */
int parse_race(struct line *l);
int parse_race_turn(struct line *l);
int race_check(struct line *l);

#endif
