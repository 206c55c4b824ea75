/* SPDX-License-Identifier: BSD-2-Clause */
/* session.h: steps that are typed, or come by the control socket, while a VM is there. See runner.h. */
#ifndef VMM_LAB_SESSION_H
#define VMM_LAB_SESSION_H

#include "control.h"
#include "typed.h"
#include "vmm/vm.h"

struct editor;
struct runner;
struct vm_run;

/* Of the clients of the control socket. */
struct session {
	struct scenario steps; /* that they sent */
	struct typed typed[CONTROL_CLIENTS];
	uint64_t serial[CONTROL_CLIENTS]; /* of the clients whose lines these are */
	struct vm_run *current;           /* the VM that their steps apply to; NULL: the run's own */
	const struct order *order;        /* being executed; NULL: none */
	bool held;                        /* a client has paused the run */
	bool idle;                        /* the run waits for a line that is typed */
	bool quit;
	uint64_t spent; /* nanoseconds in which the run did not go on because of clients */
};

/* Reads the settings that the lines begin with, if no terminal is their source: it has options. */
int session_settings(struct scenario *s, struct editor *e, struct typed *typed, struct error *err);

/*
 * Executes the lines that are typed, to their end or `quit`. A step that fails is reported, and does not end
 * it. Returns the last error that counts, with r->err or r->outcome, which were reported.
 */
int session_run(struct runner *r);

/*
 * Executes what clients have sent, and while they have paused the run, what they send next. typing: the VM
 * that input is allowed to, or NULL. The VM runs afterwards if it did before.
 */
void session_serve(struct runner *r, struct vm *typing);

/* Whether the step that is being executed should end: Ctrl-C, or a client has asked for it, or for `quit`. */
bool session_stopped(const struct runner *r);

/* For steps that wait: session_serve(). -EINTR: session_stopped(). */
int session_look(struct runner *r, struct vm *typing);

/* Waits so long, or until a client has sent something. */
void session_sleep(const struct runner *r, unsigned ms);

void session_free(struct session *session);

#endif
