/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * con3215.h: a console of type 3215: a printer and a keyboard, line by line, in EBCDIC. The guest's output is
 * printed; a line that the user types is kept until the guest reads it, which attention asks the guest to do.
 * Pure.
 *
 * Commands: write 01, write with carrier return 09, read inquiry 0a, sound alarm 0b, and the basic ones
 * (ccw.h). A read waits until there is a line. Source: IBM GA24-3550, 3215; the kernel's
 * drivers/s390/char/con3215.c.
 */
#ifndef DEVICES_CSS_CON3215_H
#define DEVICES_CSS_CON3215_H

#include <stdio.h>

#include "ccw.h"
#include "vmm/section.h"

#define CON3215_INPUT 1024 /* bytes typed and not read */

/* Data only. */
struct con3215_state {
	bool attention; /* must be presented */
	uint16_t len;
	uint8_t typed[CON3215_INPUT]; /* ASCII; lines end in '\n', the last one may not have ended */
};

struct con3215 {
	struct con3215_state state;
	FILE *out; /* for its output; not owned */
	struct ccw_device dev;
};

/* Initializes a console without input; it must not be moved afterwards. */
void con3215_init(struct con3215 *con, FILE *out);

/* Types as many bytes as there is room for; returns how many. css_kick() must follow. */
size_t con3215_input(struct con3215 *con, const uint8_t *bytes, size_t len);

#endif
