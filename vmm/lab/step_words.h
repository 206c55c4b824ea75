/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * step_words.h: the words of each step, as a table: step.c reads a line by it, and it tells users and their
 * editors what may stand in one. Pure.
 */
#ifndef VMM_LAB_STEP_WORDS_H
#define VMM_LAB_STEP_WORDS_H

#include "scenario.h"

/* Sets of kinds of steps. */
#define IN(kind) (1ULL << STEP_##kind)
_Static_assert(STEP_KINDS <= 64, "a set of steps is a number");

enum word_type {
	WORD_NUMBER,
	WORD_CPU,    /* the number of a vCPU */
	WORD_NAME,   /* letters, digits, '.', '_', '-' */
	WORD_TEXT,   /* any word */
	WORD_CHOICE, /* one of some words */
	WORD_WANTED, /* a number, a range, or several of them */
	WORD_ERROR,  /* the name of an errno value */
	WORD_REST,   /* the rest of the line, as it stands there */
	WORD_OTHER,  /* what the step's own function reads; it may be several words */
};

enum word_use {
	WORD_OPTIONAL,
	WORD_NEEDED,
	WORD_OWN, /* the step's function reads it, where it has a meaning */
};

struct step_word {
	uint64_t steps;   /* a bit for each kind of step that has this word */
	const char *name; /* "n": n=...; in capitals: a bare word, in this order */
	enum word_type type;
	enum word_use use;
	size_t field;             /* in struct step */
	uint64_t min, max;        /* WORD_NUMBER */
	unsigned when;            /* run, wait: a bit for each UNTIL_* that it goes with; 0: all */
	const char *const *words; /* WORD_CHOICE */
	unsigned word_count;
	const char *otherwise; /* what a word that is missing stands for; NULL: nothing */
	const char *help;      /* what it is: of a bare word, also for errors */
};

/* The next word of the step after this one (NULL: the first one). NULL: there is none. */
const struct step_word *step_word_next(enum step_kind kind, const struct step_word *after);

/* Whether it is a bare word. */
bool step_word_is_bare(const struct step_word *word);

/* The step's verb, with its second word, if it has one; what the step does. */
const char *step_verb(enum step_kind kind);
const char *step_help(enum step_kind kind);

/* Prints all steps and their words, or those of one verb (NULL: all). Returns how many steps they are. */
unsigned step_print_help(const char *verb, FILE *f);

/* step_guest.c: prints the commands of the test guest, and their words. */
void guest_print_commands(FILE *f);

/* The names of the commands, "" for those of another architecture; NULL: there is no such number. */
const char *guest_command_name(unsigned number, const char *arch);

#endif
