/* SPDX-License-Identifier: BSD-2-Clause */
/* typed.h: steps that come line by line, while those before them are executed. Pure. */
#ifndef VMM_LAB_TYPED_H
#define VMM_LAB_TYPED_H

#include "scenario.h"

#define TYPED_BLOCK (64u << 10) /* bytes of a step with its blocks */

/* The lines of a step that is not complete. Zeros are none. */
struct typed {
	char *text;
	size_t len;
	unsigned line, first; /* the last one; the first of text */
};

/*
 * Takes the next line. 0: the steps that it completes were appended to s, one or none. 1: it is in a block,
 * whose next line must follow. -EINVAL: it is wrong, and ignored; a block that it was in goes on. -E2BIG: the
 * block is too long, and forgotten.
 */
int typed_line(struct typed *t, struct scenario *s, const char *line, size_t len, struct error *err);

/* Forgets the lines of an incomplete step. */
void typed_forget(struct typed *t);

#endif
