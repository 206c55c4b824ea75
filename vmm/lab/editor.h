/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * editor.h: lines that are typed, at a terminal with a prompt, completion and a history in memory, or that
 * come from a file or a pipe as they are. A library could not do it: zpvm is linked statically, so it can
 * open none. Pure.
 */
#ifndef VMM_LAB_EDITOR_H
#define VMM_LAB_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vmm/error.h"

#define EDITOR_LINE 4096 /* bytes of a line, with its NUL; what is longer is cut into several */

struct editor;

/* Prints how the line can go on, one word a line: see complete.h. */
typedef void editor_complete(void *arg, const char *text, FILE *f);

/* Reads from `in`, and prints the prompt on `out`. It is a terminal's if both are one, in the foreground. */
int editor_open(struct editor **e, int in, int out, struct error *err);
void editor_close(struct editor *e);
bool editor_is_terminal(const struct editor *e);
void editor_completion(struct editor *e, editor_complete *complete, void *arg);

enum edited {
	EDITED_LINE, /* *line is there until the next call */
	EDITED_END,  /* there are no more */
	EDITED_WAKE, /* this file descriptor can be read; the line that is being typed stays */
	EDITED_QUIT, /* Ctrl-C: the line is given up */
};

/* Waits for a line, or until `wake` (-1: none) can be read. */
enum edited editor_read(struct editor *e, const char *prompt, int wake, const char **line, size_t *len);

/* The next call returns this line again. */
void editor_unread(struct editor *e);

/* Other output is about to be printed (false), and was (true), by any thread: the prompt makes room. */
void editor_around(void *editor, bool after, const uint8_t *bytes, size_t len);

/* Gives the terminal its own modes back; for a thread that ends the process. */
void editor_restore(struct editor *e);

#endif
