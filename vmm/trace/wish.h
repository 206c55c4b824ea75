/* SPDX-License-Identifier: BSD-2-Clause */
/* wish.h: what --trace says. Pure. */
#ifndef VMM_TRACE_WISH_H
#define VMM_TRACE_WISH_H

#include "vmm/trace.h"

extern const struct trace_word {
	const char *name, *what;
} trace_words[TRACE_KINDS]; /* TRACE_NOTE is no word */

struct trace_wish {
	unsigned kinds; /* 0: no trace */
	bool json;
	const char *file; /* NULL: standard error */
};

/* Reads [WHAT[,WHAT]][:FILE]; NULL: nothing was said. -EINVAL for a word that there is not. */
int trace_parse(struct trace_wish *wish, const char *text, struct error *err);

#endif
