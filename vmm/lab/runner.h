/* SPDX-License-Identifier: BSD-2-Clause */
/* runner.h: a scenario that is being executed; shared by run.c, the steps (run_*.c) and audit.c. */
#ifndef VMM_LAB_RUNNER_H
#define VMM_LAB_RUNNER_H

#include <stdio.h>

#include "checkpoint.h"
#include "irq_trace.h"
#include "late.h"
#include "session.h"
#include "ledger.h"
#include "record_file.h"
#include "recorder.h"
#include "run.h"
#include "stats.h"
#include "vmm/debug/symbols.h"
#include "vmm/snapshot/state.h"

#define MAX_VMS       2048
#define MAX_SNAPSHOTS 64

/* The errors in ledgers that a restore has replaced: no later restore corrects them. */
struct settled {
	uint64_t lost, duplicate;
};

/* A VM, and the ledger of its interrupts. */
struct vm_run {
	const char *name;
	struct vm_config config; /* that of all, with the VM's name */
	struct vm vm;
	struct ledger ledger;
	struct settled settled;
	bool exact;       /* the VM was made, or restored to a state that is the same in each run */
	uint64_t resumes; /* of the VM, at that time: see vm_run_exact() */
	uint64_t log_sum; /* of the first `summed` records that the ledger has read: see recording.h */
	unsigned summed;
	bool audited;         /* since a trial: the ledger has been audited, and the VM has not run since */
	bool quiet;           /* an audit does not print what is wrong: the VM is in a trial */
	uint64_t inherited;   /* injections that restores brought into its ledger */
	struct stats counted; /* KVM's counters at the last step `zero stats` */
	bool live;            /* its guest may be of any kind: one that keeps no log is in no account */
	struct late late;     /* memory that comes late; not while a snapshot is made or restored */
};

/* A snapshot, and the ledger at the time it was made. */
struct named_snapshot {
	const char *name;
	enum snap_kind kind;
	struct state_bytes state;
	struct ledger ledger;
	bool exact; /* it is the same in each run */
};

struct runner {
	const struct run_config *config;
	const struct scenario *scenario;
	struct vm_run *runs[MAX_VMS];
	unsigned run_count;
	struct named_snapshot snapshots[MAX_SNAPSHOTS];
	unsigned snapshot_count;
	struct vm_run *current; /* the current VM, which the steps apply to */
	uint64_t replaced;     /* injections in ledgers that a restore has replaced, without inherited ones */
	uint64_t stopwatch;    /* nanoseconds, of time_now() */
	struct version kernel; /* of the host */
	int host_log;          /* the host's kernel log, from the scenario's start on; -1: no step reads it */
	bool saved;            /* a step has written the file of --save */
	bool wrote;            /* a step may have written a file that is not the same in each run */
	bool typed;            /* the steps are typed: their lines are not shown */
	struct session session;
	bool stamps; /* a trace wants to know when interrupts were taken, and nothing compares the guest's RAM
	              */
	unsigned depth;           /* of the block that is being executed; 0: none. Its steps are not shown */
	struct scenario **blocks; /* those with other values: snapshots and labels refer to their text */
	size_t block_count;
	struct symbols symbols; /* the guest's; see runner_symbols() */
	bool has_symbols;
	struct record_file *record_file;
	FILE *recording;          /* NULL: none; see recording.h */
	struct recorder recorder; /* of the same file */
	bool free;                /* a step waits until the guest ends by itself: nothing is accounted for */
	struct outcome *outcome;  /* not OUTCOME_DONE: a step has ended the run */
	struct error *err;
};

/* The functions below that return an int return 0 or a negative errno value. */

