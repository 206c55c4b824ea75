/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control.h: a socket to which other processes of the same user send lines, which somebody answers; zpvm(1)
 * describes the protocol. A thread reads, writes and waits, so that no client can hold up whoever answers: a
 * client has one line at a time that is not answered, and what it does not read is bounded. Pure.
 *
 * An answer is lines that begin with a blank (what was printed) or "!" (an error), and a last one that begins
 * with "=": a status, and what the client may show as a prompt.
 */
#ifndef VMM_LAB_CONTROL_H
#define VMM_LAB_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vmm/error.h"

#define CONTROL_CLIENTS 8          /* at a time */
#define CONTROL_LINE    4096       /* bytes of a line, with its newline */
#define CONTROL_MOST    (4u << 20) /* bytes of answers that a client has not read */
#define CONTROL_MS      10000      /* for which it reads none of them */
#define CONTROL_STOP    3          /* a byte, Ctrl-C: the line that is being executed should end */

struct control;

/* A line, and who has sent it. */
struct order {
	unsigned client; /* below CONTROL_CLIENTS */
	uint64_t serial; /* no other client has had it */
	char text[CONTROL_LINE];
	size_t len; /* of text, which may have a NUL byte within */
};

/*
 * Makes the socket, which only this user can reach. One that exists is in use (-EADDRINUSE), unless nobody
 * listens there: then it is replaced, and *stale. Call it before other threads are there: it changes the
 * umask for a moment.
 */
int control_open(struct control **c, const char *path, bool *stale, struct error *err);

/* Removes the socket. The clients may still read what they were answered. */
void control_close(struct control *c);

/* Can be read while a line waits. -1 without a control. */
int control_fd(const struct control *c);

/* Takes the line that has waited longest, of the client whose turn it is. False: there is none. */
bool control_take(struct control *c, struct order *order);

/* Whether the client has hung up, or asked for this line's execution to end. */
bool control_stopped(struct control *c, const struct order *order);

/*
 * Answers the line: what was printed, an error (NULL: none) and the last line, "=" and this text. Nothing if
 * the client has gone.
 */
void control_answer(struct control *c, const struct order *order, const char *printed, size_t len,
                    const char *wrong, const char *last);

#endif
