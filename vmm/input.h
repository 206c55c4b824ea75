/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * input.h: standard input becomes what is typed at a VM's console, and
 * SIGTERM the wish that its guest shut down. A thread waits for both; it
 * touches a VM only between input_allow() and input_hold(), so that nothing is
 * typed while the controller looks at the VM, saves or destroys it.
 *
 * A terminal is in raw mode meanwhile (see escape.h), and is given back on
 * every end that a process can see. SIGTERM ends zpvm if it comes twice, or if
 * the guest does not listen; SIGINT, SIGHUP and SIGQUIT end it at once.
 */
#ifndef VMM_INPUT_H
#define VMM_INPUT_H

#include "console.h"
#include "vm.h"

struct input;

/*
 * Starts the thread; before any other is that does not block its signals.
 * console, as of arch_input(), and consoles, which a signal that ends zpvm leaves a
 * moment for what is printed, must outlive it. before: what input_close() gave the
 * process before this one, -1: nothing; it is closed. NULL: an error.
 */
struct input *input_open(const char *console, const struct consoles *consoles, int before, struct error *err);

/*
 * Standard input is read ahead, from a pipe that nobody can put it back into. left: where to put a file
 * descriptor that has what was read and not typed, for the next process, or -1: there is nothing. NULL: it is
 * nobody's. A negative errno value when it has to be lost.
 */
int input_close(struct input *input, int *left);

/* Whether a person types. */
bool input_is_terminal(const struct input *input);

/*
 * Input goes to vm from now on, until input_hold(), which returns when none is
 * on its way; its error is arch_input()'s, if that had one. input may be NULL.
 */
void input_allow(struct input *input, struct vm *vm);
int input_hold(struct input *input, struct error *err);

#endif
