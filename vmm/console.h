/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.h: what is printed, by guests and by zpvm, goes through a queue with a
 * thread of its own, because whoever is to read it may not: a pipe is full, a
 * terminal is stopped. Writing to the queue never waits, so any thread may, with
 * any lock held. Who goes on to print more waits before that, where it can be
 * woken: a vCPU before it enters the guest, the controller between two steps.
 * So nothing that a guest prints is lost while zpvm runs. Pure.
 */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"

/*
 * For a vCPU a queue is full from FULL bytes on. What it prints before it finds
 * that out still goes in: at most a slice of a channel program (ccw.h). The
 * controller has LONG bytes: a guest whose output nobody reads does not keep a
 * scenario from pausing and saving it. What would be beyond MOST is lost, and
 * counted: the trace of a single step can be that long.
 */
#define CONSOLE_FULL (64u << 10)
#define CONSOLE_LONG (8u << 20)
#define CONSOLE_MOST (64u << 20)

struct console;

/* A queue for this file descriptor, which is not owned. The name is for messages. NULL: an error. */
struct console *console_open(int fd, const char *name, struct error *err);

/* What is written to this stream goes into the queue, a line at a time, or when it is flushed. */
FILE *console_file(const struct console *c);

/*
 * Waits until the queue is empty, or none of its bytes has been written for ms
 * milliseconds; if not patient, at most so long. Returns how many bytes there are.
 */
size_t console_drain(struct console *c, uint64_t ms, bool patient);

/*
 * Ends the queue when all of it has been written, or none for ms milliseconds.
 * -ETIMEDOUT, or what write() failed with: the sentence says how many bytes are
 * lost. When the thread cannot be stopped, since write() does not return, it and
 * the queue stay until the process ends.
 */
int console_close(struct console *c, uint64_t ms, struct error *err);

/* --- all queues of a process --------------------------------------------- */

/* Unused entries are NULL: standard error has no queue of its own when it is the same file as standard
 * output. */
enum { CONSOLE_TRACE, CONSOLE_OUT, CONSOLE_ERR, CONSOLES };
struct consoles {
	struct console *queue[CONSOLES];
	FILE **stream[CONSOLES]; /* whose value was that before */
	FILE *before[CONSOLES];
};

/*
 * From now on stdout and stderr are queues, and so is *trace; consoles_close() gives
 * them back as they were, also after an error. cs is zero at first.
 */
int consoles_open(struct consoles *cs, struct error *err);
int consoles_trace(struct consoles *cs, FILE **trace, struct error *err);

/*
 * Waits until no queue is full, or *stop is set and consoles_wake() called: for
 * vCPUs. cs may be NULL, as in the next one.
 */
void consoles_wait(const struct consoles *cs, const uint8_t *stop);
void consoles_wake(const struct consoles *cs);

/* For the controller: waits until no queue is long. -ETIMEDOUT: one is, and nobody reads for ms milliseconds.
 */
int consoles_room(const struct consoles *cs, uint64_t ms, struct error *err);

/*
 * All must be written, or nobody reads for ms milliseconds: that is said on
 * standard error, and is the value.
 */
int consoles_close(struct consoles *cs, uint64_t ms);

/*
 * For a thread that ends the process while guests run and print: what is in the
 * queues has ms milliseconds to be written. Says what is not, and leaves them.
 */
void consoles_flush(const struct consoles *cs, uint64_t ms);

#endif