/* Reports that an expectation is not met. Returns a negative errno value. */
int runner_unmet(struct runner *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Reports that the scenario names something that does not exist. Returns a negative errno value. */
int runner_wrong(struct runner *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Returns rc, the result of an operation. If its arguments were refused, the scenario is at fault. */
int runner_blame(struct runner *r, int rc);

/* Returns rc, the result of something that fails only if KVM or the host does, or lacks what is needed. */
int runner_host(struct runner *r, int rc);

/*
 * The VM has ended, as the event of this vCPU says: fills in *outcome. If KVM or the host failed, returns the
 * error. Prints the registers of a guest that crashed.
 */
int run_ended(struct vm *vm, unsigned cpu, struct outcome *outcome, struct error *err);

/*
 * Lets the VM run to its end, or until a client quits: each checkpoint is answered with nothing. run NULL:
 * there is no ledger.
 */
int run_free(struct runner *r, struct vm *vm, struct vm_run *run, uint64_t deadline);

/* The guest did not come to an end within ms: pauses the VM, fills in *outcome, prints the registers. */
void run_late(struct vm *vm, uint64_t ms, struct outcome *outcome);

/* The set-up is over: the first VM is ready, and all files are open that are opened once. */
int runner_confine(struct runner *r);

/* Creates a VM; loads the guest into it, or restores the snapshot. */
int run_create(const struct run_config *config, const struct vm_config *of, struct vm *vm, struct error *err);
int run_start(const struct run_config *config, struct vm *vm, struct error *err);

/* Prints the result of a step, below its line; nothing if quiet. */
void runner_result(const struct runner *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Whether the steps, and what they say, are shown. */
bool runner_shows(const struct runner *r);

/* Executes the steps of the block of s, with this value of its variable. Errors, and r->outcome, as for a
 * step. */
int runner_do_block(struct runner *r, const struct step *s, uint64_t value);

/* Those of --symbols, or the guest's; none if it is not an ELF file that has them. */
const struct symbols *runner_symbols(struct runner *r);

/* Finds the VM with this name, or returns NULL. Creates a new one. */
struct vm_run *runner_find_run(struct runner *r, const char *name);
int runner_new_run(struct runner *r, const char *name, struct vm_run **out);

/* Checks that no failed restore has left the current VM unusable. */
int runner_usable(struct runner *r);

/* Executes one step, and says which line it is that failed. */
int runner_do_step(struct runner *r, const struct step *s);

/* Executes the steps of s from this one on, which somebody has typed. */
int runner_do_typed(struct runner *r, const struct scenario *s, size_t from);

/* Makes VM "first", with the guest or the snapshot, for the steps of this scenario. runner_tidy(), also after
 * an error. */
int runner_begin(struct runner *r, const struct run_config *config, const struct scenario *scenario,
                 struct outcome *outcome, struct error *err);

/*
 * Answers each vCPU that is at a checkpoint with an empty mailbox, for there is nobody to give commands.
 * False: that is not possible, and r->outcome says why. *online: not all vCPUs are offline.
 */
bool runner_answer(struct runner *r, struct vm *vm, bool *online);

/* Frees all that the runner has, VMs included. */
void runner_tidy(struct runner *r);

/* Pauses the current VM. */
int runner_stop_world(struct runner *r);

/*
 * What will happen to the interrupts that are injected next, according to the controller or to the ledger;
 * and how those that KVM accepted are recorded.
 */
struct fate {
	bool running; /* the guest was running, and was paused to find out */
	bool known;   /* the controller shows it: it drops so many, and then has room for so many */
	unsigned dropped, room;
};
bool runner_fate(struct runner *r, const struct step *s, unsigned count, struct fate *f);

/*
 * Whether an interrupt coalesces depends on what is pending now. If it seems that it would, a running guest
 * is paused (f->running), so that the answer is exact. It is also paused before a list, because KVM may
 * refuse a part of it.
 */
int runner_find_fate(struct runner *r, const struct step *s, unsigned count, struct fate *f);
int runner_enter(struct runner *r, const struct step *s, unsigned count, const struct fate *f);

/* Finds out what a snapshot has pending of interrupts that were injected while it was made, at most `most` of
 * each, and makes them due in its ledger. */
int runner_settle_snapshot(struct runner *r, const char *name, const struct irq *irq, unsigned most);

/* For a step that must fail and returned rc: 0 if it failed as the step says. */
int runner_refusal(struct runner *r, const struct step *s, int rc);

/* These execute a step each (scenario.h). A step that ends the run returns 0, with r->outcome set. */
#define FUNCTION(kind, verb, parse, run, needs, help) int run(struct runner *r, const struct step *s);
SCENARIO_STEPS(FUNCTION)
#undef FUNCTION

/* Reads the ledger from the snapshot that the first VM is restored from. */
int runner_read_ledger(struct runner *r);

/* Pauses the VM and writes a snapshot of it, with its ledger (run NULL: none). Errors as state_save() and
 * file_write(). */
int runner_save(struct vm *vm, struct vm_run *run, const char *path, struct error *err);

/*
 * Like vm_wait(), but a signal requests a snapshot meanwhile, with the ledger of run (NULL: none); the VM is
 * paused for it and resumed. A failed snapshot is reported, and ends the wait only if the VM was changed. And
 * clients of the control socket are served, which takes nothing of the time. -EINTR: see session_look().
 */
int runner_wait(struct runner *r, struct vm *vm, struct vm_run *run, unsigned cpu, uint64_t timeout_ms,
                unsigned *which);

/* Notes the pending interrupts of a VM before a change that may drop some; records afterwards that those
 * which are no longer pending were dropped by design. */
int runner_note_pending(struct vm_run *run, struct arch_state **before, struct error *err);
int runner_record_change(struct vm_run *run, struct arch_state *before, struct error *err);

/* Finds the snapshot of this name, which must exist. */
int runner_find_snapshot(struct runner *r, const char *name, struct named_snapshot **named);

/* Stores a snapshot, in place of one with its name. After an error it has been freed. */
int runner_keep(struct runner *r, struct named_snapshot *made);

/* Restores a snapshot of a whole VM, with its ledger; the caller has audited the VM. */
int runner_go_back(struct runner *r, struct vm_run *run, const struct named_snapshot *named, bool fresh);

/*
 * Pauses the VM, and takes a snapshot of made's kind, with its ledger (run NULL: none). Errors as
 * state_save(); it must be freed, also after an error.
 */
int named_snapshot_make(struct named_snapshot *made, struct vm *vm, struct vm_run *run, struct error *err);
void named_snapshot_free(struct named_snapshot *named);
void named_snapshots_free(struct runner *r);

/* Whether the VM's state is the same whenever the same steps are done: its vCPUs have only been stepped. */
bool vm_run_exact(const struct vm_run *run);

/* Adds the interrupts that devices raised and the guest logged to the ledger. -EOVERFLOW: too many. */
int vm_run_read_log(struct vm_run *run, struct error *err);

/* state_look(); the trace shows what of the ledger is pending. */
int vm_run_look(struct vm_run *run, struct arch_state **state, struct error *err);

/*
 * Counts the lost and duplicated interrupts of a VM that is about to be replaced. It is paused, but may be
 * allowed to run for some milliseconds, so that an interrupt that is just being taken does not count as lost.
 */
int audit_settle(struct vm_run *run, struct settled *settled, struct error *err);

/* How many of an entry's interrupts that are pending in state were not requested, and so are duplicated. */
unsigned audit_unrequested(struct vm_run *run, const struct ledger_entry *e, const struct arch_state *state);

/* Checks, before the process ends, that no interrupt was lost or duplicated so far. */
int audit_check(struct runner *r);

/*
 * Ends a scenario: prints the table and the last line. An interrupt that is due and not taken in a VM is
 * either still pending in KVM, or lost.
 */
int audit_finish(struct runner *r);

#endif
