/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * escape.h: the keys at a raw terminal that are for zpvm instead of the guest: Ctrl-A x ends zpvm, Ctrl-A
 * Ctrl-A types one Ctrl-A for the guest. Pure.
 */
#ifndef VMM_ESCAPE_H
#define VMM_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct escape {
	bool seen; /* a Ctrl-A, and nothing after it yet */
	bool end;  /* zpvm must end */
};

/* Removes the keys for zpvm from the bytes; returns how many bytes are left, for the guest. */
size_t escape_filter(struct escape *e, uint8_t *bytes, size_t len);

#endif
