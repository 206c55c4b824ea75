/* SPDX-License-Identifier: BSD-2-Clause */
/* runner.h: a scenario that is being executed; what run.c, its steps and account.c share. */
#ifndef VMM_LAB_RUNNER_H
#define VMM_LAB_RUNNER_H

#include "checkpoint.h"
#include "ledger.h"
#include "run.h"
#include "vmm/snapshot/state.h"

#define MAX_VMS       8
#define MAX_SNAPSHOTS 16

/* What was found wrong in books that a restore has closed: no later restore makes it good. */
struct settled {
	uint64_t lost, duplicate;
};

/* A VM and its books. */
struct timeline {
	const char *name;
	struct vm vm;
	struct ledger ledger;
	struct settled settled;
	uint64_t inherited; /* injections in its books that restores brought */
};

/* A snapshot and the books of the moment it was made. */
struct moment {
	const char *name;
	enum snap_kind kind;
	struct state_bytes state;
	struct ledger ledger;
};

struct runner {
	const struct run_config *config;
	const struct scenario *scenario;
	struct timeline *lines[MAX_VMS];
	unsigned line_count;
	struct moment moments[MAX_SNAPSHOTS];
	unsigned moment_count;
	struct timeline *now; /* the VM that the steps mean */
	uint64_t replaced;    /* injections in books that a restore has closed, but for what they inherited */
	uint64_t stopwatch;   /* nanoseconds, of time_now() */
	bool saved;           /* a step has written the file of --save */
	struct error *err;
};

/* An expectation is not met: the sentence. Returns EXIT_EXPECTATION. */
int runner_unmet(struct runner *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The scenario names what is not there: the sentence. Returns EXIT_DATA. */
int runner_wrong(struct runner *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The exit status of a step whose operation was refused with rc: EXIT_DATA when its arguments were, else
 * EXIT_HOST. 0 if rc is. */
int runner_status(int rc);

/* The result of a step, below its line; nothing when quiet. */
void runner_result(const struct runner *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The VM with this name, or NULL; a new one, created. Returns 0 or an exit status. */
struct timeline *runner_line(struct runner *r, const char *name);
int runner_new_line(struct runner *r, const char *name, struct timeline **out);

/* Whether the VM that the steps mean is more than the ruin of a restore. Returns 0 or an exit status. */
int runner_usable(struct runner *r);

/* Pauses the VM that the steps mean. Returns 0 or an exit status. */
int runner_stop_world(struct runner *r);

/* A step that must fail gave rc: 0 if that is what it says. */
int runner_refusal(struct runner *r, const struct step *s, int rc);

/* These execute a step each (scenario.h), and return 0 or an exit status. */
#define FUNCTION(kind, verb, parse, run, needs) int run(struct runner *r, const struct step *s);
SCENARIO_STEPS(FUNCTION)
#undef FUNCTION

/* The books that came with the snapshot the first VM is restored from. Returns 0 or an exit status. */
int runner_read_books(struct runner *r);

/* Pauses the VM and writes a snapshot of it, with its books (t NULL: none). As state_save() and file_write().
 */
int runner_save(struct vm *vm, struct timeline *t, const char *path, struct error *err);

/*
 * vm_wait(); meanwhile a signal makes a snapshot, of a VM that is stopped for it
 * and goes on. That one could not be made is said, and no reason to
 * end, unless the VM is not what it was.
 */
int runner_wait(const struct run_config *config, struct vm *vm, struct timeline *t, unsigned cpu,
                uint64_t timeout_ms, unsigned *which);

/* What is pending in a VM; what was, and is not after a change that may drop some, was dropped by design. */
int runner_note_pending(struct timeline *t, struct arch_state **before, struct error *err);
int runner_book_change(struct timeline *t, struct arch_state *before, struct error *err);

/* The snapshot of this name, which must be there. Returns 0 or an exit status. */
int runner_moment(struct runner *r, const char *name, struct moment **m);

/* Takes the place of one with the same name. Returns 0 or an exit status; it is freed if that is not 0. */
int runner_keep(struct runner *r, struct moment *made);

/*
 * Pauses the VM, and takes a snapshot of made's kind, with its books (t NULL: none). As state_save(); it is
 * to be freed, also after an error.
 */
int moment_make(struct moment *made, struct vm *vm, struct timeline *t, struct error *err);
void moment_free(struct moment *m);
void moments_free(struct runner *r);

/* Books what devices have raised and what the guest has logged until now. -EOVERFLOW: more than it knows of.
 */
int timeline_read_log(struct timeline *t, struct error *err);

/*
 * What is lost and doubled in a VM that is about to be replaced. It is paused,
 * but may go on for a moment, so that what is just being taken is not taken for lost.
 */
int timeline_settle(struct timeline *t, struct settled *settled, struct error *err);

/* How many of those that were pending, before that changed, nobody had asked for: they were doubled. */
unsigned timeline_unasked(struct timeline *t, const struct ledger_entry *e, const struct arch_state *state);

/* What no end of a process hides: anything lost or doubled so far is an expectation that is not met. */
int runner_check(struct runner *r);

/*
 * The end of a scenario: prints the table and the last line; what is owed and
 * not taken in a VM is either still pending in KVM, or lost. Returns 0 or an
 * exit status.
 */
int runner_account(struct runner *r);

#endif
