/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * escape.h: the keys by which the person at a raw terminal speaks to zpvm
 * instead of the guest: Ctrl-A x ends it, Ctrl-A Ctrl-A is one for the guest.
 * Pure.
 */
#ifndef VMM_ESCAPE_H
#define VMM_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct escape {
	bool seen; /* a Ctrl-A, and nothing after it yet */
	bool end;  /* zpvm is to end */
};

/* Takes what is for zpvm out of the bytes; returns how many are left, for the guest. */
size_t escape_filter(struct escape *e, uint8_t *bytes, size_t len);

#endif
