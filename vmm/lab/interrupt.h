/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interrupt.h: Ctrl-C at a terminal whose lines are steps ends the step that is being executed, not zpvm. A
 * thread waits for the signals; one that ends zpvm finds the terminal with its own modes. Pure.
 */
#ifndef VMM_LAB_INTERRUPT_H
#define VMM_LAB_INTERRUPT_H

#include "editor.h"
#include "vmm/console.h"

struct interrupt;

/* Call it before any thread is started that does not block these signals. */
int interrupt_open(struct interrupt **i, struct editor *e, const struct consoles *consoles,
                   struct error *err);
void interrupt_close(struct interrupt *i);

/* Whether SIGINT has come since the last interrupt_clear(). i may be NULL. */
bool interrupt_seen(const struct interrupt *i);
void interrupt_clear(struct interrupt *i);

#endif
