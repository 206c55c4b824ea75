/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * torture_model.h: what is known, while a random program is being written, of
 * the VMs that will run it: enough to say which step is legal, and whether the
 * account stays exact. Pure. Read next: torture_text.c.
 *
 * What a running vCPU has done is not known until it is at its checkpoint. A
 * vCPU that is open may be just taking an interrupt: KVM has given it and the
 * guest has not logged it yet. Another one of its group would then merge by
 * the ledger and not in KVM. So a group that may be under way gets no more
 * than what KVM keeps apart.
 */
#ifndef TESTS_TORTURE_TORTURE_MODEL_H
#define TESTS_TORTURE_TORTURE_MODEL_H

#include "torture_words.h"

#define TORTURE_VMS       8  /* as many as a scenario has */
#define TORTURE_SNAPSHOTS 16 /* the same */
#define TORTURE_TIMERS    2

enum torture_doing {
	DOING_OFFLINE, /* not started, or stopped by itself */
	DOING_READY,   /* at its checkpoint; nothing in its mailbox */
	DOING_COMMAND, /* one that comes to its end by itself, or has */
	DOING_CLOSED,  /* it loops, or will, until the next command */
	DOING_OPEN,    /* it loops or sleeps, or will, until it has taken some interrupts, or has come back */
};

struct torture_cpu {
	enum torture_doing doing;
	bool begun;    /* its last command has left the mailbox */
	bool enables;  /* DOING_COMMAND: it takes all that is open, and was pending when it was told */
	bool stopping; /* DOING_COMMAND: a stop is pending, which comes first */
	bool stopped;  /* by the operator */
	bool timer[TORTURE_TIMERS]; /* armed and perhaps not taken */
	unsigned wants;             /* DOING_OPEN: interrupts */
	enum torture_masked masked;
};

struct torture_vm {
	bool there;
	bool running;
	unsigned records; /* at most so many in the guest's log, which has room for ABI_LOG */
	struct torture_cpu cpus[TORTURE_CPUS];
	uint8_t injected[TORTURE_GROUPS]; /* at most so many are pending or under way */
	bool late[TORTURE_GROUPS];        /* some have come since a vCPU was told to take all */
	bool off[TORTURE_GROUPS];         /* its irqfd */
};

/* Whether n more of this group can be injected now, so that it is known what becomes of them. */
bool torture_may_inject(const struct torture_words *w, const struct torture_vm *vm, unsigned group,
                        unsigned n);
void torture_injected(const struct torture_words *w, struct torture_vm *vm, unsigned group, unsigned n);

/* Whether a signal of the guest's own would be a new one of its group, and none be busy. */
bool torture_may_send(const struct torture_words *w, const struct torture_vm *vm, unsigned group);

/* Whether anything is pending for the vCPU that nothing closes. */
bool torture_unmasked_pending(const struct torture_words *w, const struct torture_vm *vm, unsigned cpu);

/* The vCPU, which is at its checkpoint, is told to take all that is open. */
void torture_enables(const struct torture_words *w, struct torture_vm *vm, unsigned cpu);

/* The vCPU has come to its checkpoint. */
void torture_is_ready(const struct torture_words *w, struct torture_vm *vm, unsigned cpu);

#endif
