/* SPDX-License-Identifier: BSD-2-Clause */
/* complete.h: how a line of a scenario can go on, by the table of step_words.h. Pure. */
#ifndef VMM_LAB_COMPLETE_H
#define VMM_LAB_COMPLETE_H

#include <stdio.h>

/* What a run has names of; list() prints those of one kind, a line each. */
enum complete_names { NAMES_NONE, NAMES_SNAPSHOT, NAMES_VM, NAMES_LABEL };
struct complete_source {
	const char *arch;
	void (*list)(void *arg, enum complete_names what, FILE *f);
	void *arg;
};

/* Prints all words that can stand in place of the last one of this text, which may be empty, a line each. */
void complete_line(const char *text, const struct complete_source *source, FILE *f);

#endif
