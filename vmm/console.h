/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.h: the output of guests and of zpvm goes through a queue with a thread of its own, because its
 * reader may not read: a pipe is full, a terminal is stopped. Writing to the queue never waits, so any thread
 * may write, with any lock held. A writer waits for room in the queue before it can print more, at a place
 * where it can be woken: a vCPU before it enters the guest, the controller between two steps. So no output of
 * a guest is lost while zpvm runs. Pure.
 */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"

/*
 * For a vCPU a queue is full from FULL bytes on. Output that it prints before it checks is still accepted: at
 * most a slice of a channel program (ccw.h). The controller may write up to LONG bytes, so that a guest whose
 * output nobody reads does not keep a scenario from pausing and saving it. Output beyond MOST is lost and
 * counted: the trace of a single step can be that long.
 */
#define CONSOLE_FULL (64u << 10)
#define CONSOLE_LONG (8u << 20)
#define CONSOLE_MOST (64u << 20)

struct console;

/* The trace's queue is written some milliseconds late, many lines at once. */

/* Makes a queue for this file descriptor, which is not owned. The name is for messages. NULL: an error. */
struct console *console_open(int fd, const char *name, struct error *err);

/* A stream whose output goes into the queue, a line at a time, or when it is flushed. */
FILE *console_file(const struct console *c);

/*
 * Waits until the queue is empty, or none of its bytes has been written for ms milliseconds; if not patient,
 * at most ms milliseconds in all. Returns how many bytes are left.
 */
size_t console_drain(struct console *c, uint64_t ms, bool patient);

/*
 * Ends the queue when all of it has been written, or nothing for ms milliseconds. -ETIMEDOUT, or the error of
 * write(): the sentence says how many bytes are lost. If the thread cannot be stopped, because write() does
 * not return, it and the queue stay until the process ends.
 */
int console_close(struct console *c, uint64_t ms, struct error *err);

/* --- all queues of a process --------------------------------------------- */

/* Unused entries are NULL: standard error has no queue of its own when it is the same file as standard
 * output. */
enum { CONSOLE_TRACE, CONSOLE_OUT, CONSOLE_ERR, CONSOLES };
struct consoles {
	struct console *queue[CONSOLES];
	FILE **stream[CONSOLES]; /* the variable that was replaced, and its value before */
	FILE *before[CONSOLES];
};

/*
 * Replaces stdout and stderr, or *trace, by queues; consoles_close() restores them, also after an error. cs
 * must be zero at first.
 */
int consoles_open(struct consoles *cs, struct error *err);
int consoles_trace(struct consoles *cs, FILE **trace, struct error *err);

/*
 * For vCPUs: waits until no queue but the trace's is full, or *stop is set and consoles_wake() is called. In
 * both functions cs may be NULL.
 */
void consoles_wait(const struct consoles *cs, const uint8_t *stop);
void consoles_wake(const struct consoles *cs);

/* For the controller: waits until no queue but the trace's is long. -ETIMEDOUT: one was not read for ms
 * milliseconds. */
int consoles_room(const struct consoles *cs, uint64_t ms, struct error *err);

/*
 * Waits until all output has been written, or nobody has read for ms milliseconds: this is reported on
 * standard error, and is the value.
 */
int consoles_close(struct consoles *cs, uint64_t ms);

/*
 * Whatever the queues of standard output and standard error write is between two calls of this function, the
 * second with `after` and the bytes: a prompt on the same terminal makes room.
 */
typedef void console_around(void *arg, bool after, const uint8_t *bytes, size_t len);
void consoles_around(const struct consoles *cs, console_around *around, void *arg);

/* Waits up to ms milliseconds for the queues to be empty. */
void consoles_settle(const struct consoles *cs, uint64_t ms);

/*
 * For a thread that ends the process while guests run and print: waits up to ms milliseconds for the queues
 * to be written, reports what was not, and leaves the queues as they are.
 */
void consoles_flush(const struct consoles *cs, uint64_t ms);

#endif
