/* SPDX-License-Identifier: BSD-2-Clause */
/* run.h: executes a scenario's steps. Read scenario.h first. */
#ifndef VMM_LAB_RUN_H
#define VMM_LAB_RUN_H

#include "editor.h"
#include "interrupt.h"
#include "scenario.h"
#include "vmm/outcome.h"
#include "vmm/vm.h"

struct control;
struct typed;

/* The first line of a recording. */
#define RECORDING_MAGIC "# zpvm recording 1"

/* Where a scenario continues in a new process. */
struct continuation {
	int fd;        /* a file that holds the snapshot; -1: none */
	unsigned line; /* steps up to this line have been done */
	int input;     /* a file that holds the standard input that was read and not typed; -1: none */
};

struct run_config {
	const struct kvm_fd *kvm;
	struct sandbox *sandbox; /* entered when the first VM is ready; NULL: none */
	const struct vm_config *vm;
	const struct boot *boot;
	bool again; /* a guest that asks for a reboot is booted again, in a new VM; not in a scenario */
	enum fault misfit; /* whose fault it is if such a machine is impossible: who asked for it */
	const struct state_bytes *restore; /* instead of the guest; NULL: none */
	const char *restore_file;          /* the file it comes from */
	unsigned done;                     /* a process before this one did the steps up to this line */
	struct continuation *next; /* filled in with OUTCOME_CONTINUED; NULL: there can be no next process */
	const char *record;        /* a file for a recording; NULL: none */
	struct transcript *transcript; /* what the guests print; NULL: nobody asks. See scenario_listens() */
	unsigned until;                /* the steps behind this line are left out; 0: none */
	const struct symbols *symbols; /* NULL: the guest's */
	const char *save;              /* a file for snapshots; NULL: not given */
	int save_signal;               /* a non-blocking signalfd that requests a snapshot; -1: none */
	uint64_t timeout_ms;
	bool quiet;
	const char *console; /* the console for input and `type`; NULL: the machine's default */
	struct input *input; /* standard input; NULL: it is not for the guest */
	/* The steps are typed: where, where they go, and what was read of them. NULL: they are not. */
	struct editor *editor;
	struct scenario *typed_steps;
	struct typed *typed;
	struct interrupt *interrupt; /* ends a step; NULL: nothing does */
	struct control *control;     /* NULL: none */
	int (*status)(int rc, const struct outcome *outcome, const struct error *err); /* for clients */
};

/*
 * Boots and runs a guest without a scenario. *outcome, which the caller has set to OUTCOME_DONE, says how the
 * guest ended. Errors: those of vm_create(), state_load(), vm_boot() and state_save().
 */
int run_guest(const struct run_config *config, struct outcome *outcome, struct error *err);

/*
 * Runs a scenario: creates VM "first", boots the guest, executes the steps, and audits every interrupt.
 * Prints the steps and the account on standard output. *outcome says how the guest ended if that ended the
 * scenario early; it stays OUTCOME_DONE if every step succeeded and no interrupt was lost or duplicated.
 * Errors: a step failed, and err has its line and says whose fault it is.
 */
int run_scenario(const struct run_config *config, const struct scenario *scenario, struct outcome *outcome,
                 struct error *err);

#endif
