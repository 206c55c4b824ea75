/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * input.h: standard input is typed at a VM's console, and SIGTERM asks its guest to shut down. A thread waits
 * for both; it accesses a VM only between input_allow() and input_hold(), so that nothing is typed while the
 * controller examines, saves or destroys the VM.
 *
 * A terminal is in raw mode meanwhile (see escape.h), and is restored however the process ends, except when
 * it is killed. SIGTERM ends zpvm if it comes twice, or if the guest does not listen for it; SIGINT, SIGHUP
 * and SIGQUIT end it at once. SIGWINCH tells a virtio console the terminal's new size.
 */
#ifndef VMM_INPUT_H
#define VMM_INPUT_H

#include "console.h"
#include "vm.h"

struct input;

/*
 * Starts the thread; call it before starting any thread that does not block its signals. console (see
 * arch_input()) and consoles must outlive it; a signal that ends zpvm first gives consoles a moment to be
 * written. before is the descriptor that input_close() gave to the process before this one, or -1; it is
 * closed. Errors: -ENOMEM, or why the thread could not be started; *opened is NULL then.
 */
int input_open(struct input **opened, const char *console, const struct consoles *consoles, int before,
               struct error *err);

/*
 * Standard input is read ahead, and data read from a pipe cannot be put back. *left becomes a file descriptor
 * from which the next process can read the input that was read and not typed, or -1: there is none. left
 * NULL: that input is discarded. A negative errno value: it is lost.
 */
int input_close(struct input *input, int *left);

/* Whether standard input is a terminal. */
bool input_is_terminal(const struct input *input);

/*
 * Input goes to vm from now on, until input_hold(), which returns when no input is in transit; its error is
 * that of arch_input(), if there was one. input may be NULL.
 */
void input_allow(struct input *input, struct vm *vm);
int input_hold(struct input *input, struct error *err);

#endif
